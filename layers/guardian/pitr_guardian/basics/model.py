"""The base of all that crosses the wire: immutable, camelCase outside, strict about names."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


def _wire_name(field: str) -> str:
    return to_camel(field.removesuffix("_"))  # `from_`, since `from` is a keyword


class WireModel(BaseModel):
    """A value with snake_case names in Python and camelCase names in JSON."""

    model_config = ConfigDict(
        alias_generator=_wire_name, populate_by_name=True, frozen=True, extra="forbid"
    )


def mapping(value: object) -> Mapping[str, Any]:
    """Take a part of somebody else's JSON for what it should be; anything else is empty."""
    return value if isinstance(value, Mapping) else {}


class StoredModel(WireModel):
    """A value that outlives a deployment, in the ledger or on the queue.

    It is read leniently: after a rollback, what a newer release wrote must not stop the older one.
    """

    model_config = ConfigDict(extra="ignore")
