"""What there is to sweep: the guardian's own regions, and its members; who is silent is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitr_guardian.basics.instants import Clock, iso, spoken
from pitr_guardian.facts.facts import MemberSilent, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.members.member import Member
from pitr_guardian.members.ports import Roll
from pitr_guardian.tables.reference import Home, Scope


def scopes_of(
    home: Home, regions: Iterable[str], members: Iterable[Member], now: datetime
) -> Iterator[Scope]:
    """What is looked after: the guardian's own regions, and members that aren't forgotten.

    Args:
        home: the guardian's own place.
        regions: further regions of its account.
        members: all who were ever heard of.
        now: the time.
    """
    for region in (home.region, *regions):
        yield Scope(home.partition, home.account, region)
    for member in members:
        if not member.is_forgotten(now):
            yield Scope(home.partition, member.account, member.region)


@dataclass(frozen=True, slots=True)
class Scopes:
    """Lists the scopes of a sweep."""

    roll: Roll
    has_members: bool
    facts: Facts
    home: Home
    regions: Sequence[str]
    """Further regions of the guardian's own account."""
    clock: Clock

    def all(self) -> Sequence[Scope]:
        """List them, the guardian's own first, and tell of members that are silent.

        A member that is silent is swept all the same; one of which nothing was heard for a week
        isn't any more.

        Raises:
            TryLaterError: members can't be listed, or their silence told, now.
        """
        return list(dict.fromkeys(self._each()))

    def _each(self) -> Iterator[Scope]:
        now = self.clock()
        members = self.roll.members() if self.has_members else ()
        for member in members:
            if member.is_silent(now) and not member.silence_told:
                self._tell(member)
        yield from scopes_of(self.home, self.regions, members, now)

    def _tell(self, member: Member) -> None:
        # Told first and noted then: dying in between means to tell again, under the same id.
        silent = MemberSilent(
            id=fact_id(member.account, member.region, "silent", iso(member.heard_at)),
            time=self.clock(),
            severity=severity_of("Member Silent"),
            reason=f"Nothing was heard of account {member.account} in {member.region} since "
            f"{spoken(member.heard_at)}: protection in real time may be off there, and only "
            "the sweep protects its tables.",
            account=member.account,
            region=member.region,
            last_heard_at=member.heard_at,
        )
        self.facts.publish(silent)
        self.roll.keep(silent)
        self.roll.note_silence_told(member)
