"""Repairs of MiniStack's CloudFormation: what conditions may join, and ask for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

from localcloud.wire import Json

_PACKAGE = "ministack.services.cloudformation"
_NAME = "_evaluate_conditions"


def repair_conditions() -> None:
    """Let `Fn::Join` of a parameter count in conditions, and the stack's account and region.

    MiniStack compared them unevaluated: a condition that asks whether a list is empty never held,
    nor did one that asks for a region.
    """
    responses: Any = importlib.import_module("ministack.core.responses")
    evaluate = getattr(importlib.import_module(f"{_PACKAGE}.engine"), _NAME)

    def evaluate_joined(template: Json, parameters: Mapping[str, Json]) -> Any:
        conditions = _joined(template.get("Conditions", {}), parameters)
        here = {
            "AWS::AccountId": {"Value": responses.get_account_id()},
            "AWS::Region": {"Value": responses.get_region()},
        }
        return evaluate({**template, "Conditions": conditions}, {**here, **parameters})

    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE) and vars(module).get(_NAME) is evaluate:
            setattr(module, _NAME, evaluate_joined)


def _joined(value: Any, parameters: Mapping[str, Json]) -> Any:
    if isinstance(value, list):
        return [_joined(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::Join": [str(separator), {"Ref": str(name)}]} if name in parameters:
            listed = parameters[name]["Value"]  # as text, with commas
            return separator.join(each.strip() for each in str(listed).split(","))
    return {key: _joined(inner, parameters) for key, inner in value.items()}
