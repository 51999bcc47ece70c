"""Conditions of policies: keys that are lists are asked with a set operator, or they never hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.stack import ROOT, deployed, statements

# Keys of the type `ArrayOfString` and the like (service authorization reference, condition keys of
# EventBridge and DynamoDB; IAM user guide, "AWS global condition context keys").
MULTIVALUED = frozenset(
    {"aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:tagkeys"}
    | {"aws:resourceorgpaths", "aws:sourceorgpaths"}
    | {"dynamodb:attributes", "dynamodb:leadingkeys"}
    | {"events:detail-type", "events:source"}
)
SET_OPERATORS = ("ForAllValues:", "ForAnyValue:")
IN_DOCUMENTS = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def conditions(value: Any) -> Iterator[tuple[str, str]]:
    """Operator and key of every condition in a document, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from conditions(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "Condition" and isinstance(inner, dict):
                for operator, keys in inner.items():
                    yield from ((operator, key) for key in keys)
            yield from conditions(inner)


def plain_on_lists(document: Any) -> list[tuple[str, str]]:
    """Conditions that ask a list with a plain operator; whether there is one, `Null` may ask."""
    return [
        (operator, key)
        for operator, key in conditions(document)
        if key.lower() in MULTIVALUED
        if operator != "Null" and not operator.startswith(SET_OPERATORS)
    ]


def of_the_stack() -> list[Any]:
    stack = deployed(AllowedRequesterAccounts="111111111111", KmsKeyArn="arn:aws:kms:x:1:key/a")
    return [each for resource in stack.resources.values() for each in statements(resource)]


def of_the_documents() -> list[Any]:
    files = [*(ROOT / "docs").rglob("*.json"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    found: list[Any] = []
    for path in files:
        text = path.read_text()
        parts = [text] if path.suffix == ".json" else IN_DOCUMENTS.findall(text)
        found += [json.loads(part) for part in parts]
    return found


@pytest.mark.parametrize("policies", [of_the_stack, of_the_documents])
def test_keys_that_are_lists_are_asked_with_a_set_operator(policies: Any) -> None:
    found = policies()
    asked = {key.lower() for _, key in conditions(found)}
    assert asked & MULTIVALUED, "there is nothing to look at"
    assert plain_on_lists(found) == []


def test_a_plain_operator_on_a_list_would_be_noticed() -> None:
    plain = {"Condition": {"StringEquals": {"events:source": "x", "aws:PrincipalArn": "y"}}}
    for_all = {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}}
    assert plain_on_lists([plain, for_all]) == [("StringEquals", "events:source")]
