"""What a restore costs and how long it takes, roughly, with the assumptions that make it so."""

from typing import Any

from pitr_guardian.tables.definition import Definition

PRICES_AS_OF = "2026-11-22"
RESTORE_USD_PER_GB = 0.15
"""Public price of restoring a DynamoDB table, us-east-1, in USD per GB of table data."""

_GB = 1024**3


def estimate_of(definition: Definition) -> dict[str, Any]:
    """Estimate a restore of a table of this definition."""
    gigabytes = definition.size_in_bytes / _GB
    return {
        "sizeInBytes": definition.size_in_bytes,
        "costInUsd": round(gigabytes * RESTORE_USD_PER_GB, 2),
        "minutes": {"from": 2, "to": 60 if gigabytes < 100 else 600},
        "assumptions": [
            f"USD {RESTORE_USD_PER_GB} per GB, the price of us-east-1 on {PRICES_AS_OF}; other "
            "regions cost up to half as much again",
            "DynamoDB updates a table's size about every six hours; indexes are not counted",
            "the new table is billed as any other from the moment it is ACTIVE",
            "an empty table takes a few minutes, most take less than an hour, large ones hours; "
            "the time depends on how evenly the data is spread, hardly on its size",
        ],
    }
