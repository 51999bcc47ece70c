"""What the deployed guardian says of itself: its metrics, its alarms and its dashboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import Guardian
from tests.e2e.waiting import eventually

SAMPLE = Path(__file__).parents[2] / "events/alarm-state-change.json"


def metrics_of(guardian: Guardian, fact: Json) -> list[Json]:
    """The lines of metrics about a fact, in the log of the function that announced it."""
    lines = guardian.log("announce")
    return [each for each in lines if each.get("fact") == fact["id"] and "_aws" in each]


def counted(guardian: Guardian, fact: Json) -> Json:
    """The first of them."""
    found = eventually(lambda: metrics_of(guardian, fact), f"metrics of the fact {fact['id']}")
    return found[0]


def alarm_event(guardian: Guardian, name: str) -> Json:
    """CloudWatch's event of an alarm of this stack that goes on."""
    event: Json = json.loads(SAMPLE.read_text())
    account, region = guardian.aws.account_id, guardian.stack.region
    event |= {
        "account": account,
        "region": region,
        "resources": [f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"],
    }
    event["detail"]["alarmName"] = name
    return event


def alarms(guardian: Guardian) -> dict[str, Any]:
    pages = guardian.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}


def test_drift_that_was_repaired_is_counted_with_the_time_it_took(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.switch(table, on=False)
    fact = guardian.fact(table, "PITR Re-enabled")
    line = counted(guardian, fact.detail)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "PitrGuardian",
            "Dimensions": [["stack"]],
            "Metrics": [
                {"Name": "ReEnabled", "Unit": "Count"},
                {"Name": "SecondsToReEnable", "Unit": "Seconds"},
            ],
        }
    ]
    assert line["stack"] == guardian.stack.name
    assert line["ReEnabled"] == [1]
    assert line["SecondsToReEnable"] == [fact["exposure"]["seconds"]]


def test_a_new_table_is_counted(guardian: Guardian) -> None:
    table = guardian.protected_table()
    line = counted(guardian, guardian.fact(table, "Table Protected").detail)
    assert line["TablesProtected"] == [1]


def test_an_alarm_that_goes_on_becomes_an_alert(guardian: Guardian) -> None:
    pager = guardian.subscribe(FilterPolicy=json.dumps({"event": ["alarm"]}))
    name = f"{guardian.stack.name}/undelivered"
    answer = guardian.client("lambda").invoke(
        FunctionName=guardian.physical_id("AnnounceFunction"),
        Payload=json.dumps(alarm_event(guardian, name)),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    [message] = eventually(lambda: guardian.take(pager) or None, "an alert of the alarm")
    alert = json.loads(message["Body"])
    attributes = {key: each["Value"] for key, each in alert["MessageAttributes"].items()}
    assert attributes == {
        "event": "alarm",
        "severity": "critical",
        "account": guardian.aws.account_id,
        "region": guardian.stack.region,
    }
    told = json.loads(alert["Message"])
    assert told["alarm"] == {"name": name, "isOn": True}
    assert "What to do: " in told["text"]
    assert "docs/operations.md" in told["text"]


def test_the_deployed_rule_wakes_announce_for_every_alarm_of_this_stack(guardian: Guardian) -> None:
    events = guardian.client("events")
    rule = events.describe_rule(Name=guardian.physical_id("AnnounceFunctionAlarm"))

    def matches(name: str) -> bool:
        answer = events.test_event_pattern(
            EventPattern=rule["EventPattern"], Event=json.dumps(alarm_event(guardian, name))
        )
        result: bool = answer["Result"]
        return result

    own = [name for name in alarms(guardian) if name.startswith(f"{guardian.stack.name}/")]
    assert own
    assert all(map(matches, own))
    assert not matches(f"{guardian.stack.name}-dev/undelivered")


def test_the_deployed_alarms_watch_what_is_deployed(guardian: Guardian) -> None:
    watched = {
        name.rpartition("/")[2]: {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        for name, alarm in alarms(guardian).items()
        if name.startswith(f"{guardian.stack.name}/")
    }
    outputs = guardian.stack.outputs
    dead_letters = outputs["EnforcementDeadLetterQueueUrl"].rpartition("/")[2]
    assert watched["enforcement-dead-letters"] == {"QueueName": dead_letters}
    assert watched["enforce-fails"] == {"FunctionName": guardian.physical_id("EnforceFunction")}
    assert watched["drift-rule-not-delivered"] == {"RuleName": guardian.physical_id("DriftRule")}
    assert watched["restore-aborted"] == {"StateMachineArn": outputs["RestoreStateMachineArn"]}
    assert watched["sweep-missing"] == {"StateMachineArn": outputs["SweepStateMachineArn"]}
    assert watched["tables-unprotected"] == {"stack": guardian.stack.name}
    # The rules on buses of their own have the names that the alarms expect.
    events = guardian.client("events")
    for rule in ("fact", "request"):
        where = watched[f"{rule}-rule-not-delivered"]
        found = events.describe_rule(Name=where["RuleName"], EventBusName=where["EventBusName"])
        assert found["State"] == "ENABLED"


def test_the_deployed_dashboard_is_json(guardian: Guardian) -> None:
    answer = guardian.client("cloudwatch").get_dashboard(DashboardName=guardian.stack.name)
    text = answer["DashboardBody"]
    assert "${" not in text
    [board] = [each for each in json.loads(text)["widgets"] if each["type"] == "alarm"]
    arns = {alarm["AlarmArn"] for alarm in alarms(guardian).values()}
    assert set(board["properties"]["alarms"]) <= arns


def test_a_stack_shows_the_essential_unless_asked(watcher: Guardian) -> None:
    cloudwatch = watcher.client("cloudwatch")
    answer = cloudwatch.describe_alarms(AlarmNamePrefix=f"{watcher.stack.name}/")
    found = {alarm["AlarmName"].partition("/")[2]: alarm for alarm in answer["MetricAlarms"]}
    assert len(found) == 7
    [machine] = found["sweep-missing"]["Dimensions"]
    assert machine["Value"] == watcher.stack.outputs["SweepStateMachineArn"]
    assert (
        cloudwatch.list_dashboards(DashboardNamePrefix=watcher.stack.name)["DashboardEntries"] == []
    )
    table = watcher.create_table()
    fact = watcher.fact(table, "Drift Detected")
    watcher.client("lambda").invoke(
        FunctionName=watcher.physical_id("AnnounceFunction"),
        Payload=json.dumps(swept(watcher, checked=9, drifted=1)),
    )
    line = counted(watcher, {"id": "sweep-1"})
    assert {key: line[key] for key in line if key.startswith("Tables")} == {"TablesDrifted": [1]}
    assert not metrics_of(watcher, fact.detail)


def swept(guardian: Guardian, **counts: int) -> Json:
    """The fact that tells of a sweep, as the bus delivers it."""
    event: Json = json.loads((SAMPLE.parent / "fact-pitr-re-enabled.json").read_text())
    told = {"id": "sweep-1", "table": None, "reason": "Tables checked.", **counts}
    event["detail-type"] = "Sweep Completed"
    event["account"], event["region"] = guardian.aws.account_id, guardian.stack.region
    event["detail"] |= told
    return event
