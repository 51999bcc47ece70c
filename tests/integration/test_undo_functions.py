"""The functions behind an undo, wired as deployed: from the request to the healed items."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from functions.undo.abandoned import handler as abandoned
from functions.undo.accept import handler as accept
from functions.undo.apply import handler as apply
from functions.undo.approve import handler as approve
from functions.undo.check import handler as check
from functions.undo.fail import handler as fail
from functions.undo.greet import handler as greet
from functions.undo.pages.assemble import handler as assemble
from functions.undo.pages.finish import handler as finish
from functions.undo.plan import handler as plan
from functions.undo.refuse import handler as refuse
from functions.undo.shard import handler as shard
from functions.undo.start import handler as start
from functions.undo.verify import handler as verify
from pitr_guardian.undo.ports import UndoNotUnderWayError
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime.now(UTC).replace(microsecond=0)
PLAN = "incident-4711"
WINDOW = {
    "from": (NOW - timedelta(minutes=40)).isoformat(),
    "to": (NOW - timedelta(minutes=10)).isoformat(),
}
GOOD, BAD, JUNK = ({"price": {"N": price}} for price in ("3", "0", "666"))


class Stack:
    """The functions deployed, with their environment as the template sets it."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.dynamodb = dynamodb
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(
            Bucket="undos", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self._sqs = boto3.client("sqs", region_name=REGION)
        self.sfn = boto3.client("stepfunctions", region_name=REGION)
        events = boto3.client("events", region_name=REGION)
        self._subscriber = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        events.create_event_bus(Name="facts")
        events.put_rule(Name="all", EventBusName="facts", EventPattern='{"version": ["0"]}')
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:subscriber"
        events.put_targets(Rule="all", EventBusName="facts", Targets=[{"Id": "queue", "Arn": arn}])
        self.machines = {phase: self._machine(phase) for phase in ("plan", "apply")}

    def create(self, name: str = "Orders", *, protected: bool = True) -> None:
        """A table with two spoilt items and one too many, which has a past."""
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for key, item in (("apples", BAD), ("pears", BAD), ("junk", JUNK)):
            self.dynamodb.put_item(TableName=name, Item={"id": {"S": key}, **item})
        if protected:
            self.dynamodb.update_continuous_backups(
                TableName=name,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
            table = dynamodb_backends[ACCOUNT][REGION].get_table(name)
            window = table.continuous_backups["PointInTimeRecoveryDescription"]
            window["EarliestRestorableDateTime"] = (NOW - timedelta(days=9)).timestamp()

    def items(self, name: str = "Orders") -> dict[str, Any]:
        found = self.dynamodb.scan(TableName=name, ConsistentRead=True)["Items"]
        return {item.pop("id")["S"]: item for item in found}

    def export(self, *lines: tuple[str, dict[str, Any] | None, dict[str, Any] | None]) -> Any:
        """Write an export's data file as AWS does; its line of the list of files."""
        records = [
            {
                "Metadata": {"WriteTimestampMicros": {"N": "1"}},
                "Keys": {"id": {"S": key}},
                **({"OldImage": {"id": {"S": key}, **old}} if old else {}),
                **({"NewImage": {"id": {"S": key}, **new}} if new else {}),
            }
            for key, old, new in lines
        ]
        content = gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in records))
        key = f"undos/{PLAN}/exports/{ACCOUNT}/AWSDynamoDB/data/aaaa.json.gz"
        self.s3.put_object(Bucket="undos", Key=key, Body=content)
        md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        return {"itemCount": len(records), "md5Checksum": md5, "dataFileS3Key": key}

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        received = self._sqs.receive_message(QueueUrl=self._subscriber, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in received.get("Messages", [])]
        return [(body["detail-type"], body["detail"]) for body in bodies]

    def started(self, phase: str) -> list[str]:
        found = self.sfn.list_executions(stateMachineArn=self.machines[phase])["executions"]
        return [each["name"] for each in found]

    def _machine(self, phase: str) -> str:
        machine: str = self.sfn.create_state_machine(
            name=f"undo-{phase}",
            definition='{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/undo",
        )["stateMachineArn"]
        return machine


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, dynamodb: DynamoDBClient, ledger_table: str) -> Stack:
    deployed = Stack(dynamodb)
    environment = {
        "LEDGER_TABLE": ledger_table,
        "UNDO_BUCKET": "undos",
        "FACT_BUS": "facts",
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "MEMBER_ROLE_NAME": "",
        "KMS_KEY_ARN": "",
        "UNDO_TABLE_PATTERN": "Orders*",
        "PLAN_HOURS": "24",
        "WRITE_UNITS_PER_SECOND": "500",
        "WRITERS_AT_ONCE": "8",
        "PLAN_STATE_MACHINE_ARN": deployed.machines["plan"],
        "APPLY_STATE_MACHINE_ARN": deployed.machines["apply"],
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    describe = Table.describe

    def describe_with_id(table: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        described: dict[str, Any] = describe(table, base_key)
        described[base_key]["TableId"] = "table-1"  # which moto's tables don't have
        return described

    monkeypatch.setattr(Table, "describe", describe_with_id)
    # Nor does it know this call.
    answer = json.dumps({"TableName": "Orders", "KinesisDataStreamDestinations": []})
    monkeypatch.setattr(
        DynamoHandler, "describe_kinesis_streaming_destination", lambda _: answer, raising=False
    )
    return deployed


def event(kind: str, event_id: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"id": event_id, "detail-type": f"Undo {kind}", "account": ACCOUNT, "detail": detail}


def ask(event_id: str = "e-1", **fields: Any) -> None:
    detail = {"table": "Orders", "requestId": PLAN, **WINDOW, **fields}
    accept(event("Requested", event_id, detail), lambda_context())


def run(handler: Any, **given: Any) -> Any:
    return handler({"planId": PLAN, **given}, lambda_context(remaining_ms=900_000))


def planned(stack: Stack) -> dict[str, Any]:
    """A plan of one exported file, made step by step as its workflow does; what was told of it."""
    stack.create()
    ask()
    file = stack.export(("apples", GOOD, BAD), ("plums", GOOD, None), ("junk", None, JUNK))
    assert run(shard, export="D", file=file, shards=1) == {"items": 3}
    run(plan, shard=0)
    run(assemble, shards=1, exportedBytes=1000)
    [(kind, detail)] = stack.told()
    assert kind == "Undo Planned"
    return detail


def approve_it(detail: dict[str, Any], event_id: str = "e-2", **fields: Any) -> None:
    approval = {"planId": PLAN, "fingerprint": detail["fingerprint"], **fields}
    approve(event("Approved", event_id, approval), lambda_context())


def test_a_request_starts_the_planning_under_its_id_once(stack: Stack) -> None:
    stack.create()
    ask()
    ask("e-2")
    assert stack.started("plan") == [PLAN]
    assert run(greet) == {"revert": False}
    [(kind, detail)] = stack.told()
    assert (kind, detail["planId"]) == ("Undo Accepted", PLAN)


def test_what_cannot_be_granted_is_told(stack: Stack) -> None:
    stack.create("Orders-off", protected=False)
    stack.create("Prices")
    ask(table="Orders-off")
    ask("e-2", table="Prices", requestId="other")
    ask("e-3", colour="blue", requestId="third")
    kinds, details = zip(*stack.told(), strict=True)
    assert set(kinds) == {"Undo Rejected"}
    off, outside, unknown = (detail["error"] for detail in details)
    assert "PITR is off on" in off
    assert "UndoTablePattern" in outside
    assert unknown.startswith("colour")
    assert stack.started("plan") == []


def test_an_undo_goes_from_the_exported_file_to_the_healed_items(stack: Stack) -> None:
    told = planned(stack)
    counts = {kind: count for kind, count in told["counts"].items() if count}
    assert counts == {"revert": 1, "putBack": 1, "remove": 1}
    assert stack.items() == {"apples": BAD, "pears": BAD, "junk": JUNK}

    approve_it(told)
    approve_it(told, "e-3")
    assert stack.started("apply") == [PLAN]
    listed = stack.s3.get_object(Bucket="undos", Key=f"undos/{PLAN}/plan/parts.jsonl")["Body"]
    [part] = [json.loads(line)["part"] for line in listed.read().splitlines()]
    assert run(apply, part=part, offset=0) == {"part": part, "next": None}
    assert run(verify, part=part) == {"part": part, "verified": 3}
    assert run(finish)["verified"] == 3
    assert stack.items() == {"apples": GOOD, "plums": GOOD, "pears": BAD}
    [(kind, completed)] = stack.told()
    assert kind == "Undo Completed"
    for uri in (told["planUri"], told["itemsUri"], completed["reportUri"]):
        assert stack.s3.head_object(Bucket="undos", Key=uri.removeprefix("s3://undos/"))

    # Whoever runs again afterwards writes nothing.
    with pytest.raises(UndoNotUnderWayError):
        run(apply, part=part, offset=0)


def test_another_fingerprint_is_refused_and_nothing_is_started(stack: Stack) -> None:
    planned(stack)
    approve_it({"fingerprint": "0" * 64})
    [(kind, detail)] = stack.told()
    assert kind == "Undo Rejected"
    assert detail["error"].startswith("fingerprint: ")
    assert stack.started("apply") == []


def test_a_step_that_went_wrong_is_answered_for_once(stack: Stack) -> None:
    stack.create()
    ask()
    cause = json.dumps({"errorMessage": "AWS says no", "errorType": "RefusedError"})
    for _ in range(2):
        run(fail, phase="plan", error="RefusedError", cause=cause)
    told = stack.told()
    assert {(kind, detail["id"]) for kind, detail in told} == {("Undo Failed", told[0][1]["id"])}
    assert "RefusedError: AWS says no" in told[0][1]["error"]


def test_a_workflow_that_was_ended_from_outside_is_answered_for(stack: Stack) -> None:
    stack.create()
    ask()
    machine = stack.machines["plan"]
    detail = {
        "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{PLAN}",
        "stateMachineArn": machine,
        "name": PLAN,
        "status": "ABORTED",
        "stopDate": int(NOW.timestamp() * 1000),
    }
    abandoned({"time": NOW.isoformat(), "detail": detail}, lambda_context())
    (first, _), (kind, told) = stack.told()
    assert (first, kind, told["phase"]) == ("Undo Accepted", "Undo Failed", "plan")
    assert "ABORTED" in told["error"]
    abandoned({}, lambda_context())  # a sweep finds nothing that waits for an answer
    assert stack.told() == []


def test_nothing_is_done_for_a_plan_that_nobody_asked_for(stack: Stack) -> None:
    steps: list[tuple[Any, dict[str, Any]]] = [
        (greet, {}),
        (start, {}),
        (check, {"exports": []}),
        (shard, {"export": "D", "file": {}, "shards": 1}),
        (plan, {"shard": 0}),
        (assemble, {"shards": 1, "exportedBytes": 0}),
        (apply, {"part": "0000-0000", "offset": 0}),
        (verify, {"part": "0000-0000"}),
        (finish, {}),
        (fail, {"phase": "plan", "error": "E", "cause": "C"}),
    ]
    for handler, given in steps:
        with pytest.raises(UndoNotUnderWayError):
            run(handler, **given)
    assert stack.told() == []


@pytest.mark.parametrize("kind", ["Requested", "Approved"])
def test_where_undos_are_off_both_are_refused_with_the_parameter(stack: Stack, kind: str) -> None:
    detail = {"planId": PLAN, "table": "Orders", "requestId": PLAN}
    refuse(event(kind, "e-1", detail), lambda_context())
    [(told, answer)] = stack.told()
    assert told == "Undo Rejected"
    assert "UndoTablePattern" in answer["error"]
