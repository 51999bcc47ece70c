"""What looking after members needs of the world, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pitr_guardian.facts.facts import Fact
    from pitr_guardian.members.member import Member
    from pitr_guardian.tables.reference import Place


class ClosedNotes(Protocol):
    """Which accounts let nobody in, as far as it was told."""

    def closed_told_at(self, account: str) -> datetime | None:
        """Tell when it was last told that an account doesn't let the guardian in."""

    def note_closed_told(self, account: str, at: datetime) -> None:
        """Remember that it was told."""

    def forget_closed(self, account: str) -> None:
        """Forget it, as the account lets the guardian in."""

    def keep_closed(self, fact: Fact) -> None:
        """Keep what was told, for the history; keeping it again changes nothing."""


class Register(Protocol):
    """Who was ever heard of, and when last. All may raise ``TryLaterError``."""

    def member(self, account: str, region: str) -> Member | None:
        """Tell what is known of a member; None where it was never heard of."""

    def note_heard(
        self, account: str, region: str, at: datetime, *, ends_silence: bool = True
    ) -> None:
        """Remember that a member's heartbeat of that time came; older ones change nothing.

        One that came late may leave the member as silent as it was told to be.
        """

    def keep(self, fact: Fact) -> None:
        """Keep what was told of a member, for the history; keeping it again changes nothing."""


class Roll(Protocol):
    """All who were ever heard of. All may raise ``TryLaterError``."""

    def members(self) -> Sequence[Member]:
        """List them, by account and region."""

    def note_silence_told(self, member: Member) -> None:
        """Remember that a member's silence was told, unless it is heard again."""

    def keep(self, fact: Fact) -> None:
        """Keep what was told of a member, for the history; keeping it again changes nothing."""


class RoleTags(Protocol):
    """The roles that members let the guardian assume."""

    def tags_of_role(self, place: Place) -> Mapping[str, str]:
        """Tell the tags of the role of a place's account.

        Raises:
            MemberClosedError: the account doesn't let the guardian in.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """
