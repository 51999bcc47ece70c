"""The functions behind a restore, wired as deployed: from event to tables, facts and workflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.restore.abandoned import handler as abandoned
from functions.restore.accept import handler as accept
from functions.restore.carry import handler as carry
from functions.restore.check import handler as check
from functions.restore.start import handler as start
from functions.restore.survey import handler as survey
from pitr_guardian.restore.carrying import TargetGoneError
from pitr_guardian.restore.ports import (
    NotUnderWayError,
    SourceGoneError,
    TargetOccupiedError,
)
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDERS, COPY = (
    f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for name in ("orders", "orders-copy")
)
EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"


class Stack:
    """The functions deployed, with their environment as the template sets it."""

    def __init__(self, dynamodb: DynamoDBClient, ledger: str) -> None:
        self.dynamodb = dynamodb
        self.ledger = ledger
        self._s3 = boto3.client("s3", region_name=REGION)
        self._s3.create_bucket(
            Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._sfn = boto3.client("stepfunctions", region_name=REGION)
        events = boto3.client("events", region_name=REGION)
        self._subscriber = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        events.create_event_bus(Name="facts")
        pattern = json.dumps({"source": ["pitr-guardian"]})
        events.put_rule(Name="all", EventBusName="facts", EventPattern=pattern)
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:subscriber"
        events.put_targets(Rule="all", EventBusName="facts", Targets=[{"Id": "queue", "Arn": arn}])
        done = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
        self.machine = self._sfn.create_state_machine(
            name="restore",
            definition=json.dumps(done),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/restore",
        )["stateMachineArn"]

    def create(self, name: str, *, protected: bool = True, **more: Any) -> None:
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        if protected:
            self.dynamodb.update_continuous_backups(
                TableName=name,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": 9,
                },
            )

    def period_of(self, name: str) -> int | None:
        backups = self.dynamodb.describe_continuous_backups(TableName=name)
        switch = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return switch.get("RecoveryPeriodInDays")

    def facts(self) -> list[tuple[str, dict[str, Any]]]:
        received = self._sqs.receive_message(QueueUrl=self._subscriber, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in received.get("Messages", [])]
        return [(body["detail-type"], body["detail"]) for body in bodies]

    def surveyed(self, request_id: str) -> dict[str, Any]:
        """What the survey kept for a request."""
        kept = self._s3.get_object(Bucket="reports", Key=f"restores/{request_id}/survey.json")
        return dict(json.loads(kept["Body"].read()))

    def keep(self, request_id: str, *entries: dict[str, Any]) -> None:
        """Keep a survey that found these settings."""
        survey = {"settings": entries, "definition": {"billingMode": "PAY_PER_REQUEST"}}
        key = f"restores/{request_id}/survey.json"
        self._s3.put_object(Bucket="reports", Key=key, Body=json.dumps(survey).encode())

    def record(self, accepted: dict[str, Any]) -> None:
        """Record an order as it stands, in place of the one that was accepted."""
        self.dynamodb.update_item(
            TableName=self.ledger,
            Key={
                "pk": {"S": f"restore#{accepted['request']['requestId']}"},
                "sk": {"S": "restore"},
            },
            UpdateExpression="SET #order = :order",
            ExpressionAttributeNames={"#order": "order"},
            ExpressionAttributeValues={":order": {"S": json.dumps(accepted)}},
        )

    def orders(self) -> dict[str, Any]:
        """The input of each execution, by its name."""
        found = self._sfn.list_executions(stateMachineArn=self.machine)["executions"]
        return {
            each["name"]: json.loads(
                self._sfn.describe_execution(executionArn=each["executionArn"])["input"]
            )
            for each in found
        }


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, ledger_table: str) -> Stack:
    deployed = Stack(dynamodb, ledger_table)
    environment = {
        "MODE": "remediate",
        "RECOVERY_PERIOD_IN_DAYS": "20",
        "EXEMPT_TAG_KEY": "pitr-guardian:exempt",
        "RECOVERY_PERIOD_TAG_KEY": "pitr-guardian:recovery-days",
        "BIRTH_GRACE_MINUTES": "60",
        "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
        "MAXIMUM_EXEMPTION_DAYS": "0",
        "LEDGER_TABLE": ledger_table,
        "REPORT_BUCKET": "reports",
        "FACT_BUS": "facts",
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "STACK_NAME": "guardian",
        "RESTORE_STATE_MACHINE_ARN": deployed.machine,
        "RESTORE_SOURCE_PATTERN": "*",
        "RESTORE_TARGET_PATTERN": "orders-*",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return deployed


def receive(event_id: str = EVENT_ID, **fields: Any) -> None:
    """Have accept_restore handle a request."""
    detail = {"sourceTable": "orders", "targetTable": "orders-copy", **fields}
    event = {"detail-type": "Restore Requested", "id": event_id, "detail": detail}
    accept(event, lambda_context())


def order(stack: Stack, **fields: Any) -> dict[str, Any]:
    """The order of an accepted request, as the workflow gets it."""
    receive(**fields)
    [found] = stack.orders().values()
    return dict(found)


def test_a_request_starts_the_workflow_under_its_id(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack, requestId="incident-4711", reason="a bad deployment")
    assert stack.orders().keys() == {"incident-4711"}
    assert accepted["source"]["arn"] == ORDERS
    assert accepted["target"]["arn"] == COPY
    assert accepted["request"]["reason"] == "a bad deployment"
    assert stack.facts() == []
    receive(requestId="incident-4711", reason="a bad deployment")
    assert len(stack.orders()) == 1
    assert stack.facts() == []


def test_a_request_that_cannot_be_granted_is_told(stack: Stack) -> None:
    stack.create("orders", protected=False)
    receive()
    receive("another-event", targetTable="elsewhere")
    (kind, detail), (_, other) = stack.facts()
    assert kind == "Restore Rejected"
    assert detail["requestId"] == EVENT_ID
    assert detail["error"].startswith("sourceTable: PITR is off on orders")
    assert other["error"].startswith("targetTable: the stack restores to tables named orders-*")
    assert stack.orders() == {}


def test_a_dry_run_is_planned(stack: Stack) -> None:
    stack.create("orders")
    receive(dryRun=True)
    [(kind, detail)] = stack.facts()
    assert kind == "Restore Planned"
    assert detail["plan"]["call"]["parameters"]["SourceTableArn"] == ORDERS
    assert stack.orders() == {}


def test_the_survey_reads_what_was_asked_for(stack: Stack) -> None:
    stack.create("orders", Tags=[{"Key": "team", "Value": "shop"}])
    told = survey(order(stack, settings=["tags", "ttl"]), lambda_context())
    found = stack.surveyed(EVENT_ID)
    entries = {entry["setting"]: entry for entry in found["settings"]}
    assert told == {"recoveryPeriodInDays": 9, "settings": list(entries)}
    assert found["definition"]["billingMode"] == "PAY_PER_REQUEST"
    assert entries["tags"]["kept"] == {"tags": {"team": "shop"}, "byName": True}
    assert not {"ttl", "alarms"} & entries.keys()


def test_the_survey_tells_of_what_it_cannot_read(stack: Stack) -> None:
    stack.create("orders", DeletionProtectionEnabled=True)
    survey(order(stack), lambda_context())
    entries = {entry["setting"]: entry for entry in stack.surveyed(EVENT_ID)["settings"]}
    # moto has no contributor insights: any error stops nothing but its own setting.
    assert entries["contributorInsights"]["error"].startswith("could not be read from the source")
    assert entries["deletionProtection"]["kept"] == {"enabled": True}


def test_a_survey_of_a_table_that_is_gone_is_refused(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack)
    stack.dynamodb.delete_table(TableName="orders")
    with pytest.raises(SourceGoneError, match="the source table orders"):
        survey(accepted, lambda_context())


def test_a_backup_that_is_named_is_ordered_by_its_arn(stack: Stack) -> None:
    stack.create("orders")
    backup = stack.dynamodb.create_backup(TableName="orders", BackupName="by-hand")["BackupDetails"]
    accepted = order(stack, restoreTo=backup["BackupArn"])
    assert accepted["backupArn"] == backup["BackupArn"]
    assert accepted["request"]["restoreTo"] == backup["BackupArn"]


def test_a_restore_is_started_noted_and_found_again(stack: Stack) -> None:
    """From a backup: moto's other restore takes no ARN."""
    stack.create("orders")
    accepted = order(stack)
    backup = stack.dynamodb.create_backup(TableName="orders", BackupName="by-hand")["BackupDetails"]
    accepted |= {
        "backupArn": backup["BackupArn"],
        "backupCreatedAt": "2026-10-05T09:00:00.000Z",
    }
    stack.record(accepted)
    survey(accepted, lambda_context())
    event = {"order": accepted, "recoveryPeriodInDays": 9}
    started = start(event, lambda_context())
    assert started == {"restoredTo": "2026-10-05T09:00:00.000Z", "tableId": None}  # as moto has it
    stack.dynamodb.describe_table(TableName="orders-copy")
    key = {"pk": {"S": f"restore#{EVENT_ID}"}, "sk": {"S": "restore"}}
    noted = stack.dynamodb.get_item(TableName=stack.ledger, Key=key)["Item"]
    assert json.loads(noted["order"]["S"]) == accepted
    assert "calledAt" in noted
    expected = {"pk": {"S": COPY}, "sk": {"S": "expected"}}
    remembered = stack.dynamodb.get_item(TableName=stack.ledger, Key=expected)["Item"]
    assert remembered["period"]["N"] == "9"
    # moto's restore is ACTIVE at once, and as on AWS shows no lineage then.
    assert start(event, lambda_context()) == started


