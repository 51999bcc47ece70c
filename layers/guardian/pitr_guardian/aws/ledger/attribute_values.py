"""Values of the ledger as DynamoDB writes them: ``{"S": "a text"}``.

boto3's ``TypeSerializer`` knows sets and binaries, too. But whoever imports it imports all of
boto3, for which a cold start pays a tenth of what it costs to have a DynamoDB client at all.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def written(value: object) -> dict[str, Any]:
    """Write a value.

    Raises:
        TypeError: the ledger holds no such values.
    """
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int():
            return {"N": str(value)}
        case list():
            return {"L": [written(each) for each in value]}
        case _:
            raise TypeError(f"the ledger holds no {type(value).__name__}")


def read(written: Mapping[str, Any]) -> Any:
    """Read a value; whole numbers and others are decimals.

    Raises:
        ArithmeticError: a number that is none.
        ValueError: the ledger holds no such values.
    """
    [(kind, value)] = written.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return Decimal(value)
        case "L":
            return [read(each) for each in value]
        case _:
            raise ValueError(f"the ledger holds no {kind}")
