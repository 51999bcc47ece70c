"""The fact bus in memory."""

from __future__ import annotations

from typing import Any

from pitr_guardian.facts.facts import Fact


class FakeFacts:
    """``facts.ports.Facts`` in memory."""

    def __init__(self) -> None:
        self.published: list[Fact] = []

    def publish(self, fact: Fact) -> None:
        self.published.append(fact)

    @property
    def ids(self) -> list[str]:
        return [fact.id for fact in self.published]

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Detail-type and detail of each, as a subscriber gets them."""
        return [(fact.detail_type, fact.detail()) for fact in self.published]

    @property
    def kinds(self) -> list[str]:
        return [fact.detail_type for fact in self.published]
