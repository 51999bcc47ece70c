"""Metrics of a table, by their ``TableName`` dimension: whose they are, and the same of another."""

from collections.abc import Iterator, Mapping
from typing import Any

_NAMESPACE = "AWS/DynamoDB"


def tables_of(about: Any, account: str) -> Iterator[str]:
    """Tell the tables whose metrics of DynamoDB a structure names, of one account.

    Args:
        about: an alarm, a metric, or anything that holds some, as CloudWatch describes them.
        account: a metric that names an account is left out unless it is this one.
    """
    if isinstance(about, Mapping):
        if about.get("AccountId", account) != account:
            return
        if about.get("Namespace") == _NAMESPACE:
            for dimension in about.get("Dimensions", []):
                if dimension.get("Name") == "TableName":
                    yield dimension["Value"]
        for part in about.values():
            yield from tables_of(part, account)
    elif isinstance(about, list):
        for part in about:
            yield from tables_of(part, account)


def renamed(value: Any, old: str, new: str) -> Any:
    """Copy a structure with the ``TableName`` dimensions of one table made another's."""
    if value == {"Name": "TableName", "Value": old}:
        return {"Name": "TableName", "Value": new}
    if isinstance(value, Mapping):
        return {key: renamed(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, old, new) for item in value]
    return value
