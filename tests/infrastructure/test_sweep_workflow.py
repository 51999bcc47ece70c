"""The sweep's workflow: one at a time, every region, and a word at the end; and its schedule."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.infrastructure.stack import ACCOUNT, REGION, ROOT, Json, deployed, statements

WORKFLOW: Json = json.loads((ROOT / "statemachines/sweep.asl.json").read_text())
STATES: Json = WORKFLOW["States"]
OF_A_REGION: Json = STATES["Sweep the regions"]["ItemProcessor"]["States"]
TAKEN = "DynamoDB.ConditionalCheckFailedException"
RELEASES = {"Release the lock", "Release the lock after a failure"}
NOTHING_FOUND = {"checked": 0, "compliant": 0, "drifted": 0, "exempt": 0, "failed": 0}
IN_ORDER = {
    **NOTHING_FOUND,
    "region": REGION,
    "checked": 12,
    "compliant": 12,
    "error": None,
    "trail": "recording",
    "trailError": None,
}

# As Step Functions evaluates it: the embedded AWS brings the library, which has no types.
_jsonata: Any = importlib.import_module("jsonata").Jsonata


def evaluated(expression: str, variables: Mapping[str, Any], **substitutions: str) -> Any:
    code = expression.removeprefix("{%").removesuffix("%}")
    for name, value in substitutions.items():
        code = code.replace(f"${{{name}}}", value)
    return _jsonata.jsonata(code).evaluate(None, dict(variables))


def told(*results: Json, report_error: str | None = None) -> Json:
    """The detail of Sweep Completed, for what came of the regions."""
    [entry] = STATES["Tell that it is completed"]["Arguments"]["Entries"]
    variables = {
        "results": list(results),
        "sweepId": "sweep-1",
        "startedAt": "2026-10-05T09:00:00Z",
        "reportUri": None if report_error else "s3://reports/sweep-1",
        "reportError": report_error,
    }
    return {
        name: evaluated(value, variables) if value.startswith("{%") else value
        for name, value in entry["Detail"].items()
    }


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ("", [REGION]),
        ("eu-west-1", [REGION, "eu-west-1"]),
        ("eu-west-1, us-east-1", [REGION, "eu-west-1", "us-east-1"]),
        (f"eu-west-1,{REGION},eu-west-1", [REGION, "eu-west-1"]),
    ],
)
def test_the_stacks_own_region_is_always_swept_and_each_once(
    further: str, expected: list[str]
) -> None:
    regions = STATES["Take the lock"]["Assign"]["regions"]
    assert evaluated(regions, {}, Region=REGION, SweepRegions=further) == expected


def test_the_regions_are_the_parameters() -> None:
    stack = deployed(SweepRegions="eu-west-1,us-east-1")
    substitutions = stack["SweepStateMachine"].properties["DefinitionSubstitutions"]
    assert substitutions["SweepRegions"] == "eu-west-1,us-east-1"
    assert substitutions["Region"] == REGION


def test_a_sweep_that_finds_the_lock_taken_ends_quietly() -> None:
    [catch] = STATES["Take the lock"]["Catch"]
    assert catch["ErrorEquals"] == [TAKEN]
    assert STATES[catch["Next"]]["Type"] == "Succeed"


def test_the_lock_is_released_on_every_end() -> None:
    for name, state in STATES.items():
        if name == "Take the lock" or state["Type"] in {"Succeed", "Fail"}:
            continue
        for way in (state, *state.get("Catch", [])):
            ends = STATES[way["Next"]]["Type"] in {"Succeed", "Fail"}
            assert ends == (name in RELEASES), name


def test_whatever_goes_wrong_after_the_lock_is_taken_is_caught() -> None:
    for name, state in STATES.items():
        if name != "Take the lock" and state["Type"] in {"Task", "Map"}:
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_who_lost_the_lock_stops_and_nobody_else_does() -> None:
    lost, otherwise = OF_A_REGION["Keep the lock"]["Catch"]
    assert (lost["ErrorEquals"], lost["Next"]) == ([TAKEN], "The lock is lost")
    assert (otherwise["ErrorEquals"], otherwise["Next"]) == (
        ["States.ALL"],
        "Are there more tables?",
    )
    failing = [name for name, state in OF_A_REGION.items() if state["Type"] == "Fail"]
    assert failing == ["The lock is lost"]


def test_a_taken_lock_and_a_refusal_are_not_tried_again() -> None:
    for states in (STATES, OF_A_REGION):
        for name, state in states.items():
            if "holder" in json.dumps(state.get("Arguments", {})):
                assert state["Retry"][0] == {"ErrorEquals": [TAKEN], "MaxAttempts": 0}, name
    refused = {"ErrorEquals": ["RefusedError"], "MaxAttempts": 0}
    assert OF_A_REGION["Look at tables"]["Retry"][0] == refused


# Developer guide, "Handling errors in Step Functions workflows"; best practices, "Handle transient
# Lambda service exceptions". Lambda takes no call in the first four; in the others one was cut off,
# or AWS was busy for as long as the function asked.
NOT_TAKEN = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
CUT_OFF = [
    "TryLaterError",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "States.Timeout",
]
INVOCATIONS = {
    name: state
    for states in (STATES, OF_A_REGION)
    for name, state in states.items()
    if state.get("Resource", "").endswith(":invoke")
}
LOCK, INTERVAL = 30 * 60, 3600


def waits(retrier: Json) -> list[float]:
    """How long each of its waits may be, in seconds."""
    return [
        min(
            retrier.get("MaxDelaySeconds", 60),
            retrier["IntervalSeconds"] * retrier["BackoffRate"] ** n,
        )
        for n in range(retrier["MaxAttempts"])
    ]


def longest(name: str, states: Json) -> float:
    """How long a task may take with all its tries, whatever goes wrong, in seconds."""
    task = states[name]
    each = task.get("TimeoutSeconds", 0)
    total: float = each
    for retrier in task["Retry"]:
        if retrier["MaxAttempts"]:
            ends_at_once = retrier["ErrorEquals"] == NOT_TAKEN
            total += sum(waits(retrier)) + (0 if ends_at_once else each * retrier["MaxAttempts"])
    return total


@pytest.mark.parametrize("name", INVOCATIONS)
@pytest.mark.parametrize("error", NOT_TAKEN + CUT_OFF)
def test_what_passes_at_lambda_is_waited_out(name: str, error: str) -> None:
    [retrier] = [each for each in INVOCATIONS[name]["Retry"] if error in each["ErrorEquals"]]
    assert retrier["JitterStrategy"] == "FULL"  # which waits half as long on average
    if error in NOT_TAKEN and name != "Look for a trail":  # without which a sweep goes on
        assert sum(waits(retrier)) / 2 > 3.5 * 60
    else:
        assert sum(waits(retrier)) > 0


def test_all_tries_of_a_stretch_end_before_the_lock_is_anybodys() -> None:
    for name in ("Take the lock", "Keep the lock"):
        states = STATES if name in STATES else OF_A_REGION
        held = states[name]["Arguments"]["ExpressionAttributeValues"][":until"]["N"]
        assert f"{LOCK // 60} * 60000" in held
    first = ["Recall the last sweep", "Look for a trail", "Look at tables", "Keep the lock"]
    assert sum(longest(name, OF_A_REGION) for name in first) < LOCK


def test_a_sweep_that_has_seen_all_tables_ends_before_the_next_begins() -> None:
    last = [
        "Write the report",
        "Tell that it is completed",
        "Answer for restores that ended",
        "Release the lock",
    ]
    total = longest("Remember the sweep", OF_A_REGION)
    assert total + sum(longest(name, STATES) for name in last) < INTERVAL


def test_a_region_that_cannot_be_read_is_reported_and_stops_no_other() -> None:
    [catch] = OF_A_REGION["Look at tables"]["Catch"]
    assert catch["Next"] == "Report the region"
    assert "regionError" in catch["Assign"]


def test_all_went_well() -> None:
    elsewhere = {**IN_ORDER, "region": "eu-west-1", "checked": 1, "compliant": 0, "exempt": 1}
    detail = told(IN_ORDER, elsewhere)
    assert detail["severity"] == "info"
    assert {name: detail[name] for name in NOTHING_FOUND} == {
        "checked": 13,
        "compliant": 12,
        "drifted": 0,
        "exempt": 1,
        "failed": 0,
    }
    assert detail["reportUri"] == "s3://reports/sweep-1"
    assert detail["id"] == "sweep/sweep-1/completed"
    assert detail["reason"] == (
        f"Tables checked in {REGION}, eu-west-1: 13 (12 in order, 0 drifted, 1 exempt, "
        "0 that could not be looked at)."
    )


@pytest.mark.parametrize("status", ["drifted", "failed"])
def test_what_drifted_or_failed_is_a_warning(status: str) -> None:
    detail = told({**IN_ORDER, status: 1, "compliant": 11})
    assert (detail["severity"], detail[status], detail["checked"]) == ("warning", 1, 12)


def test_a_region_that_could_not_be_read_is_one_more_failure_and_says_why() -> None:
    broken = {**IN_ORDER, **NOTHING_FOUND, "region": "eu-west-1", "error": "AccessDenied: no"}
    detail = told(IN_ORDER, broken)
    assert (detail["severity"], detail["failed"]) == ("warning", 1)
    assert detail["reason"].endswith(" eu-west-1 could not be read: AccessDenied: no.")
    assert [each["error"] for each in detail["regions"]] == [None, "AccessDenied: no"]


def test_it_is_said_where_no_trail_records_or_none_could_be_looked_for() -> None:
    missing = {**IN_ORDER, "trail": "missing"}
    unknown = {**IN_ORDER, "region": "eu-west-1", "trail": "unknown", "trailError": "not you"}
    reason = told(missing, unknown)["reason"]
    assert f" No trail records what happens in {REGION}." in reason
    assert (
        " Whether a trail records what happens in eu-west-1 could not be told: not you." in reason
    )


def test_a_sweep_without_a_report_is_told_of_all_the_same() -> None:
    detail = told(IN_ORDER, report_error="no space")
    assert detail["reportUri"] is None
    assert detail["reason"].endswith(" The report could not be written: no space.")
    [catch] = STATES["Write the report"]["Catch"]
    assert catch["Next"] == "Tell that it is completed"


def test_the_sweep_starts_by_the_clock() -> None:
    schedule = deployed(SweepSchedule="rate(30 minutes)")["SweepStart"].properties
    assert schedule["ScheduleExpression"] == "rate(30 minutes)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["Arn"] == "SweepStateMachine"
    assert schedule["Target"]["RoleArn"] == "SweepScheduleRole.Arn"
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "UndeliveredQueue.Arn"}


@pytest.mark.parametrize("mode", ["remediate", "notify-only"])
def test_the_audit_knows_the_policy_and_its_pace(mode: str) -> None:
    function = deployed(Mode=mode, SweepCallsPerSecond="5")["AuditFunction"].properties
    variables = function["Environment"]["Variables"]
    assert (variables["MODE"], variables["SWEEP_CALLS_PER_SECOND"]) == (mode, "5")
    # It begins no look 15 seconds over its time; the last answers take some, too.
    assert int(variables["AUDIT_SECONDS"]) + 15 + 13 < function["Timeout"]


def test_the_reports_are_for_the_stack_only_and_do_not_pile_up() -> None:
    bucket = deployed()["ReportBucket"]
    # Kept with what is in it, but for a creation that failed: there is nothing in it then.
    assert bucket.attributes["DeletionPolicy"] == "RetainExceptOnCreate"
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert "VersioningConfiguration" not in bucket.properties
    rules = {rule["Id"]: rule for rule in bucket.properties["LifecycleConfiguration"]["Rules"]}
    assert (rules["Parts"]["Prefix"], rules["Parts"]["ExpirationInDays"]) == ("sweeps/", 7)
    assert (rules["Reports"]["Prefix"], rules["Reports"]["ExpirationInDays"]) == ("reports/", 400)
    [over_tls] = statements(deployed()["ReportBucketPolicy"])
    assert (over_tls["Effect"], over_tls["Principal"]) == ("Deny", "*")
    assert over_tls["Resource"] == ["ReportBucket.Arn", "ReportBucket.Arn/*"]
    assert over_tls["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def test_the_reports_are_encrypted() -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/3c1c2b8e-0f4a-4a38-9f59-6f8c8f9f3d10"
    for stack, expected in (
        (deployed(), {"SSEAlgorithm": "AES256"}),
        (deployed(KmsKeyArn=key), {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}),
    ):
        encryption = stack["ReportBucket"].properties["BucketEncryption"]
        [rule] = encryption["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == expected
