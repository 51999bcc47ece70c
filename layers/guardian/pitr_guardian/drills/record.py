"""What is recorded of a drill, from its acceptance on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pitr_guardian.drills.order import DrillOrder
    from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed


class Milestone(StrEnum):
    """What a drill reaches once; the ledger keeps when it first did."""

    CALLED = "calledAt"
    """AWS was asked for the copy."""
    ACTIVE = "activeAt"
    """The copy was seen ACTIVE, and the indexes it was to have."""
    VERIFIED = "verifiedAt"
    """The last item was compared."""
    REMOVED = "removedAt"
    """The copy was seen to be gone after it had been removed."""


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """A drill as the ledger knows it; what hasn't happened yet is None."""

    order: DrillOrder
    called_at: datetime | None = None
    active_at: datetime | None = None
    verified_at: datetime | None = None
    removed_at: datetime | None = None
    copy_id: str | None = None
    """The copy's ``TableId``, since AWS told it."""
    answer: DrillPassed | DrillFailed | None = None
