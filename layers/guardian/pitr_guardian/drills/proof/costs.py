"""What a drill cost: counted, from what it did, at public prices."""

from collections.abc import Iterable
from dataclasses import dataclass

from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.proof.exporting import BilledExport
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.drills.structure import Structure
from pitr_guardian.tables.prices import (
    EXPORT_USD_PER_GB,
    GB,
    READ_USD_PER_MILLION,
    RESTORE_USD_PER_GB,
    SMALLEST_EXPORT,
)

_STEP_USD = 0.000025 + 0.00001
"""A transition of the workflow, and an invocation of a few seconds."""
_STEPS, _STEPS_A_ROUND, _FILES_OF_AN_EXPORT = 120, 50, 4
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
    billed = sum(max(each.bytes, SMALLEST_EXPORT) for each in made)
    return Costs(
        restore=restore_in_usd(source.definition.size_in_bytes) if restored else 0.0,
        exports=billed / GB * EXPORT_USD_PER_GB,
        reads=usd_of_reads(_read_units(order, proof)),
        work=usd_of_work(len(proof.rounds) if proof else 0, len(made)),
    )


def restore_in_usd(size_in_bytes: int) -> float:
    """What restoring a table of that size costs."""
    return size_in_bytes / GB * RESTORE_USD_PER_GB


def usd_of_reads(units: float) -> float:
    """What so many read units cost on demand."""
    return units / 1e6 * READ_USD_PER_MILLION


def usd_of_work(rounds: int, exports: int) -> float:
    """What workflow, functions and objects cost of a drill of so many rounds and exports."""
    return (_STEPS + rounds * _STEPS_A_ROUND + exports * _FILES_OF_AN_EXPORT) * _STEP_USD


def units_read(source: Structure, *, compared: int, drawn: int, whole: bool) -> float:
    """How many read units a drill takes: strongly consistent, of the copy and of the live table.

    Args:
        source: the table, as it was surveyed.
        compared: how many items are compared.
        drawn: how many were drawn for that; the same may be drawn twice.
        whole: whether both tables are read from one end to the other instead.
    """
    size = source.definition.size_in_bytes
    if whole:
        return 2 * size / _READ_UNIT
    an_item = min(size / source.items, _LARGEST_ITEM) if source.items else _READ_UNIT
    scanned = drawn * _SCANNED_FOR_ONE * an_item / _READ_UNIT
    return compared * 2 * -(-an_item // _READ_UNIT) + min(scanned, 2 * size / _READ_UNIT)


def _read_units(order: DrillOrder, proof: Proof | None) -> float:
    if proof is None:
        return 0.0
    return units_read(
        order.source,
        compared=proof.tally.compared,
        drawn=sum(proof.drawn.values()),
        whole=order.kind is Kind.FULL and order.request.sample == "all",
    )
