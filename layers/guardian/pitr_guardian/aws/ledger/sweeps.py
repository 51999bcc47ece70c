"""The ledger, as far as sweeps use it.

Besides the tables' own records, ``pk`` ``sweep`` holds: ``sk`` ``lock``, and
``swept#<account>#<region>`` for when a scope's last complete sweep began, the id of its last sweep
and how that went, which the workflow writes; ``trail#<account>#<region>`` for when it was last told
that a scope has no trail.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.items import (
    MEMORY,
    item_of,
    key_of,
    known,
    same_table,
    update_of,
    written,
)
from pitr_guardian.aws.ledger.memory import (
    instant_of,
    memory_from,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.memory import Memory
from pitr_guardian.report.sweep import Region
from pitr_guardian.sweep.rounds import Noted
from pitr_guardian.tables.reference import Scope, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 5

_SIGHTED = (
    *("tableId", "bornAt", "period", "seenPeriod", "earliest", "latest"),
    *("seenOnAt", "exemptUntil", "foundOffAt", "hasKey", "expiresAt"),
)
_FOUND_OFF = ("tableId", "bornAt", "seenOnAt", "foundOffAt")


class SweepLedger:
    """``Sightings``, ``Warnings``, ``Notes`` and ``Results`` of ``sweep.ports`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:BatchGetItem", on="ledger")
    @later_if_passing()
    def recall_all(self, tables: Sequence[TableRef]) -> Mapping[TableRef, Memory]:
        """See ``sweep.ports.Sightings``."""
        wanted: Any = {self._name: {"Keys": [key_of(table, MEMORY) for table in tables]}}
        found: dict[TableRef, Memory] = {}
        for _ in range(_TRIES):
            if not tables or not wanted:
                return found
            answer = self._client.batch_get_item(RequestItems=wanted)
            for item in answer["Responses"].get(self._name, []):
                found[TableRef.from_arn(item["pk"]["S"])] = memory_from(item)
            wanted = answer["UnprocessedKeys"]
        raise TryLaterError(f"{self._name} gives out only a part of what it is asked for")

    @later_if_passing()
    def sighted(self, table: TableRef, memory: Memory) -> None:
        """See ``sweep.ports.Sightings``."""
        all_of_it = written(memory)
        values = {name: all_of_it[name] for name in _SIGHTED}
        self._note(
            table,
            update_of(values),
            "attribute_not_exists(drift)"
            " AND (attribute_not_exists(seenOnAt) OR seenOnAt < :seenOnAt)",
            known(values),
        )

    @later_if_passing()
    def found_off(self, table: TableRef, memory: Memory, at: datetime) -> None:
        """See ``sweep.ports.Sightings``."""
        all_of_it = written(replace(memory, found_off_at=at))
        values = known({name: all_of_it[name] for name in _FOUND_OFF})
        self._note(
            table,
            update_of(values | {"expiresAt": None}),
            "attribute_not_exists(drift) AND attribute_not_exists(foundOffAt)"
            " AND seenOnAt <= :seenOnAt",
            values,
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    def _note(
        self, table: TableRef, update: Any, condition: str, values: Mapping[str, Any]
    ) -> None:
        """Write what was seen, unless somebody has looked since, and knows better."""
        if "tableId" in values:
            condition += f" AND {same_table(values)}"
        # A condition that fails, or a write at the same moment: somebody was faster.
        with contextlib.suppress(
            self._client.exceptions.ConditionalCheckFailedException,
            self._client.exceptions.TransactionConflictException,
        ):
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, MEMORY),
                ConditionExpression=condition,
                **update,
            )

    @later_if_passing()
    def last_told(self, scope: Scope) -> datetime | None:
        """See ``sweep.ports.Warnings``."""
        return self._instant(_trail(scope), "toldAt")

    @later_if_passing()
    def last_swept(self, scope: Scope) -> datetime | None:
        """See ``sweep.ports.Warnings``."""
        return self._instant(_swept(scope), "sweptAt")

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_told(self, scope: Scope, at: datetime) -> None:
        """See ``sweep.ports.Warnings``."""
        self._client.update_item(
            TableName=self._name,
            Key=_trail(scope),
            UpdateExpression="SET toldAt = :at",
            ExpressionAttributeValues=item_of({":at": iso(at)}),
        )

    @needs("dynamodb:Query", on="ledger")
    @later_if_passing()
    def noted_of(self, sweep_id: str) -> Sequence[Noted]:
        """See ``sweep.ports.Notes``. What can't be read is as if it weren't there."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :swept)",
            FilterExpression="sweepId = :id",
            ExpressionAttributeValues=item_of(
                {":pk": "sweep", ":swept": "swept#", ":id": sweep_id}
            ),
            ConsistentRead=True,
        )
        found = []
        for item in (item for page in pages for item in page["Items"]):
            with contextlib.suppress(KeyError, ValidationError):
                found.append(Noted.model_validate_json(item["result"]["S"]))
        return found

    def results_of(self, sweep_id: str) -> Sequence[Region]:
        """See ``sweep.ports.Results``."""
        return [noted.as_region() for noted in self.noted_of(sweep_id)]

    @needs("dynamodb:GetItem", on="ledger")
    def _instant(self, key: Mapping[str, Any], name: str) -> datetime | None:
        answer = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        value = answer.get("Item", {}).get(name)
        try:
            return instant_of(value["S"]) if value else None
        except (KeyError, ValueError):  # another release or hand wrote it: as if it weren't there
            return None


def _trail(scope: Scope) -> dict[str, Any]:
    return item_of({"pk": "sweep", "sk": f"trail#{scope.account}#{scope.region}"})


def _swept(scope: Scope) -> dict[str, Any]:
    return item_of({"pk": "sweep", "sk": f"swept#{scope.account}#{scope.region}"})
