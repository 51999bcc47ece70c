"""An account's tables, with the hands of their owners on them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
    Window,
)
from pitr_guardian.tables.reference import TableRef
from tests.fakes.clock import FakeClock

LATEST_LAG = timedelta(minutes=5)
DEFAULT_OF_AWS = 35

_PRESENCE = {
    "CREATING": Presence.NOT_READY,
    "ACTIVE": Presence.READY,
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": Presence.READY,
    "UPDATING": Presence.READY,
    "DELETING": Presence.GOING,
    "ARCHIVED": Presence.GOING,
}


@dataclass
class SimulatedTable:
    """One table as DynamoDB keeps it: period and window are gone the moment PITR is off."""

    id: str
    born: datetime
    status: str
    period: int | None = None
    earliest: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        return self.period is not None

    def window(self, now: datetime) -> Window | None:
        if self.period is None or self.earliest is None:
            return None
        earliest = max(self.earliest, now - timedelta(days=self.period))
        return Window(earliest, max(earliest, now - LATEST_LAG))


@dataclass(frozen=True)
class Enabling:
    """One enabling call of the guardian's, with the tags the table had then."""

    table: TableRef
    period: int
    tags: Mapping[str, str]


class FakeTables:
    """``drift.ports.Tables`` in memory; everything below ``enable`` is what owners do."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._ids = itertools.count(1)
        self._tables: dict[TableRef, SimulatedTable] = {}
        self.enablings: list[Enabling] = []

    def observe(self, table: TableRef) -> Observed:
        found = self._tables.get(table)
        if found is None:
            return Observed(Presence.GONE, "gone")
        presence = _PRESENCE[found.status]
        if presence is not Presence.READY:
            return Observed(presence, found.status)
        return Observed(
            presence,
            found.status,
            table_id=found.id,
            created_at=found.born,
            pitr_on=found.is_on,
            period=found.period,
            window=found.window(self._clock.now),
            tags=dict(found.tags),
        )

    def enable(self, table: TableRef, period: int) -> Window | None:
        found = self._tables.get(table)
        if found is None:
            raise TryLaterError("TableNotFoundException: no such table")
        if _PRESENCE[found.status] is not Presence.READY:
            raise TryLaterError("ContinuousBackupsUnavailableException: being enabled")
        self.enablings.append(Enabling(table, period, dict(found.tags)))
        self.switch_on(table, period)
        return found.window(self._clock.now)

    def __getitem__(self, table: TableRef) -> SimulatedTable:
        return self._tables[table]

    def __contains__(self, table: TableRef) -> bool:
        return table in self._tables

    def create(self, table: TableRef, status: str = "ACTIVE") -> None:
        self._tables[table] = SimulatedTable(f"id-{next(self._ids)}", self._clock.now, status)

    def delete(self, table: TableRef) -> None:
        del self._tables[table]

    def switch_off(self, table: TableRef) -> None:
        self[table].period = self[table].earliest = None

    def switch_on(self, table: TableRef, period: int | None = None) -> None:
        found, now = self[table], self._clock.now
        if found.period is None or found.earliest is None:
            found.earliest = now
        else:  # shortening deletes the older backups at once
            found.earliest = max(found.earliest, now - timedelta(days=period or DEFAULT_OF_AWS))
        found.period = period or DEFAULT_OF_AWS

    def tag(self, table: TableRef, tags: Mapping[str, str]) -> None:
        self[table].tags |= tags

    def set_tags(self, table: TableRef, **tags: str) -> None:
        """Tag by the owner's hand, with the guardian's own keys: ``exempt_reason`` and the like."""
        self[table].tags |= {f"pitr-guardian:{key.replace('_', '-')}": tags[key] for key in tags}

    def untag(self, table: TableRef) -> None:
        self[table].tags.clear()
