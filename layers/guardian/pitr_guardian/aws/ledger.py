"""The ledger: one small DynamoDB table. What its records look like is in ``ledger_items``."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import later_if_conflicting
from pitr_guardian.aws.ledger_items import (
    INCIDENTS_KEPT,
    incident_of,
    item_of,
    key_of,
    known,
    mended_from,
    mended_key,
    mended_of,
    update_of,
    written,
)
from pitr_guardian.aws.ledger_memory import UNSETTLED, memory_from, unreadable_in
from pitr_guardian.aws.rights import needs
from pitr_guardian.facts import Fact
from pitr_guardian.instants import iso
from pitr_guardian.memory import Drift, Memory, Mended
from pitr_guardian.ports import TryLaterError
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


STALE_CLAIM = timedelta(minutes=2)
"""After this, a claimant is taken for dead: longer than the function may run."""

_SAME_TABLE = "(attribute_not_exists(tableId) OR tableId = :id)"


_TRIES = 4


class DynamoLedger:
    """``ports.Ledger`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    def recall(self, table: TableRef, table_id: str | None) -> Memory:
        """See ``ports.Ledger``."""
        return memory_from(self._item(table)).of(table_id)

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_conflicting()
    def notice(self, table: TableRef, table_id: str | None, drift: Drift) -> Memory:
        """See ``ports.Ledger``."""
        written = drift.model_dump_json(by_alias=True)
        values = {":drift": written, ":noticedAt": iso(drift.noticed_at)}
        update = (
            "SET drift = if_not_exists(drift, :drift),"
            " driftNoticedAt = if_not_exists(driftNoticedAt, :noticedAt)"
        )
        condition = "(attribute_not_exists(seenOnAt) OR seenOnAt < :noticedAt)"
        if table_id is not None:
            values[":id"] = table_id
            update += ", tableId = :id"
            condition += f" AND {_SAME_TABLE}"
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=key_of(table, "memory"),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=item_of(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            found = self._item(table)
            if self._forgot_the_unreadable(table, found):
                return self.notice(table, table_id, drift)
            held = memory_from(found)
            if held.of(table_id) == held:
                return held
            item = {
                "drift": written,
                "driftNoticedAt": values[":noticedAt"],
                "tableId": table_id,
            }
            self._replace(table, held, item)
            return memory_from(item_of(item))
        memory = memory_from(answer["Attributes"])
        if memory.drift is None and self._forgot_the_unreadable(table, answer["Attributes"]):
            return self.notice(table, table_id, drift)
        return memory

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_conflicting()
    def remember(self, table: TableRef, memory: Memory) -> None:
        """See ``ports.Ledger``."""
        values_of_now = written(memory)
        update = update_of(values_of_now)
        values = update["ExpressionAttributeValues"]
        conditions = []
        if memory.table_id is not None:
            values |= item_of({":id": memory.table_id})
            conditions.append(_SAME_TABLE)
        if memory.seen_on_at is not None:
            values |= item_of({":now": iso(memory.seen_on_at)})
            conditions.append("(attribute_not_exists(seenOnAt) OR seenOnAt <= :now)")
        if conditions:
            update["ConditionExpression"] = " AND ".join(conditions)
        try:
            self._client.update_item(TableName=self._name, Key=key_of(table, "memory"), **update)
        except self._client.exceptions.ConditionalCheckFailedException:
            found = self._item(table)
            if self._forgot_the_unreadable(table, found):
                self.remember(table, memory)
                return
            held = memory_from(found)
            if held.of(memory.table_id) != held:
                self._replace(table, held, values_of_now)

    def claim(self, table: TableRef, drift: Drift, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        return self._claim(key_of(table, "memory"), drift, claimant, now)

    def claim_mended(self, table: TableRef, mended: Mended, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        return self._claim(mended_key(table, mended), mended.drift, claimant, now)

    @needs("dynamodb:UpdateItem", on="ledger")
    def settle(self, table: TableRef, memory: Memory, told: Fact | None) -> None:
        """See ``ports.Ledger``."""
        if told is None:
            self._client.update_item(**self._settled(table, memory))
        else:
            self._together(
                {"Update": self._settled(table, memory)}, self._put(incident_of(table, told))
            )

    @needs("dynamodb:UpdateItem", on="ledger")
    def mend(self, table: TableRef, memory: Memory, mended: Mended) -> None:
        """See ``ports.Ledger``."""
        self._together(
            {"Update": self._settled(table, memory)}, self._put(mended_of(table, mended))
        )

    @needs("dynamodb:Query", on="ledger")
    def mended(self, table: TableRef) -> Sequence[Mended]:
        """See ``ports.Ledger``."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :table AND begins_with(sk, :mended)",
            ExpressionAttributeValues=item_of({":table": table.arn, ":mended": "mended#"}),
            ConsistentRead=True,
        )
        found = (mended_from(item) for page in pages for item in page["Items"])
        return [mended for mended in found if mended is not None]

    @needs("dynamodb:DeleteItem", on="ledger")
    def settle_mended(self, table: TableRef, mended: Mended, told: Fact) -> None:
        """See ``ports.Ledger``."""
        self._together(
            {"Delete": {"TableName": self._name, "Key": mended_key(table, mended)}},
            self._put(incident_of(table, told)),
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    def claim_fact(self, table: TableRef, fact_id: str, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, f"told#{fact_id}"),
                UpdateExpression="SET claimant = :me, claimedAt = :now, expiresAt = :expires",
                ConditionExpression=(
                    "attribute_not_exists(told) AND (attribute_not_exists(claimant)"
                    " OR claimant = :me OR claimedAt < :stale)"
                ),
                ExpressionAttributeValues=item_of(
                    {
                        ":me": claimant,
                        ":now": iso(now),
                        ":stale": iso(now - STALE_CLAIM),
                        ":expires": int((now + INCIDENTS_KEPT).timestamp()),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    @needs("dynamodb:UpdateItem", on="ledger")
    def settle_fact(self, table: TableRef, told: Fact) -> None:
        """See ``ports.Ledger``."""
        update: Any = {
            "TableName": self._name,
            "Key": key_of(table, f"told#{told.id}"),
            "UpdateExpression": "SET told = :told",
            "ExpressionAttributeValues": item_of({":told": True}),
        }
        self._together({"Update": update}, self._put(incident_of(table, told)))

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_conflicting()
    def _claim(self, key: dict[str, Any], drift: Drift, claimant: str, now: datetime) -> bool:
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key,
                UpdateExpression="SET claimant = :me, claimedAt = :now",
                ConditionExpression=(
                    "driftNoticedAt = :noticedAt AND (attribute_not_exists(claimant)"
                    " OR claimant = :me OR claimedAt < :stale)"
                ),
                ExpressionAttributeValues=item_of(
                    {
                        ":noticedAt": iso(drift.noticed_at),
                        ":me": claimant,
                        ":now": iso(now),
                        ":stale": iso(now - STALE_CLAIM),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _settled(self, table: TableRef, memory: Memory) -> Any:
        return {
            "TableName": self._name,
            "Key": key_of(table, "memory"),
            **update_of(written(memory) | dict.fromkeys(UNSETTLED)),
        }

    @needs("dynamodb:PutItem", on="ledger")
    def _put(self, item: Mapping[str, Any]) -> Any:
        return {"Put": {"TableName": self._name, "Item": item}}

    def _together(self, *writes: Any) -> None:
        """Write all or nothing.

        AWS cancels a transaction that meets another write to one of its records, and botocore
        doesn't try it again. What is written here was told already: it must not be told anew.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as cancelled:
                if tries_left == 0 or not _met_another_write(cancelled):
                    raise
            else:
                return

    @needs("dynamodb:GetItem", on="ledger")
    def _item(self, table: TableRef) -> Mapping[str, Any]:
        answer = self._client.get_item(
            TableName=self._name, Key=key_of(table, "memory"), ConsistentRead=True
        )
        return answer.get("Item", {})

    @needs("dynamodb:UpdateItem", on="ledger")
    def _forgot_the_unreadable(self, table: TableRef, item: Mapping[str, Any]) -> bool:
        """Take out of a record what another release or hand left there; tell if there was any."""
        found = unreadable_in(item)
        if not found:
            return False
        gone = {*found, *(UNSETTLED if "drift" in found else ())}
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, "memory"),
                UpdateExpression=f"REMOVE {', '.join(f'#{name}' for name in gone)}",
                ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in found),
                ExpressionAttributeNames={f"#{name}": name for name in gone},
                ExpressionAttributeValues={f":{name}": item[name] for name in found},
            )
        except self._client.exceptions.ConditionalCheckFailedException as overtaken:
            raise TryLaterError("another look writes to the ledger") from overtaken
        return True

    @needs("dynamodb:PutItem", on="ledger")
    def _replace(self, table: TableRef, held: Memory, values: Mapping[str, Any]) -> None:
        """The name has a new bearer: what was remembered is another table's, and goes."""
        try:
            self._client.put_item(
                TableName=self._name,
                Item=key_of(table, "memory") | item_of(known(values)),
                ConditionExpression="tableId = :held",
                ExpressionAttributeValues=item_of({":held": held.table_id}),
            )
        except self._client.exceptions.ConditionalCheckFailedException as overtaken:
            raise TryLaterError("another look writes to the ledger") from overtaken


def _met_another_write(cancelled: ClientError) -> bool:
    reasons: Any = cancelled.response.get("CancellationReasons", [])
    return any(reason.get("Code") == "TransactionConflict" for reason in reasons)
