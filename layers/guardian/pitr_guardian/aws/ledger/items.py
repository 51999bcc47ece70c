"""The ledger's records, as DynamoDB takes and gives them.

Keys: ``pk`` is the table's ARN; ``sk`` is ``memory`` for what is remembered of the table that has
the name now, ``former#<table id>`` for one that had it before, ``expected`` for a period that a
restore expects its table to be born with,
``incident#<time>#<id>`` for each fact that was told of it, ``told#<id>`` for facts that are
told once, and ``mended#<time noticed>`` for drift that was put right and waits to be told.
All of them have ``expiresAt`` but ``memory``, which gets it when its table is deleted.
Restores are under their request's id: ``pk`` is ``restore#<id>``, ``sk`` is ``restore``; the
workflow adds the outcome.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.memory import (
    instant_of,
    memory_from,
)
from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.fight import Verdict
from pitr_guardian.drift.memory import (
    Memory,
    Mended,
)
from pitr_guardian.facts.facts import Fact
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from pitr_guardian.restore.order import Order

INCIDENTS_KEPT = timedelta(days=400)
"""How long incidents are kept; the report looks back 90 days, an auditor a year."""

MEMORY, EXPECTED, RESTORE = "memory", "expected", "restore"
EVIDENCE = "evidence"
"""The ``pk`` of all that is kept of evidence; ``aws.ledger.evidence`` tells its records."""

EXPECTED_FOR = timedelta(days=8)
"""How long a restore's table is expected: longer than any restore may take."""


def former(table_id: str) -> str:
    """The record of a table that had the name before."""
    return f"former#{table_id}"


def expiry(since: datetime) -> int:
    """Tell until when a record is kept that nobody adds to, as DynamoDB's TTL takes it."""
    return int((since + INCIDENTS_KEPT).timestamp())


def incident_of(table: TableRef, told: Fact) -> dict[str, Any]:
    """Write the record of an incident that was told."""
    return key_of(table, f"incident#{iso(told.time)}#{told.id}") | item_of(
        {
            "detailType": told.detail_type,
            "detail": json.dumps(told.detail()),
            "expiresAt": expiry(told.time),
        }
    )


def mended_key(table: TableRef, mended: Mended) -> dict[str, Any]:
    """The key of a mended drift that waits to be told."""
    return key_of(table, f"mended#{iso(mended.drift.noticed_at)}")


def mended_of(table: TableRef, mended: Mended) -> dict[str, Any]:
    """Write the record of a mended drift that waits to be told."""
    values = written(mended.before) | {
        "drift": mended.drift.model_dump_json(by_alias=True),
        "driftNoticedAt": iso(mended.drift.noticed_at),
        "mendedAt": iso(mended.at),
        "mendedTo": mended.period,
        "reason": mended.reason,
        "verdict": mended.verdict,
        "count": mended.count,
        # It goes once it is told; this is for one that nobody comes to tell.
        "expiresAt": expiry(mended.at),
    }
    return mended_key(table, mended) | item_of(known(values))


def mended_from(item: Mapping[str, Any]) -> Mended | None:
    """Read a mended drift that waits to be told; None where only another release can read it."""
    values = {name: attribute_values.read(value) for name, value in item.items()}
    before = memory_from(item)
    if before.drift is None:
        return None
    try:
        return Mended(
            before=before,
            at=instant_of(values["mendedAt"]),
            period=int(values["mendedTo"]),
            reason=str(values["reason"]),
            verdict=Verdict(values["verdict"]),
            count=int(values["count"]),
        )
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def restore_key(order: "Order") -> dict[str, Any]:
    """The key of a restore's record, as DynamoDB takes it."""
    return item_of({"pk": f"restore#{order.request.request_id}", "sk": RESTORE})


def measured_key(arn: str) -> dict[str, Any]:
    """The key of how long the restore of a table took in its last drill."""
    return item_of({"pk": EVIDENCE, "sk": f"measured#{arn}"})


def key_of(table: TableRef, record: str) -> dict[str, Any]:
    """The key of one of a table's records, as DynamoDB takes it."""
    return item_of({"pk": table.arn, "sk": record})


def item_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write values as DynamoDB takes them."""
    return {name: attribute_values.written(value) for name, value in values.items()}


def written(memory: Memory) -> dict[str, Any]:
    """All that is remembered but an unsettled drift, which is written and removed on its own.

    Who writes it has seen the table: its record doesn't expire.
    """
    folded_until = memory.strife.folded_until
    return {
        "tableId": memory.table_id,
        "period": memory.period,
        "earliest": iso(memory.window.earliest) if memory.window else None,
        "latest": iso(memory.window.latest) if memory.window else None,
        "seenOnAt": iso(memory.seen_on_at) if memory.seen_on_at else None,
        "tolerated": memory.tolerated.model_dump_json(by_alias=True) if memory.tolerated else None,
        "failing": memory.failing.model_dump_json(by_alias=True) if memory.failing else None,
        "lastEventId": memory.last_event_id,
        "copyOf": memory.copy_of,
        "expected": memory.expected or None,
        "incidents": [iso(instant) for instant in memory.strife.incidents] or None,
        "incidentWeights": list(memory.strife.weights) or None,
        "foldedUntil": iso(folded_until) if folded_until else None,
        "seenPeriod": memory.seen_period,
        "hasKey": memory.has_key or None,
        "bornAt": iso(memory.born_at) if memory.born_at else None,
        "exemptUntil": memory.exempt_until.isoformat() if memory.exempt_until else None,
        "foundOffAt": iso(memory.found_off_at) if memory.found_off_at else None,
        "expiresAt": None,
    }


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what isn't known."""
    return {name: value for name, value in values.items() if value is not None}


def update_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is known, and remove what isn't."""
    kept = known(values)
    unknown = [f"#{name}" for name in values if name not in kept]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
    if unknown:
        expression += " REMOVE " + ", ".join(unknown)
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": item_of({f":{name}": value for name, value in kept.items()}),
    }


def instant_from(value: Any) -> datetime:
    """Read an instant, as DynamoDB gives it."""
    return instant_of(attribute_values.read(value))


def of_the_deleted(table_id: str | None) -> str:
    """The condition that a record is of a table that was deleted at ``:deletedAt``.

    Whoever had the name before then is gone since then, whatever its id is.
    """
    of_then = " AND ".join(
        [
            "(attribute_exists(seenOnAt) OR attribute_exists(bornAt))",
            *(
                f"(attribute_not_exists({seen}) OR {seen} <= :deletedAt)"
                for seen in ("seenOnAt", "bornAt", "driftNoticedAt")
            ),
        ]
    )
    if table_id is None:
        return of_then
    return f"(tableId = :tableId OR (attribute_not_exists(tableId) AND {of_then}))"


def same_table(bearer: Mapping[str, Any]) -> str:
    """The condition that a record is of the table with this id, as ``Memory.is_of`` tells it."""
    by_name = "attribute_not_exists(tableId)"
    if "bornAt" in bearer:
        by_name += " AND (attribute_not_exists(seenOnAt) OR seenOnAt >= :bornAt)"
    return f"(tableId = :tableId OR ({by_name}))"
