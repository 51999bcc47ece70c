"""An accepted drill, as the ledger keeps it: it stays the same until the drill's end."""

from datetime import datetime
from enum import StrEnum

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.structure import Structure
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.reference import TableRef


class Kind(StrEnum):
    """What is proved."""

    FULL = "full"
    """The table is restored, and the copy compared."""
    SMALL = "small"
    """One partition key's items are exported as they were at the instant; there is no copy."""


class Occasion(StrEnum):
    """Why there is a drill."""

    EVENT = "event"
    """Somebody asked for it."""
    TAG = "tag"
    """The table's tag says how often, and it was due."""


class DrillOrder(StoredModel):
    """What to prove: that ``table`` can be restored to ``at``."""

    request: DrillRequest
    occasion: Occasion
    kind: Kind
    table: TableId
    source: Structure
    """The table as it was surveyed when the request was accepted."""
    at: Instant
    """The instant to restore to, a whole second."""
    latest: Instant
    """The table's latest restorable instant when the request was accepted."""
    copy_table: TableId | None
    """What the copy will be called; None where there is none to be (``Kind.SMALL``)."""
    with_indexes: bool = False
    """Whether the copy has the table's indexes."""
    rto_minutes: int | None = None
    """The recovery time that the table's tag ``pitr-guardian:rto-minutes`` allows."""
    rpo_minutes: int | None = None
    """The recovery point that the table's tag ``pitr-guardian:rpo-minutes`` allows."""
    estimate_in_usd: float = 0.0
    """What it was expected to cost."""
    account: str
    """The account whose request it is; the guardian's own where the table's tag asked."""
    accepted_at: Instant

    @property
    def drill_id(self) -> str:
        """The drill's id, which is the request's."""
        return self.request.request_id

    @property
    def table_ref(self) -> TableRef:
        """The table's reference."""
        return TableRef.from_arn(self.table.arn)

    @property
    def copy_ref(self) -> TableRef:
        """The copy's reference.

        Raises:
            ValueError: a small drill makes none.
        """
        if self.copy_table is None:
            raise ValueError("a small drill makes no copy")
        return TableRef.from_arn(self.copy_table.arn)

    @property
    def asked_at(self) -> datetime:
        """When recovery was asked for: from then on its time counts."""
        return self.accepted_at
