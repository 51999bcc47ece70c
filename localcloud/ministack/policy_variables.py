"""Policy variables in conditions: `${aws:ResourceOrgID}` stands for the value of that key.

MiniStack compares their text. Source: IAM user guide, "IAM policy elements: Variables and tags":
single-valued keys may be used in conditions; a statement whose variable has no value is not met.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from localcloud.wire import Json

_VARIABLE = re.compile(r"\$\{([\w-]+:[\w/-]+)(?:,\s*'([^']*)')?\}")
_SPECIAL = re.compile(r"\$\{([*?$])\}")


class _NoValueError(Exception):
    """A variable stands for nothing."""


def put_in_variables() -> None:
    """Let conditions be met with the values of their variables."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    met = evaluator._conditions_met

    def met_by_values(conditions: Json, context: Any) -> bool:
        def value(found: re.Match[str]) -> str:
            resolved = evaluator._resolve_condition_key(found[1], context)
            if isinstance(resolved, str):
                return resolved
            if found[2] is None or isinstance(resolved, list):
                raise _NoValueError
            return found[2]

        def filled(expected: Any) -> Any:
            if isinstance(expected, list):
                return [filled(each) for each in expected]
            if isinstance(expected, dict):
                return {key: filled(each) for key, each in expected.items()}
            if not isinstance(expected, str):
                return expected
            return _SPECIAL.sub(r"\1", _VARIABLE.sub(value, expected))

        try:
            holds: bool = met(filled(conditions or {}), context)
        except _NoValueError:
            return False
        return holds

    evaluator._conditions_met = met_by_values
