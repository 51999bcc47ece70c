"""What is needed of tables, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Sequence
    from datetime import datetime

    from pitr_guardian.drift.memory import Memory
    from pitr_guardian.tables.kept_backup import KeptBackup
    from pitr_guardian.tables.observation import (
        Observed,
        Window,
    )
    from pitr_guardian.tables.reference import TableRef


class TableObserver(Protocol):
    """The tables of the account, wherever they are, to look at."""

    def observe(self, table: TableRef) -> Observed:
        """Look at a table. A table that doesn't exist is an observation, not an error.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class PitrSwitch(Protocol):
    """Their PITR."""

    def enable(self, table: TableRef, period: int) -> Window | None:
        """Switch PITR on, naming the period in days; harmless where it is on.

        Returns:
            the window, where AWS tells it.

        Raises:
            TryLaterError: the table isn't ready for it yet, or gone, or AWS is busy.
        """


class Recollection(Protocol):
    """What is remembered of each table, to read."""

    def recall(
        self, table: TableRef, table_id: str | None, born_at: datetime | None = None
    ) -> Memory:
        """Tell what is remembered of the table of this name and id, which may be one of the past.

        Args:
            table: the table's name.
            table_id: its id; None for whoever has the name, or had it last.
            born_at: when it was created: what was seen of that name before is another's.
        """


class KeptBackups(Protocol):
    """The backups that are left of tables, to find."""

    def backups_of(self, table: TableRef) -> Sequence[KeptBackup]:
        """List the backups of any type that can be restored, of tables of a name, newest first.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """
