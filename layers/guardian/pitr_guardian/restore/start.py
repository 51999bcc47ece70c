"""The restore workflow's hands: start a restore once, and look at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import (
    Clock,
    iso,
)
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.plan import restore_call
from pitr_guardian.restore.ports import (
    CallRecord,
    Restores,
    TargetOccupiedError,
    Targets,
    TargetTakenError,
)
from pitr_guardian.restore.target import (
    Target,
    progress_of,
)
from pitr_guardian.tables.definition import Definition


@dataclass(frozen=True, slots=True)
class RestoreStart:
    """Starts a restore once, however often it is asked to."""

    restores: Restores
    ledger: CallRecord
    clock: Clock

    def start(self, order: Order, definition: Definition, period: int) -> dict[str, Any]:
        """Start the restore, or find the one that an earlier attempt has started.

        Args:
            order: the order.
            definition: what the source is made of.
            period: the recovery period that will be the new table's own, in days.

        Returns:
            ``restoredTo``, the instant, and ``tableId``, where AWS tells them.

        Raises:
            TargetOccupiedError: the target's name was taken by a table that isn't this restore's.
            TableQuotaError: the account may have no more tables.
            RefusedError: AWS refuses for good.
            AtCapacityError: too many restores at once.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        target = self._start_once(order, definition, period)
        shown = target.lineage.restored_to if target.lineage else None
        restored_to = order.lineage.restored_to or shown
        return {
            "restoredTo": iso(restored_to) if restored_to else None,
            "tableId": target.table_id,
        }

    def _start_once(self, order: Order, definition: Definition, period: int) -> Target:
        existing = self.restores.target_of(order.target_ref)
        if existing is None:
            # The guardian will see the target's birth: it must know the period that is its own.
            self.ledger.expect(order.target_ref, period, self.clock())
        # The note comes last: from here on, a table of the target's name may be ours.
        asked_before = self.ledger.note_call(order, self.clock())
        if existing is not None:
            return _if_ours(existing, order, asked_before)
        call = restore_call(
            order.request, order.source_ref, order.target_ref, definition, order.backup_arn
        )
        try:
            return self.restores.start(call)
        except RefusedError:
            self.ledger.expect_no_more(order.target_ref)
            raise
        except TargetTakenError as taken:
            self._take_back(order, asked_before)
            existing = self.restores.target_of(order.target_ref)
            if existing is None:
                raise TryLaterError(f"a table {order.target_ref} is just being deleted") from taken
            return _if_ours(existing, order, asked_before)
        except TryLaterError as refusal:
            if not refusal.may_have_happened:
                self._take_back(order, asked_before)
            raise

    def _take_back(self, order: Order, asked_before: datetime | None) -> None:
        """Forget a call that AWS refused, unless what an earlier one came to isn't known either."""
        if asked_before is None:
            self.ledger.forget_call(order)


@dataclass(frozen=True, slots=True)
class ProgressCheck:
    """Looks how far a restore is."""

    restores: Targets

    def check(self, order: Order, table_id: str | None) -> dict[str, Any]:
        """Look at the target; ``progress`` is one of ``restore.Progress``.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """
        return {"progress": progress_of(self.restores.target_of(order.target_ref), table_id)}


def _if_ours(existing: Target, order: Order, asked_at: datetime | None) -> Target:
    """Tell our own restore, whose answer was lost, from somebody else's table."""
    if asked_at is not None and existing.is_restore(order.lineage, asked_at):
        return existing
    raise TargetOccupiedError(
        f"a table {order.target_ref} was created by somebody else since the request; "
        "choose another name"
    )
