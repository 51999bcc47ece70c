"""The restore workflow: every way through it ends in exactly one answer.

What holds for every workflow is in test_statemachines.
"""

from __future__ import annotations

import importlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pitr_guardian.restore.answers import accepted
from tests.fakes.restores import order
from tests.infrastructure.stack import ROOT, Json

TEXT = (ROOT / "statemachines/restore.asl.json").read_text()
WORKFLOW: Json = json.loads(TEXT)
STATES: Json = WORKFLOW["States"]
FAILURE = "Word the failure"
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
        "Read the settings": [
            "RefusedError",
            "MemberClosedError",
            "NotUnderWayError",
            "SourceGoneError",
        ],
        "Start the restore": [
            "RefusedError",
            "MemberClosedError",
            "NotUnderWayError",
            "SourceGoneError",
            "TargetOccupiedError",
            "TableQuotaError",
            "AtCapacityError",
        ],
        "Look at the table": ["RefusedError", "MemberClosedError", "NotUnderWayError"],
        "Put one setting back": ["TargetGoneError", "NotUnderWayError"],
        "Record the outcome": ["DynamoDB.ConditionalCheckFailedException"],
        "Record the failure": ["DynamoDB.ConditionalCheckFailedException"],
    }


# Developer guide, "Handling errors in Step Functions workflows"; best practices, "Handle transient
# Lambda service exceptions". The last four are of functions that were killed or cut off.
OF_LAMBDA = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "States.Timeout",
]


@pytest.mark.parametrize("error", ["TryLaterError", *OF_LAMBDA])
def test_aws_may_be_busy_for_hours_before_a_restore_is_given_up(error: str) -> None:
    everywhere = {name: task for name, task in tasks() if task["Resource"].endswith(":invoke")}
    for name, task in everywhere.items():
        if (name, error) == ("Put one setting back", "TryLaterError"):
            continue  # a busy table, which has a shorter bound of its own
        [later] = [retrier for retrier in task["Retry"] if error in retrier["ErrorEquals"]]
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
        may_fail = LAST_WORDS | {WORKFLOW["StartAt"]}
        assert (caught[-1:] == [["States.ALL"]]) == (name not in may_fail), name


def test_there_is_one_way_to_fail_and_it_tells_so() -> None:
    assert {name for name, state in STATES.items() if state["Type"] == "Fail"} == {
        "Failed",
        "Refused",
    }
    assert leading_to("Failed") == {"Close the failed restore"}
    assert leading_to("Close the failed restore") == {"Tell that it failed"}
    assert leading_to("Tell that it failed") == {"Record the failure", "Whose answer is it?"}
    assert successors(STATES["Record the failure"]) == {"Tell that it failed", "Is it this answer?"}
    assert successors(STATES[FAILURE]) == {"Record the failure"}


def test_there_is_one_way_to_succeed_and_it_tells_so() -> None:
    assert {name for name, state in STATES.items() if state["Type"] == "Succeed"} == {
        "Done",
        "Answered already",
    }
    assert leading_to("Done") == {"Close the restore"}
    assert leading_to("Close the restore") == {"Tell that it is completed"}
    assert leading_to("Tell that it is completed") == {
        "Record the outcome",
        "Whose answer is it?",
    }


def test_an_answer_is_recorded_as_it_is_told_and_never_over_another() -> None:
    for record, tell in (
        ("Record the outcome", "Tell that it is completed"),
        ("Record the failure", "Tell that it failed"),
    ):
        arguments = STATES[record]["Arguments"]
        assert arguments["ConditionExpression"] == "attribute_not_exists(outcome)"
        assert arguments["ExpressionAttributeValues"][":answer"] == {"S": "{% $string($answer) %}"}
        [entry] = STATES[tell]["Arguments"]["Entries"]
        assert entry["Detail"] == "{% $answer %}"
        taken, otherwise = STATES[record]["Catch"]
        assert taken["ErrorEquals"] == ["DynamoDB.ConditionalCheckFailedException"]
        assert taken["Next"] == "Is it this answer?"
        assert (otherwise["ErrorEquals"], otherwise["Next"]) == (["States.ALL"], tell)


@pytest.mark.parametrize(
    ("item", "ours"),
    [
        ({"answer": {"S": '{"id":"restore/r-1/completed"}'}}, True),  # our write's answer was lost
        ({"answer": {"S": '{"id":"restore/r-1/failed"}'}}, False),
        ({}, False),  # written by an older version
    ],
)
def test_an_outcome_of_somebody_elses_is_not_told_against(item: Json, *, ours: bool) -> None:
    answer = {"id": "restore/r-1/completed"}
    expression = STATES["Is it this answer?"]["Assign"]["isOurs"]
    is_ours = evaluated(expression, {"answer": answer}, result={"Item": item})
    assert is_ours is ours
    expected = "Tell that it is completed" if ours else "Answered already"
    assert goes_to("Whose answer is it?", isOurs=is_ours, answer=answer) == expected


