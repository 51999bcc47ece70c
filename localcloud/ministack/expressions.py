"""MiniStack's engine for DynamoDB's expressions, for those who ask outside of a query."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.wire import (
    AwsError,
    Json,
)

_CLAUSES = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
_ARITHMETIC = frozenset({"PLUS", "MINUS"})
_COMPARATORS = frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"})
_KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN"})
_AFTER_PATH = frozenset({"EQ", "VALUE_REF", "EOF"})


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


def operators(expression: str) -> int:
    """How many operators and functions an expression has.

    A comparator, a logical keyword, IN, BETWEEN and a function count one each, and so do the + and
    - of an update; the = of SET doesn't ("Quotas", DynamoDB developer guide, expression
    parameters: `SET a = :val1 + :val2 + :val3` has two).
    """
    tokens = _engine()._tokenize(expression)
    is_update = tokens[0][0] == "IDENT" and tokens[0][1].upper() in _CLAUSES
    counted = _ARITHMETIC if is_update else _ARITHMETIC | _COMPARATORS
    found = 0
    for number, (kind, text) in enumerate(tokens):
        is_function = kind == "IDENT" and tokens[number + 1][0] == "LPAREN"
        # The AND of BETWEEN is none of its own.
        is_keyword = kind == "IDENT" and text.upper() in _KEYWORDS and not is_update
        found += kind in counted or is_function or is_keyword
        found -= kind == "IDENT" and text.upper() == "BETWEEN" and not is_update
    return found


def operands_of_in(expression: str) -> int:
    """How many operands the longest IN of an expression has."""
    tokens = _engine()._tokenize(expression)
    longest = 0
    for number, (kind, text) in enumerate(tokens):
        if kind == "IDENT" and text.upper() == "IN":
            end = _engine()._find_matching_paren(tokens, number + 1)
            listed = _engine()._split_by_comma(tokens[number + 2 : end])
            longest = max(longest, len(listed))
    return longest


def updated_paths(expression: str, names: Mapping[str, str]) -> list[list[str | int]]:
    """The document paths that an update expression writes, in its order."""
    engine = _engine()
    paths, tokens = [], list[Any]()
    for token in [*engine._tokenize(expression), ("IDENT", "SET")]:
        if token[0] != "IDENT" or token[1].upper() not in _CLAUSES:
            tokens.append(token)
            continue
        for action in engine._split_by_comma(tokens):
            path = list(itertools.takewhile(lambda each: each[0] not in _AFTER_PATH, action))
            paths.append(engine._parse_path_from_tokens(path, names))
        tokens = []
    return [path for path in paths if path]


def size(attributes: Json) -> int:
    """The bytes of attributes as an item's size counts them: names and values."""
    found: int = _engine()._item_size_bytes(attributes)
    return found


def _engine() -> Any:
    return importlib.import_module("ministack.services.dynamodb")
