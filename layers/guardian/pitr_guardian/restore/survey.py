"""What a restore leaves behind, read from the source before the restore starts.

A restore may take six hours; what somebody changes at the source meanwhile doesn't matter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.plan import key_stays_behind
from pitr_guardian.restore.ports import (
    BY_NAME,
    LEFT_BEHIND,
    Backups,
    Definitions,
    Kept,
    OutlivingReader,
    SettingReader,
    SourceGoneError,
    SurveyKeeper,
)
from pitr_guardian.restore.request import (
    OPTIONAL,
    Setting,
)
from pitr_guardian.restore.target import Backup
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.observation import Presence
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    Policy,
    own_period,
)
from pitr_guardian.tables.ports import (
    Recollection,
    TableObserver,
)
from pitr_guardian.tables.reference import TableRef

Entry = dict[str, Any]
"""``setting``, with ``kept`` to put back, or ``skip`` or ``error`` that says why not.

What the source hasn't got has none."""


class Sources(Definitions, Backups, Protocol):
    """What restores are made from."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Reads a source's settings."""

    tables: TableObserver
    restores: Sources
    ledger: Recollection
    carriers: Mapping[Setting, SettingReader]
    outliving: Mapping[Setting, OutlivingReader]
    policy: Policy
    kept: SurveyKeeper

    def take(self, order: Order) -> dict[str, Any]:
        """Read a source, and keep what was read: a workflow's states hold at most 256 KiB.

        Returns:
            ``recoveryPeriodInDays``, and ``settings``, the names of what is to be put back.

        Raises:
            SourceGoneError: the source, its PITR or its backup is gone by now.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        found = self.read(order)
        self.kept.keep(order, found)
        return {
            "recoveryPeriodInDays": found["recoveryPeriodInDays"],
            "settings": [entry["setting"] for entry in found["settings"]],
        }

    def read(self, order: Order) -> dict[str, Any]:
        """Read everything a restore needs to know of its source.

        Returns:
            ``recoveryPeriodInDays``, the source's; ``definition``, what it is made of; and
            ``settings``, a list of entries in the order in which to put them back.

        Raises:
            SourceGoneError: the source, its PITR or its backup is gone by now.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        if order.backup_arn is not None:
            return self._of_a_backup(order, order.backup_arn)
        source = order.source_ref
        observed = self.tables.observe(source)
        definition = self.restores.definition_of(source)
        if observed.presence is not Presence.READY or definition is None:
            raise SourceGoneError(f"the source table {source} is {observed.status}")
        if not observed.pitr_on:
            raise SourceGoneError(f"PITR was switched off on {source} since the request")
        entries = [entry for setting in Setting for entry in self._read(setting, order)]
        entries += _not_made_again(source, definition)
        return _told(order, definition, observed.period or MAX_PERIOD, entries)

    def _read(self, setting: Setting, order: Order) -> Iterator[Entry]:
        if setting not in OPTIONAL:
            return iter([{"setting": setting}])
        return _entries(setting, order, lambda: self.carriers[setting].read(order.source_ref))

    def _of_a_backup(self, order: Order, backup_arn: str) -> dict[str, Any]:
        """The settings of the backup's table where it is there; else what is left of it."""
        source = order.source_ref
        backup = self.restores.backup_of(source, backup_arn)
        if backup is None:
            raise SourceGoneError(f"the backup {backup_arn} is gone")
        observed = self.tables.observe(source)
        lives = observed.presence is Presence.READY and observed.table_id == backup.table_id
        if lives:
            entries = [entry for setting in Setting for entry in self._read(setting, order)]
            definition = self.restores.definition_of(source) or backup.definition
            entries += _not_made_again(source, definition)
        else:
            entries = [entry for each in Setting for entry in self._read_of(each, order, backup)]
        period = observed.period if lives else None
        if period is None:
            remembered = self.ledger.recall(source, backup.table_id).period
            period = own_period(observed.tags if lives else {}, remembered, self.policy)
        return _told(order, backup.definition, period, entries)

    def _read_of(self, setting: Setting, order: Order, backup: Backup) -> Iterator[Entry]:
        """What the backup's feature details know of a setting, and what outlives its table."""
        if setting not in OPTIONAL:
            return iter([{"setting": setting}])
        known = {Setting.TTL: backup.ttl, Setting.STREAM: backup.stream}
        reader = self.outliving.get(setting)
        if setting in known and known[setting] is None:
            return iter(())
        if setting not in known and reader is None:
            why = "AWS keeps nothing of it when a table is deleted"
            asked = order.request.asks_for(setting)
            return iter([_skip(setting, why)] if asked else ())
        indexes = [index["IndexName"] for index in backup.definition.global_indexes]

        def kept() -> Kept | None:
            outlived = reader.read_after_deletion(order.source_ref, indexes) if reader else None
            return (known.get(setting) or {}) | (outlived or {}) or None

        return _entries(setting, order, kept)


def _entries(setting: Setting, order: Order, read: Callable[[], Kept | None]) -> Iterator[Entry]:
    """Read one setting. One that can't be read must not stop a rescue."""
    asked = order.request.asks_for(setting)
    try:
        kept = dict(read() or {})
    except TryLaterError:
        if asked:
            raise
        return  # nothing waits for what nobody asked for
    except Exception as problem:  # a setting that can't be read stops no restore
        if asked:
            why = f"could not be read from the source: {problem}"
            yield {"setting": setting, "error": why}
        return
    left: Mapping[str, str] = kept.pop(LEFT_BEHIND, {})
    if kept and not asked:
        yield _skip(setting, "not asked for")
    elif kept:
        by_name = {BY_NAME: True} if isinstance(order.request.settings, tuple) else {}
        yield {"setting": setting, "kept": kept | by_name}
    for name, why in left.items():
        yield _skip(name, why)


def _not_made_again(source: TableRef, definition: Definition) -> Iterator[Entry]:
    """What a table may have that no restore makes, and nobody puts back either."""
    if definition.replicas:
        regions = ", ".join(definition.replicas)
        why = f"the new table is in one region; {source.name} has replicas in {regions}"
        yield _skip("replicas", f"{why}: add them to it yourself, by UpdateTable")
    if definition.warmed:
        parts = [f"the index {name}" if name else "the table" for name in definition.warmed]
        why = f"{', '.join(parts)} had more than a new one has; warming costs money"
        yield _skip("warmThroughput", f"{why}: ask for it by UpdateTable, if you need it")


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


def _skip(setting: str, why: str) -> Entry:
    return {"setting": setting, "skip": why}