def test_every_failure_takes_that_way_and_brings_error_and_cause() -> None:
    for name, state in STATES.items():
        for way in exits(state):
            if way["Next"] == FAILURE:
                assert way["Assign"].keys() == {"error", "cause"}, name


def test_what_happens_once_the_table_is_active_fails_no_restore_but_its_loss() -> None:
    lost, otherwise = STATES["Put settings back"]["Catch"]
    assert (lost["ErrorEquals"], lost["Next"]) == (["TargetDeleted"], FAILURE)
    assert (otherwise["ErrorEquals"], otherwise["Next"]) == (["States.ALL"], "Word the answer")
    assert otherwise["Assign"]["settings"].keys() == outcomes(PITR).keys()


def test_the_ledgers_order_alone_is_carried_out() -> None:
    given = {"request": {"requestId": "r-1"}, "target": {"arn": "arn:a"}}
    recorded = {"Item": {"order": {"S": json.dumps(given)}}}
    expression = STATES[WORKFLOW["StartAt"]]["Assign"]["isUnderWay"]

    def is_under_way(result: Json, order: Json = given, name: str = "r-1") -> Any:
        return evaluated(
            expression, input=order, result=result, context={"Execution": {"Name": name}}
        )

    answered = {"Item": {**recorded["Item"], "outcome": {"S": "completed"}}}
    assert is_under_way(recorded) is True
    assert is_under_way({}) is False
    assert is_under_way(answered) is False
    assert is_under_way(recorded, {**given, "target": {"arn": "arn:b"}}) is False
    assert is_under_way(recorded, name="by-hand") is False
    assert goes_to("Is it under way?", isUnderWay=False) == "Refused"
    assert goes_to("Is it under way?", isUnderWay=True) == "Tell that it was accepted"


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


def test_whoever_answers_for_the_workflow_says_the_first_word_as_it_does() -> None:
    for region in ("eu-central-1", "eu-west-1"):
        given = order(requestedBy="anna", reason="oops", targetRegion=region)
        [entry] = STATES["Tell that it was accepted"]["Arguments"]["Entries"]
        written = given.model_dump(by_alias=True, mode="json")
        place = evaluated(STATES[WORKFLOW["StartAt"]]["Assign"]["place"], input=written)
        variables = {"order": written, "place": place}
        detail = {
            name: evaluated(value, variables) if value.startswith("{%") else value
            for name, value in entry["Detail"].items()
        }
        assert accepted(given).detail() | {"time": None} == detail | {"time": None}


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
        ({"Cause": FROM_A_FUNCTION[:40]}, "PITR was switched off "),  # Lambda cuts long ones
        ({"Cause": '{"errorMessage": "'}, "AWS tells no more"),
        ({"Cause": json.dumps({"errorMessage": "x" * 40_000})}, "x" * 2000),
        ({"Cause": '{"errorType":"E","errorMessage":"a {\\"b\\": 1}, c"}'}, 'a {"b": 1}, c'),
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
    variables = {"since": time.time() * 1000, **variables}
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
def test_a_restore_that_waits_for_its_turn_says_so_once(
    said: bool, waited: int, next_: str
) -> None:
    assert goes_to("Was it said that it waits?", saidItWaits=said, waited=waited) == next_


@pytest.mark.parametrize(
    ("region", "place"), [("eu-west-1", "orders-copy"), ("eu-west-3", "orders-copy in eu-west-3")]
)
def test_a_target_in_another_region_is_told_with_it(region: str, place: str) -> None:
    asked = {
        "request": {"targetTable": "orders-copy"},
        "source": {"region": "eu-west-1"},
        "target": {"region": region},
    }
    written = STATES["Recall the order"]["Assign"]["place"]
    assert evaluated(written, input=asked) == place


def test_that_it_waits_is_told_in_aws_own_words_and_remembered() -> None:
    [first, _] = STATES["Start the restore"]["Catch"]
    assert first["Assign"].keys() == {"full"}
    [entry] = STATES["Tell that it waits"]["Arguments"]["Entries"]
    said = "LimitExceededException: 50 at once."
    assert evaluated(entry["Detail"]["reason"], {"place": "orders-copy", "full": said}) == (
        "AWS does not begin the restore to orders-copy yet; it waits for its turn. AWS says: "
        "LimitExceededException: 50 at once."
    )
    assert STATES["Tell that it waits"]["Assign"] == {"saidItWaits": True}
    timed_out = STATES["Was it said that it waits?"]["Choices"][0]["Assign"]["cause"]
    assert evaluated(timed_out, {"full": said}).endswith(f"AWS said: {said}")


