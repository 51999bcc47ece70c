"""The severities in docs/facts.md are those that the guardian tells."""

from __future__ import annotations

from typing import get_args

from pitr_guardian.facts.severity import Happening, severity_of
from tests.infrastructure.stack import ROOT


def test_the_table_in_the_documentation_says_the_same() -> None:
    text = (ROOT / "docs/facts.md").read_text()
    rows = text.partition("## Severities")[2].partition("\n## ")[0].splitlines()
    told = {row.split("|")[1].strip(" `"): row for row in rows if row.startswith("| `")}
    for what in get_args(Happening.__value__):
        assert f"`{severity_of(what)}`" in told[what].split("|")[2], what
