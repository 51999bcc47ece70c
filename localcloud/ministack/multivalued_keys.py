"""Condition keys whose values are arrays of strings: only a set operator looks into them.

"You must use the ForAllValues or ForAnyValue set operators with multivalued context keys" (IAM user
guide, "Single-valued vs. multivalued context keys"). What a plain operator does with one isn't
written down; here an affirmative one never holds, and a negated one always does.
"""

from __future__ import annotations

import importlib
from typing import Any

_SET_OPERATORS = ("forallvalues:", "foranyvalue:")


def ask_for_set_operators() -> None:
    """Let no plain operator hold for a key that came as a list; MiniStack compared its text."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    evaluate = evaluator._evaluate_single_condition

    def evaluate_strictly(operator: str, actual: Any, expected: list[str]) -> bool:
        plain = operator.lower()
        if isinstance(actual, list) and plain != "null" and not plain.startswith(_SET_OPERATORS):
            return plain.removesuffix("ifexists") in evaluator._NEGATED_OPS
        holds: bool = evaluate(operator, actual, expected)
        return holds

    evaluator._evaluate_single_condition = evaluate_strictly
