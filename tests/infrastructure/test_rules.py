"""Which event wakes whom: the rules as deployed, on real-shaped events."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.infrastructure.stack import ACCOUNT, NAME, REGION, ROOT, Json, Resource, Stack, deployed

EVENTS = ROOT / "events"
DEFAULT_BUS, REQUESTS, FACTS, INBOX = "default", "RequestBus", "FactBus", "InboxBus"

# The bus that each event arrives on, and the one rule that it matches there.
ROUTES = {
    "update-continuous-backups-off": (DEFAULT_BUS, "DriftRule"),
    "update-continuous-backups-shorter": (DEFAULT_BUS, "DriftRule"),
    "create-table": (DEFAULT_BUS, "BirthRule"),
    "create-table-by-service": (DEFAULT_BUS, "BirthRule"),
    "restore-table-to-point-in-time": (DEFAULT_BUS, "BirthRule"),
    "restore-table-from-backup": (DEFAULT_BUS, "BirthRule"),
    "restore-table-from-aws-backup": (DEFAULT_BUS, "BirthRule"),
    "create-table-replica-of-another-account": (DEFAULT_BUS, "BirthRule"),
    "import-table": (DEFAULT_BUS, "BirthRule"),
    "update-table-replicas": (DEFAULT_BUS, "ReplicaRule"),
    "update-table-replica-disassociated": (DEFAULT_BUS, "ReplicaRule"),
    "update-table-replica-deleted": (DEFAULT_BUS, "ReplicaRule"),
    "tag-resource": (DEFAULT_BUS, "TagRule"),
    "untag-resource": (DEFAULT_BUS, "TagRule"),
    "delete-table": (DEFAULT_BUS, "DeletionRule"),
    "restore-workflow-aborted": (DEFAULT_BUS, "AbandonedRestoreFunctionEnded"),
    "undo-workflow-aborted": (DEFAULT_BUS, "AbandonedUndoFunctionEnded"),
    "drill-workflow-aborted": (DEFAULT_BUS, "AbandonedDrillFunctionEnded"),
    "alarm-state-change": (DEFAULT_BUS, "AnnounceFunctionAlarm"),
    "restore-requested": (REQUESTS, "AcceptRestoreFunctionRequest"),
    "undo-requested": (REQUESTS, "AcceptUndoFunctionRequest"),
    "undo-approved": (REQUESTS, "ApproveUndoFunctionApproval"),
    "drill-requested": (REQUESTS, "AcceptDrillFunctionRequest"),
    "heartbeat": (INBOX, "HearFunctionHeartbeat"),
    "fact-pitr-re-enabled": (FACTS, "AnnounceFunctionFact"),
}
BATCH = "enforcement-queue-batch"
GIVEN_BY_WORKFLOWS = {"sweep-region", "sweep-stretch", "undo-file", "undo-part"}
"""What no rule delivers: a workflow calls its functions with it."""

WATCHING = {"DriftRule", "BirthRule", "ReplicaRule", "TagRule", "DeletionRule"}
UNMATCHED = sorted(path.stem for path in (EVENTS / "unmatched").glob("*.json"))
BUSES = (DEFAULT_BUS, REQUESTS, FACTS)
OF_MEMBERS = {f"Inbox{rule}": rule for rule in WATCHING}
"""Rule of the inbox to the one of the guardian's own that it is like."""

# What the rules name by reference, under the names that the events know.
NAMES = {"RestoreStateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{NAME}-restore"}
NAMES |= {
    machine: f"{NAMES['RestoreStateMachine'].removesuffix('restore')}undo-{phase}"
    for machine, phase in (("PlanStateMachine", "plan"), ("ApplyStateMachine", "apply"))
}
NAMES["DrillStateMachine"] = f"{NAMES['RestoreStateMachine'].removesuffix('restore')}drill"
BY_THE_CLOCK = {
    "AbandonedUndoFunctionHourly",
    "AbandonedDrillFunctionHourly",
    "DueDrillsFunctionHourly",
}
"""Rules that no event matches."""


def read(path: Path) -> Json:
    event: Json = json.loads(path.with_suffix(".json").read_text())
    return event


def rules(bus: str, stack: Stack | None = None) -> list[Resource]:
    all_rules = (stack or deployed()).of_type("AWS::Events::Rule")
    return [
        rule
        for rule in all_rules
        if rule.properties.get("EventBusName", "default") == bus and rule.id not in BY_THE_CLOCK
    ]


def matching(event: Json, bus: str, stack: Stack | None = None) -> set[str]:
    """Ids of the rules that match, as EventBridge matches them."""
    found = set()
    for rule in rules(bus, stack):
        text = json.dumps(rule.properties["EventPattern"])
        for name, arn in NAMES.items():
            text = text.replace(f'"{name}"', f'"{arn}"')
        pattern = EventPattern.load(text)
        if any(pattern.matches_event(variant) for variant in unrolled(event)):
            found.add(rule.id)
    return found


