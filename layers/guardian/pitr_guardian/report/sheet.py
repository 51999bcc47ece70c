"""The tables as a spreadsheet (CSV as in RFC 4180), harmless to whatever opens it."""

import csv
import io
import re

from pitr_guardian.basics.instants import iso
from pitr_guardian.basics.legible import legible
from pitr_guardian.report.content import Report
from pitr_guardian.report.sweep import TableRow

# A spreadsheet takes a cell that begins like this for a formula (OWASP, CSV Injection; the last
# four are the full-width forms that some locales' spreadsheets take for the same). Tags, and so
# an exemption's reason and owner, are written by anybody who may tag a table.
_FORMULA = "[=+\\-@＝＋－＠]"  # noqa: RUF001
_IS_FORMULA = re.compile(f" *{_FORMULA}")
# Where `;` parts the cells, as in many locales, the quotes around ours don't hold.
_HOLDS_FORMULA = re.compile(f"([;|][ \"']*)(?={_FORMULA})")
_LONGEST = 32_000
"""Characters in a cell: about as many as spreadsheets take."""

_COLUMNS = [
    *(field.alias or name for name, field in TableRow.model_fields.items()),
    "windowInDays",
    "attention",
    "since",
    "actor",
    "drilledAt",
    "drillOutcome",
    "recoverySeconds",
    "accountName",
]


def sheet(report: Report) -> str:
    """Write one line a table, in the report's order, under a line of headings."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in report.tables:
        days, (since, actor) = row.window_in_days, report.standing(row)
        values = [
            *row.model_dump(mode="json").values(),
            None if days is None else round(days, 2),
            report.attention(row).name.lower().replace("_", " "),
            iso(since) if since else None,
            actor,
            *_drill(report, row),
            report.sweep.account_names.get(row.account),
        ]
        writer.writerow(["" if value is None else _harmless(str(value)) for value in values])
    return text.getvalue()


def _drill(report: Report, row: TableRow) -> tuple[object, ...]:
    """A table's last drill: when, how it ended, and how long recovery took."""
    drill = report.drill(row)
    return (iso(drill.asked), drill.outcome, drill.seconds) if drill else (None, None, None)


def _harmless(text: str) -> str:
    """Put an apostrophe before what would be a formula: a spreadsheet then takes it for a text."""
    text = _HOLDS_FORMULA.sub(r"\1'", legible(text, _LONGEST))
    return f"'{text}" if _IS_FORMULA.match(text) else text
