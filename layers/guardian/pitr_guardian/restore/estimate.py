"""What a restore costs and how long it takes, roughly, with the assumptions that make it so."""

from typing import Any

from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.prices import GB, PRICES_AS_OF, RESTORE_USD_PER_GB


def estimate_of(definition: Definition) -> dict[str, Any]:
    """Estimate a restore of a table of this definition."""
    gigabytes = definition.size_in_bytes / GB
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
