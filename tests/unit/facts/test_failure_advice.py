"""What to do after a restore failed: it follows from the error, and never harms what isn't ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pitr_guardian.basics import ending
from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.facts.wording import (
    _AFTER_FAILURE,
    advice_on,
)

ROOT = Path(__file__).parents[3]


def names() -> set[str]:
    """Every error that the workflow, its functions or the last word can lead with."""
    workflow = json.loads((ROOT / "statemachines/restore.asl.json").read_text())
    text = json.dumps(workflow)
    assigned = set(re.findall(r'"error": "([A-Z][A-Za-z]+)"', text))
    failed = set(re.findall(r'"Error": "([A-Z][A-Za-z]+)"', text))
    final = {
        error
        for state in workflow["States"].values()
        for retrier in state.get("Retry", [])
        for error in retrier["ErrorEquals"]
        if error.endswith("Error") and "." not in error
    }
    restores = (each for each in RefusedError.__subclasses__() if ".restore." in each.__module__)
    refusals = {each.__name__ for each in restores}
    told_elsewise = {"AtCapacityError", "RestoreFailed"}
    return (assigned | failed | final | refusals | ending.NAMES) - told_elsewise


def advice(error: str) -> str:
    return advice_on("Restore Failed", {"error": error, "targetTable": "orders-copy"})


def test_each_kind_of_failure_has_advice_of_its_own() -> None:
    assert names() == _AFTER_FAILURE.keys()
    told = [advice(f"{name}: why") for name in names()]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    "error", [*_AFTER_FAILURE, "States.Timeout", "Lambda.Unknown", "EventBridge.X", "KeyError", ""]
)
def test_nobody_is_told_to_remove_a_table(error: str) -> None:
    assert not re.search(r"\b(remove|delete|drop)\b", advice(f"{error}: why"), re.IGNORECASE)


def test_somebody_elses_table_is_left_alone() -> None:
    assert advice("TargetOccupiedError: a table …").startswith("Leave that table alone")


@pytest.mark.parametrize(
    "error", ["RestoreTimeout", "WorkflowAborted", "TryLaterError", "States.TaskFailed"]
)
def test_who_failed_while_aws_may_go_on_looks_for_the_table_first(error: str) -> None:
    assert advice(f"{error}: why").startswith("Look whether orders-copy is there: AWS finishes")


def test_an_error_that_is_none_has_advice_all_the_same() -> None:
    assert advice_on("Restore Failed", {"error": 7}).startswith("Look whether the target is there")