def unrolled(value: Any) -> Iterator[Any]:
    """The value once for each object in its lists of objects, that object in the list's place.

    EventBridge matches a pattern with any one object of a list; moto doesn't look into lists.
    """
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        for each in value:
            yield from unrolled(each)
        return
    if not isinstance(value, dict):
        yield value
        return
    variants: list[Json] = [{}]
    for key, inner in value.items():
        variants = [{**variant, key: choice} for variant in variants for choice in unrolled(inner)]
    yield from variants


@pytest.mark.parametrize("name", ROUTES)
def test_an_event_matches_its_rule_and_no_other(name: str) -> None:
    bus, rule = ROUTES[name]
    assert matching(read(EVENTS / name), bus) == {rule}


@pytest.mark.parametrize("name", UNMATCHED)
@pytest.mark.parametrize("bus", [DEFAULT_BUS, FACTS])
def test_an_event_that_is_nobodys_business_matches_no_rule(name: str, bus: str) -> None:
    assert matching(read(EVENTS / "unmatched" / name), bus) == set()


def test_every_sample_is_spoken_for() -> None:
    samples = {path.stem for path in EVENTS.glob("*.json")}
    assert samples == {*ROUTES, BATCH, *GIVEN_BY_WORKFLOWS}
    readme = (EVENTS / "README.md").read_text()
    for path in EVENTS.rglob("*.json"):
        assert f"`{path.name}`" in readme


def test_every_rule_has_a_sample() -> None:
    assert {rule.id for bus in (*BUSES, INBOX) for rule in rules(bus)} == {
        *(rule for _, rule in ROUTES.values()),
        *OF_MEMBERS,
    }
    by_events = sum(len(rules(bus)) for bus in (*BUSES, INBOX))
    assert len(deployed().of_type("AWS::Events::Rule")) == by_events + len(BY_THE_CLOCK)


@pytest.mark.parametrize("name", ["undo-requested", "undo-approved"])
def test_undos_are_refused_where_no_table_may_be_touched(name: str) -> None:
    stack = deployed(UndoTablePattern="")
    assert matching(read(EVENTS / name), REQUESTS, stack) == {"RefuseUndoFunctionAsked"}
    assert not [each for each in stack.resources if "UndoBucket" in each]


@pytest.mark.parametrize("phase", ["plan", "apply"])
@pytest.mark.parametrize(
    ("status", "error", "matches"),
    [
        ("ABORTED", None, True),
        ("FAILED", "States.DataLimitExceeded", True),
        ("FAILED", "UndoFailed", False),
        ("SUCCEEDED", None, False),
    ],
)
def test_only_undos_that_could_not_answer_are_answered_for(
    phase: str, status: str, error: str | None, matches: bool
) -> None:
    event = copy.deepcopy(read(EVENTS / "undo-workflow-aborted"))
    machine = event["detail"]["stateMachineArn"].replace("-plan", f"-{phase}")
    event["detail"] |= {"stateMachineArn": machine, "status": status, "error": error}
    assert bool(matching(event, DEFAULT_BUS)) is matches


def test_drills_are_refused_where_there_are_none() -> None:
    stack = deployed(DrillTagKey="")
    event = read(EVENTS / "drill-requested")
    assert matching(event, REQUESTS, stack) == {"RefuseDrillFunctionAsked"}
    assert not [each for each in stack.resources if "EvidenceBucket" in each]


@pytest.mark.parametrize(
    ("status", "error", "matches"),
    [
        ("ABORTED", None, True),
        ("FAILED", "States.DataLimitExceeded", True),
        ("FAILED", "DrillFailed", False),
        ("SUCCEEDED", None, False),
    ],
)
def test_only_drills_that_could_not_answer_are_answered_for(
    status: str, error: str | None, matches: bool
) -> None:
    event = copy.deepcopy(read(EVENTS / "drill-workflow-aborted"))
    event["detail"] |= {"status": status, "error": error}
    assert bool(matching(event, DEFAULT_BUS)) is matches


def test_the_batch_holds_events_that_enforcement_is_woken_by() -> None:
    for record in read(EVENTS / BATCH)["Records"]:
        [rule] = matching(json.loads(record["body"]), DEFAULT_BUS)
        assert rule in WATCHING


@pytest.mark.parametrize(
    ("specification", "matches"),
    [
        ({"pointInTimeRecoveryEnabled": False}, True),
        ({"pointInTimeRecoveryEnabled": True, "recoveryPeriodInDays": 1}, True),
        ({"pointInTimeRecoveryEnabled": True, "recoveryPeriodInDays": 35}, True),
        ({"pointInTimeRecoveryEnabled": True}, False),
        ({}, False),
    ],
    ids=["off", "shortest period", "longest period", "on", "nothing"],
)
def test_drift_is_pitr_off_or_a_period_named(specification: Json, matches: bool) -> None:
    event = copy.deepcopy(read(EVENTS / "update-continuous-backups-off"))
    event["detail"]["requestParameters"]["pointInTimeRecoverySpecification"] = specification
    assert matching(event, DEFAULT_BUS) == ({"DriftRule"} if matches else set())


