"""What a restore costs and how long it takes, roughly, with the assumptions that make it so."""

from datetime import datetime
from math import ceil
from typing import Any

from pitr_guardian.basics.instants import Instant, iso
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.prices import GB, PRICES_AS_OF, RESTORE_USD_PER_GB

_SPREAD = 2
"""A restore takes between a half and the double of what one of the same table took."""


class Measured(StoredModel):
    """How long a drill took to restore its copy, from the asking until it was there."""

    seconds: float
    at: Instant
    """When it was asked for."""


def estimate_of(definition: Definition, measured: Measured | None = None) -> dict[str, Any]:
    """Estimate a restore of a table of this definition.

    Args:
        definition: the table's.
        measured: what its last drill took; None where none was measured.
    """
    gigabytes = definition.size_in_bytes / GB
    minutes = {"from": 2, "to": 60 if gigabytes < 100 else 600}
    if measured is not None:
        took = measured.seconds / 60
        minutes = {"from": max(1, int(took / _SPREAD)), "to": ceil(took * _SPREAD)}
    return {
        "sizeInBytes": definition.size_in_bytes,
        "costInUsd": round(gigabytes * RESTORE_USD_PER_GB, 2),
        "minutes": minutes,
        "assumptions": [
            f"USD {RESTORE_USD_PER_GB} per GB, the price of us-east-1 on {PRICES_AS_OF}; other "
            "regions cost up to half as much again",
            "DynamoDB updates a table's size about every six hours; indexes are not counted",
            "the new table is billed as any other from the moment it is ACTIVE",
            _said_of_time(measured.seconds / 60, measured.at) if measured else _UNMEASURED,
        ],
    }


_UNMEASURED = (
    "an empty table takes a few minutes, most take less than an hour, large ones hours; "
    "the time depends on how evenly the data is spread, hardly on its size"
)


def _said_of_time(minutes: float, at: datetime) -> str:
    return (
        f"a drill on {iso(at)[:10]} had a copy of this very table after {minutes:.1f} minutes; "
        "another restore may take half as long, or twice; indexes and settings come on top"
    )
