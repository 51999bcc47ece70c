"""The restore workflow: every way through it ends in exactly one answer.

What holds for every workflow is in test_statemachines.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.infrastructure.stack import ROOT, Json

TEXT = (ROOT / "statemachines/restore.asl.json").read_text()
WORKFLOW: Json = json.loads(TEXT)
STATES: Json = WORKFLOW["States"]
FAILURE = "Record the failure"
LAST_WORDS = {"Tell that it is completed", "Tell that it failed"}
POLL_SECONDS, TIMEOUT_HOURS = 20, 24

# As Step Functions evaluates it: the embedded AWS brings the library, which has no types.
_jsonata: Any = importlib.import_module("jsonata").Jsonata


def evaluated(expression: str, variables: Mapping[str, Any] | None = None, **states: Any) -> Any:
    """What a JSONata expression of the definition comes to; None where it comes to nothing."""
    code = expression.removeprefix("{%").removesuffix("%}")
    code = code.replace("${RestorePollSeconds}", str(POLL_SECONDS))
    code = code.replace("${RestoreTimeoutHours}", str(TIMEOUT_HOURS))
    compiled = _jsonata.jsonata(code)
    compiled.register_lambda("parse", json.loads)
    return compiled.evaluate(None, {**(variables or {}), "states": states})


def levels() -> Iterator[Json]:
    """The workflow, and the one inside its map: each has `StartAt` and `States`."""
    yield WORKFLOW
    yield STATES["Put settings back"]["ItemProcessor"]


def states() -> Iterator[tuple[str, Json]]:
    for level in levels():
        yield from level["States"].items()


def tasks() -> list[tuple[str, Json]]:
    return [(name, state) for name, state in states() if state["Type"] == "Task"]


def exits(state: Json) -> list[Json]:
    """Each way out of a state, as the part of it that has the `Next`."""
    return [
        way for way in (state, *state.get("Choices", []), *state.get("Catch", [])) if "Next" in way
    ]


def successors(state: Json) -> set[str]:
    default = {state["Default"]} if "Default" in state else set()
    return default | {way["Next"] for way in exits(state)}


def leading_to(name: str) -> set[str]:
    return {before for before, state in STATES.items() if name in successors(state)}


def test_every_state_is_named_for_what_it_does() -> None:
    for name, _ in states():
        assert re.fullmatch(r"[A-Z][A-Za-z ]+\??", name), name


def test_every_task_is_tried_again_whatever_goes_wrong() -> None:
    for name, task in tasks():
        assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name
        for retrier in task["Retry"]:
            if retrier["MaxAttempts"] > 0:
                assert retrier["BackoffRate"] > 1, name
                assert retrier["JitterStrategy"] == "FULL", name
                assert retrier["MaxDelaySeconds"] <= 300, name


def test_what_is_final_is_not_tried_again() -> None:
    final = {
        name: [
            error
            for retrier in task["Retry"]
            if retrier["MaxAttempts"] == 0
            for error in retrier["ErrorEquals"]
        ]
        for name, task in tasks()
    }
    assert {name: errors for name, errors in final.items() if errors} == {
        "Read the settings": ["RefusedError"],
        "Start the restore": ["RefusedError", "AtCapacityError"],
        "Look at the table": ["RefusedError"],
        "Put one setting back": ["TargetGoneError"],
    }


def test_aws_may_be_busy_for_hours_before_a_restore_is_given_up() -> None:
    for name in ("Read the settings", "Start the restore", "Look at the table"):
        [later] = [
            retrier
            for retrier in STATES[name]["Retry"]
            if retrier["ErrorEquals"] == ["TryLaterError"]
        ]
        waits = [
            min(
                later["MaxDelaySeconds"], later["IntervalSeconds"] * later["BackoffRate"] ** attempt
            )
            for attempt in range(later["MaxAttempts"])
        ]
        assert sum(waits) / 2 > 2 * 3600, name  # full jitter waits half as long on average


def test_every_task_is_caught_whatever_goes_wrong_but_the_last_words() -> None:
    """Who can't even tell how it ended fails, and the account's alarms see that."""
    for name, task in tasks():
        caught = [catcher["ErrorEquals"] for catcher in task.get("Catch", [])]
        assert (caught[-1:] == [["States.ALL"]]) == (name not in LAST_WORDS), name


def test_there_is_one_way_to_fail_and_it_tells_so() -> None:
    assert [name for name, state in STATES.items() if state["Type"] == "Fail"] == ["Failed"]
    assert leading_to("Failed") == {"Tell that it failed"}
    assert leading_to("Tell that it failed") == {FAILURE}
    assert successors(STATES[FAILURE]) == {"Tell that it failed"}


def test_there_is_one_way_to_succeed_and_it_tells_so() -> None:
    assert [name for name, state in STATES.items() if state["Type"] == "Succeed"] == ["Done"]
    assert leading_to("Done") == {"Tell that it is completed"}
    assert leading_to("Tell that it is completed") == {"Record the outcome"}


def test_every_failure_takes_that_way_and_brings_error_and_cause() -> None:
    for name, state in STATES.items():
        for caught in state.get("Catch", []):
            if name in {
                FAILURE,
                "Record the outcome",
            }:  # what can't be recorded is told all the same
                assert caught["Next"] == state["Next"]
            elif caught["ErrorEquals"] == ["States.ALL"]:
                assert caught["Next"] == FAILURE, name
        for way in exits(state):
            if way["Next"] == FAILURE:
                assert way["Assign"].keys() == {"error", "cause"}, name


def test_each_answer_is_told_in_one_place() -> None:
    told = [
        entry["DetailType"]
        for _, task in tasks()
        if task["Resource"].endswith("events:putEvents")
        for entry in task["Arguments"]["Entries"]
    ]
    assert sorted(told) == [
        "Restore Accepted",
        "Restore Completed",
        "Restore Failed",
        "Restore Waiting",
    ]


# -- expressions ------------------------------------------------------------------------------

FROM_A_FUNCTION = json.dumps(
    {
        "errorMessage": 'PITR was switched off on "orders"',
        "errorType": "RefusedError",
        "requestId": "1",
        "stackTrace": ['  File "/opt/python/x.py", line 5\n'],
    }
)
NOT_JSON = (
    "The cause could not be determined because Lambda did not return an error type. Returned "
    'payload: {"errorMessage":"2026-11-22T10:15:00Z 1 Task timed out after 60.00 seconds"}'
)


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ({"Cause": FROM_A_FUNCTION}, 'PITR was switched off on "orders"'),
        ({"Cause": NOT_JSON}, NOT_JSON),
        ({"Cause": "Rate exceeded (Service: EventBridge)"}, "Rate exceeded (Service: EventBridge)"),
        ({"Cause": '{"message": "no"}'}, '{"message": "no"}'),
        ({"Cause": ""}, "AWS tells no more"),
        ({}, "AWS tells no more"),  # a timeout has none
    ],
)
def test_the_cause_of_a_failure_can_be_told_whatever_it_looks_like(
    output: Json, cause: str
) -> None:
    """An expression that fails inside a Catch would end the workflow without an answer."""
    expressions = {
        caught[part][name]
        for _, state in states()
        for caught in state.get("Catch", [])
        for part, name in (("Assign", "cause"), ("Output", "error"))
        if name in caught.get(part, {})
    }
    assert len(expressions) == 1
    [expression] = expressions
    error_output = {"Error": "States.TaskFailed", **output}
    assert evaluated(expression, errorOutput=error_output) == cause


def outcomes(*results: Json) -> Any:
    return evaluated(STATES["Put settings back"]["Assign"]["settings"], result=list(results))


PITR = {"setting": "pitr", "outcome": "applied"}


def test_outcomes_are_told_by_kind_always_as_lists() -> None:
    assert outcomes(PITR) == {"applied": ["pitr"], "skipped": [], "failed": [], "notes": {}}


def test_every_setting_is_told_with_what_there_is_to_say() -> None:
    assert outcomes(
        PITR,
        {"setting": "lineage", "outcome": "recorded"},
        {"setting": "tags", "outcome": "skipped", "note": "not asked for"},
        {"setting": "stream", "outcome": "applied", "note": "it is a new one"},
        {"setting": "ttl", "outcome": "failed", "error": "AccessDenied"},
    ) == {
        "applied": ["pitr", "stream"],
        "skipped": ["tags"],
        "failed": [{"setting": "ttl", "error": "AccessDenied"}],
        "notes": {"tags": "not asked for", "stream": "it is a new one"},
    }


def goes_to(choice: str, **variables: Any) -> str:
    order = {"target": {"arn": "arn:..."}}
    for rule in STATES[choice]["Choices"]:
        if evaluated(rule["Condition"], {"order": order, **variables}):
            next_: str = rule["Next"]
            return next_
    default: str = STATES[choice]["Default"]
    return default


@pytest.mark.parametrize(
    ("progress", "seen", "waited", "next_"),
    [
        ("restoring", True, 20, "Wait"),
        ("restoring", True, TIMEOUT_HOURS * 3600, "Wait"),
        ("restoring", True, TIMEOUT_HOURS * 3600 + 1, FAILURE),
        ("active", True, 20, "Put settings back"),
        ("active", True, TIMEOUT_HOURS * 3600 + 1, "Put settings back"),
        ("missing", False, 20, "Wait"),  # DescribeTable knows a new table a moment later
        ("missing", False, 601, FAILURE),
        ("missing", True, 20, FAILURE),
        ("replaced", True, 20, FAILURE),
    ],
)
def test_a_look_at_the_table_leads_on(progress: str, seen: bool, waited: int, next_: str) -> None:
    assert goes_to("Is it active?", progress=progress, seen=seen, waited=waited) == next_


@pytest.mark.parametrize(
    ("said", "waited", "next_"),
    [
        (False, 0, "Tell that it waits"),
        (True, 20, "Wait for its turn"),
        (True, TIMEOUT_HOURS * 3600 + 1, FAILURE),
    ],
)
def test_a_full_house_is_waited_out_and_told_once(said: bool, waited: int, next_: str) -> None:
    assert goes_to("Was it said that it waits?", saidItWaits=said, waited=waited) == next_


@pytest.mark.parametrize(("wait", "length"), [("Wait", "wait"), ("Wait for its turn", "turn")])
def test_looks_become_rarer_up_to_every_five_minutes(wait: str, length: str) -> None:
    start = STATES[WORKFLOW["StartAt"]]["Assign"]
    variables = {length: evaluated(start[length]), "waited": start["waited"]}
    waits = []
    while variables["waited"] < 6 * 3600:
        waits.append(variables[length])
        variables = {
            name: evaluated(expression, variables)
            for name, expression in STATES[wait]["Assign"].items()
        }
    assert waits[:4] == [20, 30, 45, 68]
    assert max(waits) == 300
    assert waits == sorted(waits)
    assert len(waits) < 90
