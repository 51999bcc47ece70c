"""What the ledger holds of restores: a record for each request, and the tables to be born."""

from datetime import datetime
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.items import (
    EXPECTED,
    EXPECTED_FOR,
    expiry,
    instant_from,
    item_of,
    key_of,
    restore_key,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.restore.order import Order


class RestoreLedger:
    """``restore.ports.CallRecord`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_call(self, order: "Order", now: datetime) -> datetime | None:
        """See ``restore.ports.CallRecord``."""
        values = {
            ":now": iso(now),
            ":order": order.model_dump_json(by_alias=True),
            ":expires": expiry(now),
        }
        answer = self._client.update_item(
            TableName=self._name,
            Key=restore_key(order),
            UpdateExpression=(
                "SET calledAt = if_not_exists(calledAt, :now), #order = :order,"
                " expiresAt = :expires"
            ),
            ExpressionAttributeNames={"#order": "order"},
            ExpressionAttributeValues=item_of(values),
            ReturnValues="ALL_OLD",
        )
        called_at = answer.get("Attributes", {}).get("calledAt")
        return instant_from(called_at) if called_at else None

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def forget_call(self, order: "Order") -> None:
        """See ``restore.ports.CallRecord``."""
        self._client.update_item(
            TableName=self._name, Key=restore_key(order), UpdateExpression="REMOVE calledAt"
        )

    @needs("dynamodb:DeleteItem", on="ledger")
    @later_if_passing()
    def expect_no_more(self, table: TableRef) -> None:
        """See ``restore.ports.CallRecord``."""
        try:
            self._client.delete_item(
                TableName=self._name,
                Key=key_of(table, EXPECTED),
                ConditionExpression="attribute_not_exists(tableId)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # it was seen, so it is somebody's

    @needs("dynamodb:PutItem", on="ledger")
    @later_if_passing()
    def expect(self, table: TableRef, period: int, now: datetime) -> None:
        """See ``restore.ports.CallRecord``."""
        expires = int((now + EXPECTED_FOR).timestamp())
        self._client.put_item(
            TableName=self._name,
            Item=key_of(table, EXPECTED) | item_of({"period": period, "expiresAt": expires}),
        )