def test_a_restore_to_a_table_of_somebody_else_is_refused(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack)
    survey(accepted, lambda_context())
    stack.create("orders-copy")
    event = {"order": accepted, "recoveryPeriodInDays": 9}
    with pytest.raises(TargetOccupiedError, match="was created by somebody else since the request"):
        start(event, lambda_context())


def test_a_look_tells_how_far_it_is(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack)

    event = {"order": accepted, "tableId": "id-1"}
    assert check(event, lambda_context()) == {"progress": "missing"}
    stack.create("orders-copy", protected=False)
    assert check(event, lambda_context()) == {"progress": "active"}


def test_settings_are_put_back_one_by_one(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack)
    stack.create("orders-copy", protected=False)

    def put(**entry: Any) -> dict[str, Any]:
        stack.keep(EVENT_ID, entry)
        event = {
            "order": accepted,
            "setting": entry["setting"],
            "cursor": None,
            "tableId": "id-1",
            "restoredTo": "2026-10-05T09:00:00.000Z",
            "recoveryPeriodInDays": 9,
        }
        return dict(carry(event, lambda_context()))

    assert put(setting="pitr") == {"setting": "pitr", "outcome": "applied"}
    assert stack.period_of("orders-copy") == 9
    assert put(setting="lineage")["outcome"] == "recorded"
    assert put(setting="tags", kept={"tags": {"team": "shop"}})["outcome"] == "applied"
    tags = stack.dynamodb.list_tags_of_resource(ResourceArn=COPY)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "pitr-guardian:restored-from": ORDERS,
        "pitr-guardian:restored-to": "2026-10-05T09:00:00.000Z",
        "pitr-guardian:request-id": EVENT_ID,
        "team": "shop",
    }
    stack.dynamodb.delete_table(TableName="orders-copy")
    with pytest.raises(TargetGoneError):
        put(setting="ttl", kept={"attribute": "expires"})


