"""The tables as a spreadsheet (CSV as in RFC 4180), harmless to whatever opens it."""

import csv
import io

from pitr_guardian.report.content import Report
from pitr_guardian.report.sweep import TableRow

# A spreadsheet takes a cell that begins like this for a formula (OWASP, CSV Injection; the last
# four are the full-width forms that some locales' spreadsheets take for the same). Tags, and so
# an exemption's reason and owner, are written by anybody who may tag a table.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001

_COLUMNS = [
    *(field.alias or name for name, field in TableRow.model_fields.items()),
    "windowInDays",
    "attention",
]


def sheet(report: Report) -> str:
    """Write one line a table, in the report's order, under a line of headings."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in report.tables:
        days = row.window_in_days
        values = [
            *row.model_dump(mode="json").values(),
            None if days is None else round(days, 2),
            report.attention(row).name.lower().replace("_", " "),
        ]
        writer.writerow(["" if value is None else _harmless(str(value)) for value in values])
    return text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text
