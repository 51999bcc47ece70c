"""The sweep's workflow: one at a time, every region, and a word at the end; and its schedule."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from pitr_guardian.report.sweep import Region
from pitr_guardian.sweep.rounds import PAUSE, TRIES, Leg
from tests.infrastructure.stack import ACCOUNT, REGION, ROOT, Json, deployed, statements

WORKFLOW: Json = json.loads((ROOT / "statemachines/sweep.asl.json").read_text())
STATES: Json = WORKFLOW["States"]
STATES_OF_A_SCOPE: Json = STATES["Sweep the regions"]["ItemProcessor"]["States"]
TAKEN = "DynamoDB.ConditionalCheckFailedException"
RELEASES = {"Release the lock", "Release the lock after a failure"}
NOTHING_FOUND = {"checked": 0, "compliant": 0, "drifted": 0, "exempt": 0, "failed": 0}
TOTALS = {
    **NOTHING_FOUND,
    "checked": 12,
    "compliant": 12,
    "reason": f"Tables checked in {REGION}: 12.",
    "regions": [{"region": REGION}],
}
SCOPE = {
    "sweepId": "sweep-1",
    "startedAt": "2026-10-05T09:00:00Z",
    "account": ACCOUNT,
    "region": REGION,
    "part": 1,
}

# As Step Functions evaluates it: the embedded AWS brings the library, which has no types.
_jsonata: Any = importlib.import_module("jsonata").Jsonata


def evaluated(expression: str, variables: Mapping[str, Any], **substitutions: str) -> Any:
    code = expression.removeprefix("{%").removesuffix("%}")
    for name, value in substitutions.items():
        code = code.replace(f"${{{name}}}", value)
    return _jsonata.jsonata(code).evaluate(None, dict(variables))


def told(totals: Json, report_error: str | None = None) -> Json:
    """The detail of Sweep Completed, for what came of the scopes."""
    [entry] = STATES["Tell that it is completed"]["Arguments"]["Entries"]
    variables = {
        "totals": totals,
        "sweepId": "sweep-1",
        "startedAt": "2026-10-05T09:00:00Z",
        "reportUri": None if report_error else "s3://reports/sweep-1",
        "reportError": report_error,
    }
    return {
        name: evaluated(value, variables) if value.startswith("{%") else value
        for name, value in entry["Detail"].items()
    }


def noted(**variables: Any) -> Json:
    """What a stretch's last state writes to the ledger."""
    known = {**NOTHING_FOUND, "scope": SCOPE, "regionError": None, "final": False, "next": None}
    known |= {"trail": "recording", "trailError": None, "lastSweptAt": None} | variables
    arguments = STATES_OF_A_SCOPE["Remember the region"]["Arguments"]
    return {
        "key": evaluated(arguments["Key"]["sk"]["S"], known),
        "update": evaluated(arguments["UpdateExpression"], known),
        "values": evaluated(arguments["ExpressionAttributeValues"], known),
    }


