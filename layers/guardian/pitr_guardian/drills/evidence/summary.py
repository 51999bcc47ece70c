"""A drill in a line: what the ledger keeps of its evidence, for lists, pages and reports."""

from typing import Literal

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills.evidence.chain import Link
from pitr_guardian.facts.facts import TableId


class DrillSummary(StoredModel):
    """What a drill came to, and where its evidence is."""

    drill_id: str
    table: TableId
    kind: str
    """``full`` or ``small``."""
    outcome: Literal["passed", "failed"]
    asked: Instant
    restored_to: Instant
    seconds: float | None
    """Until the copy was proved."""
    active_seconds: float | None
    """Until the copy could be read; None where none was made, or it never could."""
    bytes_an_hour: float | None = None
    """How much was exported of an hour of the table's history, for the estimate of its next drill;
    None where the history that was exported is too short to tell, or is that of one key."""
    compared: int
    mismatched: int
    cost_in_usd: float
    link: Link
    page_key: str
    """Of the page that says the same to people."""
    previous_sha256: str

    @property
    def year(self) -> int:
        """The year that it was asked for in, in UTC."""
        return self.asked.year