@pytest.mark.parametrize("update", ["create", "delete"])
def test_a_replica_is_noticed_wherever_it_stands_among_the_updates(update: str) -> None:
    event = copy.deepcopy(read(EVENTS / "update-table-replicas"))
    changed = {"update": {"regionName": "us-west-2"}}
    event["detail"]["requestParameters"]["replicaUpdates"] = [
        changed,
        {update: {"regionName": "us-east-1"}},
    ]
    assert matching(event, DEFAULT_BUS) == {"ReplicaRule"}
    event["detail"]["requestParameters"]["replicaUpdates"] = [changed]
    assert matching(event, DEFAULT_BUS) == set()


@pytest.mark.parametrize("name", [name for name, (_, rule) in ROUTES.items() if rule in WATCHING])
def test_a_call_that_was_refused_wakes_nobody(name: str) -> None:
    event = copy.deepcopy(read(EVENTS / name))
    event["detail"]["errorCode"] = "AccessDenied"
    assert matching(event, DEFAULT_BUS) == set()


@pytest.mark.parametrize("name", ["tag-resource", "untag-resource"])
def test_the_tags_that_matter_are_those_of_the_parameters(name: str) -> None:
    event = read(EVENTS / name)
    assert matching(event, DEFAULT_BUS) == {"TagRule"}
    keys = {"ExemptTagKey": "exempt", "RecoveryPeriodTagKey": "days"}
    assert matching(event, DEFAULT_BUS, deployed(**keys)) == set()
    renamed = json.dumps(event).replace("pitr-guardian:recovery-days", "days")
    renamed = renamed.replace('"pitr-guardian:exempt"', '"exempt"')
    assert matching(json.loads(renamed), DEFAULT_BUS, deployed(**keys)) == {"TagRule"}


def test_any_source_may_ask_for_a_restore() -> None:
    event = {**read(EVENTS / "restore-requested"), "source": "whoever"}
    assert matching(event, REQUESTS) == {"AcceptRestoreFunctionRequest"}


@pytest.mark.parametrize(
    ("status", "error", "matches"),
    [
        ("ABORTED", None, True),
        ("TIMED_OUT", "States.Timeout", True),
        ("FAILED", "States.DataLimitExceeded", True),
        # These the workflow answers for itself.
        ("FAILED", "RestoreFailed", False),
        ("SUCCEEDED", None, False),
        ("RUNNING", None, False),
    ],
)
def test_only_workflows_that_could_not_answer_are_answered_for(
    status: str, error: str | None, matches: bool
) -> None:
    event = copy.deepcopy(read(EVENTS / "restore-workflow-aborted"))
    event["detail"] |= {"status": status, "error": error}
    assert bool(matching(event, DEFAULT_BUS)) is matches


def test_the_workflows_of_others_are_left_alone() -> None:
    event = copy.deepcopy(read(EVENTS / "restore-workflow-aborted"))
    event["detail"]["stateMachineArn"] += "-of-somebody-else"
    assert matching(event, DEFAULT_BUS) == set()


# -- members ----------------------------------------------------------------------------------


def test_members_events_wake_whom_the_guardians_own_would() -> None:
    stack = deployed()
    for name, own in OF_MEMBERS.items():
        of_members, of_own = stack[name].properties, stack[own].properties
        assert of_members["EventBusName"] == INBOX
        for field in ("Name", "EventPattern", "Targets"):
            assert of_members[field] == of_own[field]


@pytest.mark.parametrize("name", [name for name, (_, rule) in ROUTES.items() if rule in WATCHING])
def test_a_members_event_matches_the_same_rule_on_the_inbox(name: str) -> None:
    assert matching(read(EVENTS / name), INBOX) == {f"Inbox{ROUTES[name][1]}"}


@pytest.mark.parametrize(
    "rule", ["somebody-elses", "other-inbox-heartbeat", "pitr-guardian-inbox-heartbeat-2"]
)
def test_only_the_heartbeats_of_this_guardians_members_are_heard(rule: str) -> None:
    event = read(EVENTS / "heartbeat")
    event["resources"] = [f"arn:aws:events:eu-west-1:222222222222:rule/{rule}"]
    assert matching(event, INBOX) == set()


def test_without_an_organization_there_is_no_inbox_and_nobody_enters_other_accounts() -> None:
    stack = deployed(OrganizationId="")
    assert not [name for name in stack.resources if "Inbox" in name or "Hear" in name]
    texts = json.dumps([each.properties for each in stack.resources.values()])
    for text in ("aws:ResourceOrgID", ":iam::*", "dynamodb:*:*:table"):
        assert text not in texts
    assert stack["EnforceFunction"].properties["Environment"]["Variables"]["MEMBER_ROLE_NAME"] == ""