@pytest.mark.parametrize("choice", ["Is it active?", "Was it said that it waits?"])
def test_hours_of_retries_count_against_the_deadline(choice: str) -> None:
    began = (time.time() - TIMEOUT_HOURS * 3600) * 1000
    known = {"progress": "restoring", "seen": True, "waited": 60, "saidItWaits": True}
    assert goes_to(choice, **known, since=began - 60_000) == FAILURE
    assert goes_to(choice, **known, since=began + 60_000) != FAILURE


def waits_of(wait: str, length: str, hours: int) -> list[int]:
    start = STATES[WORKFLOW["StartAt"]]["Assign"]
    variables = {
        name: evaluated(start[name].replace("${RestoreTimeoutHours}", str(hours)))
        for name in (length, "longest")
    } | {"waited": start["waited"]}
    waits = []
    while variables["waited"] <= hours * 3600:
        waits.append(variables[length])
        variables |= {
            name: evaluated(expression, variables)
            for name, expression in STATES[wait]["Assign"].items()
        }
    return waits


WAITS = pytest.mark.parametrize(
    ("wait", "length"), [("Wait", "wait"), ("Wait for its turn", "turn")]
)


@WAITS
def test_looks_become_rarer_up_to_every_five_minutes(wait: str, length: str) -> None:
    waits = waits_of(wait, length, TIMEOUT_HOURS)
    assert waits[:4] == [20, 30, 45, 68]
    assert max(waits) == 300
    assert waits == sorted(waits)


EVENTS = {"Task": 5, "Wait": 2, "Choice": 2, "Pass": 2}
"""In the history, of a state: entered and left; a task is scheduled, started and ends, too."""


def test_the_longest_restore_stays_far_below_25_000_events() -> None:
    """Its turn is waited for, and then its end, each for as long as is allowed; then settings,
    each of which goes on as often as it may."""
    a_round = EVENTS["Wait"] + EVENTS["Task"] + EVENTS["Choice"]
    rounds = sum(
        len(waits_of(wait, length, 168))
        for wait, length in (("Wait", "wait"), ("Wait for its turn", "turn"))
    )
    [too_often, _] = inner_states()["Is there more to put back?"]["Choices"]
    [most] = map(int, re.findall(r"rounds > (\d+)", too_often["Condition"]))
    settings = (most + 1) * (EVENTS["Task"] + EVENTS["Choice"]) + 16 * 12
    assert rounds * a_round + settings < 25_000 / 2


# -- settings of many parts -------------------------------------------------------------------


def inner_states() -> Json:
    states: Json = STATES["Put settings back"]["ItemProcessor"]["States"]
    return states


def put_once(given: Json, answer: Json) -> tuple[Any, str]:
    """What is handed on after one invocation, and to which state."""
    output = evaluated(
        inner_states()["Put one setting back"]["Output"], input=given, result={"Payload": answer}
    )
    for rule in inner_states()["Is there more to put back?"]["Choices"]:
        holds = evaluated(rule["Condition"], input=output)
        assert isinstance(holds, bool)  # a condition that comes to nothing ends the execution
        if holds:
            return output, rule["Next"]
    return output, inner_states()["Is there more to put back?"]["Default"]


def test_a_setting_of_many_parts_goes_on_where_it_stopped() -> None:
    given: Json = {"setting": "alarms", "order": {}, "cursor": None, "rounds": 0}
    more = {"setting": "alarms", "outcome": "more", "cursor": {"at": 40}}
    again, next_ = put_once(given, more)
    assert (again, next_) == (given | {"cursor": {"at": 40}, "rounds": 1}, "Put one setting back")
    done = {"setting": "alarms", "outcome": "applied"}
    assert put_once(again, done) == (done, "Report what came of it")
    _, given_up = put_once(given | {"rounds": 200}, more)
    assert given_up == "Report what failed"


def test_no_answer_is_too_large_for_an_event() -> None:
    results = [
        {
            "setting": f"setting-{n}",
            "outcome": "failed",
            "error": "\u00e4" * 5000,
            "note": "n" * 5000,
        }
        for n in range(16)
    ]
    assert len(json.dumps(outcomes(*results), ensure_ascii=False).encode()) < 64 * 1024