def test_the_scopes_are_read_from_the_list_that_was_written() -> None:
    state = STATES["Sweep the regions"]
    assert state["ItemReader"]["Resource"] == "arn:${Partition}:states:::s3:getObject"
    assert state["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    stack = deployed()
    substitutions = stack["SweepStateMachine"].properties["DefinitionSubstitutions"]
    assert substitutions["ReportBucket"] == "ReportBucket"
    variables = stack["ListScopesFunction"].properties["Environment"]["Variables"]
    assert variables["REPORT_BUCKET"] == "ReportBucket"


def test_the_regions_are_the_parameters() -> None:
    stack = deployed(SweepRegions="eu-west-1,us-east-1")
    variables = stack["ListScopesFunction"].properties["Environment"]["Variables"]
    assert variables["SWEEP_REGIONS"] == "eu-west-1,us-east-1"


def test_each_stretch_is_an_execution_of_its_own_that_costs_no_transitions() -> None:
    # $25 a million of which an organization's scopes had six each.
    state = STATES["Sweep the regions"]
    assert state["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "EXPRESS",
    }
    # One that ends without a word is tried again; it must not end the others.
    assert state["ToleratedFailurePercentage"] == 100


def test_sweeps_leave_concurrency_to_enforcing() -> None:
    # As many functions as an account runs at once would leave none to put drift right.
    state = STATES["Sweep the regions"]
    assert evaluated(state["MaxConcurrency"], {"scopes": {"atOnce": 4}}) == 4
    inside = STATES_OF_A_SCOPE.values()
    assert not [each for each in inside if each["Type"] in {"Map", "Parallel"}]


EXPRESS_SECONDS = 5 * 60
"""An Express execution's longest ("Step Functions service quotas", developer guide)."""


def test_all_tries_of_a_stretch_end_within_an_express_execution() -> None:
    tasks = [name for name, state in STATES_OF_A_SCOPE.items() if state["Type"] == "Task"]
    assert len(tasks) == 4
    assert sum(longest(name, STATES_OF_A_SCOPE) for name in tasks) < EXPRESS_SECONDS
    audit = deployed()["AuditFunction"].properties["Timeout"]
    assert audit < STATES_OF_A_SCOPE["Look at tables"]["TimeoutSeconds"]


def test_a_round_is_of_what_the_last_one_left() -> None:
    arguments = STATES["List what is left"]["Arguments"]["Payload"]
    assert evaluated(arguments["round"], {"round": 1}) == 2
    [choice] = STATES["Is anything left?"]["Choices"]
    assert evaluated(choice["Condition"], {"scopes": {"count": 1}})
    assert not evaluated(choice["Condition"], {"scopes": {"count": 0}})
    assert STATES[choice["Next"]]["Next"] == "Sweep the regions"
    assert STATES["Is anything left?"]["Default"] == "Add up"
    # How many scopes there were at first is what is added up.
    assert evaluated(STATES["Add up"]["Arguments"]["Payload"]["scopes"], {"total": 7}) == 7


def test_a_stretch_begins_with_what_its_list_says() -> None:
    leg = Leg(account=ACCOUNT, region=REGION, part=3, after="t", checked=7, trail="recording")
    item = json.loads(leg.model_dump_json(by_alias=True))
    selector = STATES["Sweep the regions"]["ItemSelector"].replace("$states.context", "$context")
    context = {"Map": {"Item": {"Value": item}}}
    known = {"context": context, "sweepId": "s", "startedAt": "now"}
    given = evaluated(selector, known)
    assert given == {**item, "sweepId": "s", "startedAt": "now"}
    begin = STATES_OF_A_SCOPE["Go on from where it was"]["Assign"]
    variables = {
        name: evaluated(value.replace("$states.input", "$input"), {"input": given})
        if isinstance(value, str)
        else value
        for name, value in begin.items()
    }
    assert (variables["checked"], variables["trail"], variables["next"]) == (7, "recording", None)
    assert variables["scope"]["after"] == "t"
    [first] = STATES_OF_A_SCOPE["Is it the first stretch?"]["Choices"]
    assert not evaluated(first["Condition"], variables)
    assert evaluated(first["Condition"], {"scope": {"part": 1}})


def test_an_earlier_stretch_is_never_noted_over_a_later_one() -> None:
    # Express executions run at least once: a second run may come after the next round's.
    condition = STATES_OF_A_SCOPE["Remember the region"]["Arguments"]["ConditionExpression"]
    assert condition.endswith("#part <= :part")
    assert noted(scope=SCOPE | {"part": 3})["values"][":part"] == {"N": "3"}


@pytest.mark.parametrize(("error", "is_final"), [("RefusedError", True), ("TryLaterError", False)])
def test_only_what_does_not_pass_is_final(error: str, is_final: bool) -> None:
    catches = STATES_OF_A_SCOPE["Look at tables"]["Catch"]
    catch = next(each for each in catches if {error, "States.ALL"} & set(each["ErrorEquals"]))
    assert catch["Assign"].get("final", False) is is_final


def test_what_came_of_a_scope_is_noted_with_the_sweep_and_when_it_began() -> None:
    found = noted(checked=12, compliant=11, exempt=1)
    assert found["key"] == f"swept#{ACCOUNT}#{REGION}"
    assert found["update"] == "SET sweepId = :id, #part = :part, #result = :result, sweptAt = :at"
    assert found["values"].keys() == {":id", ":part", ":result", ":at"}
    assert found["values"][":at"] == {"S": SCOPE["startedAt"]}
    region = Region.model_validate_json(found["values"][":result"]["S"])
    assert region == Region(
        region=REGION, account=ACCOUNT, checked=12, compliant=11, exempt=1, trail="recording"
    )


@pytest.mark.parametrize(
    "how", [{"failed": 1}, {"regionError": "AccessDenied: no"}, {"next": "the last table"}]
)
def test_a_scope_that_was_not_seen_whole_is_noted_without_when_it_began(how: Json) -> None:
    found = noted(**how)
    assert found["update"] == "SET sweepId = :id, #part = :part, #result = :result"
    assert found["values"].keys() == {":id", ":part", ":result"}


def test_what_is_known_of_a_scopes_trail_is_noted() -> None:
    trail = {"trail": "unknown", "trailError": 'not "you"'}
    region = Region.model_validate_json(noted(**trail)["values"][":result"]["S"])
    assert (region.trail, region.trail_error) == ("unknown", 'not "you"')


def test_a_scope_whose_result_is_lost_stops_no_other() -> None:
    [catch] = STATES_OF_A_SCOPE["Remember the region"]["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert STATES_OF_A_SCOPE[catch["Next"]]["Type"] == "Succeed"


def test_a_sweep_that_finds_the_lock_taken_ends_quietly() -> None:
    [catch] = STATES["Take the lock"]["Catch"]
    assert catch["ErrorEquals"] == [TAKEN]
    assert STATES[catch["Next"]]["Type"] == "Succeed"


def test_the_lock_is_released_on_every_end() -> None:
    for name, state in STATES.items():
        if name == "Take the lock" or state["Type"] in {"Succeed", "Fail"}:
            continue
        ways = (*state.get("Choices", []), *state.get("Catch", []))
        following = state["Default"] if state["Type"] == "Choice" else state["Next"]
        for way in ({"Next": following}, *ways):
            ends = STATES[way["Next"]]["Type"] in {"Succeed", "Fail"}
            assert ends == (name in RELEASES), name


def test_whatever_goes_wrong_after_the_lock_is_taken_is_caught() -> None:
    for name, state in STATES.items():
        if name != "Take the lock" and state["Type"] in {"Task", "Map"}:
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_who_lost_the_lock_stops_and_nobody_else_does() -> None:
    lost, otherwise = STATES_OF_A_SCOPE["Keep the lock"]["Catch"]
    assert (lost["ErrorEquals"], lost["Next"]) == ([TAKEN], "The lock is lost")
    assert (otherwise["ErrorEquals"], otherwise["Next"]) == (
        ["States.ALL"],
        "Is it the first stretch?",
    )
    # Before it looks at anything: a round of those that lost it takes no time.
    assert STATES_OF_A_SCOPE["Go on from where it was"]["Next"] == "Keep the lock"
    lost, otherwise = STATES["Is the lock still held?"]["Catch"]
    assert (lost["ErrorEquals"], lost["Next"]) == ([TAKEN], "Release the lock after a failure")
    assert (otherwise["ErrorEquals"], otherwise["Next"]) == (["States.ALL"], "List what is left")
    failing = [name for name, state in STATES_OF_A_SCOPE.items() if state["Type"] == "Fail"]
    assert failing == ["The lock is lost"]


def test_a_taken_lock_and_a_refusal_are_not_tried_again() -> None:
    for states in (STATES, STATES_OF_A_SCOPE):
        for name, state in states.items():
            if "holder" in json.dumps(state.get("Arguments", {})):
                assert state["Retry"][0] == {"ErrorEquals": [TAKEN], "MaxAttempts": 0}, name
    # By their names: Step Functions doesn't know that one of them is the other, too.
    refused = {"ErrorEquals": ["RefusedError", "MemberClosedError"], "MaxAttempts": 0}
    assert STATES_OF_A_SCOPE["Look at tables"]["Retry"][0] == refused


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
    for states in (STATES, STATES_OF_A_SCOPE)
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


@pytest.mark.parametrize("name", sorted(INVOCATIONS.keys() - {"Look at tables"}))
@pytest.mark.parametrize("error", NOT_TAKEN + CUT_OFF)
def test_what_passes_at_lambda_is_waited_out(name: str, error: str) -> None:
    [retrier] = [each for each in INVOCATIONS[name]["Retry"] if error in each["ErrorEquals"]]
    assert retrier["JitterStrategy"] == "FULL"  # which waits half as long on average
    if error in NOT_TAKEN and name not in STATES_OF_A_SCOPE:
        assert sum(waits(retrier)) / 2 > 3.5 * 60
    else:
        assert sum(waits(retrier)) > 0


def test_all_tries_of_a_stretch_end_before_the_lock_is_anybodys() -> None:
    for name in ("Take the lock", "Keep the lock"):
        states = STATES if name in STATES else STATES_OF_A_SCOPE
        held = states[name]["Arguments"]["ExpressionAttributeValues"][":until"]["N"]
        assert f"{LOCK // 60} * 60000" in held
    first = ["Look for a trail", "Look at tables", "Keep the lock"]
    assert sum(longest(name, STATES_OF_A_SCOPE) for name in first) + PAUSE < LOCK


def test_what_passes_at_lambda_is_waited_out_by_the_rounds() -> None:
    # But for a trail, without which a sweep goes on.
    assert evaluated(STATES["Wait for the next round"]["Seconds"], {"scopes": {"pause": 60}}) == 60
    assert PAUSE * TRIES > 3.5 * 60


def test_a_sweep_that_has_seen_all_tables_ends_before_the_next_begins() -> None:
    last = [
        "Add up",
        "Write the report",
        "Tell that it is completed",
        "Answer for restores that ended",
        "Release the lock",
    ]
    total = longest("Remember the region", STATES_OF_A_SCOPE)
    assert total + sum(longest(name, STATES) for name in last) < INTERVAL


def test_a_region_that_cannot_be_read_is_reported_and_stops_no_other() -> None:
    for catch in STATES_OF_A_SCOPE["Look at tables"]["Catch"]:
        assert catch["Next"] == "Remember the region"
        assert "regionError" in catch["Assign"]


def test_all_went_well() -> None:
    detail = told(TOTALS)
    assert detail["severity"] == "info"
    assert {name: detail[name] for name in TOTALS} == TOTALS
    assert detail["reportUri"] == "s3://reports/sweep-1"
    assert detail["id"] == "sweep/sweep-1/completed"


@pytest.mark.parametrize("status", ["drifted", "failed"])
def test_what_drifted_or_failed_is_a_warning(status: str) -> None:
    detail = told({**TOTALS, status: 1, "compliant": 11})
    assert (detail["severity"], detail[status], detail["checked"]) == ("warning", 1, 12)


def test_a_sweep_without_a_report_is_told_of_all_the_same() -> None:
    detail = told(TOTALS, report_error="no space")
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
