"""What the stack says of itself in full: alarms for all that can go wrong, and a dashboard that is
true. What it says where less is wanted: test_essentials."""

from __future__ import annotations

import itertools
import json
import re
from fnmatch import fnmatch
from typing import Any

import pytest
from moto.events.models import EventPattern

from pitr_guardian.facts.alarm_advice import ADVICE
from pitr_guardian.facts.measures import METRICS
from pitr_guardian.facts.metrics import (
    DIMENSION,
    NAMESPACE,
)
from tests.infrastructure.stack import ACCOUNT, NAME, REGION, ROOT, Json, Resource, Stack, deployed

# What the inbox's rules and function can't deliver or handle is on queues that are watched.
_DEPLOYED = deployed(Observability="full", OrganizationId="")
# What the functions of undos and drills can't handle is on the queue of undelivered events, which
# is watched; and whatever else goes wrong with one of them ends in a critical fact about it.
STACK = Stack(
    {
        each.id: each
        for each in _DEPLOYED.resources.values()
        if not re.search("Undos|Drill", each.stack)
    },
    _DEPLOYED.outputs,
)
UNDO_MACHINES = {"PlanStateMachine", "ApplyStateMachine"}
ALARMS = STACK.of_type("AWS::CloudWatch::Alarm")
every_alarm = pytest.mark.parametrize("alarm", ALARMS, ids=lambda each: each.id)

