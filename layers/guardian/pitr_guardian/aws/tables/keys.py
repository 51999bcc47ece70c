"""A table's primary key, as DynamoDB describes it."""

from typing import Any

from pitr_guardian.tables.keys import Key, KeyAttribute


def key_of(described: Any) -> Key:
    """Read the key in ``DescribeTable``'s ``Table``."""
    types = {
        each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]
    }
    named = {each["KeyType"]: each["AttributeName"] for each in described["KeySchema"]}
    sort = named.get("RANGE")
    return Key(
        partition=KeyAttribute(name=named["HASH"], type=types[named["HASH"]]),
        sort=KeyAttribute(name=sort, type=types[sort]) if sort else None,
    )
