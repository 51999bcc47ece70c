"""An accepted undo request, as the ledger keeps it: it stays the same until the undo's end."""

from datetime import datetime

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.exports.window import Windows
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.request import UndoRequest
from pitr_guardian.undo.shape import Shape


class UndoOrder(StoredModel):
    """What to undo. ``windows`` is None for a ``revert``, whose images an earlier undo kept."""

    request: UndoRequest
    table: TableId
    shape: Shape
    from_: Instant
    to: Instant
    windows: Windows | None
    account: str
    """The account whose request it is, as EventBridge tells it."""
    accepted_at: Instant

    @property
    def plan_id(self) -> str:
        """The plan's id, which is the request's."""
        return self.request.request_id

    @property
    def table_ref(self) -> TableRef:
        """The table's reference."""
        return TableRef.from_arn(self.table.arn)

    @property
    def now(self) -> datetime:
        """The instant by which the plan tells what has expired: one for all of its shards."""
        return self.accepted_at


class Approval(StoredModel):
    """An approval that was taken in."""

    event_id: str
    fingerprint: str
    account: str
    """The account whose approval it is, as EventBridge tells it."""
    requested_by: str | None
    reason: str | None
    approved_at: Instant