# AWS's metrics that the stack looks at, with their dimensions: the services' own documentation.
AWS_METRICS: dict[str, dict[tuple[str, ...], set[str]]] = {
    "AWS/DynamoDB": {
        ("TableName",): {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"},
    },
    "AWS/Events": {
        # On the default bus by the rule's name alone, on another with the bus's.
        ("RuleName",): {"FailedInvocations", "InvocationsFailedToBeSentToDlq"},
        ("EventBusName", "RuleName"): {"FailedInvocations", "InvocationsFailedToBeSentToDlq"},
    },
    "AWS/Lambda": {
        ("FunctionName",): {"AsyncEventAge", "Duration", "Errors", "Invocations", "Throttles"}
    },
    "AWS/SNS": {("TopicName",): {"NumberOfMessagesPublished", "NumberOfNotificationsFailed"}},
    "AWS/SQS": {
        ("QueueName",): {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfEmptyReceives",
            "NumberOfMessagesSent",
        }
    },
    "AWS/States": {
        ("StateMachineArn",): {
            "ExecutionsAborted",
            "ExecutionsFailed",
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsTimedOut",
        }
    },
}
# What each dimension names: the type of resource, and the property that its value is; or a `Ref`.
DIMENSIONS = {
    "FunctionName": ("AWS::Lambda::Function", "FunctionName"),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "StateMachineArn": ("AWS::StepFunctions::StateMachine", None),
    "TableName": ("AWS::DynamoDB::Table", None),
    "TopicName": ("AWS::SNS::Topic", "TopicName"),
    "EventBusName": ("AWS::Events::EventBus", "Name"),
}

type Metric = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, and dimensions with their values."""


def metric_of(alarm: Resource) -> Metric:
    properties = alarm.properties
    dimensions = tuple((each["Name"], each["Value"]) for each in properties["Dimensions"])
    return properties["Namespace"], properties["MetricName"], dimensions


def alarms_on(namespace: str, name: str) -> dict[tuple[tuple[str, str], ...], Resource]:
    found = [(metric_of(alarm), alarm) for alarm in ALARMS]
    return {metric[2]: alarm for metric, alarm in found if metric[:2] == (namespace, name)}


def check(metric: Metric) -> None:
    """Fail where there is no such metric, or where it is of something that the stack hasn't got."""
    namespace, name, dimensions = metric
    names = tuple(dimension for dimension, _ in dimensions)
    if namespace == NAMESPACE:
        assert name in METRICS
        assert dimensions == ((DIMENSION, NAME),)
        return
    assert name in AWS_METRICS[namespace][names], metric
    for dimension, value in dimensions:
        if dimension == "RuleName":
            bus = dict(dimensions).get("EventBusName")
            assert (bus, value) in {rule_metric(rule) for rule in rules()}, metric
        else:
            assert value in named(dimension), metric


def named(dimension: str) -> dict[str, Resource]:
    """What a dimension can name: resources of the stack by that name."""
    type_, key = DIMENSIONS[dimension]
    found = (_DEPLOYED if dimension == "StateMachineArn" else STACK).of_type(type_)
    return {each.properties[key] if key else each.id: each for each in found}


def rules() -> list[Resource]:
    return STACK.of_type("AWS::Events::Rule")


def rule_metric(rule: Resource) -> tuple[str | None, str]:
    """Bus, None for the default one, and name."""
    bus = rule.properties.get("EventBusName")
    return STACK[bus].properties["Name"] if bus else None, rule.properties["Name"]


# -- alarms -------------------------------------------------------------------------------------


def test_a_message_in_any_dead_letter_queue_raises_an_alarm() -> None:
    dead_letter_queues = {
        queue.properties["RedrivePolicy"]["deadLetterTargetArn"]
        for queue in STACK.of_type("AWS::SQS::Queue")
        if "RedrivePolicy" in queue.properties
    }
    for rule in rules():
        for target in rule.properties["Targets"]:
            dead_letter_queues.add(target["DeadLetterConfig"]["Arn"])
    for config in STACK.of_type("AWS::Lambda::EventInvokeConfig"):
        on_failure = config.properties["DestinationConfig"]["OnFailure"]
        dead_letter_queues.add(on_failure["Destination"])
    watching = alarms_on("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    queues = named("QueueName")
    watched = {f"{queues[dict(where)['QueueName']].id}.Arn" for where in watching}
    assert watched == dead_letter_queues
    for alarm in watching.values():
        assert alarm.properties["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm.properties["Threshold"] == 0


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_errors_and_throttles_of_any_function_raise_an_alarm(metric: str) -> None:
    watched = {dict(where)["FunctionName"] for where in alarms_on("AWS/Lambda", metric)}
    assert watched == named("FunctionName").keys()


def test_an_event_that_any_rule_could_not_deliver_raises_an_alarm() -> None:
    watched = {
        (dict(where).get("EventBusName"), dict(where)["RuleName"])
        for where in alarms_on("AWS/Events", "FailedInvocations")
    }
    assert watched == {rule_metric(rule) for rule in rules()}


def test_a_workflow_that_could_not_answer_raises_an_alarm() -> None:
    machines = {
        *(each.id for each in STACK.of_type("AWS::StepFunctions::StateMachine")),
        *UNDO_MACHINES,
    }
    timed_out = alarms_on("AWS/States", "ExecutionsTimedOut")
    assert {dict(where)["StateMachineArn"] for where in timed_out} == machines
    # A restore or an undo that failed has told so; others' failures are told by the alarm.
    aborted = alarms_on("AWS/States", "ExecutionsAborted")
    failed = alarms_on("AWS/States", "ExecutionsFailed")
    answering = {"RestoreStateMachine", *UNDO_MACHINES}
    assert {dict(where)["StateMachineArn"] for where in aborted} == answering
    assert {dict(where)["StateMachineArn"] for where in failed} == machines - answering


def test_what_an_undo_could_not_answer_for_itself_is_answered_for_or_kept() -> None:
    """By a function that hears of the end of both workflows; what it can't handle is on the queue
    of undelivered events, which an essential alarm watches."""
    pattern = _DEPLOYED["AbandonedUndoFunctionEnded"].properties["EventPattern"]
    assert set(pattern["detail"]["stateMachineArn"]) == UNDO_MACHINES
    ends = {status for each in pattern["detail"]["$or"] for status in each["status"]}
    assert ends == {"FAILED", "TIMED_OUT", "ABORTED"}
    [config] = [
        each
        for each in _DEPLOYED.of_type("AWS::Lambda::EventInvokeConfig")
        if each.properties["FunctionName"] == "AbandonedUndoFunction"
    ]
    kept = config.properties["DestinationConfig"]["OnFailure"]["Destination"]
    assert kept == "UndeliveredQueue.Arn"


def test_alerts_that_did_not_arrive_raise_an_alarm() -> None:
    assert alarms_on("AWS/SNS", "NumberOfNotificationsFailed")


@every_alarm
def test_an_alarm_watches_something_that_is_there(alarm: Resource) -> None:
    check(metric_of(alarm))


@every_alarm
def test_silence_is_good_news_but_for_the_sweep(alarm: Resource) -> None:
    silence = alarm.properties["TreatMissingData"]
    assert silence == ("breaching" if alarm.id == "SweepMissingAlarm" else "notBreaching")


@every_alarm
def test_an_alarm_fits_into_what_cloudwatch_evaluates(alarm: Resource) -> None:
    properties = alarm.properties
    window = properties["Period"] * properties["EvaluationPeriods"]
    # PutMetricAlarm, Period: a day, or a week where the period is an hour or longer.
    assert window <= (7 * 86_400 if properties["Period"] >= 3600 else 86_400)
    assert properties.get("DatapointsToAlarm", 1) <= properties["EvaluationPeriods"]


def sections() -> dict[str, str]:
    """The runbook's sections, by heading."""
    text = (ROOT / "docs/operations.md").read_text()
    parts = re.split(r"^#{2,3} (.+)$", text, flags=re.MULTILINE)
    return dict(itertools.batched(parts[1:], 2, strict=True))


@every_alarm
def test_an_alarm_says_what_to_do_and_leads_to_its_section_of_the_runbook(alarm: Resource) -> None:
    description = alarm.properties["AlarmDescription"]
    assert len(description) <= 1024
    named = re.search(r'See docs/operations\.md, "([^"]+)"\.$', description)
    assert named, description
    section = sections()[named[1]]
    name = alarm.properties["AlarmName"].removeprefix(f"{NAME}/")
    patterns = re.findall(r"`\$STACK/([^`]+)`", section)
    assert any(fnmatch(name, pattern) for pattern in patterns), f"{named[1]} doesn't name {name}"


def test_the_runbook_names_no_alarm_that_there_is_not() -> None:
    names = [alarm.properties["AlarmName"].removeprefix(f"{NAME}/") for alarm in ALARMS]
    for section in sections().values():
        for pattern in re.findall(r"`\$STACK/([^`]+)`", section):
            assert any(fnmatch(name, pattern) for name in names), pattern


def test_the_runbook_names_no_resource_that_there_is_not() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for name in re.findall(r"\$\(resource ([A-Za-z]+)\)", text):
        assert name in STACK.resources
    for name in re.findall(r"\$\(output ([A-Za-z]+)\)", text):
        assert name in STACK.outputs
    groups = {each.properties["LogGroupName"] for each in STACK.of_type("AWS::Logs::LogGroup")}
    for name in re.findall(r"/aws/[a-z/]+/\$STACK[-a-z]*", text):
        assert name.replace("$STACK", NAME) in groups


# -- how alarms reach people --------------------------------------------------------------------


@every_alarm
def test_an_alarm_has_no_action_of_its_own(alarm: Resource) -> None:
    assert not {"AlarmActions", "OKActions", "InsufficientDataActions"} & alarm.properties.keys()


def test_every_alarm_is_known_to_who_announces_it_and_gives_the_same_advice() -> None:
    described = {
        alarm.properties["AlarmName"].removeprefix(f"{NAME}/"): alarm.properties["AlarmDescription"]
        for alarm in ALARMS
    }
    assert described == ADVICE  # what isn't there is not announced


def is_announced(name: str, before: str, after: str) -> bool:
    event: Any = json.loads((ROOT / "events/alarm-state-change.json").read_text())
    event["resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"]
    event["detail"]["alarmName"] = name
    event["detail"]["previousState"]["value"] = before
    event["detail"]["state"]["value"] = after
    pattern = STACK["AnnounceFunctionAlarm"].properties["EventPattern"]
    matches: bool = EventPattern.load(json.dumps(pattern)).matches_event(event)
    return matches


@every_alarm
def test_an_alarm_is_announced_when_it_goes_on_and_when_it_is_over(alarm: Resource) -> None:
    name = alarm.properties["AlarmName"]
    assert is_announced(name, "OK", "ALARM")
    assert is_announced(name, "INSUFFICIENT_DATA", "ALARM")
    assert is_announced(name, "ALARM", "OK")


@pytest.mark.parametrize(
    ("before", "after"),
    [("INSUFFICIENT_DATA", "OK"), ("OK", "INSUFFICIENT_DATA"), ("ALARM", "INSUFFICIENT_DATA")],
)
def test_other_changes_of_state_are_nobodys_business(before: str, after: str) -> None:
    assert not is_announced(f"{NAME}/undelivered", before, after)


@pytest.mark.parametrize("name", [f"{NAME}-dev/undelivered", "undelivered", f"my-{NAME}/x"])
def test_alarms_of_others_are_left_alone(name: str) -> None:
    assert not is_announced(name, "OK", "ALARM")


# -- dashboard ----------------------------------------------------------------------------------


def widgets(*types: str) -> list[Json]:
    [dashboard] = STACK.of_type("AWS::CloudWatch::Dashboard")
    body: Json = json.loads(dashboard.properties["DashboardBody"])
    return [widget for widget in body["widgets"] if widget["type"] in types]


def metrics_on_the_dashboard() -> list[Metric]:
    found = []
    for widget in widgets("metric"):
        before: list[str] = []
        for row in widget["properties"]["metrics"]:
            before = spelt_out([part for part in row if not isinstance(part, dict)], before)
            namespace, name, *rest = before
            found.append((namespace, name, tuple(itertools.batched(rest, 2, strict=True))))
    return found


def spelt_out(row: list[str], before: list[str]) -> list[str]:
    """A row without CloudWatch's shorthands: "..." for all that the row before begins with, "."
    for what stands at the same place there."""
    if row[0] == "...":
        row = [*before[: len(before) - len(row) + 1], *row[1:]]
    return [before[at] if part == "." else part for at, part in enumerate(row)]


def test_the_dashboard_asks_an_operators_questions_top_down() -> None:
    texts = [widget["properties"]["markdown"] for widget in widgets("text")]
    assert [text.split("\n")[0].removeprefix("## ") for text in texts] == [
        f"# PITR Guardian: {NAME}",
        "Is every table protected?",
        "Does drift get repaired, and how fast?",
        "Do restores finish, and how long do they take?",
        "Is anything stuck or lost?",
        "Does the guardian itself work?",
        "What does it cost in calls?",
    ]


def test_the_dashboard_shows_only_metrics_that_there_are() -> None:
    for metric in metrics_on_the_dashboard():
        check(metric)


def test_the_dashboard_shows_every_metric_of_the_guardians() -> None:
    shown = {name for namespace, name, _ in metrics_on_the_dashboard() if namespace == NAMESPACE}
    assert shown == METRICS


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration", "Invocations"])
def test_the_dashboard_shows_every_function(metric: str) -> None:
    shown = {
        dict(where).get("FunctionName")
        for _, name, where in metrics_on_the_dashboard()
        if name == metric
    }
    assert shown == named("FunctionName").keys()


def test_the_dashboard_shows_every_alarm() -> None:
    [widget] = widgets("alarm")
    prefix = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"
    alarms = sorted(f"{prefix}{each.properties['AlarmName']}" for each in ALARMS)
    assert sorted(widget["properties"]["alarms"]) == alarms


def test_the_dashboards_widgets_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets("text", "metric", "alarm"):
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        place = set(itertools.product(columns, rows))
        assert columns.stop <= 24
        assert not place & taken, widget
        taken |= place


@pytest.mark.parametrize("widget", widgets("metric"), ids=lambda each: each["properties"]["title"])
def test_a_graph_says_where_it_looks_and_how_it_counts(widget: Json) -> None:
    properties = widget["properties"]
    assert properties["region"] == REGION
    assert properties["period"] % 60 == 0
    statistics: list[Any] = [properties.get("stat")]
    statistics += [
        row[-1].get("stat") for row in properties["metrics"] if isinstance(row[-1], dict)
    ]
    assert any(statistics), "CloudWatch would average"
