"""The report as one self-contained HTML page."""

from pathlib import Path
from typing import Any

from pitr_guardian.pages.html import render
from pitr_guardian.pages.ring import arcs
from pitr_guardian.pages.words import (
    clean,
    many,
    minute,
    percent,
)
from pitr_guardian.report.attention import (
    ENDS_SOON,
    Attention,
)
from pitr_guardian.report.content import Report
from pitr_guardian.report.sections import (
    LONGEST,
    exemptions,
    exposures,
    restores,
)
from pitr_guardian.report.sweep import Status
from pitr_guardian.report.table_view import (
    LABELS,
    TableView,
    view_of,
)

AT_ONCE = 50
"""Tables shown at once; the script turns the pages, so that 10,000 are as quick as ten."""

_ASSETS = Path(__file__).parent / "assets"


def page(report: Report) -> str:
    """Write the page."""
    today = report.sweep.started_at.date()
    names = report.sweep.account_names
    tables = [
        view_of(row, today, report.standing(row), report.drill(row), names) for row in report.tables
    ]
    regions = sorted({table.region for table in tables})
    accounts = sorted({table.account for table in tables})
    return render(
        _ASSETS,
        report=report,
        as_of=f"{minute(report.sweep.started_at)} UTC",
        share=None if report.protected_share is None else percent(report.protected_share),
        ring=arcs({status: report.counts[status] for status in reversed(Status)}),
        statuses=[(status, LABELS[status], report.counts[status]) for status in reversed(Status)],
        urgent=_urgent(report),
        shown=tables[:AT_ONCE],
        at_once=AT_ONCE,
        data=_data(tables, regions, accounts),
        regions=regions,
        accounts=accounts,
        sections=[exemptions(report), exposures(report), restores(report)],
        warnings=_warnings(report),
        swept=report.worst_first[:LONGEST],
        unlisted=max(len(report.worst_first) - LONGEST, 0),
        clean=clean,
        many=many,
    )


def _warnings(report: Report) -> list[str]:
    """The first of them: where an organization has one trouble, it may have it everywhere."""
    told = [clean(warning) for warning in report.warnings]
    if len(told) > LONGEST:
        told[LONGEST:] = [f"{len(told) - LONGEST:,} more are in report.json, by region."]
    return told


def _urgent(report: Report) -> list[str]:
    found = report.attentions
    asks = (
        (Attention.COULD_NOT_BE_CHECKED, "could not be checked", "could not be checked"),
        (Attention.DRIFTED, "has drifted", "have drifted"),
        (
            Attention.EXEMPTION_ENDS,
            f"exemption ends within {ENDS_SOON.days} days",
            f"exemptions end within {ENDS_SOON.days} days",
        ),
    )
    return [many(found[attention], one, more) for attention, one, more in asks if found[attention]]


def _data(tables: list[TableView], regions: list[str], accounts: list[str]) -> dict[str, Any]:
    """What the script turns the pages of: the tables' fields in their order, without the names.

    Regions and accounts are written once: a table has their places in these lists.
    """
    region_at = {region: at for at, region in enumerate(regions)}
    account_at = {account: at for at, account in enumerate(accounts)}
    return {
        "labels": LABELS,
        "atOnce": AT_ONCE,
        "regions": regions,
        "accounts": accounts,
        "tables": [
            list(
                {
                    **vars(table),
                    "region": region_at[table.region],
                    "account": account_at[table.account],
                }.values()
            )
            for table in tables
        ],
    }
