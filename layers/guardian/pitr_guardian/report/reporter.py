"""Writes a sweep's report, in every form, under the sweep's own address and as the latest."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.report.content import (
    LOOK_BACK,
    Report,
    assemble,
    document,
)
from pitr_guardian.report.history import TOLD
from pitr_guardian.report.ports import (
    Archive,
    History,
)
from pitr_guardian.report.sheet import sheet
from pitr_guardian.report.sweep import Sweep


@dataclass(frozen=True)
class Reporter:
    """Reads what a sweep and the ledger left, and writes it for people and programs.

    The same sweep again writes the same files again: a workflow may retry.
    """

    archive: Archive
    history: History
    page: Callable[[Report], str]
    clock: Clock
    log: Callable[[str], None]

    def write_of(self, sweep_id: str) -> str:
        """Write the report of the sweep of this id; see ``write``."""
        return self.write(self.archive.sweep(sweep_id))

    def write(self, sweep: Sweep) -> str:
        """Write the report of a sweep.

        Returns:
            the page's URI.
        """
        now = self.clock()
        parts = list(self.archive.parts_of(sweep.sweep_id))
        past = self.history.past(TOLD, now - LOOK_BACK)
        report = assemble(sweep, parts, past, now)
        for note in report.notes:
            self.log(note)
        files = (
            ("report.json", json.dumps(document(report), ensure_ascii=False), "application/json"),
            ("report.csv", sheet(report), "text/csv; charset=utf-8; header=present"),
            ("report.html", self.page(report), "text/html; charset=utf-8"),
        )
        # The page last: whoever finds a page finds the data it speaks of.
        uris = [
            self.archive.keep(f"{folder}/{name}", text.encode("utf-8", "replace"), content_type)
            for folder in ("latest", f"reports/{sweep.sweep_id}")
            for name, text, content_type in files
        ]
        return uris[-1]
