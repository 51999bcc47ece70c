"""What the ledger holds of evidence.

All of it is under ``pk`` ``evidence``: ``sk`` ``head`` for the chain's last link (``key``,
``sha256``, ``bucket``), ``drill#<year>#<drill id>`` for each piece (``summary``, JSON, and
``asked``), ``measured#<table ARN>`` for how long the table's restore took (``measured``, JSON) the
last time that it was measured, and ``written#<table ARN>`` for how much is written to it
(``written``, JSON). They are written at once, and none of them expires.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.drill_items import concluding
from pitr_guardian.aws.ledger.items import EVIDENCE, MEMORY, item_of, measured_key
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import iso
from pitr_guardian.drills.evidence.chain import FIRST, Link
from pitr_guardian.drills.evidence.ports import AnsweredError, ChainMovedError
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.evidence.year import KnownTable
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.tables.reference import InvalidTableError, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from pitr_guardian.drills.ports import DrillAnswer

_PASSING = "TransactionConflict"


class EvidenceLedger:
    """``drills.evidence.ports.EvidenceChain`` and ``YearOfDrills`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:GetItem", on="ledger")
    def head(self) -> Link:
        """See ``drills.evidence.ports.EvidenceChain``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=item_of(_HEAD), ConsistentRead=True
            )
        found = answer.get("Item")
        if found is None:
            return FIRST
        bucket = found.get("bucket", {}).get("S") or None
        return Link(key=found["key"]["S"], sha256=found["sha256"]["S"], bucket=bucket)

    @needs("dynamodb:GetItem", on="ledger")
    def link_of(self, drill_id: str, year: int) -> DrillSummary | None:
        """See ``drills.evidence.ports.EvidenceChain``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=item_of(_piece(drill_id, year)), ConsistentRead=True
            )
        found = answer.get("Item")
        return DrillSummary.model_validate_json(found["summary"]["S"]) if found else None

    @needs("dynamodb:UpdateItem", "dynamodb:PutItem", on="ledger")
    def move(
        self, before: Link, summary: DrillSummary, order: DrillOrder, answer: "DrillAnswer"
    ) -> None:
        """See ``drills.evidence.ports.EvidenceChain``."""
        condition = "attribute_not_exists(pk)" if before == FIRST else "sha256 = :before"
        link = summary.link
        values = {":key": link.key, ":sha256": link.sha256, ":bucket": link.bucket or ""}
        if before != FIRST:
            values[":before"] = before.sha256
        piece = _piece(summary.drill_id, summary.year) | {
            "summary": summary.model_dump_json(by_alias=True),
            "asked": iso(summary.asked),
        }
        try:
            with later_if_passing():
                self._client.transact_write_items(
                    TransactItems=[
                        *concluding(self._name, order, answer),  # first: it has a reason of its own
                        {
                            "Update": {
                                "TableName": self._name,
                                "Key": item_of(_HEAD),
                                "UpdateExpression": (
                                    "SET #key = :key, sha256 = :sha256, #bucket = :bucket"
                                ),
                                "ConditionExpression": condition,
                                "ExpressionAttributeNames": {"#key": "key", "#bucket": "bucket"},
                                "ExpressionAttributeValues": item_of(values),
                            }
                        },
                        {
                            "Put": {
                                "TableName": self._name,
                                "Item": item_of(piece),
                                "ConditionExpression": "attribute_not_exists(pk)",
                            }
                        },
                        *self._measured(summary),
                    ]
                )
        except self._client.exceptions.TransactionCanceledException as cancelled:
            told: Any = cancelled.response
            codes = [reason.get("Code") for reason in told.get("CancellationReasons", ())]
            if _PASSING in codes:
                raise TryLaterError("another drill is just ending") from cancelled
            if codes and codes[0] == "ConditionalCheckFailed":
                raise AnsweredError(summary.drill_id) from cancelled
            raise ChainMovedError(summary.drill_id) from cancelled

    @needs("dynamodb:PutItem", on="ledger")
    def _measured(self, summary: DrillSummary) -> "list[TransactWriteItemTypeDef]":
        arn, asked = summary.table.arn, iso(summary.asked)
        items = []
        if summary.active_seconds is not None:
            measured = {"seconds": summary.active_seconds, "at": asked}
            items.append(measured_key(arn) | item_of({"measured": json.dumps(measured)}))
        if summary.bytes_an_hour is not None:
            written = {"bytesAnHour": summary.bytes_an_hour, "at": asked}
            items.append(_written(arn) | item_of({"written": json.dumps(written)}))
        return [{"Put": {"TableName": self._name, "Item": item}} for item in items]

    @needs("dynamodb:GetItem", on="ledger")
    def bytes_an_hour(self, table: TableRef) -> float | None:
        """See ``drills.ports.WriteRates``."""
        with later_if_passing():
            answer = self._client.get_item(TableName=self._name, Key=_written(table.arn))
        found = answer.get("Item", {}).get("written")
        return float(json.loads(found["S"])["bytesAnHour"]) if found else None

    @needs("dynamodb:Query", on="ledger")
    def drills_of(self, year: int) -> Sequence[DrillSummary]:
        """See ``drills.evidence.ports.YearOfDrills``."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :evidence AND begins_with(sk, :year)",
                ExpressionAttributeValues=item_of(
                    {":evidence": EVIDENCE, ":year": f"drill#{year}#"}
                ),
            )
            found = [
                DrillSummary.model_validate_json(attribute_values.read(item["summary"]))
                for page in pages
                for item in page["Items"]
            ]
        return sorted(found, key=lambda each: each.asked)

    @needs("dynamodb:Query", on="ledger")
    def left_out_in(self, year: int) -> Mapping[TableRef, Sequence[str]]:
        """See ``drills.evidence.ports.YearOfDrills``; ``drill_book`` notes what was told."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :drills AND begins_with(sk, :year)",
                ExpressionAttributeValues=item_of({":drills": "drills", ":year": f"told#{year}-"}),
            )
            told = [item["sk"]["S"].split("#", 3) for page in pages for item in page["Items"]]
        found: dict[TableRef, list[str]] = {}
        for _, month, kind, arn in told:
            table = _table(arn)
            if kind == "skipped" and table is not None:
                found.setdefault(table, []).append(month)
        return found

    @needs("dynamodb:Scan", on="ledger")
    def known_tables(self) -> Sequence[KnownTable]:
        """See ``drills.evidence.ports.YearOfDrills``.

        It scans the ledger, once a drill, as the report does once an hour (``history`` says why).
        """
        with later_if_passing():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._name,
                FilterExpression=(
                    "sk = :memory AND attribute_not_exists(expiresAt)"
                    " AND attribute_not_exists(copyOf)"
                ),
                ProjectionExpression="pk",
                ExpressionAttributeValues=item_of({":memory": MEMORY}),
            )
            names = [item["pk"]["S"] for page in pages for item in page["Items"]]
        return [KnownTable(table) for table in map(_table, names) if table is not None]


_HEAD = {"pk": EVIDENCE, "sk": "head"}


def _written(arn: str) -> dict[str, Any]:
    return item_of({"pk": EVIDENCE, "sk": f"written#{arn}"})


def _piece(drill_id: str, year: int) -> dict[str, Any]:
    return {"pk": EVIDENCE, "sk": f"drill#{year}#{drill_id}"}


def _table(arn: str) -> TableRef | None:
    try:
        return TableRef.from_arn(arn)
    except InvalidTableError:
        return None
