"""A guardian among fakes, with a hand on every call it makes to the outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from pitr_guardian.basics.ahead import Ahead
from pitr_guardian.drift.decision import Decision
from pitr_guardian.drift.deletion import DeletionWatch
from pitr_guardian.drift.enforcement import Enforcer
from pitr_guardian.drift.intake import (
    Message,
    take,
)
from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.members.closed import ClosedDoors
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT
from tests.fakes.facts import FakeFacts
from tests.fakes.ledger import FakeLedger
from tests.fakes.looks import FakeLooks
from tests.fakes.members import FakeMembers
from tests.fakes.restores import FakeRestores
from tests.fakes.tables import FakeTables

MAX_RECEIVES = 5
VISIBILITY_TIMEOUT = 360


@dataclass(frozen=True)
class Call:
    """One call of the guardian's to the outside, such as ``Tables.enable``."""

    name: str
    args: tuple[object, ...]


Watch = Callable[[Call], AbstractContextManager[None]]
"""Told of each call; what it does on entry comes before the call takes effect."""


def at_once[Answer](ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Ask at once, as whoever asks side by side does; the answer is there when it is wanted."""
    answer = ask()
    return lambda: answer


@contextmanager
def unwatched(call: Call) -> Iterator[None]:
    yield


@dataclass
class World:
    """Everything the enforcer touches, and the enforcer."""

    policy: Policy = field(default_factory=Policy)
    bounds: Bounds = field(default_factory=Bounds)
    watch: Watch = unwatched
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    facts: FakeFacts = field(default_factory=FakeFacts)
    decisions: list[Decision] = field(default_factory=list)
    account: str = ACCOUNT
    ahead: Ahead = at_once
    members: FakeMembers = field(default_factory=FakeMembers)
    has_members: bool = False

    def __post_init__(self) -> None:
        self.tables = FakeTables(self.clock)
        self.looks = FakeLooks(self.clock)
        self.restores = FakeRestores(self.clock)

    def enforcer(self) -> Enforcer:
        return Enforcer(
            tables=self._watched(self.tables),
            ledger=self._watched(self.ledger),
            facts=self._watched(self.facts),
            looks=self._watched(self.looks),
            closed=ClosedDoors(self._watched(self.members), self._watched(self.facts), self.clock),
            policy=self.policy,
            clock=self.clock,
            log=self._log,
            ahead=self.ahead,
        )

    def deletions(self) -> DeletionWatch:
        return DeletionWatch(
            kept=self._watched(self.restores),
            ledger=self._watched(self.ledger),
            facts=self._watched(self.facts),
            looks=self._watched(self.looks),
            bounds=self.bounds,
            clock=self.clock,
        )

    def deliver(self, body: str, message_id: str = "message-1", receives: int = 1) -> None:
        """Deliver a message, as the queue does."""
        message = Message(message_id, body, receives, self.account, "aws", self.has_members)
        take(message, self.enforcer(), self.deletions(), MAX_RECEIVES)

    def look_at(self, table: TableRef, message_id: str = "sweep", receives: int = 1) -> None:
        """Look at a table for no particular reason, as a sweep does."""
        look = Look(table=table.arn, since=self.clock.now)
        self.deliver(body_of(look), message_id, receives)

    def let_looks_come_back(self) -> None:
        """Deliver what was put back, each when it is due, until nothing waits."""
        while self.looks.waiting:
            self.clock.now = max(self.clock.now, min(due for due, _ in self.looks.waiting))
            for body in self.looks.receive():
                self.deliver(body, "put-back")

    def _log(self, table: TableRef, decision: Decision) -> None:
        self.decisions.append(decision)

    def _watch(self, call: Call) -> AbstractContextManager[None]:
        return self.watch(call)  # as it is now: tests change it on the way

    def _watched[Port](self, port: Port) -> Port:
        return cast("Port", _Watched(port, self._watch))


class _Watched:
    """A port whose every call is watched."""

    def __init__(self, port: object, watch: Watch) -> None:
        self._port = port
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **named: Any) -> Any:
            port = type(self._port).__name__.removeprefix("Fake")
            with self._watch(Call(f"{port}.{name}", args)):
                return method(*args, **named)

        return call
