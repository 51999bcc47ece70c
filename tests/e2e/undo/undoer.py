"""A deployed stack that is asked for undos, and what a test sees of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import Fact, Guardian, fresh
from tests.e2e.waiting import eventually

HOME = "eu-central-1"
PATIENCE_SECONDS = 240.0  # a plan is some twenty invocations of eight functions that start cold
PLANNED = {"Undo Rejected", "Undo Planned", "Undo Failed"}
DONE = {"Undo Rejected", "Undo Completed", "Undo Failed"}

Items = dict[str, Json]
"""Items by their ids, as DynamoDB writes them, without the id."""


@dataclass(frozen=True)
class Damaged:
    """A table, the instants around its damage, and its items before and after."""

    table: str
    from_: str
    to: str
    good: Items
    bad: Items

    @property
    def window(self) -> Json:
        """The fields of a request; without an end, `to` is left out."""
        return {"table": self.table, "from": self.from_} | ({"to": self.to} if self.to else {})


class Undoer(Guardian):
    """Asks for undos, and knows each by its plan's id."""

    # -- damage -------------------------------------------------------------------------------

    def damaged(self, good: Items, bad: Items) -> Damaged:
        """A protected table whose items were good half an hour ago, and damaged 5 minutes ago."""
        table = self.protected_table()
        self.put(table, good)
        self.aws.age(self.arn(table), minutes=30)
        self.replace(table, good, bad)
        self.aws.age(self.arn(table), minutes=5)
        now = datetime.now(UTC).replace(microsecond=0)
        from_, to = (now - timedelta(minutes=ago) for ago in (10, 3))
        return Damaged(table, from_.isoformat(), to.isoformat(), good, bad)

    def put(self, table: str, items: Items) -> None:
        for some in batched(items.items(), 25, strict=False):  # as many as DynamoDB takes
            puts: list[Any] = [
                {"PutRequest": {"Item": {"id": {"S": key}, **item}}} for key, item in some
            ]
            written = self.client("dynamodb").batch_write_item(RequestItems={table: puts})
            assert not written["UnprocessedItems"]

    def delete(self, table: str, *keys: str) -> None:
        for key in keys:
            self.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": key}})

    def replace(self, table: str, before: Items, after: Items) -> None:
        """Write what differs."""
        self.delete(table, *(before.keys() - after.keys()))
        self.put(table, {key: item for key, item in after.items() if item != before.get(key)})

    def items(self, table: str) -> Items:
        pages = self.client("dynamodb").get_paginator("scan")
        found = pages.paginate(TableName=table, ConsistentRead=True).search("Items")
        return {item.pop("id")["S"]: item for item in found}

    # -- asking -------------------------------------------------------------------------------

    def event(self, detail_type: str, detail: Json, caller: Caller | None = None) -> str:
        """Put an event on the request bus; returns its id."""
        entry = {
            "EventBusName": self.stack.outputs["RequestBusName"],
            "Source": "shop.operations",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        answer = self.client("events", caller=caller).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    def ask(self, request: Json, **fields: Any) -> str:
        """Ask for a plan; returns its id."""
        plan_id = fresh("undo")
        self.event("Undo Requested", {"requestId": plan_id, **request, **fields})
        return plan_id

    def approve(self, planned: Fact, **fields: Any) -> str:
        """Approve a plan; returns the event's id."""
        approval = {"planId": planned["planId"], "fingerprint": planned["fingerprint"]}
        return self.event("Undo Approved", {**approval, "requestedBy": "anna", **fields})

    # -- answers ------------------------------------------------------------------------------

    def told_of(self, plan_id: str) -> list[Fact]:
        """What was told of a plan so far, oldest first."""
        return [fact for fact in self._all_facts() if fact.detail.get("planId") == plan_id]

    def kinds(self, plan_id: str) -> list[str]:
        return [fact.detail_type for fact in self.told_of(plan_id)]

    def answer(self, plan_id: str, kinds: set[str], within: float = PATIENCE_SECONDS) -> Fact:
        """The first fact of these kinds about a plan."""

        def first() -> Fact | None:
            return next((each for each in self.told_of(plan_id) if each.detail_type in kinds), None)

        try:
            return eventually(first, f"an answer about {plan_id}", within)
        except AssertionError as failure:
            for phase in ("plan", "apply"):
                failure.add_note(f"The {phase} workflow: {self.execution(phase, plan_id)}")
            raise

    def planned(self, plan_id: str) -> Fact:
        return self._is(self.answer(plan_id, PLANNED), "Undo Planned")

    def plan(self, request: Json, **fields: Any) -> Fact:
        """Ask for a plan, and wait until it can be read."""
        return self.planned(self.ask(request, **fields))

    def completed(self, plan_id: str) -> Fact:
        return self._is(self.answer(plan_id, DONE), "Undo Completed")

    def carry_out(self, planned: Fact) -> Fact:
        """Approve a plan, and wait until it was carried out."""
        self.approve(planned)
        return self.completed(planned["planId"])

    def rejected(self, plan_id: str) -> Fact:
        return self.answer(plan_id, {"Undo Rejected"})

    def failed(self, plan_id: str) -> Fact:
        return self.answer(plan_id, {"Undo Failed"})

    def _is(self, answer: Fact, kind: str) -> Fact:
        assert answer.detail_type == kind, answer
        return answer

    # -- inside -------------------------------------------------------------------------------

    def execution_arn(self, phase: str, plan_id: str) -> str:
        place = f"{HOME}:{self.aws.account_id}"
        return f"arn:aws:states:{place}:execution:{self.stack.name}-undo-{phase}:{plan_id}"

    def execution(self, phase: str, plan_id: str) -> Json | None:
        workflows = self.client("stepfunctions")
        try:
            found: Json = workflows.describe_execution(
                executionArn=self.execution_arn(phase, plan_id)
            )
        except workflows.exceptions.ExecutionDoesNotExist:
            return None
        return {name: found.get(name) for name in ("status", "error", "cause", "output")}

    def object_at(self, uri: str) -> bytes:
        """What is at an S3 URI that a fact told."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert bucket == self.stack.outputs["UndoBucketName"]
        body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def ended(self, phase: str, plan_id: str) -> Json | None:
        """The execution of a phase, once it has ended."""
        found = self.execution(phase, plan_id)
        return None if found is None or found["status"] == "RUNNING" else found

    def start(self, phase: str, plan_id: str) -> None:
        """Start a workflow by hand, as whoever may."""
        machine = self.execution_arn(phase, plan_id).rpartition(":")[0]
        self.client("stepfunctions").start_execution(
            stateMachineArn=machine.replace(":execution:", ":stateMachine:"), name=plan_id
        )

    def stop(self, phase: str, plan_id: str) -> None:
        self.client("stepfunctions").stop_execution(
            executionArn=self.execution_arn(phase, plan_id), error="Stopped", cause="by the test"
        )

    def expire(self, planned: Fact) -> None:
        """Let the time run out in which a plan may be approved: as the ledger has it."""
        self._change_record(
            planned["planId"], "plan", planned["expiresAt"], "2026-01-01T00:00:00.000Z"
        )

    def _change_record(self, plan_id: str, attribute: str, before: str, after: str) -> None:
        dynamodb = self.client("dynamodb")
        record = {
            "TableName": self.stack.outputs["LedgerTableName"],
            "Key": {"pk": {"S": f"undo#{plan_id}"}, "sk": {"S": "undo"}},
        }
        text = dynamodb.get_item(**record)["Item"][attribute]["S"]
        assert before in text
        dynamodb.update_item(
            **record,
            UpdateExpression="SET #attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues={":value": {"S": text.replace(before, after)}},
        )

    def swap_parts(self, plan_id: str, other: str) -> None:
        """Put what another plan would write in a plan's place."""
        s3, bucket = self.client("s3"), self.stack.outputs["UndoBucketName"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"undos/{other}/")["Contents"]
        for key in (each["Key"] for each in listed):
            if "/parts" in key:
                source = {"Bucket": bucket, "Key": key}
                s3.copy_object(Bucket=bucket, CopySource=source, Key=key.replace(other, plan_id))

    def exports(self, table: str) -> dict[str, Json]:
        """The exports of a table as AWS describes them, by their ARNs."""
        dynamodb = self.client("dynamodb")
        listed = dynamodb.list_exports(TableArn=self.arn(table))["ExportSummaries"]
        return {
            each["ExportArn"]: dynamodb.describe_export(ExportArn=each["ExportArn"])[
                "ExportDescription"
            ]
            for each in listed
        }

    def exports_of(self, table: str) -> int:
        """How many exports of a table there are."""
        pages = self.client("dynamodb").list_exports(TableArn=self.arn(table))
        return len(pages["ExportSummaries"])

    def role_of_undo(self, function: str) -> str:
        """Name of the role of a function of the part for undos."""
        return self.physical_id(function.replace("Function", "Role"))

    def plans(self, planned: Fact) -> dict[str, str]:
        """What is planned for each item, by its id."""
        return {line["key"]["id"]["S"]: line["planned"] for line in self.lines(planned)}

    def lines(self, planned: Fact) -> list[Json]:
        """The items of a plan as programs read them."""
        return [json.loads(line) for line in self.object_at(planned["itemsUri"]).splitlines()]
