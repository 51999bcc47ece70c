"""What the ledger knows of members, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pitr_guardian.members.member import Member


@dataclass
class FakeMembers:
    """``members.ports.Register``, ``Roll`` and ``ClosedNotes`` in memory."""

    known: dict[tuple[str, str], Member] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)

    def member(self, account: str, region: str) -> Member | None:
        return self.known.get((account, region))

    def note_heard(self, account: str, region: str, at: datetime) -> None:
        before = self.known.get((account, region))
        if before is None or before.heard_at < at:
            self.known[account, region] = Member(account, region, at)

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
