"""FilterSpecification: which items an export has, and what of them (service model 2026-10-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from localcloud.ministack.expressions import (
    Placeholders,
    equalled,
    holds,
    projected,
)
from localcloud.wire import (
    AwsError,
    Json,
)

_EXPRESSIONS = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")


@dataclass(frozen=True)
class Filter:
    """Lets everything pass where no expression was given."""

    key_condition: str | None
    condition: str | None
    projection: str | None
    placeholders: Placeholders

    @classmethod
    def parse(cls, specification: Json | None) -> Self:
        """Raises: AwsError, a ValidationException."""
        if specification is not None and not any(map(specification.get, _EXPRESSIONS)):
            raise _invalid("The specification can not be empty")
        given = specification or {}
        return cls(
            given.get("KeyConditionExpression"),
            given.get("FilterExpression"),
            given.get("ProjectionExpression"),
            Placeholders(
                given.get("ExpressionAttributeNames") or {},
                given.get("ExpressionAttributeValues") or {},
            ),
        )

    def check(self, partition_key: str) -> None:
        """Refuse expressions that no item of the table could be put to.

        "The expression must test equality on a single partition key value" (service model).

        Raises:
            AwsError: a ValidationException.
        """
        if self.key_condition and partition_key not in equalled(
            self.key_condition, self.placeholders
        ):
            raise _invalid("Query condition missed key schema element: " + partition_key)
        self.passes({}, {})
        if self.condition:
            holds(self.condition, {}, self.placeholders, "FilterExpression")

    def passes(self, keys: Json, latest: Json) -> bool:
        """Whether an item is exported.

        Args:
            keys: its key attributes.
            latest: the item as the export has it at its end; of a deleted one, its last image.
        """
        if self.key_condition and not holds(
            self.key_condition, keys, self.placeholders, "KeyConditionExpression"
        ):
            return False
        return not self.condition or holds(
            self.condition, latest, self.placeholders, "FilterExpression"
        )

    def of(self, image: Json) -> Json:
        """What is exported of an item."""
        if not self.projection:
            return image
        return projected(self.projection, image, self.placeholders)


def keys_of(item: Json, schema: list[Mapping[str, str]]) -> Json:
    """The key attributes of an item."""
    return {each["AttributeName"]: item[each["AttributeName"]] for each in schema}


def _invalid(message: str) -> AwsError:
    return AwsError(
        "ValidationException", f"Invalid Request: Invalid FilterSpecification: {message}"
    )
