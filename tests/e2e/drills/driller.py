"""A deployed stack that is asked for drills, and what a test sees of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import Fact, Guardian, fresh
from tests.e2e.waiting import eventually

HOME = "eu-central-1"
TAG = "pitr-guardian:drill"
BUDGET_IN_USD = 100
PATIENCE_SECONDS = 240.0  # a drill is some twenty invocations of fourteen functions that start cold
ANSWERS = {"Drill Rejected", "Drill Passed", "Drill Failed"}

Items = dict[str, Json]
"""Items by their ids, as DynamoDB writes them, without the id."""

GOODS: Items = {f"item-{number}": {"price": {"N": str(number)}} for number in range(20)}


INDEXED: Json = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "shelf", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-shelf",
            "KeySchema": [{"AttributeName": "shelf", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}
"""Of a table with an index."""


class Driller(Guardian):
    """Asks for drills, and knows each by its id."""

    def stocked(self, items: Items = GOODS, minutes: float = 60, **more: Any) -> str:
        """A protected table whose items were written so many minutes ago."""
        table = self.protected_table(**more)
        self.put(table, items)
        self.aws.age(self.arn(table), minutes=minutes)
        return table

    def put(self, table: str, items: Items) -> None:
        for key, item in items.items():
            self.client("dynamodb").put_item(TableName=table, Item={"id": {"S": key}, **item})

    def delete(self, table: str, *keys: str) -> None:
        for key in keys:
            self.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": key}})

    # -- asking -------------------------------------------------------------------------------

    def event(self, detail: Json, caller: Caller | None = None) -> str:
        """Put an event on the request bus; returns its id."""
        entry = {
            "EventBusName": self.stack.outputs["RequestBusName"],
            "Source": "shop.operations",
            "DetailType": "Drill Requested",
            "Detail": json.dumps(detail),
        }
        answer = self.client("events", caller=caller).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    def ask(self, table: str, **fields: Any) -> str:
        """Ask for a drill; returns its id."""
        drill_id = fresh("drill")
        self.event({"requestId": drill_id, "table": table, **fields})
        return drill_id

    # -- answers ------------------------------------------------------------------------------

    def told_of(self, drill_id: str) -> list[Fact]:
        """What was told of a drill so far, oldest first."""
        return [fact for fact in self._all_facts() if fact.detail.get("drillId") == drill_id]

    def kinds(self, drill_id: str) -> list[str]:
        return [fact.detail_type for fact in self.told_of(drill_id)]

    def answer(self, drill_id: str, within: float = PATIENCE_SECONDS) -> Fact:
        """The answer to a drill."""

        def first() -> Fact | None:
            told = self.told_of(drill_id)
            return next((each for each in told if each.detail_type in ANSWERS), None)

        try:
            return eventually(first, f"an answer about {drill_id}", within)
        except AssertionError as failure:
            failure.add_note(f"The workflow: {self.execution(drill_id)}, {self.states(drill_id)}")
            raise

    def passed(self, drill_id: str) -> Fact:
        return self._is(self.answer(drill_id), "Drill Passed")

    def failed(self, drill_id: str) -> Fact:
        return self._is(self.answer(drill_id), "Drill Failed")

    def rejected(self, drill_id: str) -> Fact:
        return self._is(self.answer(drill_id), "Drill Rejected")

    def _is(self, answer: Fact, kind: str) -> Fact:
        assert answer.detail_type == kind, answer
        return answer

    @contextlib.contextmanager
    def copied(
        self, table: str, seconds: float = 5, region: str | None = None, **fields: Any
    ) -> Iterator[str]:
        """A drill whose copy is there, and isn't compared yet."""
        with self.aws.faults.delay("DescribeExport", seconds, table=table):
            drill_id = self.ask(table, **fields)
            copy = self.copy_of(drill_id)
            eventually(lambda: self.is_active(copy, region), f"copy of {drill_id}")
            yield drill_id

    def indexes_of(self, table: str, region: str | None = None) -> list[str]:
        """Names of a table's global secondary indexes."""
        found = self.client("dynamodb", region).describe_table(TableName=table)["Table"]
        return [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])]

    # -- the copy -----------------------------------------------------------------------------

    def copy_of(self, drill_id: str) -> str:
        """The name of a drill's copy."""
        return f"pitr-guardian-drill-{drill_id}"

    def is_there(self, table: str, region: str | None = None) -> bool:
        dynamodb = self.client("dynamodb", region)
        try:
            dynamodb.describe_table(TableName=table)
        except dynamodb.exceptions.ResourceNotFoundException:
            return False
        return True

    def is_active(self, table: str, region: str | None = None) -> bool:
        dynamodb = self.client("dynamodb", region)
        try:
            found = dynamodb.describe_table(TableName=table)
        except dynamodb.exceptions.ResourceNotFoundException:
            return False
        return bool(found["Table"]["TableStatus"] == "ACTIVE")

    def ago(self, minutes: float) -> str:
        """An instant so long ago, as a request takes it."""
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        return at.replace(microsecond=0).isoformat()

    def leaves_nothing(self, drill_id: str, region: str | None = None) -> None:
        """Nothing is left of a copy, and nothing was told of it."""
        copy = self.copy_of(drill_id)
        assert not self.is_there(copy, region)
        backups = self.client("dynamodb", region).list_backups(TableName=copy, BackupType="ALL")
        assert backups["BackupSummaries"] == []
        assert self.told(copy) == []

    # -- inside -------------------------------------------------------------------------------

    def execution_arn(self, drill_id: str) -> str:
        place = f"{HOME}:{self.aws.account_id}"
        return f"arn:aws:states:{place}:execution:{self.stack.name}-drill:{drill_id}"

    def execution(self, drill_id: str) -> Json | None:
        workflows = self.client("stepfunctions")
        try:
            found: Json = workflows.describe_execution(executionArn=self.execution_arn(drill_id))
        except workflows.exceptions.ExecutionDoesNotExist:
            return None
        return {name: found.get(name) for name in ("status", "error", "cause", "output")}

    def states(self, drill_id: str) -> list[str]:
        """The states that a drill's execution entered last, and what went wrong in them."""
        history = self.client("stepfunctions").get_execution_history(
            executionArn=self.execution_arn(drill_id), reverseOrder=True, maxResults=60
        )
        told = []
        for event in history["events"]:
            for kind, detail in event.items():
                if kind == "stateEnteredEventDetails":
                    told.append(detail["name"])
                elif kind.endswith("FailedEventDetails"):
                    told.append(f"{detail.get('error')}: {str(detail.get('cause'))[:500]}")
        return told

    def ended(self, drill_id: str) -> Json:
        """A drill's execution, once it has ended."""

        def over() -> Json | None:
            found = self.execution(drill_id)
            return None if found is None or found["status"] == "RUNNING" else found

        return eventually(over, f"the end of {drill_id}", PATIENCE_SECONDS)

    def stop(self, drill_id: str) -> None:
        self.client("stepfunctions").stop_execution(
            executionArn=self.execution_arn(drill_id), error="Stopped", cause="by the test"
        )

    def start(self, drill_id: str) -> None:
        """Start the workflow by hand, as whoever may."""
        machine = self.execution_arn(drill_id).rpartition(":")[0]
        self.client("stepfunctions").start_execution(
            stateMachineArn=machine.replace(":execution:", ":stateMachine:"), name=drill_id
        )

    def fire_hourly(self) -> None:
        """Let an hour be over."""
        self.aws.fire_rule(f"{self.stack.name}-drill-hourly", self.aws.account_id, HOME)

    def let_time_pass_for(self, drill_id: str) -> None:
        """Let a drill have been answered long ago: as the ledger has it."""
        told_at = self.told_of(drill_id)[-1]["time"]
        self._change_record(drill_id, "answer", told_at, "2026-01-01T00:00:00.000Z")

    def let_the_copy_age(self, drill_id: str, days: int) -> None:
        """Let a copy have been ACTIVE so many days ago: as the ledger has it."""
        since = datetime.now(UTC) - timedelta(days=days)
        self.client("dynamodb").update_item(
            **self._key(drill_id),
            UpdateExpression="SET activeAt = :at",
            ExpressionAttributeValues={":at": {"S": f"{since:%Y-%m-%dT%H:%M:%S}.000Z"}},
        )

    def set_back_latest(self, drill_id: str) -> None:
        """Let the latest restorable instant have lagged behind by far: as the ledger has it."""
        latest = json.loads(self._record(drill_id)["order"]["S"])["latest"]
        self._change_record(
            drill_id, "order", f'"latest":"{latest}"', '"latest":"2026-01-01T00:00:00.000Z"'
        )

    def let_the_proof_take(self, drill_id: str, minutes: float) -> None:
        """Let the last item be found right so long after the asking, whenever that really is: as
        the ledger has it, which keeps the first word."""
        asked = datetime.fromisoformat(
            json.loads(self._record(drill_id)["order"]["S"])["acceptedAt"]
        )
        self.client("dynamodb").update_item(
            **self._key(drill_id),
            UpdateExpression="SET verifiedAt = :at",
            ExpressionAttributeValues={
                ":at": {"S": (asked + timedelta(minutes=minutes)).isoformat()}
            },
        )

    def _record(self, drill_id: str) -> Json:
        found: Json = self.client("dynamodb").get_item(**self._key(drill_id))["Item"]
        return found

    def _key(self, drill_id: str) -> Json:
        return {
            "TableName": self.stack.outputs["LedgerTableName"],
            "Key": {"pk": {"S": f"drill#{drill_id}"}, "sk": {"S": "drill"}},
        }

    def _change_record(self, drill_id: str, attribute: str, before: str, after: str) -> None:
        text = self._record(drill_id)[attribute]["S"]
        assert before in text
        self.client("dynamodb").update_item(
            **self._key(drill_id),
            UpdateExpression="SET #attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues={":value": {"S": text.replace(before, after)}},
        )

    def object_at(self, uri: str) -> bytes:
        """What is at an S3 URI that a fact told."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert bucket == self.stack.outputs["EvidenceBucketName"]
        body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def role_of(self, function: str) -> str:
        """Name of the role of a function of the part for drills."""
        return self.physical_id(function.replace("Function", "Role"))

    def look_for_due(self) -> None:
        """Let an hour be over, after which drills that are due begin."""
        self.aws.fire_rule(f"{self.stack.name}-drill-due", self.aws.account_id, HOME)

    def of_table(self, table: str, detail_type: str) -> list[Fact]:
        """What was told of this kind about a table."""
        return [fact for fact in self.facts(table) if fact.detail_type == detail_type]

    @contextlib.contextmanager
    def budget_left(self, usd: float) -> Iterator[None]:
        """Let so much of this month's budget be left: as the ledger has it."""
        month = datetime.now(UTC).strftime("%Y-%m")
        key = {"pk": {"S": "drills"}, "sk": {"S": f"month#{month}"}}
        ledger = self.stack.outputs["LedgerTableName"]
        found = self.client("dynamodb").get_item(TableName=ledger, Key=key).get("Item", {})
        spent = int(found.get("spent", {"N": "0"})["N"])
        more = round((BUDGET_IN_USD - usd) * 10**6) - spent
        self._spend(month, str(more))
        try:
            yield
        finally:
            self._spend(month, str(-more))

    def _spend(self, month: str, micros: str) -> None:
        self.client("dynamodb").update_item(
            TableName=self.stack.outputs["LedgerTableName"],
            Key={"pk": {"S": "drills"}, "sk": {"S": f"month#{month}"}},
            UpdateExpression="ADD spent :micros",
            ExpressionAttributeValues={":micros": {"N": micros}},
        )
