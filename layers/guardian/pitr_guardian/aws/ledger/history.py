"""The ledger's past, for the report."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.ledger.items import (
    EVIDENCE,
    MEMORY,
    RESTORE,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.report.history import (
    Item,
    Past,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class LedgerHistory:
    """``report.ports.History`` on the ledger (``aws.ledger.items`` tells its keys).

    It scans the table, once a report. An index would be cheaper to read and dearer to keep: every
    incident would be written twice, while a ledger of 10,000 tables is some 20 MB, and scanning it
    every hour costs cents a month. The filter keeps what isn't asked for from travelling.
    """

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:Scan", on="ledger")
    def past(self, kinds: Collection[str], since: datetime) -> Past:
        """See ``report.ports.History``."""
        kind_values = {f":kind{n}": {"S": kind} for n, kind in enumerate(sorted(kinds))}
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            FilterExpression=(
                "sk = :restore"
                " OR (sk = :memory AND (attribute_exists(drift) OR attribute_exists(tolerated)"
                " OR attribute_exists(foundOffAt))) OR"
                " (pk = :evidence AND begins_with(sk, :drill)) OR"
                f" (sk BETWEEN :since AND :until AND detailType IN ({', '.join(kind_values)}))"
            ),
            ExpressionAttributeValues={
                ":restore": {"S": RESTORE},
                ":memory": {"S": MEMORY},
                ":since": {"S": f"incident#{iso(since)}"},
                ":until": {"S": "incident#~"},  # after every instant
                ":evidence": {"S": EVIDENCE},
                ":drill": {"S": "drill#"},
                **kind_values,
            },
        )
        items = [item for page in pages for item in page["Items"]]
        texts = [_texts(item) for item in items]
        drills = [item for item in texts if item["pk"] == EVIDENCE]
        texts = [item for item in texts if item["pk"] != EVIDENCE]
        return Past(
            incidents=[item for item in texts if item["sk"] not in {RESTORE, MEMORY}],
            restores=[item for item in texts if item["sk"] == RESTORE],
            drifts=[item for item in texts if item["sk"] == MEMORY],
            drills=drills,
        )


def _texts(item: Mapping[str, Mapping[str, Any]]) -> Item:
    return {name: value["S"] for name, value in item.items() if "S" in value}
