"""What a restore leaves behind, read from the source before the restore starts.

A restore may take six hours; what somebody changes at the source meanwhile doesn't matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pitr_guardian.definition import Definition
from pitr_guardian.observation import Presence
from pitr_guardian.order import Order
from pitr_guardian.plan import key_stays_behind
from pitr_guardian.policy import MAX_PERIOD, Policy, own_period
from pitr_guardian.ports import (
    Backups,
    Definitions,
    Kept,
    Recollection,
    RefusedError,
    SettingReader,
    TableObserver,
    TryLaterError,
)
from pitr_guardian.restore_request import OPTIONAL, Setting

Entry = dict[str, Any]
"""``setting``, with ``kept`` to put back, or ``skip`` or ``error`` that says why not."""


class Sources(Definitions, Backups, Protocol):
    """What restores are made from."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Reads a source's settings."""

    tables: TableObserver
    restores: Sources
    ledger: Recollection
    carriers: Mapping[Setting, SettingReader]
    policy: Policy

    def read(self, order: Order) -> dict[str, Any]:
        """Read everything a restore needs to know of its source.

        Returns:
            ``recoveryPeriodInDays``, the source's; ``definition``, what it is made of; and
            ``settings``, a list of entries in the order in which to put them back.

        Raises:
            RefusedError: the source, its PITR or its backup is gone by now.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        if order.backup_arn is not None:
            return self._of_a_backup(order, order.backup_arn)
        source = order.source_ref
        observed = self.tables.observe(source)
        definition = self.restores.definition_of(source)
        if observed.presence is not Presence.READY or definition is None:
            raise RefusedError(f"the source table {source} is {observed.status}")
        if not observed.pitr_on:
            raise RefusedError(f"PITR was switched off on {source} since the request")
        entries = [self._read(setting, order) for setting in Setting]
        return _told(order, definition, observed.period or MAX_PERIOD, entries)

    def _read(self, setting: Setting, order: Order) -> Entry:
        if setting not in OPTIONAL or not order.request.asks_for(setting):
            return _not_carried(setting)
        try:
            kept = self.carriers[setting].read(order.source_ref)
        except TryLaterError:
            raise
        except Exception as problem:  # one setting that can't be read must not stop a rescue
            return {"setting": setting, "error": f"could not be read from the source: {problem}"}
        return _entry(setting, kept)

    def _of_a_backup(self, order: Order, backup_arn: str) -> dict[str, Any]:
        """The settings of the backup's table where it is there; else what is kept of it."""
        source = order.source_ref
        backup = self.restores.backup_of(source, backup_arn)
        if backup is None:
            raise RefusedError(f"the backup {backup_arn} is gone")
        observed = self.tables.observe(source)
        lives = observed.presence is Presence.READY and observed.table_id == backup.table_id
        if lives:
            entries = [self._read(setting, order) for setting in Setting]
        else:
            # What the backup's feature details and the ledger know, which is little.
            known = {Setting.TTL: backup.ttl, Setting.STREAM: backup.stream}
            entries = [_known(setting, order, known) for setting in Setting]
        period = observed.period if lives else None
        if period is None:
            remembered = self.ledger.recall(source, backup.table_id).period
            period = own_period(observed.tags if lives else {}, remembered, self.policy)
        return _told(order, backup.definition, period, entries)


def _told(
    order: Order, definition: Definition, period: int, entries: list[Entry]
) -> dict[str, Any]:
    if key_stays_behind(order.request, order.source_ref, order.target_ref, definition):
        why = f"the key {definition.kms_key_arn} stays in its region; AWS's own key is used"
        entries.append({"setting": "encryption", "skip": why})
    return {
        "recoveryPeriodInDays": period,
        "definition": definition.model_dump(by_alias=True),
        "settings": entries,
    }


def _known(setting: Setting, order: Order, known: Mapping[Setting, Kept | None]) -> Entry:
    if setting not in OPTIONAL or not order.request.asks_for(setting):
        return _not_carried(setting)
    if setting not in known:
        return {"setting": setting, "skip": "AWS keeps nothing of it when a table is deleted"}
    return _entry(setting, known[setting])


def _not_carried(setting: Setting) -> Entry:
    """PITR and lineage are always put, and come from the order; the rest wasn't asked for."""
    return {"setting": setting} if setting not in OPTIONAL else _skip(setting, "not asked for")


def _entry(setting: Setting, kept: Kept | None) -> Entry:
    return _skip(setting, "the source has none") if kept is None else _kept(setting, kept)


def _skip(setting: Setting, why: str) -> Entry:
    return {"setting": setting, "skip": why}


def _kept(setting: Setting, kept: Kept) -> Entry:
    return {"setting": setting, "kept": kept}
