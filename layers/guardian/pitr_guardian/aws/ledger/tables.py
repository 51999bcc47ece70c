"""The ledger: one small DynamoDB table. What its records look like is in ``aws.ledger.items``."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.items import (
    EXPECTED,
    MEMORY,
    expiry,
    former,
    incident_of,
    item_of,
    key_of,
    known,
    mended_from,
    mended_key,
    mended_of,
    of_the_deleted,
    same_table,
    update_of,
    written,
)
from pitr_guardian.aws.ledger.memory import (
    UNSETTLED,
    memory_from,
    unreadable_in,
)
from pitr_guardian.aws.ledger.recollection import (
    recalled,
    record_of,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
    Mended,
    PutRight,
)
from pitr_guardian.facts.facts import Fact
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STALE_CLAIM = timedelta(minutes=2)
"""After this, a claimant is taken for dead: longer than the function may run."""

_TRIES = 4

_SUSPECTED = '"suspected":true'
"""What a noted drift's JSON holds that is a suspicion."""


class DynamoLedger:
    """``drift.ports.Ledger`` and ``drift.ports.DeletionRecord`` on DynamoDB.

    Passing faults are ``TryLaterError``.
    """

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @later_if_passing()
    def recall(
        self, table: TableRef, table_id: str | None, born_at: datetime | None = None
    ) -> Memory:
        """See ``drift.ports.Ledger``."""
        return self._with_what_is_expected(
            table, recalled(self._client, self._name, table, table_id, born_at)
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def notice(
        self,
        table: TableRef,
        table_id: str | None,
        drift: Drift,
        born_at: datetime | None = None,
    ) -> Memory:
        """See ``drift.ports.Ledger``."""
        values = {
            "drift": drift.model_dump_json(by_alias=True),
            "driftNoticedAt": iso(drift.noticed_at),
        }
        update = "SET drift = if_not_exists(drift, :drift)," + (
            " driftNoticedAt = if_not_exists(driftNoticedAt, :driftNoticedAt)"
        )
        condition = "(attribute_not_exists(seenOnAt) OR seenOnAt < :driftNoticedAt)"
        bearer = known({"tableId": table_id, "bornAt": iso(born_at) if born_at else None})
        if table_id is not None:
            update += "".join(f", {name} = :{name}" for name in bearer)
            condition += f" AND {same_table(bearer)}"
            values |= bearer
        update += " REMOVE expiresAt"
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=item_of(
                    {f":{name}": value for name, value in values.items()}
                ),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            found = record_of(self._client, self._name, table, MEMORY)
            if self._forgot_the_unreadable(table, found):
                return self.notice(table, table_id, drift, born_at)
            held = memory_from(found)
            if held.is_of(table_id, born_at):
                return held.of(table_id, born_at)
            self._replace(table, found, values, drift.noticed_at)
            return self._with_what_is_expected(table, memory_from(item_of(values)))
        memory = memory_from(answer["Attributes"])
        if memory.drift is None and self._forgot_the_unreadable(table, answer["Attributes"]):
            return self.notice(table, table_id, drift, born_at)
        if memory.drift is not None and memory.drift.suspected and drift.is_off:
            if not self._confirmed(table, memory.drift):
                return self.notice(table, table_id, drift, born_at)
            return memory.confirmed
        return self._with_what_is_expected(table, memory)

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def suspect(self, table: TableRef, drift: Drift) -> Memory | None:
        """See ``drift.ports.Ledger``."""
        if drift.cause is None:
            return None
        values = {
            ":drift": drift.model_dump_json(by_alias=True),
            ":noticedAt": iso(drift.noticed_at),
            ":happenedAt": iso(drift.cause.time),
        }
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                UpdateExpression="SET drift = :drift, driftNoticedAt = :noticedAt",
                ConditionExpression=(
                    "attribute_exists(tableId) AND seenOnAt < :happenedAt"
                    " AND attribute_not_exists(drift) AND attribute_not_exists(driftNoticedAt)"
                    " AND attribute_not_exists(expiresAt)"
                ),
                ExpressionAttributeValues=item_of(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return memory_from(answer["Attributes"])

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def take_back(self, table: TableRef, suspicion: Drift) -> None:
        """See ``drift.ports.Ledger``."""
        values = {":noticedAt": iso(suspicion.noticed_at), ":suspected": _SUSPECTED}
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                UpdateExpression="REMOVE drift, driftNoticedAt",
                ConditionExpression=(
                    "driftNoticedAt = :noticedAt AND contains(drift, :suspected)"
                    " AND attribute_not_exists(claimant)"
                ),
                ExpressionAttributeValues=item_of(values),
            )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def remember(self, table: TableRef, memory: Memory) -> None:
        """See ``drift.ports.Ledger``."""
        values_of_now = written(memory)
        update = update_of(values_of_now)
        conditions = []
        if memory.table_id is not None:
            conditions.append(same_table(known(values_of_now)))
        if memory.seen_on_at is not None:
            conditions.append("(attribute_not_exists(seenOnAt) OR seenOnAt <= :seenOnAt)")
        if conditions:
            update["ConditionExpression"] = " AND ".join(conditions)
        try:
            self._client.update_item(TableName=self._name, Key=key_of(table, MEMORY), **update)
        except self._client.exceptions.ConditionalCheckFailedException:
            found = record_of(self._client, self._name, table, MEMORY)
            if self._forgot_the_unreadable(table, found):
                self.remember(table, memory)
                return
            held = memory_from(found)
            if not held.is_of(memory.table_id, memory.born_at) and memory.seen_on_at:
                self._replace(table, found, values_of_now, memory.seen_on_at)

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_failing(self, table: TableRef, failing: Failing) -> None:
        """See ``drift.ports.Ledger``."""
        self._client.update_item(
            TableName=self._name,
            Key=key_of(table, MEMORY),
            UpdateExpression="SET failing = :failing REMOVE expiresAt",
            ExpressionAttributeValues=item_of({":failing": failing.model_dump_json(by_alias=True)}),
        )

    @later_if_passing()
    def claim(
        self,
        table: TableRef,
        drift: Drift,
        claimant: str,
        now: datetime,
        put_right: PutRight | None = None,
    ) -> bool:
        """See ``drift.ports.Ledger``."""
        return self._claim(key_of(table, MEMORY), drift, claimant, now, put_right)

    @later_if_passing()
    def claim_mended(self, table: TableRef, mended: Mended, claimant: str, now: datetime) -> bool:
        """See ``drift.ports.Ledger``."""
        return self._claim(mended_key(table, mended), mended.drift, claimant, now)

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def settle(
        self, table: TableRef, memory: Memory, told: Fact | None, noted: Drift | None = None
    ) -> None:
        """See ``drift.ports.Ledger``."""
        if told is None:
            self._client.update_item(**self._settled(table, memory))
        else:
            self._settle_with(self._put(incident_of(table, told)), table, memory, noted)

    @later_if_passing()
    def mend(self, table: TableRef, memory: Memory, mended: Mended) -> None:
        """See ``drift.ports.Ledger``."""
        self._settle_with(self._put(mended_of(table, mended)), table, memory, mended.drift)

    @needs("dynamodb:Query", on="ledger")
    @later_if_passing()
    def mended(self, table: TableRef) -> Sequence[Mended]:
        """See ``drift.ports.Ledger``."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :table AND begins_with(sk, :mended)",
            ExpressionAttributeValues=item_of({":table": table.arn, ":mended": "mended#"}),
            ConsistentRead=True,
        )
        found = (mended_from(item) for page in pages for item in page["Items"])
        return [mended for mended in found if mended is not None]

    @needs("dynamodb:DeleteItem", on="ledger")
    @later_if_passing()
    def settle_mended(self, table: TableRef, mended: Mended, told: Fact) -> None:
        """See ``drift.ports.Ledger``."""
        self._together(
            {"Delete": {"TableName": self._name, "Key": mended_key(table, mended)}},
            self._put(incident_of(table, told)),
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def claim_fact(self, table: TableRef, fact_id: str, claimant: str, now: datetime) -> bool:
        """See ``drift.ports.Ledger``."""
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
                        ":expires": expiry(now),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def settle_fact(self, table: TableRef, told: Fact) -> None:
        """See ``drift.ports.Ledger``."""
        update: Any = {
            "TableName": self._name,
            "Key": key_of(table, f"told#{told.id}"),
            "UpdateExpression": "SET told = :told",
            "ExpressionAttributeValues": item_of({":told": True}),
        }
        self._together({"Update": update}, self._put(incident_of(table, told)))

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def let_expire(
        self, table: TableRef, table_id: str | None, deleted_at: datetime, now: datetime
    ) -> None:
        """See ``drift.ports.DeletionRecord``."""
        values = {":expires": expiry(now), ":deletedAt": iso(deleted_at), ":tableId": table_id}
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                UpdateExpression="SET expiresAt = :expires",
                ConditionExpression=of_the_deleted(table_id),
                ExpressionAttributeValues=item_of(known(values)),
            )

    @needs("dynamodb:UpdateItem", on="ledger")
    def _claim(
        self,
        key: dict[str, Any],
        drift: Drift,
        claimant: str,
        now: datetime,
        put_right: PutRight | None = None,
    ) -> bool:
        told = put_right.model_dump_json(by_alias=True) if put_right else None
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key,
                UpdateExpression="SET claimant = :me, claimedAt = :now"
                + (", putRight = :putRight" if told else ""),
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
                    | ({":putRight": told} if told else {})
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    @needs("dynamodb:UpdateItem", on="ledger")
    def _confirmed(self, table: TableRef, suspicion: Drift) -> bool:
        """Make a suspicion what nobody takes back; False where it is gone."""
        values = {
            ":drift": suspicion.confirmed.model_dump_json(by_alias=True),
            ":noticedAt": iso(suspicion.noticed_at),
        }
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                UpdateExpression="SET drift = :drift",
                ConditionExpression="driftNoticedAt = :noticedAt",
                ExpressionAttributeValues=item_of(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _settled(self, table: TableRef, memory: Memory) -> Any:
        return {
            "TableName": self._name,
            "Key": key_of(table, MEMORY),
            **update_of(written(memory) | dict.fromkeys(UNSETTLED)),
        }

    @needs("dynamodb:UpdateItem", on="ledger")
    def _settle_with(
        self, record: Any, table: TableRef, memory: Memory, noted: Drift | None
    ) -> None:
        """Write a record, and settle what was noted, unless something newer is known by now."""
        settled = self._settled(table, memory)
        if noted is not None:
            since = " OR seenOnAt <= :seenOnAt" if memory.seen_on_at else ""
            settled["ConditionExpression"] = (
                "driftNoticedAt = :settled OR (attribute_not_exists(driftNoticedAt)"
                f" AND (attribute_not_exists(seenOnAt){since}))"
            )
            settled["ExpressionAttributeValues"] |= item_of({":settled": iso(noted.noticed_at)})
        try:
            self._together({"Update": settled}, record)
        except self._client.exceptions.TransactionCanceledException as cancelled:
            if not _met(cancelled, "ConditionalCheckFailed"):
                raise
            self._together(record)

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
                if tries_left == 0 or not _met(cancelled, "TransactionConflict"):
                    raise
            else:
                return

    @needs("dynamodb:UpdateItem", on="ledger")
    def _with_what_is_expected(self, table: TableRef, memory: Memory) -> Memory:
        """Give a table that was never seen the period that a restore expects it to have.

        It is expected of one table: the first that is seen.
        """
        if memory.table_id is None or not memory.is_blank:
            return memory
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=key_of(table, EXPECTED),
                UpdateExpression="SET tableId = :id",
                ConditionExpression=(
                    "attribute_exists(period) AND (attribute_not_exists(tableId) OR tableId = :id)"
                ),
                ExpressionAttributeValues=item_of({":id": memory.table_id}),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return memory
        period = memory_from(answer["Attributes"]).period
        return replace(memory, period=period, expected=period is not None)

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
                Key=key_of(table, MEMORY),
                UpdateExpression=f"REMOVE {', '.join(f'#{name}' for name in gone)}",
                ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in found),
                ExpressionAttributeNames={f"#{name}": name for name in gone},
                ExpressionAttributeValues={f":{name}": item[name] for name in found},
            )
        except self._client.exceptions.ConditionalCheckFailedException as overtaken:
            raise TryLaterError("another look writes to the ledger") from overtaken
        return True

    def _replace(
        self, table: TableRef, found: Mapping[str, Any], values: Mapping[str, Any], now: datetime
    ) -> None:
        """The name has a new bearer: what was remembered is another table's, and is put by."""
        new = self._put(key_of(table, MEMORY) | item_of(known(values)))
        held = memory_from(found)
        if held.table_id is None:
            new["Put"]["ConditionExpression"] = "attribute_not_exists(tableId)"
            writes = [new]
        else:
            new["Put"]["ConditionExpression"] = "tableId = :held"
            new["Put"]["ExpressionAttributeValues"] = item_of({":held": held.table_id})
            kept = {"expiresAt": expiry(now)}
            key = key_of(table, former(held.table_id))
            writes = [new, self._put({**found, **key, **item_of(kept)})]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as overtaken:
            raise TryLaterError("another look writes to the ledger") from overtaken


def _met(cancelled: ClientError, reason: str) -> bool:
    """Tell whether a transaction was cancelled for a reason, at one of its writes."""
    reasons: Any = cancelled.response.get("CancellationReasons", [])
    return any(each.get("Code") == reason for each in reasons)
