"""What telling needs of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from pitr_guardian.facts.announcement import Announcement
    from pitr_guardian.facts.digest import Folded, Order
    from pitr_guardian.facts.facts import Fact
    from pitr_guardian.facts.folding import Alert, Flow, Kind


class Facts(Protocol):
    """The fact bus."""

    def publish(self, fact: Fact) -> None:
        """Publish a fact; returns once the bus has taken it."""


class Topic(Protocol):
    """A topic that people listen to."""

    def announce(self, announcement: Announcement) -> None:
        """Publish one message; returns once SNS has taken it."""


class AccountNames(Protocol):
    """What accounts are called, as the last sweep learnt it."""

    def name_of(self, account: str) -> str | None:
        """Tell an account's name; None where it isn't known.

        Raises:
            TryLaterError: it can't be asked for now.
            RefusedError: it may not be asked for.
        """


class AlertRecords(Protocol):
    """What the ledger knows of alerts. All may raise ``TryLaterError`` and ``RefusedError``."""

    def told(self, alert_id: str) -> frozenset[str]:
        """Read where an alert was told: names of topics, or ``digest``."""

    def note_told(self, alert: Alert, where: str, now: datetime, digest: str | None = None) -> None:
        """Note that an alert was told there, or that it is in a digest, by that fact's id."""

    def flow(self, kind: Kind) -> Flow:
        """Read the latest alerts of a kind."""

    def save(self, kind: Kind, flow: Flow, now: datetime) -> bool:
        """Note the alerts of a kind as they are now; False where somebody was faster.

        It is saved only over the version before its own.
        """

    def join(self, alert: Alert, kind: Kind, flood: str, now: datetime) -> bool:
        """Add an alert to a flood; False, and nothing added, where that is over."""


class Floods(Protocol):
    """What the ledger knows of floods, to whoever tells of them."""

    def close(self, kind: Kind, flood: str, now: datetime) -> None:
        """Let nobody join a flood any more; nothing where it is over."""

    def folded(self, kind: Kind, flood: str) -> Sequence[Folded]:
        """Read the alerts of a flood; none of one that never came to be."""


class DigestOrders(Protocol):
    """The queue on which digests wait until they are due."""

    def order(self, order: Order, delay: timedelta) -> None:
        """Ask for a digest, in so long; at most 15 minutes."""


class Lists(Protocol):
    """The place for lists of folded alerts."""

    def write(self, order: Order, text: str) -> str:
        """Write the list of a digest, over one that was written before; returns its URI."""
