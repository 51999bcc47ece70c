"""One table in the words of the page; its script shows these, and has none of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pitr_guardian.pages.words import (
    clean,
    length,
    minute,
)
from pitr_guardian.report.attention import (
    FULL_WINDOW,
    Attention,
    attention_of,
)
from pitr_guardian.report.history import Drill
from pitr_guardian.report.standing import (
    UNKNOWN,
    Standing,
)
from pitr_guardian.report.sweep import (
    Status,
    TableRow,
    account_of,
)
from pitr_guardian.report.words import (
    days,
    in_days,
    said,
)

LABELS = {
    Status.FAILED: "Not checked",
    Status.DRIFTED: "Drifted",
    Status.EXEMPT: "Exempt",
    Status.PROTECTED: "Protected",
}
"""The statuses in a person's words."""


@dataclass(frozen=True)
class TableView:
    """A row of the page's list; ``bar`` is in hundredths, None where there is nothing to draw."""

    name: str
    region: str
    account: str
    status: Status
    urgent: bool
    period: str
    own: str
    window: str
    bar: int | None
    proof: str
    note: str

    @property
    def label(self) -> str:
        """The status in a person's words."""
        return LABELS[self.status]


def view_of(
    row: TableRow,
    today: date,
    standing: Standing = UNKNOWN,
    drill: Drill | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> TableView:
    """Put a table into words; ``names`` are those of accounts, by their ids."""
    attention = attention_of(row, today)
    share = row.window_share
    return TableView(
        name=clean(row.name),
        region=clean(row.region),
        account=clean(account_of(row.account, names)),
        status=row.status,
        urgent=attention.needs_a_person,
        period=_period(row),
        own=_own(row),
        window=_window(row),
        bar=None if share is None else round(100 * share),
        note=_note(row, attention, today, standing),
        proof=_proof(drill) if drill else "",
    )


def _proof(drill: Drill) -> str:
    """When a table was drilled last, and how long its recovery took."""
    day = minute(drill.asked)[:10]
    if drill.outcome == "failed":
        return f"drill failed on {day}"
    if drill.seconds is None or drill.kind != "full":
        return f"proved in part on {day}"
    return f"proved on {day}, in {length(drill.seconds)}"


def _period(row: TableRow) -> str:
    if row.period_in_days is not None:
        return days(row.period_in_days)
    return "not known" if row.status is Status.FAILED else "off"


def _own(row: TableRow) -> str:
    """The table's own period, where it isn't the one that it has."""
    own = row.own_period_in_days
    return f"its own: {days(own)}" if own and own != row.period_in_days else ""


def _window(row: TableRow) -> str:
    window, share = row.window_in_days, row.window_share
    period = row.own_period_in_days or row.period_in_days
    if window is None:
        return "not known"
    if not window:
        return "nothing to restore from"
    if share is not None and share >= FULL_WINDOW and period:
        return f"all {days(period)}" if period > 1 else days(period)
    of = f" of {days(period)}" if period else ""
    return f"{days(window).removesuffix(' days') if of else days(window)}{of}"


# As DynamoDB's API reference has it (TableDescription, TableStatus and ArchivalSummary).
_STATUSES = {
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": (
        "Its KMS key can't be used, so nobody can restore it. Make the key usable again: after "
        "seven days DynamoDB archives the table."
    ),
    "ARCHIVING": "DynamoDB archives it, as its KMS key could not be used. Nothing can be done yet.",
    "ARCHIVED": (
        "DynamoDB archived it, as its KMS key could not be used. The backup that was made then "
        "can be restored with that key."
    ),
    "DELETING": "It is being deleted.",
}


def _note(row: TableRow, attention: Attention, today: date, standing: Standing) -> str:
    match row.status:
        case Status.FAILED:
            return clean(row.error or "It could not be looked at.")
        case Status.DRIFTED if row.table_status:
            return _STATUSES.get(row.table_status) or clean(
                f"DynamoDB says {row.table_status}: it can't be restored now."
            )
        case Status.DRIFTED if row.period_in_days is None:
            return f"Point-in-time recovery is off{_since(standing)}."
        case Status.DRIFTED:
            return f"The recovery period is shorter than the table's own{_since(standing)}."
        case Status.EXEMPT:
            off = [f"Off{_since(standing)}"] if standing.since else []
            return " · ".join([clean(_exemption(row, today)), *off])
    if attention is Attention.SHORT_WINDOW and row.earliest:
        return f"Can be restored to any instant since {minute(row.earliest)}."
    return ""


def _since(standing: Standing) -> str:
    if standing.since is None:
        return ""
    by = f", by {clean(said(standing.actor))}" if standing.actor else ", by whom is not known"
    return f", since {minute(standing.since)}{by}"


def _exemption(row: TableRow, today: date) -> str:
    ends = row.exempt_until
    told = [
        f"Through {ends.isoformat()} ({in_days(ends, today)})" if ends else None,
        row.exempt_reason,
        row.exempt_owner,
    ]
    return " · ".join(each for each in told if each)
