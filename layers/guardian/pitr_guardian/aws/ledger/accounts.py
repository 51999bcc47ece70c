"""The ledger, as far as it knows of accounts' names.

``pk`` ``accounts``: ``sk`` ``<account>`` with its ``name``, as the last sweep that could ask AWS
Organizations learnt it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.ledger.items import item_of
from pitr_guardian.aws.rights import needs

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class AccountLedger:
    """``facts.ports.AccountNames`` and ``sweep.ports.NamesKept`` on DynamoDB."""

    def __init__(self, client: "Callable[[], DynamoDBClient]", name: str) -> None:
        """Take the door to DynamoDB and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:GetItem", on="ledger")
    def name_of(self, account: str) -> str | None:
        """See ``facts.ports.AccountNames``."""
        with refused_if_final(), later_if_passing():
            answer = self._client().get_item(TableName=self._name, Key=_account(account))
        return _name(answer.get("Item", {}))

    @needs("dynamodb:Query", on="ledger")
    @later_if_passing()
    def names_kept(self) -> Mapping[str, str]:
        """See ``sweep.ports.NamesKept``."""
        pages = (
            self._client()
            .get_paginator("query")
            .paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=item_of({":pk": "accounts"}),
            )
        )
        items = [item for page in pages for item in page["Items"]]
        return {item["sk"]["S"]: name for item in items if (name := _name(item))}

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def keep_name(self, account: str, name: str) -> None:
        """See ``sweep.ports.NamesKept``."""
        self._client().update_item(
            TableName=self._name,
            Key=_account(account),
            UpdateExpression="SET #name = :name",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues=item_of({":name": name}),
        )


def _account(account: str) -> dict[str, Any]:
    return item_of({"pk": "accounts", "sk": account})


def _name(item: Mapping[str, Any]) -> str | None:
    """Read a name; None where there is none, or another release or hand wrote it."""
    name = item.get("name", {}).get("S")
    return name if isinstance(name, str) and name else None
