"""The restore workflow's hands: start a restore once, look at it, put one setting back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian.definition import Definition
from pitr_guardian.instants import Clock, iso
from pitr_guardian.order import Order
from pitr_guardian.plan import restore_call
from pitr_guardian.ports import (
    CantGoAlongError,
    Carrier,
    Ledger,
    RefusedError,
    Restores,
    Tables,
    TargetTakenError,
    TryLaterError,
)
from pitr_guardian.restore import Progress, Target, progress_of
from pitr_guardian.restore_request import LINEAGE_TAGS, Setting
from pitr_guardian.table import TableRef


class TargetGoneError(Exception):
    """The restored table was deleted, or replaced by another."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to.

    ``restored_to`` is an instant, ISO 8601, and ``period`` the new table's own, in days.
    """

    table_id: str | None
    restored_to: str | None
    period: int


@dataclass(frozen=True, slots=True)
class Restoration:
    """Does what the restore workflow asks, as often as it asks."""

    tables: Tables
    restores: Restores
    ledger: Ledger
    carriers: Mapping[Setting, Carrier]
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
            RefusedError: the target's name was taken by a table that isn't this restore's, or AWS
                refuses for good.
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

    def check(self, order: Order, table_id: str | None) -> dict[str, Any]:
        """Look at the target; ``progress`` is one of ``restore.Progress``.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """
        return {"progress": progress_of(self.restores.target_of(order.target_ref), table_id)}

    def carry(self, order: Order, entry: Mapping[str, Any], restored: Restored) -> dict[str, Any]:
        """Put one setting on the target.

        Args:
            order: the order.
            entry: what ``survey`` tells of the setting.
            restored: what the restore came to.

        Returns:
            ``setting``, ``outcome`` (``applied``, ``skipped``, ``failed``; ``recorded`` for the
            lineage), and ``error`` or ``note`` where there is something to say.

        Raises:
            TargetGoneError: there is nothing left to put it on.
            TryLaterError: the table is busy with another change, or AWS is.
        """
        told: dict[str, Any] = {"setting": entry["setting"]}
        if "error" in entry:
            return told | {"outcome": "failed", "error": entry["error"]}
        if "skip" in entry:
            return told | {"outcome": "skipped", "note": entry["skip"]}
        setting = Setting(entry["setting"])
        target = order.target_ref
        self._make_sure_of(target, restored.table_id)
        if setting is Setting.PITR:
            self.tables.enable(target, restored.period)
            return told | {"outcome": "applied"}
        if setting is Setting.LINEAGE:
            self.tables.tag(target, _lineage_tags(order, restored.restored_to))
            return told | {"outcome": "recorded"}
        try:
            note = self.carriers[setting].put(entry["kept"], order.source_ref, target)
        except CantGoAlongError as reason:
            return told | {"outcome": "skipped", "note": str(reason)}
        return told | {"outcome": "applied"} | ({"note": note} if note else {})

    def _make_sure_of(self, target: TableRef, table_id: str | None) -> None:
        found = progress_of(self.restores.target_of(target), table_id)
        if found in (Progress.MISSING, Progress.REPLACED):
            raise TargetGoneError(f"the table {target} is {found}")

    def _start_once(self, order: Order, definition: Definition, period: int) -> Target:
        existing = self.restores.target_of(order.target_ref)
        if existing is None:
            # The guardian will see the target's birth: it must know the period that is its own.
            self.ledger.expect(order.target_ref, period)
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


def _if_ours(existing: Target, order: Order, asked_at: datetime | None) -> Target:
    """Tell our own restore, whose answer was lost, from somebody else's table."""
    if asked_at is not None and existing.is_restore(order.lineage, asked_at):
        return existing
    raise RefusedError(
        f"a table {order.target_ref} was created by somebody else since the request; "
        "choose another name"
    )


def _lineage_tags(order: Order, restored_to: str | None) -> dict[str, str]:
    values = (order.source.arn, restored_to or "unknown", order.request.request_id)
    return dict(zip(LINEAGE_TAGS, values, strict=True))
