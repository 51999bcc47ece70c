"""The page of a year: which tables were proved to be restorable, and which never were."""

from calendar import month_name
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pitr_guardian.basics.instants import spoken
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.evidence.year import TableYear
from pitr_guardian.pages.html import render
from pitr_guardian.pages.ring import arcs
from pitr_guardian.pages.words import clean, length, many, minute, percent

_ASSETS = Path(__file__).parent / "year_assets"
_LABELS = {
    "proved": "Proved",
    "small": "In part",
    "failed": "Failed",
    "never": "Never proved",
}
_MOST_TABLES, _MOST_DRILLS = 5000, 24


def year_page(year: int, tables: Sequence[TableYear], now: datetime) -> str:
    """Write the page of a year.

    Args:
        year: which one.
        tables: of it, as ``year_of`` puts them together.
        now: when it is written.
    """
    counts = Counter(table.state for table in tables)
    proved, total = counts["proved"], len(tables)
    drills = [drill for table in tables for drill in table.drills]
    cost = sum(drill.cost_in_usd for drill in drills)
    counted = {kind: counts[kind] for kind in _LABELS}
    return render(
        _ASSETS,
        title=f"restores proved in {year}",
        year=year,
        as_of=spoken(now),
        headline=f"{proved:,} of {many(total, 'table')} proved to be restorable"
        if total
        else "No tables are known",
        total=total,
        share=percent(proved / total) if total else "no tables",
        ring=arcs(counted),
        counted=[(kind, label, counts[kind]) for kind, label in _LABELS.items()],
        spent=f"{many(len(drills), 'drill')}, ${cost:,.2f} in all.",
        tables=[_view(table) for table in tables[:_MOST_TABLES]],
        left_out=max(0, total - _MOST_TABLES),
        data={},
    )


def _view(table: TableYear) -> dict[str, Any]:
    passed = table.last_passed
    return {
        "state": table.state,
        "label": _LABELS[table.state],
        "name": clean(table.table.name),
        "place": f"{table.table.region} · {table.table.account}",
        "note": _note(table),
        "proved": minute(passed.asked) if passed else "never",
        "seconds": length(passed.seconds) if passed and passed.seconds is not None else "not known",
        "drills": [_drill(drill) for drill in table.drills[:_MOST_DRILLS]],
    }


def _note(table: TableYear) -> str:
    gone = "" if table.is_there else "It isn't there any more."
    months = ", ".join(month_name[int(month[-2:])] for month in table.left_out)
    left_out = f"Due, and left out by the budget: {months}." if months else ""
    return f"{gone} {left_out}".strip()


def _drill(drill: DrillSummary) -> dict[str, str]:
    return {
        # Beside it in the bucket: evidence/2026/… as seen from years/2026.html.
        "href": f"../{drill.page_key}",
        "said": f"{minute(drill.asked)[:10]} {drill.outcome}",
    }
