"""A deployed stack that is asked for restores, and what a test sees of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import Fact, Guardian, fresh
from tests.e2e.waiting import eventually

HOME, ELSEWHERE = "eu-central-1", "us-east-1"
PATIENCE_SECONDS = 180.0  # a restore is some thirty calls of five functions
FINAL = {"Restore Rejected", "Restore Planned", "Restore Completed", "Restore Failed"}


@dataclass(frozen=True)
class Asked:
    """A request that was put on the bus."""

    id: str
    source: str
    target: str
    content: Json


class Restorer(Guardian):
    """Asks for restores, and knows each by its request id."""

    # -- asking -------------------------------------------------------------------------------

    def ask(self, source: str, target: str | None = None, **fields: Any) -> Asked:
        """Put a request on the bus."""
        target = target or fresh("Restored")
        content = {"sourceTable": source, "targetTable": target, "requestId": fresh("request")}
        asked = content | fields
        self.put_request(asked)
        return Asked(asked["requestId"], source, asked["targetTable"], asked)

    def put_request(self, detail: Json) -> str:
        """Put a request's detail on the bus as it is; returns the event's id."""
        entry = {
            "EventBusName": self.stack.outputs["RequestBusName"],
            "Source": "shop.operations",
            "DetailType": "Restore Requested",
            "Detail": json.dumps(detail),
        }
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    def restore(self, source: str, target: str | None = None, **fields: Any) -> Fact:
        """Ask for a restore, and wait until it is completed."""
        return self.completed(self.ask(source, target, **fields))

    # -- answers ------------------------------------------------------------------------------

    def told_of(self, request_id: str) -> list[Fact]:
        """What was told of a request so far, oldest first."""
        self.facts("")
        return [fact for fact in self._collected if fact.detail.get("requestId") == request_id]

    def kinds(self, asked: Asked) -> list[str]:
        """The kinds of all facts about a request, once its workflow has ended."""
        eventually(
            lambda: self.execution(asked.id) != "RUNNING",
            f"the workflow of {asked} ends",
            PATIENCE_SECONDS,
        )
        return [fact.detail_type for fact in self.told_of(asked.id)]

    def answer(self, asked: Asked, within: float = PATIENCE_SECONDS) -> Fact:
        """The last word on a request."""

        def last_word() -> Fact | None:
            told = [fact for fact in self.told_of(asked.id) if fact["targetTable"] == asked.target]
            return next((fact for fact in told if fact.detail_type in FINAL), None)

        try:
            return eventually(last_word, f"an answer to {asked}", within)
        except AssertionError as failure:
            failure.add_note(f"The workflow went {self.states_entered(asked.id)}")
            raise

    def completed(self, asked: Asked, within: float = PATIENCE_SECONDS) -> Fact:
        return self._answered(asked, "Restore Completed", within)

    def failed(self, asked: Asked, within: float = PATIENCE_SECONDS) -> Fact:
        return self._answered(asked, "Restore Failed", within)

    def rejected(self, asked: Asked) -> Fact:
        return self._answered(asked, "Restore Rejected", PATIENCE_SECONDS)

    def _answered(self, asked: Asked, kind: str, within: float) -> Fact:
        answer = self.answer(asked, within)
        assert answer.detail_type == kind, answer
        return answer

    # -- workflows ----------------------------------------------------------------------------

    def execution_arn(self, request_id: str) -> str:
        machine = self.stack.outputs["RestoreStateMachineArn"]
        return f"{machine.replace(':stateMachine:', ':execution:')}:{request_id}"

    def execution(self, request_id: str) -> str | None:
        """Status of a request's workflow; None where it was never started."""
        workflows = self.client("stepfunctions")
        try:
            arn = self.execution_arn(request_id)
            status: str = workflows.describe_execution(executionArn=arn)["status"]
        except workflows.exceptions.ExecutionDoesNotExist:
            return None
        return status

    def states_entered(self, request_id: str) -> list[str]:
        """Every state that a request's workflow has entered so far: what AWS bills."""
        if self.execution(request_id) is None:
            return []
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return [
            event["stateEnteredEventDetails"]["name"]
            for page in pages.paginate(executionArn=self.execution_arn(request_id))
            for event in page["events"]
            if event["type"].endswith("StateEntered")
        ]

    # -- tables -------------------------------------------------------------------------------

    def describe(self, table: str, region: str | None = None) -> Json | None:
        """DescribeTable's answer; None where there is no such table."""
        dynamodb = self.client("dynamodb", region)
        try:
            described: Json = dynamodb.describe_table(TableName=table)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            return None
        return described

    def table(self, table: str, region: str | None = None) -> Json:
        """DescribeTable's answer of a table that exists."""
        described = self.describe(table, region)
        assert described is not None, table
        return described

    def ledger_record(self, request_id: str) -> Json:
        """What the ledger remembers of a restore, as plain values."""
        item = self.client("dynamodb").get_item(
            TableName=self.stack.outputs["LedgerTableName"],
            Key={"pk": {"S": f"restore#{request_id}"}, "sk": {"S": "restore"}},
        )["Item"]
        return {name: next(iter(value.values())) for name, value in item.items()}

    def restorable_at(self, table: str, instant: datetime) -> None:
        """Return when a table can be restored to an instant."""
        eventually(
            lambda: self.pitr(table)["LatestRestorableDateTime"] >= instant,
            f"{table} can be restored to {instant}",
        )

    def next_second(self, table: str) -> datetime:
        """A whole second from now on to which the table can be restored, once it has passed."""
        now = self.pitr(table)["LatestRestorableDateTime"]
        second: datetime = now.replace(microsecond=0) + timedelta(seconds=2)
        self.restorable_at(table, second)
        return second

    def put(self, table: str, **items: str) -> None:
        """Put items: id and value."""
        for key, value in items.items():
            self.client("dynamodb").put_item(
                TableName=table, Item={"id": {"S": key}, "value": {"S": value}}
            )

    def items(self, table: str, region: str | None = None) -> dict[str, str]:
        """All items: id and value."""
        found = self.client("dynamodb", region).scan(TableName=table, ConsistentRead=True)["Items"]
        return {item["id"]["S"]: item["value"]["S"] for item in found}
