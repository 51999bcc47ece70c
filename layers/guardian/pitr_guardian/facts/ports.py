"""What telling needs of the world, as a protocol: ``aws`` fulfils it, and so does a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from pitr_guardian.facts.facts import Fact


class Facts(Protocol):
    """The fact bus."""

    def publish(self, fact: Fact) -> None:
        """Publish a fact; returns once the bus has taken it."""
