"""How much an expression may hold: "Quotas", DynamoDB developer guide, expression parameters.

MiniStack knows the 4 KB of an expression, and no more of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from localcloud.ministack import expressions
from localcloud.wire import (
    AwsError,
    Json,
)

_MOST_OPERATORS = 300
_MOST_OPERANDS = 100
_LONGEST_PLACEHOLDER = 255
_LARGEST_SUBSTITUTIONS = 2 * 1024 * 1024
_EXPRESSIONS = (
    *("ConditionExpression", "FilterExpression", "KeyConditionExpression"),
    "UpdateExpression",
)


def check(parameters: Json) -> None:
    """Refuse expressions that are too much, also those of the members of a transaction.

    Raises:
        AwsError: a ValidationException. Its text is not AWS's, but for overlapping paths.
    """
    for request in _requests(parameters):
        _check_placeholders(request)
        for name in _EXPRESSIONS:
            if isinstance(expression := request.get(name), str) and expression:
                _check_expression(name, expression)
        if isinstance(update := request.get("UpdateExpression"), str) and update:
            _check_paths(update, request.get("ExpressionAttributeNames") or {})


def _requests(parameters: Json) -> Iterator[Json]:
    yield parameters
    for member in parameters.get("TransactItems") or []:
        if isinstance(member, dict):
            yield from (each for each in member.values() if isinstance(each, dict))


def _check_placeholders(request: Json) -> None:
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    for placeholder in (*names, *values):
        if len(placeholder.encode()) > _LONGEST_PLACEHOLDER:
            raise _invalid(f"{placeholder[:20]}... is longer than {_LONGEST_PLACEHOLDER} bytes")
    total = expressions.size(values) + sum(
        len(f"{placeholder}{name}".encode()) for placeholder, name in names.items()
    )
    if total > _LARGEST_SUBSTITUTIONS:
        raise _invalid(
            "Expression attribute names and values together are larger than "
            f"{_LARGEST_SUBSTITUTIONS} bytes: {total}"
        )


def _check_expression(name: str, expression: str) -> None:
    found = expressions.operators(expression)
    if found > _MOST_OPERATORS:
        raise _invalid(
            f"Invalid {name}: The expression contains too many operators or functions: {found}; "
            f"maximum: {_MOST_OPERATORS}"
        )
    operands = expressions.operands_of_in(expression)
    if operands > _MOST_OPERANDS:
        raise _invalid(
            f"Invalid {name}: The IN operator is provided with too many operands; number of "
            f"operands: {operands}"
        )


def _check_paths(update: str, names: dict[str, str]) -> None:
    """ "Two document paths overlap": no path may be written twice, nor a part of one."""
    for one, two in itertools.combinations(expressions.updated_paths(update, names), 2):
        shorter = min(len(one), len(two))
        if one[:shorter] == two[:shorter]:
            raise _invalid(
                "Invalid UpdateExpression: Two document paths overlap with each other; must remove "
                f"or rewrite one of these paths; path one: {_shown(one)}, path two: {_shown(two)}"
            )


def _shown(path: list[str | int]) -> str:
    return f"[{', '.join(f'[{part}]' if isinstance(part, int) else part for part in path)}]"


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