def test_a_table_that_no_order_names_is_left_alone(stack: Stack) -> None:
    """Whoever may invoke the functions may hand them anything."""
    stack.create("orders")
    accepted = order(stack)
    stack.create("orders-other")
    stack.keep(EVENT_ID, {"setting": "pitr"})
    forged = json.loads(json.dumps(accepted).replace("orders-copy", "orders-other"))
    made_up = json.loads(json.dumps(forged).replace(EVENT_ID, "made-up"))
    more = {"setting": "pitr", "cursor": None, "restoredTo": None, "recoveryPeriodInDays": 1}
    for given in (forged, made_up):
        event = {"order": given, "tableId": None, **more}
        for handler, asked in ((carry, event), (start, event), (check, event), (survey, given)):
            with pytest.raises(NotUnderWayError, match=r"no restore .* is under way"):
                handler(asked, lambda_context())
    assert stack.period_of("orders-other") == 9


def test_nothing_is_done_for_a_restore_that_was_answered(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack, requestId="r-1")
    detail = {
        "executionArn": f"{stack.machine}:r-1",
        "status": "ABORTED",
        "input": json.dumps(accepted),
    }
    abandoned({"detail": detail, "time": "2026-10-05T10:00:00Z"}, lambda_context())
    with pytest.raises(NotUnderWayError):
        survey(accepted, lambda_context())


def test_a_sweep_has_the_function_answer_for_what_no_event_told_of(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack, requestId="r-1")
    abandoned({}, lambda_context())
    assert stack.facts() == []  # it has only begun
    mark = {"pk": {"S": "restores"}, "sk": {"S": "open#r-1"}}
    stack.dynamodb.update_item(
        TableName=stack.ledger,
        Key=mark,
        UpdateExpression="SET acceptedAt = :long_ago",
        ExpressionAttributeValues={":long_ago": {"S": "2026-10-05T09:00:00.000Z"}},
    )
    abandoned({}, lambda_context())  # moto's execution runs for ever
    assert stack.facts() == []
    boto3.client("stepfunctions", region_name=REGION).stop_execution(
        executionArn=f"{stack.machine.replace(':stateMachine:', ':execution:')}:r-1"
    )
    abandoned({}, lambda_context())
    abandoned({}, lambda_context())
    (first, _), (kind, told) = stack.facts()
    assert first == "Restore Accepted"
    assert (kind, told["requestId"]) == ("Restore Failed", accepted["request"]["requestId"])
    assert "Item" not in stack.dynamodb.get_item(TableName=stack.ledger, Key=mark)


def test_a_restore_that_was_abandoned_is_told(stack: Stack) -> None:
    stack.create("orders")
    accepted = order(stack, requestId="r-1")
    detail = {
        "executionArn": f"{stack.machine}:r-1",
        "status": "ABORTED",
        "input": json.dumps(accepted),
    }
    event = {"detail": detail, "time": "2026-10-05T10:00:00Z"}
    abandoned(event, lambda_context())
    abandoned(event, lambda_context())
    (first, _), (kind, told), (_, again) = stack.facts()
    assert (first, kind) == ("Restore Accepted", "Restore Failed")
    assert told == again
    assert told["id"] == "restore/r-1/failed"
    assert told["error"].endswith("ended as ABORTED")
