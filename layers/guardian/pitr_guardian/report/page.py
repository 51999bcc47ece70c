"""The report as one self-contained HTML page: no request leaves it, no script but its own runs.

Whatever is shown may have been written by an attacker (tags, user agents, error messages). Jinja2
escapes it, the script puts it into text nodes only, and the content security policy, which names
the page's own style and script by their hashes, forbids everything else.
"""

import base64
import hashlib
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pitr_guardian.report.attention import (
    ENDS_SOON,
    Attention,
)
from pitr_guardian.report.content import Report
from pitr_guardian.report.ring import arcs
from pitr_guardian.report.sections import (
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
from pitr_guardian.report.words import (
    clean,
    many,
    minute,
    percent,
)

AT_ONCE = 50
"""Tables shown at once; the script turns the pages, so that 10,000 are as quick as ten."""

_ASSETS = Path(__file__).parent / "assets"


def page(report: Report) -> str:
    """Write the page."""
    today = report.sweep.started_at.date()
    tables = [view_of(row, today, report.standing(row)) for row in report.tables]
    template, style, script = _assets()
    html: str = (
        _environment()
        .get_template(template)
        .render(
            report=report,
            as_of=f"{minute(report.sweep.started_at)} UTC",
            style=style,
            script=script,
            policy=_policy(style, script),
            share=None if report.protected_share is None else percent(report.protected_share),
            ring=arcs(report.counts),
            statuses=[
                (status, LABELS[status], report.counts[status]) for status in reversed(Status)
            ],
            urgent=_urgent(report),
            shown=tables[:AT_ONCE],
            at_once=AT_ONCE,
            data=_data(tables),
            regions=sorted({table.region for table in tables}),
            accounts=sorted({table.account for table in tables}),
            sections=[exemptions(report), exposures(report), restores(report)],
            warnings=[clean(warning) for warning in report.warnings],
            clean=clean,
            many=many,
        )
    )
    return html


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


def _data(tables: list[TableView]) -> dict[str, Any]:
    """What the script turns the pages of: the tables' fields in their order, without the names."""
    return {"labels": LABELS, "atOnce": AT_ONCE, "tables": [astuple(table) for table in tables]}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


@cache
def _assets() -> tuple[str, Markup, Markup]:
    """The template's name, the style and the script: ours, and so not escaped."""
    style, script = ((_ASSETS / name).read_text() for name in ("page.css", "page.js"))
    return "page.html.jinja", Markup(style), Markup(script)  # noqa: S704


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
