"""The restore workflow's hands: put one setting on the restored table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pitr_guardian.basics.legible import legible
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.ports import (
    CantGoAlongError,
    MoreToDoError,
    ProgressRecord,
    SettingWriter,
    TableTagger,
    Targets,
)
from pitr_guardian.restore.request import (
    LINEAGE_TAGS,
    Setting,
)
from pitr_guardian.restore.target import (
    Progress,
    progress_of,
)
from pitr_guardian.tables.ports import PitrSwitch
from pitr_guardian.tables.reference import TableRef

_LONGEST = 1000
"""Characters; ``Restore Completed`` has some 15 of them, and an event 256 KiB."""


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


class Tables(PitrSwitch, TableTagger, Protocol):
    """Tables, to finish."""


@dataclass(frozen=True, slots=True)
class Porter:
    """Puts settings on restored tables, each as often as it is asked to."""

    tables: Tables
    restores: Targets
    carriers: Mapping[Setting, SettingWriter]
    ledger: ProgressRecord

    def carry(
        self,
        order: Order,
        entry: Mapping[str, Any],
        restored: Restored,
        cursor: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Put one setting on the target.

        Args:
            order: the order.
            entry: what ``survey`` tells of the setting.
            restored: what the restore came to.
            cursor: where to go on, as the call before told with ``more``.

        Returns:
            ``setting``, ``outcome`` (``applied``, ``skipped``, ``failed``; ``recorded`` for the
            lineage; ``more`` with a ``cursor``, where it is to be called again), and ``error`` or
            ``note`` where there is something to say.

        Raises:
            TargetGoneError: there is nothing left to put it on.
            TryLaterError: the table is busy with another change, or AWS is.
        """
        told: dict[str, Any] = {"setting": entry["setting"]}
        if "error" in entry:
            return told | {"outcome": "failed", "error": _told(entry["error"])}
        if "skip" in entry:
            return told | {"outcome": "skipped", "note": _told(entry["skip"])}
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
            kept = entry["kept"] | ({"cursor": cursor} if cursor is not None else {})
            note = self.carriers[setting].put(kept, order.source_ref, target)
        except MoreToDoError as more:
            self.ledger.note_progress(order, setting.value, more.done, more.total)
            return told | {"outcome": "more", "cursor": more.cursor}
        except CantGoAlongError as reason:
            return told | {"outcome": "skipped", "note": _told(str(reason))}
        return told | {"outcome": "applied"} | ({"note": _told(note)} if note else {})

    def _make_sure_of(self, target: TableRef, table_id: str | None) -> None:
        found = progress_of(self.restores.target_of(target), table_id)
        if found in (Progress.MISSING, Progress.REPLACED):
            raise TargetGoneError(f"the table {target} is {found}")


def _told(words: str) -> str:
    """Cut what is told of a setting: all settings together must fit into an event."""
    return legible(words, _LONGEST)


def _lineage_tags(order: Order, restored_to: str | None) -> dict[str, str]:
    values = (order.source.arn, restored_to or "unknown", order.request.request_id)
    return dict(zip(LINEAGE_TAGS, values, strict=True))
