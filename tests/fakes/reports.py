"""An archive and a history in memory, and the rows and records that fill them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.content import (
    Report,
    assemble,
)
from pitr_guardian.report.history import (
    Item,
    Past,
)
from pitr_guardian.report.sweep import Part, Sweep

type Json = dict[str, Any]

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ACCOUNT, REGION = "123456789012", "eu-central-1"

# What somebody may write into a tag, a user agent or a session name.
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\u2028alert(1)\u2029",
    "</title></style></template><svg onload=alert(1)>",
    "javascript:alert(1)",
]


class MemoryArchive:
    """`Archive` in memory; what is kept is in `files`, with its content type."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.sweeps: dict[str, Sweep] = {}
        self.files: dict[str, tuple[bytes, str]] = {}

    def sweep(self, sweep_id: str) -> Sweep:
        return self.sweeps[sweep_id]

    def parts_of(self, sweep_id: str) -> Iterable[Part]:
        return [part for part in self.parts if part.key.startswith(f"sweeps/{sweep_id}/parts/")]

    def keep(self, key: str, body: bytes, content_type: str) -> str:
        self.files[key] = (body, content_type)
        return f"s3://bucket/{key}"


class MemoryHistory:
    """`History` in memory."""

    def __init__(self, past: Past | None = None) -> None:
        self._past = past or Past([], [])

    def past(self, kinds: Collection[str], since: datetime) -> Past:
        incidents = [
            item
            for item in self._past.incidents
            if item["detailType"] in kinds and json.loads(item["detail"])["time"] >= iso(since)
        ]
        return self._past._replace(incidents=incidents)


def sweep(*regions: Json) -> Sweep:
    event = {
        "sweepId": "sweep-1",
        "startedAt": iso(NOW),
        "regions": list(regions) or [{"region": REGION, "checked": 1, "compliant": 1}],
    }
    return Sweep.model_validate(event)


def row(name: str = "Orders", status: str = "protected", **also: Any) -> Json:
    """A row of a part: in order, with a full window, but for what is given."""
    region, account = also.get("region", REGION), also.get("account", ACCOUNT)
    complete = {
        "arn": f"arn:aws:dynamodb:{region}:{account}:table/{name}",
        "name": name,
        "account": account,
        "region": region,
        "status": status,
        "periodInDays": 35,
        "ownPeriodInDays": 35,
        "earliest": iso(NOW - timedelta(days=35)),
        "latest": iso(NOW - timedelta(minutes=5)),
        "exemptUntil": None,
        "exemptReason": None,
        "exemptOwner": None,
        "error": None,
    }
    return complete | also


def drifted(name: str, **also: Any) -> Json:
    return row(name, "drifted", **{"periodInDays": None, "earliest": None, "latest": None} | also)


def failed(name: str, error: str = "AccessDeniedException: not allowed", **also: Any) -> Json:
    unknown = {"periodInDays": None, "earliest": None, "latest": None}
    return row(name, "failed", error=error, **unknown | also)


def exempt(name: str, until: str, **also: Any) -> Json:
    return drifted(name, exemptUntil=until, **also) | {"status": "exempt"}


def part(*rows: Json, region: str = REGION, number: int = 0) -> Part:
    return Part(
        f"sweeps/sweep-1/parts/{ACCOUNT}/{region}/{number:04}.json", json.dumps(rows).encode()
    )


def incident(detail_type: str = "PITR Re-enabled", **also: Any) -> Item:
    """An incident in the ledger: a minute and a half without protection, an hour ago."""
    detail: Json = {
        "version": "1",
        "id": "an-id",
        "time": iso(NOW - timedelta(hours=1)),
        "severity": "warning",
        "reason": "PITR was off.",
        "table": {
            "arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Orders",
            "name": "Orders",
            "account": ACCOUNT,
            "region": REGION,
        },
        "actor": {
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/alice",
            "tool": "Terraform",
            "sourceIp": "203.0.113.7",
        },
        "exposure": {
            "from": iso(NOW - timedelta(hours=1, seconds=90)),
            "to": iso(NOW - timedelta(hours=1)),
            "seconds": 90.0,
        },
        "lostWindow": {
            "earliest": iso(NOW - timedelta(days=35)),
            "latest": iso(NOW - timedelta(hours=1)),
        },
    }
    return {"detailType": detail_type, "detail": json.dumps(detail | also)}


def restore(request_id: str = "r-1", *, order: Json | None = None, **also: str) -> Item:
    """A restore in the ledger: asked an hour ago, done in twelve minutes."""
    name = also.pop("target", "Orders-restored")
    asked: Json = {
        "request": {
            "requestId": request_id,
            "requestedBy": "bob",
            "sourceTable": "Orders",
            "targetTable": name,
            "restoreTo": "latest",
        },
        "source": json.loads(incident()["detail"])["table"],
        "target": {
            "arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
            "name": name,
            "account": ACCOUNT,
            "region": REGION,
        },
        "acceptedAt": iso(NOW - timedelta(hours=1)),
    }
    return {
        "order": json.dumps(asked | (order or {})),
        "outcome": "completed",
        "finishedAt": iso(NOW - timedelta(minutes=48)),
        "restoredTo": iso(NOW - timedelta(hours=1)),
        "settings": json.dumps({"applied": ["pitr", "tags"], "skipped": [], "failed": []}),
    } | also


def drift(table: str = "Carts", attribute: str = "tolerated", **also: Any) -> Item:
    """What the ledger remembers of a table that somebody switched off two days ago."""
    noted: Json = {
        "noticedAt": iso(NOW - timedelta(days=2) + timedelta(seconds=9)),
        "cause": {
            "eventId": "e-1",
            "call": "UpdateContinuousBackups",
            "time": iso(NOW - timedelta(days=2)),
            "actor": {
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/carol",
                "tool": "Pulumi",
                "sourceIp": "203.0.113.9",
            },
            "disables": True,
        },
        "period": None,
    }
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"
    return {"pk": arn, "sk": "memory", attribute: json.dumps(noted | also)}


def drill(table: str = "Orders", **also: Any) -> Item:
    """A drill of two weeks ago that passed."""
    asked = NOW - timedelta(days=14)
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"
    summary: Json = {
        "drillId": "d-1",
        "table": {"arn": arn, "name": table, "account": ACCOUNT, "region": REGION},
        "kind": "full",
        "outcome": "passed",
        "asked": iso(asked),
        "restoredTo": iso(asked - timedelta(days=9)),
        "seconds": 843.0,
        "compared": 1000,
    }
    return {"pk": "evidence", "sk": "drill#2026#d-1", "summary": json.dumps(summary | also)}


def under_way(request_id: str = "r-2") -> Item:
    item = dict(restore(request_id))
    for field in ("outcome", "finishedAt", "restoredTo", "settings"):
        del item[field]
    return item


def report(
    *rows: Json,
    incidents: Iterable[Item] = (),
    restores: Iterable[Item] = (),
    regions: Iterable[Json] = (),
    drifts: Iterable[Item] = (),
    drills: Iterable[Item] = (),
) -> Report:
    past = Past(list(incidents), list(restores), list(drifts), list(drills))
    return assemble(sweep(*regions), [part(*rows)], past, NOW)
