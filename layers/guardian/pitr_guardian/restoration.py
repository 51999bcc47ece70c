"""The workflow's own steps: start a restore, look at its target, put PITR back on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian.instants import iso
from pitr_guardian.observation import Presence
from pitr_guardian.policy import MAX_PERIOD
from pitr_guardian.ports import Ledger, Restores, Tables, TargetTakenError, TryLaterError
from pitr_guardian.restore import progress_of
from pitr_guardian.restore_request import RestoreRequest
from pitr_guardian.table import TableRef


class RestoreRefusedError(Exception):
    """The restore can't be started, for good; the text says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore that AWS has accepted; ``to`` is the instant, where AWS tells it."""

    to: datetime | None


@dataclass(frozen=True, slots=True)
class Restoration:
    """Does what the restore workflow asks. An *order* is the workflow's input."""

    tables: Tables
    restores: Restores
    ledger: Ledger

    def start(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Start the restore, or find the one that an earlier attempt has started.

        Returns:
            ``recoveryPeriodInDays``, the source's period, and ``restoredTo``, the instant.

        Raises:
            RestoreRefusedError: the source is gone or PITR is off by now, or the target's name was
                taken by a table that isn't this restore's.
            TryLaterError: too many restores at once, throttled, or a fault on AWS's side.
        """
        request = RestoreRequest.model_validate(order["request"])
        source, target = _tables(order)
        period = self._period_of(source)
        restored_to = self._ours(source, target, request.instant)
        if restored_to is None:
            # The guardian will see the target's birth: it must know the period that is its own.
            self.ledger.expect(target, period)
            restored_to = self._begin(source, target, request.instant)
        return {
            "recoveryPeriodInDays": period,
            "restoredTo": iso(restored_to.to) if restored_to.to else None,
        }

    def check(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Look at the target.

        Returns:
            ``progress``: ``restoring``, ``active`` or ``missing``.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """
        _, target = _tables(order)
        return {"progress": progress_of(self.restores.target_of(target)).value}

    def protect(self, order: Mapping[str, Any], period: int) -> dict[str, Any]:
        """Turn PITR on for the target, with the source's period in days.

        Returns:
            the settings report of ``Restore Completed``.

        Raises:
            TryLaterError: the table isn't ready for it yet, or AWS is busy.
        """
        _, target = _tables(order)
        self.tables.enable(target, period)
        return {"applied": ["pitr"], "skipped": [], "failed": []}

    def _begin(self, source: TableRef, target: TableRef, instant: datetime | None) -> Restored:
        try:
            return Restored(self.restores.start(source, target, instant))
        except TargetTakenError:
            ours = self._ours(source, target, instant)
            if ours is None:
                raise TryLaterError(f"the table {target} is just being deleted") from None
            return ours

    def _ours(
        self, source: TableRef, target: TableRef, instant: datetime | None
    ) -> Restored | None:
        """Find the restore that an earlier attempt started; None where the name is free."""
        existing = self.restores.target_of(target)
        if existing is None:
            return None
        if not existing.comes_from(source.arn, instant):
            raise RestoreRefusedError(
                f"a table {target} was created by somebody else since the request; "
                "choose another name"
            )
        return Restored(existing.restored_to or instant)

    def _period_of(self, source: TableRef) -> int:
        observed = self.tables.observe(source)
        if observed.presence is not Presence.READY:
            raise RestoreRefusedError(f"the source table {source} is {observed.status}")
        if not observed.pitr_on:
            raise RestoreRefusedError(f"PITR was switched off on {source} since the request")
        return observed.period or MAX_PERIOD


def _tables(order: Mapping[str, Any]) -> tuple[TableRef, TableRef]:
    return TableRef.from_arn(order["source"]["arn"]), TableRef.from_arn(order["target"]["arn"])
