"""One part of a plan, carried out: conditional writes at a pace, until the time is up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.ports import Objects
from pitr_guardian.undo.ports import UndoRecords, WritableItems


@dataclass(frozen=True, slots=True)
class Applier:
    """Writes what a part plans. Whatever is run again finds its own work, and counts it as done."""

    ledger: UndoRecords
    objects: Objects
    items: WritableItems
    units_per_second: float
    """This child's share of ``UndoWriteUnitsPerSecond``."""
    clock: Clock
    ticks: Callable[[], float]
    """Seconds of a clock that only goes forward."""
    sleep: Callable[[float], None]

    def apply(
        self, plan_id: str, part: str, offset: int, seconds_left: Callable[[], float]
    ) -> dict[str, Any]:
        """Carry out a part from a line on.

        Args:
            plan_id: the plan's id.
            part: the part's name, ``part`` of a line of ``places.parts_list``.
            offset: the line to begin with; 0 at first, then what was returned as ``next``.
            seconds_left: tells how long this run may still take.

        Returns:
            ``{"part": "0003-0001", "next": 512}``; ``next`` is None when the part is done.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan as approved and unanswered.
            PlanChangedError: the part isn't what was approved.
            TryLaterError: throttled for too long; what was done is kept, run it again.
        """
        raise NotImplementedError
