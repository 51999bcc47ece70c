"""Writes docs/alerts.md, five alerts as read: `python -m tests.infrastructure.alerts_page`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pitr_guardian.facts.announcement import announcement_of

PAGE = Path(__file__).parents[2] / "docs/alerts.md"

_HEAD = """# Alerts, as they are read

Five alerts of a made-up account, in the guardian's own words (a test holds this page to them). The
subject is what a phone shows at night; the text begins with what happened and ends with what to do.
[Facts and alerts](facts.md) has every kind, [Chat](chat.md) the way to Slack and Teams.
"""

_PLACE = {"account": "111122223333", "region": "eu-central-1"}
_ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/"
_ALICE = {
    "arn": "arn:aws:sts::111122223333:assumed-role/Developer/alice",
    "type": "AssumedRole",
    "sourceIp": "203.0.113.7",
    "tool": "Terraform",
    "eventId": "4f2c1b1e-7a52-4c7e-9d0b-0a6f5f3c2d11",
}


def _table(name: str) -> dict[str, str]:
    return {"arn": f"{_ARN}{name}", "name": name, **_PLACE}


def _fact(number: int, severity: str, reason: str, **more: Any) -> dict[str, Any]:
    return {
        "version": "1",
        "id": f"7b1f5c0e-0000-5000-8000-00000000000{number}",
        "time": "2026-11-22T03:12:05.412Z",
        "severity": severity,
        "reason": reason,
        **more,
    }


EXAMPLES: dict[str, dict[str, Any]] = {
    "Table Deleted": _fact(
        1,
        "critical",
        "The table Orders was deleted; AWS kept no backup of it, as it does where PITR is on. No "
        "other backup of it is in DynamoDB. AWS Backup's vaults weren't looked into: recovery "
        "points may be left there.",
        table=_table("Orders"),
        actor=_ALICE,
        backupArn=None,
        rescueBefore=None,
        request=None,
        otherBackups=[],
        replicaOf=None,
    ),
    "PITR Re-enabled": _fact(
        2,
        "warning",
        "PITR was off; it is on now, with 35 days.",
        table=_table("Orders"),
        actor=_ALICE,
        recoveryPeriodInDays=35,
        exposure={
            "from": "2026-11-22T03:11:52.000Z",
            "to": "2026-11-22T03:12:05.412Z",
            "seconds": 13.412,
        },
        lostWindow={"earliest": "2026-10-18T09:00:00.000Z", "latest": "2026-11-22T03:06:52.000Z"},
    ),
    "Fight Detected": _fact(
        3,
        "critical",
        "PITR of Orders was disabled or shortened 3 times within an hour. The guardian goes on "
        "putting it right; single alerts are folded for an hour.",
        table=_table("Orders"),
        actor=_ALICE,
        count=3,
        advice="the table's Terraform configuration will do it again at its next deployment: set "
        "point_in_time_recovery there, with the period you want",
    ),
    "Alerts Folded": _fact(
        4,
        "info",
        "295 more alerts table-protected, about 295 tables, from 2026-11-22 03:02:01 UTC to "
        "2026-11-22 03:12:00 UTC: too many to be told one by one.",
        **_PLACE,
        event="table-protected",
        count=295,
        tables=[f"tenant-{number:03}" for number in range(6, 56)],
        who=["arn:aws:sts::111122223333:assumed-role/Deployer/pipeline"],
        reportUri="s3://pitr-guardian-reports/digests/2026-11-22/7b1f5c0e.txt",
        **{"from": "2026-11-22T03:02:01.000Z", "to": "2026-11-22T03:12:00.000Z"},
    ),
    "Restore Completed": _fact(
        5,
        "info",
        "Orders-rescued is ready.",
        table=_table("Orders"),
        requestId="inc-4711",
        requestedBy="ada",
        requestReason="INC-4711",
        sourceTable="Orders",
        targetTable="Orders-rescued",
        restoreTo="2026-11-22T02:59:59Z",
        targetArn=f"{_ARN}Orders-rescued",
        restoredTo="2026-11-22T02:59:59.000Z",
        seconds=754.2,
        settings={"applied": ["pitr", "tags", "stream"], "skipped": [], "failed": [], "notes": {}},
    ),
}


def page() -> str:
    """The page's text."""
    parts = [_HEAD]
    for detail_type, detail in EXAMPLES.items():
        told = announcement_of(detail_type, detail, **_PLACE)
        parts.append(f"## {detail_type}\n\n**{told.subject}**\n")
        parts.append(f"```text\n{told.bodies['email']}\n```\n")
        parts.append(f"By SMS: `{told.bodies['sms']}`\n")
    last = list(EXAMPLES)[-1]
    chat = json.loads(announcement_of(last, EXAMPLES[last], **_PLACE).chat)
    parts.append("## The last one, in chat\n")
    parts.append(f"```json\n{json.dumps(chat, indent=2, ensure_ascii=False)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
