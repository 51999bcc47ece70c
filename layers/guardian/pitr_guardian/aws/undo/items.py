"""Items of a live table: read as they are, and written one by one, conditionally."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import code_of, later_if_passing, message_of, refused_if_final
from pitr_guardian.aws.exports.items import DynamoReads
from pitr_guardian.aws.exports.values import on_the_wire, read_off_the_wire
from pitr_guardian.aws.patience import Sleep, waited_out
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.ports import ConditionFailedError, ItemRefusedError, Written
from pitr_guardian.undo.writes import Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OF_THIS_ITEM = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
"""What DynamoDB says of an item that it doesn't take: too large, or no key of an index."""
_ALSO_PASSING = "ReplicatedWriteConflictException"
"""Another region writes the same item of a strongly consistent global table (API reference)."""


class DynamoItems:
    """``undo.ports.WritableItems`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, sleep: Sleep) -> None:
        """Take the door to DynamoDB, a client for a place, and what waits so many seconds."""
        self._client_for = client_for
        self._sleep = sleep

    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """See ``undo.ports.LiveItems``."""
        return DynamoReads(self._client_for, self._sleep).read(table, keys)

    @refused_if_final()
    def write(self, table: TableRef, write: Write) -> Written:
        """See ``undo.ports.WritableItems``."""
        client = self._client_for(table)
        return waited_out(lambda: self._once(client, table, write), self._sleep)

    @needs("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", on="table")
    def _once(self, client: "DynamoDBClient", table: TableRef, write: Write) -> Written:
        asked: dict[str, Any] = {
            "TableName": table.arn,
            "ConditionExpression": write.condition,
            "ExpressionAttributeNames": write.names,
            "ReturnValues": "ALL_OLD",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "ReturnConsumedCapacity": "TOTAL",
        }
        if write.values:
            asked["ExpressionAttributeValues"] = on_the_wire(write.values)
        try:
            with later_if_passing(_ALSO_PASSING):
                answer: Any
                match write.kind:
                    case "put":
                        answer = client.put_item(Item=on_the_wire(write.item or {}), **asked)
                    case "update":
                        answer = client.update_item(
                            Key=on_the_wire(write.key),
                            UpdateExpression=write.update or "",
                            **asked,
                        )
                    case "delete":
                        answer = client.delete_item(Key=on_the_wire(write.key), **asked)
        except client.exceptions.ConditionalCheckFailedException as error:
            told: Any = error.response
            raise ConditionFailedError(
                read_off_the_wire(told["Item"]) if told.get("Item") else None, 1
            ) from error
        except client.exceptions.ClientError as error:
            if code_of(error) in _OF_THIS_ITEM:
                raise ItemRefusedError(message_of(error)) from error
            raise
        before = answer.get("Attributes")
        return Written(
            read_off_the_wire(before) if before else None,
            answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0),
        )
