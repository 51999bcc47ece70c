"""A region's tables, the calls that a sweep makes to see them, and the time that these take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.look import Look
from pitr_guardian.drift.memory import Memory
from pitr_guardian.report.sweep import TableRow
from pitr_guardian.sweep.audit import (
    Audit,
    Stretch,
    Tally,
)
from pitr_guardian.sweep.ports import Page
from pitr_guardian.sweep.walk import Bounds
from pitr_guardian.tables.observation import (
    Seen,
    Switch,
    Window,
)
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import Home, Scope, TableRef
from tests.fakes.clock import START

REGION = "eu-central-1"

HOME = Home("aws", "123456789012", REGION)


def table(name: str, region: str = REGION) -> TableRef:
    return TableRef("aws", "123456789012", region, name)


def on(period: int = 35, since: datetime = START - timedelta(days=100)) -> Switch:
    """PITR that is on with that period, and has been since then."""
    earliest = max(since, START - timedelta(days=period))
    return Switch(True, period, Window(earliest, START - timedelta(minutes=5)))


OFF = Switch(False)


def known(switch: Switch, seen_on_at: datetime = START - timedelta(days=50)) -> Memory:
    """What the ledger holds of a table that has been on like this."""
    return Memory("id", switch.period, switch.window, seen_on_at, switch.period)


class SimulatedTime:
    """Time that passes when somebody waits, and not otherwise. In seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def ticks(self) -> float:
        return self.now

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


class SimulatedTeam(AbstractContextManager["SimulatedTeam"]):
    """``Team`` in simulated time: a job begins now, and its hand is free when it is answered."""

    def __init__(self, size: int, time: SimulatedTime, latency: Callable[[], float]) -> None:
        self._size, self._time, self._latency = size, time, latency
        self._free_at: list[float] = []

    def wait_for_a_hand(self) -> None:
        self._free_at = sorted(at for at in self._free_at if at > self._time.now)
        if len(self._free_at) >= self._size:
            self._time.now = self._free_at.pop(0)

    def start(self, job: Callable[[], None]) -> None:
        assert len(self._free_at) < self._size
        self._free_at.append(self._time.now + self._latency())
        job()

    def wait_for_all(self) -> None:
        self._time.now = max([self._time.now, *self._free_at])
        self._free_at = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@dataclass
class FakeRegion:
    """``Catalogue``, ``Sightings``, ``Requests`` and ``Parts`` in memory, each call counted."""

    tables: dict[str, Switch | Seen | Exception | None] = field(default_factory=dict)
    """What a look at each gives; None where it was deleted since it was listed."""
    tagged: dict[str, dict[str, str]] = field(default_factory=dict)
    ledger: dict[str, Memory] = field(default_factory=dict)
    time: SimulatedTime = field(default_factory=SimulatedTime)
    list_seconds: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    looked_at: list[tuple[float, str]] = field(default_factory=list)
    """When each look began, and at which table."""
    news: dict[str, Memory] = field(default_factory=dict)
    off: dict[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    """When each that was found off was last known to be on, and when it was found."""
    looks: list[Look] = field(default_factory=list)
    kept_tags: dict[tuple[str, Scope], Mapping[TableRef, Mapping[str, str]]] = field(
        default_factory=dict
    )
    parts: dict[str, Sequence[TableRow]] = field(default_factory=dict)

    def page(self, scope: Scope, after: str | None, size: int) -> Page:
        self._called("ListTables")
        assert size <= 100
        names = sorted(name for name in self.tables if after is None or name > after)
        last = names[size - 1] if len(names) > size else None
        return Page([table(name, scope.region) for name in names[:size]], last)

    def switch(self, table: TableRef) -> Switch | None:
        self.calls["DescribeContinuousBackups"] += 1
        self.looked_at.append((self.time.now, table.name))
        found = self.tables[table.name]
        if isinstance(found, Exception):
            raise found
        return found.switch if isinstance(found, Seen) else found

    def see(self, table: TableRef, switch: Switch) -> Seen | None:
        self.calls["DescribeTable"] += 1
        found = self.tables[table.name]
        return found if isinstance(found, Seen) else Seen(switch, "id", START - timedelta(days=400))

    def tags(self, scope: Scope, keys: Sequence[str]) -> Mapping[TableRef, Mapping[str, str]]:
        self._called("GetResources")
        return {
            table(name, scope.region): tags
            for name, tags in self.tagged.items()
            if tags.keys() & set(keys)
        }

    def recall_all(self, tables: Sequence[TableRef]) -> Mapping[TableRef, Memory]:
        self._called("BatchGetItem")
        assert len(tables) <= 100
        return {each: self.ledger[each.name] for each in tables if each.name in self.ledger}

    def sighted(self, table: TableRef, memory: Memory) -> None:
        self.calls["UpdateItem"] += 1
        self.news[table.name] = memory

    def found_off(self, table: TableRef, memory: Memory, at: datetime) -> None:
        self.calls["UpdateItem"] += 1
        self.off[table.name] = (memory.seen_on_at, at)

    def put_all(self, looks: Sequence[Look]) -> None:
        self.looks.extend(looks)

    def write(self, sweep_id: str, scope: Scope, number: int, rows: Sequence[TableRow]) -> None:
        self.parts[f"{sweep_id}/{scope.account}/{scope.region}/{number}"] = rows

    def keep_tags(
        self, sweep_id: str, scope: Scope, tags: Mapping[TableRef, Mapping[str, str]]
    ) -> None:
        self.kept_tags[sweep_id, scope] = tags

    def tags_kept(self, sweep_id: str, scope: Scope) -> Mapping[TableRef, Mapping[str, str]] | None:
        return self.kept_tags.get((sweep_id, scope))

    @property
    def asked_for(self) -> list[str]:
        """The tables that the enforcement queue was asked to look at."""
        return sorted(look.ref.name for look in self.looks)

    def audit(
        self,
        bounds: Bounds | None = None,
        policy: Policy | None = None,
        threads: int = 24,
        latency: Callable[[], float] = lambda: 0.02,
    ) -> Audit:
        return Audit(
            catalogue=self,
            sightings=self,
            requests=self,
            parts=self,
            policy=policy or Policy(),
            home=HOME,
            bounds=bounds or Bounds(per_second=8, seconds=40),
            clock=self.time.clock,
            ticks=self.time.ticks,
            sleep=self.time.sleep,
            team=lambda: SimulatedTeam(threads, self.time, latency),
        )

    def _called(self, call: str) -> None:
        self.calls[call] += 1
        self.time.now += self.list_seconds


def walk_to_the_end(audit: Audit, between: Callable[[], None] = lambda: None) -> list[Tally]:
    """Run stretch after stretch, as the workflow does."""
    tallies: list[Tally] = []
    after: str | None = None
    while not tallies or after is not None:
        assert len(tallies) < 1000, "it never comes to an end"
        stretch = Stretch(
            sweep_id="s", account=HOME.account, region=REGION, part=len(tallies) + 1, after=after
        )
        tallies.append(audit.run(stretch))
        after = tallies[-1].next
        between()
    return tallies


def utc(instant: datetime) -> datetime:
    """An instant as the ledger keeps it."""
    return datetime.fromisoformat(iso(instant))
