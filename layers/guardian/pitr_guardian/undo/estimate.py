"""What planning and carrying out an undo costs and takes, roughly."""

from dataclasses import dataclass

from pitr_guardian.facts.undo_facts import UndoEstimate
from pitr_guardian.tables.prices import (
    EXPORT_USD_PER_GB,
    GB,
    READ_USD_PER_MILLION,
    SMALLEST_EXPORT,
)

WRITE_USD_PER_MILLION = 0.625
"""On-demand requests; what is provisioned costs nothing more (us-east-1)."""
TRANSITION_USD = 0.000025
INVOCATION_USD = 0.00001
"""A Lambda invocation of a few seconds."""

_STEPS = 4
"""Transitions and invocations of a shard or a part, in each of the two workflows."""
_OVERHEAD = 30.0
"""Seconds that a workflow takes besides writing."""


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do: exports and the bytes they billed, and what the plan's parts say."""

    exports: int
    exported_bytes: int
    shards: int
    parts: int
    items: int
    writes: int
    write_units: int
    replicas: int


def estimate_of(work: Work, units_per_second: int) -> UndoEstimate:
    """Estimate an undo, its planning included; each replica takes every write as well."""
    billed = max(work.exported_bytes, work.exports * SMALLEST_EXPORT)
    units = work.write_units * (1 + work.replicas)
    reads = work.items + work.write_units  # before, and again after
    steps = (work.shards + work.parts) * _STEPS
    cost = (
        billed / GB * EXPORT_USD_PER_GB
        + units / 1e6 * WRITE_USD_PER_MILLION
        + reads / 1e6 * READ_USD_PER_MILLION
        + steps * (TRANSITION_USD + INVOCATION_USD)
    )
    seconds = work.write_units / units_per_second + _OVERHEAD if work.writes else 0.0
    return UndoEstimate(
        cost_in_usd=round(cost, 4), write_units=work.write_units, seconds=round(seconds, 1)
    )
