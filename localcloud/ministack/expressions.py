"""MiniStack's engine for DynamoDB's expressions, for those who ask outside of a query."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.wire import (
    AwsError,
    Json,
)


@dataclass(frozen=True)
class Placeholders:
    """ExpressionAttributeNames and ExpressionAttributeValues."""

    names: Mapping[str, str]
    values: Mapping[str, Json]


def holds(expression: str, item: Json, placeholders: Placeholders, slot: str) -> bool:
    """Whether an expression is true of an item.

    Raises:
        AwsError: a ValidationException; `slot` is the parameter that the expression came from.
    """
    engine = _engine()
    try:
        return bool(
            engine._evaluate_condition(
                expression, item, dict(placeholders.values), dict(placeholders.names), slot
            )
        )
    except ValueError as error:
        raise AwsError("ValidationException", str(error)) from error


def equalled(expression: str, placeholders: Placeholders) -> dict[str, Json]:
    """The attributes that an expression's ANDed clauses compare with `=`, and with what."""
    engine = _engine()
    found = {}
    for clause in engine._key_condition_clauses(engine._tokenize(expression)):
        tokens = [token for token in clause if token[0] not in {"LPAREN", "RPAREN"}]
        if len(tokens) == 3 and tokens[1][0] == "EQ" and tokens[2][0] == "VALUE_REF":
            name = placeholders.names.get(tokens[0][1], tokens[0][1])
            found[name] = placeholders.values.get(tokens[2][1], {})
    return found


def projected(expression: str, item: Json, placeholders: Placeholders) -> Json:
    """What a ProjectionExpression leaves of an item."""
    left: Json = _engine()._project_item(item, expression, dict(placeholders.names))
    return left


def _engine() -> Any:
    return importlib.import_module("ministack.services.dynamodb")
