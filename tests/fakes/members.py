"""What the ledger knows of members, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pitr_guardian.basics.errors import MemberClosedError
from pitr_guardian.facts.facts import Fact
from pitr_guardian.members.leave import Leave
from pitr_guardian.members.member import Member
from pitr_guardian.tables.reference import Home, Place


@dataclass
class FakeMembers:
    """``members.ports`` in memory."""

    known: dict[tuple[str, str], Member] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)
    kept: dict[str, Fact] = field(default_factory=dict)
    allowing: dict[str, dict[str, str]] = field(default_factory=dict)
    """The tags of each account's role; an account that isn't there lets nobody in."""

    def member(self, account: str, region: str) -> Member | None:
        return self.known.get((account, region))

    def note_heard(
        self, account: str, region: str, at: datetime, *, ends_silence: bool = True
    ) -> None:
        before = self.known.get((account, region))
        if before is None or before.heard_at < at:
            told = before is not None and before.silence_told and not ends_silence
            self.known[account, region] = Member(account, region, at, told)

    def keep(self, fact: Fact) -> None:
        self.kept[fact.id] = fact

    def keep_closed(self, fact: Fact) -> None:
        self.kept[fact.id] = fact

    def members(self) -> Sequence[Member]:
        return [self.known[key] for key in sorted(self.known)]

    def note_silence_told(self, member: Member) -> None:
        now = self.known.get((member.account, member.region))
        if now is not None and now.heard_at == member.heard_at:
            self.known[member.account, member.region] = replace(now, silence_told=True)

    def closed_told_at(self, account: str) -> datetime | None:
        return self.closed.get(account)

    def note_closed_told(self, account: str, at: datetime) -> None:
        self.closed[account] = at

    def forget_closed(self, account: str) -> None:
        self.closed.pop(account, None)

    def tags_of_role(self, place: Place) -> Mapping[str, str]:
        if place.account not in self.allowing:
            raise MemberClosedError(place.account, f"account {place.account} is closed")
        return self.allowing[place.account]

    def leave(self, home: Home) -> Leave:
        """There are members as soon as one allows something, or nothing."""
        return Leave(self, home, bool(self.allowing))
