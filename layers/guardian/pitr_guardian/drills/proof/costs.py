"""What a drill cost: counted, from what it did, at public prices."""

from collections.abc import Iterable
from dataclasses import dataclass

from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.proof.exporting import BilledExport
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.tables.prices import (
    EXPORT_USD_PER_GB,
    GB,
    READ_USD_PER_MILLION,
    RESTORE_USD_PER_GB,
    SMALLEST_EXPORT,
)

_STEP_USD = 0.000025 + 0.00001
"""A transition of the workflow, and an invocation of a few seconds."""
_STEPS, _STEPS_A_ROUND, _FILES_OF_AN_EXPORT = 60, 20, 4
"""About how many there are: of a drill, of each round more, and for each export's files."""
_READ_UNIT, _LARGEST_ITEM = 4096, 400 * 1024
_SCANNED_FOR_ONE = 20
"""About how many items are read for one that is drawn."""


@dataclass(frozen=True, slots=True)
class Costs:
    """In USD."""

    restore: float
    exports: float
    reads: float
    work: float

    @property
    def total(self) -> float:
        """All of it."""
        return round(self.restore + self.exports + self.reads + self.work, 4)


def costs_of(
    order: DrillOrder,
    proof: Proof | None,
    exports: Iterable[BilledExport],
    *,
    restored: bool,
) -> Costs:
    """Count what a drill cost.

    Args:
        order: the drill's; the size is that of the survey, as the copy's isn't known for hours.
        proof: what was proved of the items; None where it didn't come to that.
        exports: those that were made, with the bytes that they billed.
        restored: whether AWS was asked for a copy.
    """
    source = order.source
    made = list(exports)
    size = source.definition.size_in_bytes
    billed = sum(max(each.bytes, SMALLEST_EXPORT) for each in made)
    rounds = len(proof.rounds) if proof else 0
    steps = _STEPS + rounds * _STEPS_A_ROUND + len(made) * _FILES_OF_AN_EXPORT
    return Costs(
        restore=size / GB * RESTORE_USD_PER_GB if restored else 0.0,
        exports=billed / GB * EXPORT_USD_PER_GB,
        reads=_read_units(order, proof) / 1e6 * READ_USD_PER_MILLION,
        work=steps * _STEP_USD,
    )


def _read_units(order: DrillOrder, proof: Proof | None) -> float:
    """Strongly consistent reads of the copy and of the live table."""
    if proof is None:
        return 0.0
    source = order.source
    size = source.definition.size_in_bytes
    if order.kind is Kind.FULL and order.request.sample == "all":
        return 2 * size / _READ_UNIT
    an_item = min(size / source.items, _LARGEST_ITEM) if source.items else _READ_UNIT
    units = -(-an_item // _READ_UNIT)
    scanned = sum(proof.drawn.values()) * _SCANNED_FOR_ONE * an_item / _READ_UNIT
    return proof.tally.compared * 2 * units + min(scanned, 2 * size / _READ_UNIT)
