"""What the ledger holds of drills' copies, and of the restores that make them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.drill_items import drill_key, mark
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.aws.ledger.items import MEMORY, instant_from, item_of, key_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.drills.record import DrillRecord, Milestone
from pitr_guardian.tables.copies import copy_name, is_named_like_a_copy
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.restore.order import Order


class CopyLedger:
    """``drills.ports.LeftCopies`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    def record_of(self, drill_id: str) -> DrillRecord | None:
        """See ``drills.ports.DrillRecords``."""
        return DrillLedger(self._client, self._name).record_of(drill_id)

    def reach(self, drill_id: str, milestone: Milestone, at: datetime) -> datetime:
        """See ``drills.ports.Milestones``."""
        return DrillLedger(self._client, self._name).reach(drill_id, milestone, at)

    @needs("dynamodb:UpdateItem", on="ledger")
    def note_copy(self, drill_id: str, table_id: str | None) -> None:
        """See ``drills.ports.CopyRecord``."""
        record = self.record_of(drill_id)
        if table_id is None or record is None:
            return
        values = item_of({":id": table_id})
        with later_if_passing():
            self._client.update_item(
                TableName=self._name,
                Key=drill_key(drill_id),
                UpdateExpression="SET copyId = if_not_exists(copyId, :id)",
                ExpressionAttributeValues=values,
            )
            self._client.update_item(
                TableName=self._name,
                Key=key_of(record.order.copy_ref, MEMORY),
                UpdateExpression="SET tableId = if_not_exists(tableId, :id)",
                ConditionExpression="attribute_exists(copyOf)",
                ExpressionAttributeValues=values,
            )

    @needs("dynamodb:DeleteItem", on="ledger")
    def settle_copy(self, drill_id: str, at: datetime) -> None:
        """See ``drills.ports.CopyRecord``. The mark goes last: whoever died before comes again."""
        self.reach(drill_id, Milestone.REMOVED, at)
        record = self.record_of(drill_id)
        with later_if_passing():
            if record is not None and record.copy_id is None and record.called_at is None:
                self._expect_no_more(record.order.copy_ref)
            self._client.delete_item(TableName=self._name, Key=mark("copy", drill_id))

    @needs("dynamodb:Query", on="ledger")
    def copies(self) -> Sequence[str]:
        """See ``drills.ports.LeftCopies``."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :drills AND begins_with(sk, :copy)",
                ExpressionAttributeValues=item_of({":drills": "drills", ":copy": "copy#"}),
            )
            return [item["sk"]["S"].split("#", 1)[1] for page in pages for item in page["Items"]]

    @needs("dynamodb:DeleteItem", on="ledger")
    def _expect_no_more(self, copy: TableRef) -> None:
        try:
            self._client.delete_item(
                TableName=self._name,
                Key=key_of(copy, MEMORY),
                ConditionExpression="attribute_exists(copyOf) AND attribute_not_exists(tableId)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


class CopyCalls:
    """``restore.ports.CallRecord`` for the restores of drills: they are in the drills' records."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_call(self, order: "Order", now: datetime) -> datetime | None:
        """See ``restore.ports.CallRecord``."""
        answer = self._client.update_item(
            TableName=self._name,
            Key=drill_key(order.request.request_id),
            UpdateExpression="SET calledAt = if_not_exists(calledAt, :now)",
            ConditionExpression="attribute_exists(#order)",
            ExpressionAttributeNames={"#order": "order"},
            ExpressionAttributeValues=item_of({":now": iso(now)}),
            ReturnValues="ALL_OLD",
        )
        called_at = answer.get("Attributes", {}).get("calledAt")
        return instant_from(called_at) if called_at else None

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def forget_call(self, order: "Order") -> None:
        """See ``restore.ports.CallRecord``."""
        self._client.update_item(
            TableName=self._name,
            Key=drill_key(order.request.request_id),
            UpdateExpression="REMOVE calledAt",
        )

    def expect(self, table: TableRef, period: int, now: datetime) -> None:  # noqa: ARG002
        """See ``restore.ports.CallRecord``; a copy is expected since its drill was opened."""
        _check(table)

    def expect_no_more(self, table: TableRef) -> None:
        """See ``restore.ports.CallRecord``; whoever removes the copy forgets that it was to be."""
        _check(table)


def _check(table: TableRef) -> None:
    if not is_named_like_a_copy(table.name):
        raise ValueError(f"{table} isn't named like {copy_name('…')}")
