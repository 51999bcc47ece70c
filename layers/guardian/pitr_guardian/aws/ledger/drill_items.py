"""Drills' records in the ledger, as DynamoDB takes and gives them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.items import MEMORY, expiry, item_of, key_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.drills.budget import month_of
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.record import DrillRecord, Milestone
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed

if TYPE_CHECKING:
    from pitr_guardian.drills.ports import DrillAnswer

COPY_KNOWN_FOR = timedelta(days=30)
"""How long a table is known as a copy: longer than a drill and what is told of its end take."""

_MICROS = 1_000_000

_KINDS: "dict[str, type[DrillAnswer]]" = {
    kind.detail_type: kind for kind in (DrillPassed, DrillFailed)
}


def drill_key(drill_id: str) -> dict[str, Any]:
    """The key of a drill's record."""
    return item_of({"pk": f"drill#{drill_id}", "sk": "drill"})


def mark(kind: str, drill_id: str) -> dict[str, Any]:
    """The key of a mark: ``open`` or ``copy``."""
    return item_of({"pk": "drills", "sk": f"{kind}#{drill_id}"})


def table_key(arn: str) -> dict[str, Any]:
    """The key of a table's last drill."""
    return item_of({"pk": "drills", "sk": f"table#{arn}"})


def month_key(month: str) -> dict[str, Any]:
    """The key of what a month's drills cost."""
    return item_of({"pk": "drills", "sk": f"month#{month}"})


def in_micros(usd: float) -> int:
    """An amount as it is kept: in millionths of a dollar."""
    return round(usd * _MICROS)


def in_usd(micros: Any) -> float:
    """An amount that was kept."""
    return float(micros) / _MICROS


def record_from(item: Mapping[str, Any]) -> DrillRecord | None:
    """Read a drill's record; None where there is none."""
    values = {name: attribute_values.read(value) for name, value in item.items()}
    if "order" not in values:
        return None

    def reached(milestone: Milestone) -> datetime | None:
        at = values.get(milestone.value)
        return datetime.fromisoformat(at) if at else None

    told = json.loads(values["answer"]) if "answer" in values else None
    return DrillRecord(
        order=DrillOrder.model_validate_json(values["order"]),
        called_at=reached(Milestone.CALLED),
        active_at=reached(Milestone.ACTIVE),
        verified_at=reached(Milestone.VERIFIED),
        removed_at=reached(Milestone.REMOVED),
        copy_id=values.get("copyId"),
        answer=_KINDS[told["detailType"]].model_validate(told["detail"]) if told else None,
    )


@needs("dynamodb:UpdateItem", on="ledger")
def opening(ledger: str, order: DrillOrder, budget: float | None) -> list[Any]:
    """The writes by which a drill is opened, all at once; the month's comes last.

    Args:
        ledger: the ledger table's name.
        order: the order.
        budget: what the month's drills may cost in USD, if that counts.
    """
    since = {"since": iso(order.accepted_at), "expiresAt": expiry(order.accepted_at)}
    record = {
        "order": order.model_dump_json(by_alias=True),
        "acceptedAt": iso(order.accepted_at),
        "expiresAt": expiry(order.accepted_at),
    }
    return [
        _put(
            ledger,
            drill_key(order.drill_id) | item_of(record),
            ConditionExpression="attribute_not_exists(pk)",
        ),
        _put(ledger, mark("open", order.drill_id) | item_of(since)),
        *(_expecting_the_copy(ledger, order, since) if order.kind is Kind.FULL else []),
        {
            "Update": {
                "TableName": ledger,
                "Key": table_key(order.table.arn),
                "UpdateExpression": (
                    "SET lastAt = :at, drillId = :id REMOVE outcome, endedAt, seconds"
                ),
                "ExpressionAttributeValues": item_of(
                    {":at": iso(order.accepted_at), ":id": order.drill_id}
                ),
            }
        },
        _spending(ledger, order, budget),
    ]


def _expecting_the_copy(ledger: str, order: DrillOrder, since: Mapping[str, Any]) -> list[Any]:
    until = int((order.accepted_at + COPY_KNOWN_FOR).timestamp())
    return [
        _put(ledger, mark("copy", order.drill_id) | item_of(since)),
        _put(
            ledger,
            key_of(order.copy_ref, MEMORY)
            | item_of({"copyOf": order.drill_id, "expiresAt": until}),
        ),
    ]


@needs("dynamodb:UpdateItem", on="ledger")
def _spending(ledger: str, order: DrillOrder, budget: float | None) -> dict[str, Any]:
    values = {":cost": in_micros(order.estimate_in_usd), ":expires": expiry(order.accepted_at)}
    update: dict[str, Any] = {
        "TableName": ledger,
        "Key": month_key(month_of(order.accepted_at)),
        "UpdateExpression": "SET expiresAt = :expires ADD spent :cost",
    }
    if budget is not None:
        values[":most"] = in_micros(budget) - values[":cost"]
        update["ConditionExpression"] = "attribute_not_exists(spent) OR spent <= :most"
    return {"Update": update | {"ExpressionAttributeValues": item_of(values)}}


@needs("dynamodb:UpdateItem", on="ledger")
def concluding(ledger: str, order: DrillOrder, answer: "DrillAnswer") -> list[Any]:
    """The writes by which a drill is answered, at once.

    What it cost takes the place of what it was expected to.
    """
    told = json.dumps({"detailType": answer.detail_type, "detail": answer.detail()})
    more = in_micros(answer.cost_in_usd) - in_micros(order.estimate_in_usd)
    return [
        {
            "Update": {
                "TableName": ledger,
                "Key": drill_key(order.drill_id),
                "UpdateExpression": "SET answer = :answer",
                "ConditionExpression": "attribute_exists(#order) AND attribute_not_exists(answer)",
                "ExpressionAttributeNames": {"#order": "order"},
                "ExpressionAttributeValues": item_of({":answer": told}),
            }
        },
        {
            "Update": {
                "TableName": ledger,
                "Key": month_key(month_of(order.accepted_at)),
                "UpdateExpression": "ADD spent :more",
                "ExpressionAttributeValues": item_of({":more": more}),
            }
        },
    ]


@needs("dynamodb:PutItem", on="ledger")
def _put(ledger: str, item: Mapping[str, Any], **more: str) -> dict[str, Any]:
    return {"Put": {"TableName": ledger, "Item": item, **more}}
