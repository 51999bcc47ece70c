"""Alerts, their topics, digests and lists in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.facts.accounts import KnownAccounts
from pitr_guardian.facts.announcement import Announcement
from pitr_guardian.facts.announcing import Announcer, Digester
from pitr_guardian.facts.digest import Folded, Order
from pitr_guardian.facts.folding import Alert, Flow, Kind
from tests.fakes.clock import FakeClock
from tests.fakes.facts import FakeFacts

ACCOUNT, REGION = "111122223333", "eu-central-1"


class FakeTopic:
    """``facts.ports.Topic`` in memory."""

    def __init__(self) -> None:
        self.announced: list[Announcement] = []
        self.refuses = 0

    def announce(self, announcement: Announcement) -> None:
        if self.refuses:
            self.refuses -= 1
            raise TryLaterError("SNS is away")
        self.announced.append(announcement)

    def tables(self, event: str) -> list[str]:
        """The tables of these alerts, in the order of their telling."""
        return [
            each.attributes["table"] for each in self.announced if each.attributes["event"] == event
        ]


class FakeAlertLedger:
    """``facts.ports.AlertRecords`` and ``Floods`` in memory."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}
        self._flows: dict[Kind, Flow] = {}
        self._folded: dict[tuple[Kind, str], dict[str, Folded]] = {}
        self.is_away = False
        self.before: Callable[[str], None] = lambda _: None
        """Called before each call with its name: a place for what others do in between."""

    def told(self, alert_id: str) -> frozenset[str]:
        self._reached("told")
        return frozenset(self._told.get(alert_id, {}))

    def note_told(self, alert: Alert, where: str, now: datetime, digest: str | None = None) -> None:
        self._reached("note_told")
        self._told.setdefault(alert.id, {})[where] = digest or now.isoformat()

    def flow(self, kind: Kind) -> Flow:
        self._reached("flow")
        return self._flows.get(kind, Flow())

    def save(self, kind: Kind, flow: Flow, now: datetime) -> bool:
        self._reached("save")
        if self._flows.get(kind, Flow()).version != flow.version - 1:
            return False
        self._flows[kind] = flow
        return True

    def join(self, alert: Alert, kind: Kind, flood: str, now: datetime) -> bool:
        self._reached("join")
        folded = self._folded.setdefault((kind, flood), {})
        folded[alert.id] = Folded(alert.id, alert.at, alert.table, alert.who, alert.reason)
        self._reached("join: recorded")
        flow = self._flows.get(kind, Flow())
        if flow.flood != flood:
            del folded[alert.id]
            return False
        self._flows[kind] = replace(flow, folded=flow.folded + 1, latest=now)
        return True

    def close(self, kind: Kind, flood: str, now: datetime) -> None:
        self._reached("close")
        flow = self._flows.get(kind, Flow())
        if flow.flood == flood:
            self._flows[kind] = flow.over()

    def folded(self, kind: Kind, flood: str) -> Sequence[Folded]:
        self._reached("folded")
        return list(self._folded.get((kind, flood), {}).values())

    def _reached(self, call: str) -> None:
        if self.is_away:
            raise TryLaterError("the ledger is away")
        self.before(call)


class FakeDigestQueue:
    """``facts.ports.DigestOrders`` in memory."""

    def __init__(self) -> None:
        self.orders: list[tuple[Order, timedelta]] = []

    def order(self, order: Order, delay: timedelta) -> None:
        self.orders.append((order, delay))


class FakeLists:
    """``facts.ports.Lists`` in memory."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def write(self, order: Order, text: str) -> str:
        uri = f"s3://reports/digests/{order.digest_id}.txt"
        self.written[uri] = text
        return uri


@dataclass
class Newsroom:
    """All that announcing needs, together."""

    clock: FakeClock = field(default_factory=FakeClock)
    topic: FakeTopic = field(default_factory=FakeTopic)
    ledger: FakeAlertLedger = field(default_factory=FakeAlertLedger)
    queue: FakeDigestQueue = field(default_factory=FakeDigestQueue)
    lists: FakeLists = field(default_factory=FakeLists)
    facts: FakeFacts = field(default_factory=FakeFacts)
    accounts: KnownAccounts | None = None

    @property
    def announcer(self) -> Announcer:
        return Announcer(
            {"alerts": self.topic},
            self.ledger,
            self.queue,
            self.clock,
            accounts=self.accounts,
        )

    @property
    def digester(self) -> Digester:
        return Digester(self.ledger, self.lists, self.facts, self.clock, self.accounts)

    def announce(self, detail_type: str, detail: dict[str, Any]) -> str:
        return self.announcer.announce(detail_type, detail, ACCOUNT, REGION)

    def send_digests(self) -> None:
        """Let all digests that were ordered be sent, and announced."""
        orders, self.queue.orders = self.queue.orders, []
        for order, _ in orders:
            self.digester.digest(order)
        published, self.facts.published = self.facts.published, []
        for fact in published:
            self.announce(fact.detail_type, fact.detail())
