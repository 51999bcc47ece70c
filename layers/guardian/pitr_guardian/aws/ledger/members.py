"""The ledger, as far as it knows of members.

``pk`` ``members``: ``sk`` ``<account>#<region>`` for each that was ever heard of, with ``heardAt``,
and ``silenceTold`` where it was told that it is silent. ``pk`` ``closed``: ``sk`` ``<account>`` for
one that lets nobody in, with ``toldAt``. Both have ``expiresAt``. Under each ``pk``,
``incident#<fact id>`` is a fact that was told of one of them, as tables have theirs.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.items import expiry, item_of
from pitr_guardian.aws.ledger.memory import instant_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.facts.facts import Fact
from pitr_guardian.members.member import FORGOTTEN_AFTER, Member

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

_KEPT = 4 * FORGOTTEN_AFTER
"""How long a member is remembered after its last heartbeat: who comes back within it isn't new."""
_CLOSED_FOR = timedelta(days=7)


class ClosedLedger:
    """``members.ports.ClosedNotes`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:GetItem", on="ledger")
    @later_if_passing()
    def closed_told_at(self, account: str) -> datetime | None:
        """See ``members.ports.ClosedNotes``."""
        answer = self._client.get_item(
            TableName=self._name, Key=_closed(account), ConsistentRead=True
        )
        return _instant(answer.get("Item", {}), "toldAt")

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_closed_told(self, account: str, at: datetime) -> None:
        """See ``members.ports.ClosedNotes``."""
        self._client.update_item(
            TableName=self._name,
            Key=_closed(account),
            UpdateExpression="SET toldAt = :at, expiresAt = :until",
            ExpressionAttributeValues=item_of(
                {":at": iso(at), ":until": int((at + _CLOSED_FOR).timestamp())}
            ),
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def forget_closed(self, account: str) -> None:
        """See ``members.ports.ClosedNotes``. What is left of the record expires."""
        self._client.update_item(
            TableName=self._name, Key=_closed(account), UpdateExpression="REMOVE toldAt"
        )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def keep_closed(self, fact: Fact) -> None:
        """See ``members.ports.ClosedNotes``."""
        self._client.update_item(**_kept(self._name, "closed", fact))


class MemberLedger:
    """``members.ports.Register`` and ``Roll`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:GetItem", on="ledger")
    @later_if_passing()
    def member(self, account: str, region: str) -> Member | None:
        """See ``members.ports.Register``."""
        answer = self._client.get_item(
            TableName=self._name, Key=_member(account, region), ConsistentRead=True
        )
        return _read(answer.get("Item", {}))

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_heard(
        self, account: str, region: str, at: datetime, *, ends_silence: bool = True
    ) -> None:
        """See ``members.ports.Register``."""
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._name,
                Key=_member(account, region),
                UpdateExpression="SET heardAt = :at, expiresAt = :until"
                + (" REMOVE silenceTold" if ends_silence else ""),
                ConditionExpression="attribute_not_exists(heardAt) OR heardAt < :at",
                ExpressionAttributeValues=item_of(
                    {":at": iso(at), ":until": int((at + _KEPT).timestamp())}
                ),
            )

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def keep(self, fact: Fact) -> None:
        """See ``members.ports.Register`` and ``Roll``."""
        self._client.update_item(**_kept(self._name, "members", fact))

    @needs("dynamodb:Query", on="ledger")
    @later_if_passing()
    def members(self) -> Sequence[Member]:
        """See ``members.ports.Roll``."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND sk < :incidents",  # accounts' ids are digits
            ExpressionAttributeValues=item_of({":pk": "members", ":incidents": "incident#"}),
            ConsistentRead=True,
        )
        found = (_read(item) for page in pages for item in page["Items"])
        return [member for member in found if member is not None]

    @needs("dynamodb:UpdateItem", on="ledger")
    @later_if_passing()
    def note_silence_told(self, member: Member) -> None:
        """See ``members.ports.Roll``."""
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._name,
                Key=_member(member.account, member.region),
                UpdateExpression="SET silenceTold = :yes",
                ConditionExpression="heardAt = :at",
                ExpressionAttributeValues=item_of({":yes": True, ":at": iso(member.heard_at)}),
            )


def _member(account: str, region: str) -> dict[str, Any]:
    return item_of({"pk": "members", "sk": f"{account}#{region}"})


def _closed(account: str) -> dict[str, Any]:
    return item_of({"pk": "closed", "sk": account})


def _kept(name: str, pk: str, fact: Fact) -> "UpdateItemInputTypeDef":
    values = {
        ":kind": fact.detail_type,
        ":detail": json.dumps(fact.detail()),
        ":until": expiry(fact.time),
    }
    return {
        "TableName": name,
        "Key": item_of({"pk": pk, "sk": f"incident#{fact.id}"}),
        "UpdateExpression": "SET detailType = :kind, detail = :detail, expiresAt = :until",
        "ExpressionAttributeValues": item_of(values),
    }


def _read(item: Mapping[str, Any]) -> Member | None:
    """Read a member; None where there is none, or another release or hand wrote it."""
    heard_at = _instant(item, "heardAt")
    if heard_at is None:
        return None
    account, _, region = item["sk"]["S"].partition("#")
    return Member(account, region, heard_at, "silenceTold" in item)


def _instant(item: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return instant_of(item[name]["S"])
    except (KeyError, ValueError):
        return None
