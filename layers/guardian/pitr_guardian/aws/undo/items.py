"""Items of a live table: read as they are, and written one by one, conditionally."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import code_of, later_if_passing, message_of, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.aws.undo.values import on_the_wire, read_off_the_wire
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.ports import ConditionFailedError, ItemRefusedError, Written
from pitr_guardian.undo.writes import Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_KEYS = 100
"""Of one BatchGetItem (API reference)."""
_ATTEMPTS = 6
_LONGEST_WAIT = 5.0
_OF_THIS_ITEM = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
"""What DynamoDB says of an item that it doesn't take: too large, or no key of an index."""
_ALSO_PASSING = "ReplicatedWriteConflictException"
"""Another region writes the same item of a strongly consistent global table (API reference)."""


class DynamoItems:
    """``undo.ports.WritableItems`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, sleep: Callable[[float], None]) -> None:
        """Take the door to DynamoDB, a client for a place, and what waits so many seconds."""
        self._client_for = client_for
        self._sleep = sleep

    @refused_if_final()
    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """See ``undo.ports.LiveItems``."""
        found: dict[str, Item] = {}
        for begin in range(0, len(keys), _MOST_KEYS):
            found |= self._batch(table, keys[begin : begin + _MOST_KEYS])
        return [found.get(_text(key)) for key in keys]

    @refused_if_final()
    def write(self, table: TableRef, write: Write) -> Written:
        """See ``undo.ports.WritableItems``."""
        client = self._client_for(table)
        return self._waited_out(lambda: self._once(client, table, write))

    @needs("dynamodb:BatchGetItem", on="table")
    def _batch(self, table: TableRef, keys: Sequence[Item]) -> dict[str, Item]:
        client = self._client_for(table)
        names = tuple(keys[0])
        # The same key twice in a batch is an error (API reference, BatchGetItem).
        left: list[Any] = [on_the_wire(key) for key in {_text(key): key for key in keys}.values()]
        found: dict[str, Item] = {}

        def ask() -> None:
            nonlocal left
            with later_if_passing():
                answer = client.batch_get_item(
                    RequestItems={table.arn: {"Keys": left, "ConsistentRead": True}}
                )
            for [item] in ([each] for items in answer["Responses"].values() for each in items):
                read = read_off_the_wire(item)
                found[_text({name: read[name] for name in names})] = read
            [unread] = answer.get("UnprocessedKeys", {}).values() or [{"Keys": []}]
            left = unread["Keys"]
            if left:
                raise TryLaterError(f"{table.name}: {len(left)} items couldn't be read just now")

        self._waited_out(ask)
        return found

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

    def _waited_out[Answer](self, ask: Callable[[], Answer]) -> Answer:
        """Ask until AWS can, for some seconds: botocore has no patience for all that passes."""
        for attempt in range(_ATTEMPTS - 1):
            try:
                return ask()
            except TryLaterError:
                self._sleep(min(_LONGEST_WAIT, 0.1 * 2**attempt))
        return ask()


def _text(key: Item) -> str:
    return key_text(key, sorted(key))
