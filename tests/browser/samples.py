"""Reports to look at: one as it may be on a working day, and one that is as large as they get."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.content import Report
from pitr_guardian.report.page import page
from tests.fakes.reports import (
    NOW,
    Json,
    drift,
    drifted,
    drill,
    exempt,
    failed,
    incident,
    report,
    restore,
    row,
    under_way,
)

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
_NAMES = ("Orders", "Customers", "Sessions", "Invoices", "Carts", "Shipments", "Audit", "Prices")


def _protected(number: int) -> Json:
    name = f"{_NAMES[number % len(_NAMES)]}-{number:05}"
    return row(name, region=REGIONS[number % len(REGIONS)])


def working_day() -> Report:
    """Something of everything."""
    rows = [
        failed(
            "Ledger-old",
            "AccessDeniedException: a service control policy denies "
            "dynamodb:DescribeContinuousBackups",
            region="us-east-1",
        ),
        drifted("Carts", region="eu-west-1"),
        row("Prices", "drifted", periodInDays=7, earliest=iso(NOW - timedelta(days=7))),
        exempt(
            "Load-test",
            "2026-11-25",
            exemptReason="synthetic data, made anew for each run",
            exemptOwner="team-performance",
        ),
        exempt("Scratch", "2027-03-31", exemptReason="notebooks", exemptOwner="data science"),
        row("Customers-v2", earliest=iso(NOW - timedelta(days=3, hours=4))),
        row("Sessions-eu", earliest=iso(NOW - timedelta(days=20)), account="210987654321"),
        *(_protected(number) for number in range(113)),
    ]
    console = {
        "arn": "arn:aws:iam::123456789012:user/alice",
        "tool": "console",
        "sourceIp": "198.51.100.23",
    }
    return report(
        *rows,
        drifts=[
            {**drift(), "pk": drift()["pk"].replace(REGIONS[0], "eu-west-1")},
            drift("Scratch"),
        ],
        incidents=[
            incident(),
            incident(
                "History Lost",
                id="4",
                time=iso(NOW - timedelta(days=1)),
                exposure=None,
                how="switched-off-and-on",
            ),
            incident(
                "Recovery Period Restored",
                id="2",
                time=iso(NOW - timedelta(days=2)),
                actor=console,
                exposure=None,
                lostWindow=None,
                **{"from": 7, "to": 35},
            ),
            incident(
                "Drift Tolerated",
                id="3",
                time=iso(NOW - timedelta(days=12)),
                actor=None,
                exposure=None,
                lostWindow=None,
                exemptUntil="2026-11-25",
            ),
        ],
        drills=[drill("Prices"), drill("Customers-v2", outcome="failed", seconds=None)],
        restores=[
            under_way(),
            restore(),
            restore(
                "r-3",
                target="Invoices-restored",
                settings=json.dumps(
                    {"applied": ["pitr"], "skipped": [], "failed": [{"setting": "alarms"}]}
                ),
            ),
            restore(
                "r-4",
                target="Carts-restored",
                outcome="failed",
                failure="TargetDeleted: the table was deleted while it was restored",
            ),
        ],
        regions=[
            {"region": "eu-central-1", "checked": 42, "compliant": 39, "drifted": 1, "exempt": 2},
            {"region": "eu-west-1", "checked": 39, "compliant": 38, "drifted": 1},
            {"region": "us-east-1", "checked": 39, "compliant": 38, "failed": 1},
            {
                "region": "eu-south-1",
                "error": "UnrecognizedClientException: the region is off",
                "trail": "missing",
            },
        ],
    )


def ten_thousand() -> Report:
    """As many tables as a large house has; one in a hundred is drifted."""
    return report(
        *(
            drifted(f"Drifted-{number:05}", region=REGIONS[number % 3])
            if number % 100 == 0
            else _protected(number)
            for number in range(10_000)
        )
    )


def organization() -> Report:
    """A hundred thousand tables of 500 accounts in four regions; one in a hundred is drifted."""
    rows = []
    for number in range(100_000):
        place = {
            "account": f"{100_000_000_000 + number % 500}",
            "region": (*REGIONS, "us-west-2")[number // 500 % 4],
        }
        if number % 100 == 0:
            rows.append(drifted(f"Drifted-{number:06}", **place))
        else:
            rows.append(row(f"{_NAMES[number % len(_NAMES)]}-{number:06}", **place))
    found = report(*rows)
    names = {f"{100_000_000_000 + number}": f"team-{number:03}" for number in range(500)}
    sweep = found.sweep.model_copy(update={"account_names": names})
    return replace(found, sweep=sweep)


def html(report: Report) -> str:
    return page(report)


def empty() -> Report:
    """A house without tables."""
    return report()


def saying(text: str) -> Report:
    """A report in which everything that others write says this."""
    table = {"arn": text, "name": text, "account": text, "region": text}
    actor = {"arn": text, "userAgent": text, "sourceIp": text}
    return report(
        failed(text, error=text, account=text, region=text),
        exempt(text, "2026-11-25", exemptReason=text, exemptOwner=text),
        incidents=[incident(table=table, actor=actor)],
        restores=[restore(target=text, outcome="failed", failure=text)],
        regions=[{"region": text, "error": text}],
    )
