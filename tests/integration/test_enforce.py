"""The function on the enforcement queue, from the batch it is handed to tables and facts."""

from __future__ import annotations

import io
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.drift.enforce import handler
from pitr_guardian.drift.look import looks_from
from pitr_guardian.logs import logger
from pitr_guardian.wiring import enforce
from pitr_guardian.wiring.enforce import deletions
from tests.fakes.cloudtrail import REGION, created, message, record, switched_off, switched_on
from tests.integration.lambda_context import ACCOUNT, lambda_context
from tests.integration.sqs_event import sqs_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDERS = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"


class Stack:
    """The function deployed, with its environment as the template sets it."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.dynamodb = dynamodb
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._events = boto3.client("events", region_name=REGION)
        self.queue = self._sqs.create_queue(QueueName="enforcement")["QueueUrl"]
        self._subscriber = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        self._events.create_event_bus(Name="facts")
        self._events.put_rule(
            Name="all", EventBusName="facts", EventPattern=json.dumps({"source": ["pitr-guardian"]})
        )
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:subscriber"
        self._events.put_targets(
            Rule="all", EventBusName="facts", Targets=[{"Id": "queue", "Arn": arn}]
        )

    def create(self, *names: str, region: str = REGION) -> None:
        for name in names:
            boto3.client("dynamodb", region_name=region).create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def switch(self, name: str, specification: dict[str, Any]) -> None:
        self.dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification=specification,  # type: ignore[arg-type]
        )

    def period_of(self, name: str, region: str = REGION) -> int | None:
        client = boto3.client("dynamodb", region_name=region)
        backups = client.describe_continuous_backups(TableName=name)
        switch = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return switch.get("RecoveryPeriodInDays")

    def facts(self) -> list[tuple[str, dict[str, Any]]]:
        received = self._sqs.receive_message(QueueUrl=self._subscriber, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in received.get("Messages", [])]
        return [(body["detail-type"], body["detail"]) for body in bodies]

    def put_back(self) -> int:
        """How many looks wait on the queue for their time."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])
        return int(answer["Attributes"]["ApproximateNumberOfMessagesDelayed"])

    def waiting(self) -> int:
        """How many looks are on the queue, to be had now."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, ledger_table: str) -> Stack:
    deployed = Stack(dynamodb)
    environment = {
        "MODE": "remediate",
        "RECOVERY_PERIOD_IN_DAYS": "20",
        "EXEMPT_TAG_KEY": "pitr-guardian:exempt",
        "RECOVERY_PERIOD_TAG_KEY": "pitr-guardian:recovery-days",
        "BIRTH_GRACE_MINUTES": "60",
        "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
        "MAXIMUM_EXEMPTION_DAYS": "0",
        "LEDGER_TABLE": ledger_table,
        "FACT_BUS": "facts",
        "ENFORCEMENT_QUEUE_URL": deployed.queue,
        "RESTORE_SOURCE_PATTERN": "*",
        "RESTORE_TARGET_PATTERN": "*",
        "MAX_RECEIVES": "5",
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "STACK_NAME": "guardian",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return deployed


def invoke(*bodies: str, receives: int = 1) -> list[str]:
    """Run the function on a batch.

    Returns:
        the ids of the messages that are to be delivered again.
    """
    answer = handler(sqs_event(*bodies, receives=receives, account=ACCOUNT), lambda_context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def now() -> datetime:
    return datetime.now(UTC)


def in_this_account(detail: dict[str, Any]) -> str:
    return message(detail | {"recipientAccountId": ACCOUNT})


def off(name: str, **others: Any) -> str:
    return in_this_account(switched_off(name, time=now(), **others))


class Log(io.StringIO):
    """What the function logs."""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    kept = Log()
    monkeypatch.setattr(logger.registered_handler, "stream", kept)
    return kept


def test_a_table_switched_off_is_on_again_and_told_with_its_culprit(stack: Stack) -> None:
    stack.create("orders")
    assert invoke(off("orders", eventID="e-1")) == []
    assert stack.period_of("orders") == 20
    [(kind, fact)] = stack.facts()
    assert kind == "PITR Re-enabled"
    assert fact["table"] == {
        "arn": ORDERS,
        "name": "orders",
        "account": ACCOUNT,
        "region": REGION,
    }
    assert fact["actor"]["arn"] == "arn:aws:iam::111122223333:user/alice"
    assert fact["recoveryPeriodInDays"] == 20
    assert fact["lostWindow"] is None


def test_the_guardian_remembers_a_period_from_one_invocation_to_the_next(stack: Stack) -> None:
    stack.create("orders")
    stack.switch("orders", {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7})
    invoke(in_this_account(switched_on("orders", 7, time=now())))
    stack.switch("orders", {"PointInTimeRecoveryEnabled": False})
    invoke(off("orders"))
    assert stack.period_of("orders") == 7


def test_a_table_tagged_as_exempt_is_left_alone(stack: Stack) -> None:
    stack.create("orders")
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    stack.dynamodb.tag_resource(
        ResourceArn=ORDERS, Tags=[{"Key": "pitr-guardian:exempt", "Value": tomorrow}]
    )
    assert invoke(off("orders")) == []
    assert stack.period_of("orders") is None
    [(kind, fact)] = stack.facts()
    assert (kind, fact["exemptUntil"]) == ("Drift Tolerated", tomorrow)


def test_a_stack_that_only_notifies_changes_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODE", "notify-only")
    stack.create("orders")
    invoke(off("orders"))
    assert stack.period_of("orders") is None
    assert [kind for kind, _ in stack.facts()] == ["Drift Detected"]


def test_a_replica_is_protected_in_its_own_region(stack: Stack) -> None:
    stack.create("orders", region="eu-west-1")
    updates = [{"create": {"regionName": "eu-west-1"}}]
    parameters = {"tableName": "orders", "replicaUpdates": updates}
    assert invoke(in_this_account(record("UpdateTable", parameters, now()))) == []
    assert stack.period_of("orders", "eu-west-1") == 20


def test_in_a_mixed_batch_only_what_failed_is_delivered_again(stack: Stack) -> None:
    stack.create("orders", "books")
    refused = off("orders", errorCode="AccessDenied")
    failed = invoke(off("orders"), "not JSON", refused, off("x"), off("books"))
    assert failed == ["m-1", "m-3"]
    assert (stack.period_of("orders"), stack.period_of("books")) == (20, 20)
    assert len(stack.facts()) == 2


def test_where_nothing_in_a_batch_can_be_handled_all_of_it_is_delivered_again(
    stack: Stack,
) -> None:
    assert invoke("not JSON", "[]") == ["m-0", "m-1"]


def test_the_sample_batch_is_handled(stack: Stack) -> None:
    sample = json.loads(
        (Path(__file__).parents[2] / "events/enforcement-queue-batch.json").read_text()
    )
    bodies = [each["body"] for each in sample["Records"]]
    names = {look.ref.name for body in bodies for look in looks_from(body, now(), ACCOUNT, "aws")}
    stack.create(*names)
    assert handler(sample, lambda_context()) == {"batchItemFailures": []}
    assert {stack.period_of(name) for name in names} == {20}


def test_the_same_batch_again_changes_and_tells_nothing(stack: Stack) -> None:
    stack.create("orders")
    event = off("orders")
    invoke(event)
    assert len(stack.facts()) == 1
    assert invoke(event, receives=2) == []
    assert stack.facts() == []


def test_a_deletion_is_told_with_the_backup_that_somebody_made(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTORE_TARGET_PATTERN", "restored-*")
    deletions.cache_clear()
    stack.create("orders")
    made = stack.dynamodb.create_backup(TableName="orders", BackupName="by-hand")["BackupDetails"]
    stack.dynamodb.delete_table(TableName="orders")
    deleted = record("DeleteTable", {"tableName": "orders"}, time=now() - timedelta(minutes=2))
    assert invoke(in_this_account(deleted)) == []
    deletions.cache_clear()
    [(kind, fact)] = stack.facts()
    assert (kind, fact["backupArn"]) == ("Table Deleted", None)
    assert [(each["arn"], each["type"]) for each in fact["otherBackups"]] == [
        (made["BackupArn"], "USER")
    ]
    assert fact["request"] == {
        "sourceTable": ORDERS,
        "targetTable": "restored-orders",
        "restoreTo": made["BackupArn"],
    }


def test_a_batch_ends_before_its_time_out_with_what_it_has_done(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    names = [f"table-{number}" for number in range(10)]
    stack.create(*names)
    ticks = itertools.count(step=4)  # each time that the clock is read, AWS has taken its time
    monkeypatch.setattr(enforce.deadline, "_ticks", lambda: next(ticks))
    assert invoke(*map(off, names[:5]), "not JSON", *map(off, names[5:]), receives=5) == ["m-5"]
    protected = [name for name in names if stack.period_of(name) == 20]
    assert 1 <= len(protected) < 10
    assert [kind for kind, _ in stack.facts()] == ["PITR Re-enabled"] * len(protected)
    assert stack.waiting() == 10 - len(protected)  # at once; what was begun comes back later
    monkeypatch.undo()
    assert any("AWS answers slowly" in line["message"] for line in log.lines())


def test_a_table_that_is_not_visible_yet_is_put_back_on_the_queue(stack: Stack) -> None:
    assert invoke(in_this_account(created("unborn", time=now()))) == []
    assert stack.put_back() == 1


def test_what_cannot_be_protected_is_told_on_the_last_receive_and_goes_to_the_dead_letters(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.create("orders")
    monkeypatch.setenv("LEDGER_TABLE", "no-such-table")
    assert invoke(off("orders"), receives=4) == ["m-0"]
    assert stack.facts() == []
    assert invoke(off("orders"), receives=5) == ["m-0"]
    [(kind, fact)] = stack.facts()
    assert kind == "Protection Failed"
    assert "ResourceNotFoundException" in fact["error"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("not JSON", "the message is not JSON"),
        ("{}", "account: Field required"),
        (message(record("PutItem", {"tableName": "orders"})), "PutItem is not a call the guardian"),
        (message(switched_off("x")), "'x' is not a table name"),
    ],
    ids=["text", "empty", "other call", "other name"],
)
def test_the_log_says_which_message_was_not_understood_and_why(
    stack: Stack, log: Log, body: str, complaint: str
) -> None:
    invoke(body)
    [line] = [line for line in log.lines() if line["level"] == "ERROR"]
    assert line["message_id"] == "m-0"
    assert line["message"].startswith("message not handled: ")
    assert complaint in line["message"]


def test_the_log_says_what_was_wrong_with_which_table(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.create("orders")
    monkeypatch.setenv("LEDGER_TABLE", "no-such-table")
    invoke(off("orders"))
    [line] = [line for line in log.lines() if line["level"] == "ERROR"]
    assert "ResourceNotFoundException" in line["message"]
    assert ORDERS in line["message"]


def test_the_log_has_each_decision_with_its_sentence(stack: Stack, log: Log) -> None:
    stack.create("orders")
    invoke(off("orders"))
    [line] = [line for line in log.lines() if "action" in line]
    assert (line["table"], line["action"]) == (ORDERS, "enable")
    assert line["message"] == stack.facts()[0][1]["reason"]


def test_a_variable_that_the_template_forgot_is_named(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.delenv("FACT_BUS")
    assert invoke(off("orders")) == ["m-0"]
    [line] = [line for line in log.lines() if line["level"] == "ERROR"]
    assert "the environment variable FACT_BUS is not set" in line["message"]
