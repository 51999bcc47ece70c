"""The ledger in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
    Mended,
    PutRight,
)
from pitr_guardian.facts.facts import Fact
from pitr_guardian.restore.order import Order
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.reference import TableRef

STALE_CLAIM = timedelta(minutes=2)
KEPT = timedelta(days=400)


@dataclass(kw_only=True)
class _Claimable:
    claimant: str | None = None
    claimed_at: datetime | None = None

    def claim(self, claimant: str, now: datetime) -> bool:
        is_free = self.claimed_at is None or self.claimed_at < now - STALE_CLAIM
        if not is_free and self.claimant != claimant:
            return False
        self.claimant, self.claimed_at = claimant, now
        return True


@dataclass
class _Record(_Claimable):
    memory: Memory
    expires_at: datetime | None = None


@dataclass
class _Waiting(_Claimable):
    mended: Mended


class FakeLedger:
    """``ports.Ledger`` in memory, which like the real one keeps instants to the millisecond."""

    def __init__(self) -> None:
        self._records: dict[TableRef, _Record] = {}
        self._waiting: dict[TableRef, dict[datetime, _Waiting]] = {}
        self._incidents: dict[TableRef, list[Fact]] = {}
        self.called_at: dict[str, datetime] = {}
        self._claims: dict[tuple[TableRef, str], tuple[str, datetime, bool]] = {}
        self._former: dict[tuple[TableRef, str], Memory] = {}
        self._expected: dict[TableRef, tuple[int, str | None]] = {}

    def recall(
        self, table: TableRef, table_id: str | None, born_at: datetime | None = None
    ) -> Memory:
        record = self._records.get(table, _Record(Memory()))
        if table_id is not None and not record.memory.is_of(table_id, _maybe(born_at)):
            record = _Record(self._former.get((table, table_id), Memory()))
        return self._with_what_is_expected(table, record.memory.of(table_id, _maybe(born_at)))

    def notice(
        self,
        table: TableRef,
        table_id: str | None,
        drift: Drift,
        born_at: datetime | None = None,
    ) -> Memory:
        record = self._take(table, table_id, born_at)
        seen_on_at = record.memory.seen_on_at
        is_news = seen_on_at is None or seen_on_at < _instant(drift.noticed_at)
        if record.memory.drift is None and is_news:
            record.memory = replace(record.memory, drift=_drift(drift))
        if is_news:
            record.expires_at = None
            if drift.is_off:
                record.memory = record.memory.confirmed
        return self._with_what_is_expected(table, record.memory)

    def suspect(self, table: TableRef, drift: Drift) -> Memory | None:
        record = self._records.get(table, _Record(Memory()))
        held = record.memory
        if drift.cause is None or held.table_id is None or held.seen_on_at is None:
            return None
        is_news = held.seen_on_at < _instant(drift.cause.time)
        if not is_news or held.drift is not None or record.expires_at is not None:
            return None
        record.memory = replace(held, drift=_drift(drift))
        return record.memory

    def take_back(self, table: TableRef, suspicion: Drift) -> None:
        record = self._records.get(table)
        held = record.memory.drift if record else None
        if record is None or held is None or not held.suspected or record.claimant is not None:
            return
        if held.noticed_at == _instant(suspicion.noticed_at):
            record.memory = replace(record.memory, drift=None)

    def remember(self, table: TableRef, memory: Memory) -> None:
        stored = _stored(memory)
        record = self._take(table, memory.table_id, memory.born_at)
        known, new = record.memory.seen_on_at, stored.seen_on_at
        if known is None or new is None or known <= new:
            held = record.memory
            record.memory = replace(stored, drift=held.drift, put_right=held.put_right)
            record.expires_at = None

    def note_failing(self, table: TableRef, failing: Failing) -> None:
        record = self._records.setdefault(table, _Record(Memory()))
        record.memory = replace(
            record.memory, failing=Failing.model_validate_json(failing.model_dump_json())
        )
        record.expires_at = None

    def claim(
        self,
        table: TableRef,
        drift: Drift,
        claimant: str,
        now: datetime,
        put_right: PutRight | None = None,
    ) -> bool:
        record = self._records.get(table)
        if record is None or record.memory.drift is None:
            return False
        is_this = record.memory.drift.noticed_at == _instant(drift.noticed_at)
        if not (is_this and record.claim(claimant, now)):
            return False
        if put_right is not None:
            stored = PutRight.model_validate_json(put_right.model_dump_json())
            record.memory = replace(record.memory, put_right=stored)
        return True

    def settle(
        self, table: TableRef, memory: Memory, told: Fact | None, noted: Drift | None = None
    ) -> None:
        record = self._records.get(table)
        held = record.memory if record else Memory()
        drift, stored = held.drift, _stored(memory)
        is_newer = held.seen_on_at and not (
            stored.seen_on_at and held.seen_on_at <= stored.seen_on_at
        )
        is_noted = noted is not None and drift and drift.noticed_at == _instant(noted.noticed_at)
        if noted is None or is_noted or (drift is None and not is_newer):
            self._records[table] = _Record(replace(stored, drift=None, put_right=None))
        if told is not None:
            self._incidents.setdefault(table, []).append(told)

    def mend(self, table: TableRef, memory: Memory, mended: Mended) -> None:
        self.settle(table, memory, None, mended.drift)
        before = replace(_stored(mended.before), drift=_drift(mended.drift))
        waiting = _Waiting(replace(mended, before=before, at=_instant(mended.at)))
        self._waiting.setdefault(table, {})[waiting.mended.drift.noticed_at] = waiting

    def mended(self, table: TableRef) -> list[Mended]:
        return [waiting.mended for _, waiting in sorted(self._waiting.get(table, {}).items())]

    def claim_mended(self, table: TableRef, mended: Mended, claimant: str, now: datetime) -> bool:
        waiting = self._waiting.get(table, {}).get(mended.drift.noticed_at)
        return waiting is not None and waiting.claim(claimant, now)

    def settle_mended(self, table: TableRef, mended: Mended, told: Fact) -> None:
        del self._waiting[table][mended.drift.noticed_at]
        self._incidents.setdefault(table, []).append(told)

    def expect(self, table: TableRef, period: int, now: datetime) -> None:
        self._expected[table] = (period, None)

    def expect_no_more(self, table: TableRef) -> None:
        _, seen = self._expected.get(table, (0, ""))
        if seen is None:
            del self._expected[table]

    def claim_fact(self, table: TableRef, fact_id: str, claimant: str, now: datetime) -> bool:
        held = self._claims.get((table, fact_id))
        if held is not None:
            other, claimed_at, is_told = held
            if is_told or (other != claimant and claimed_at >= now - STALE_CLAIM):
                return False
        self._claims[table, fact_id] = (claimant, now, False)
        return True

    def settle_fact(self, table: TableRef, told: Fact) -> None:
        claimant, claimed_at, _ = self._claims[table, told.id]
        self._claims[table, told.id] = (claimant, claimed_at, True)
        self._incidents.setdefault(table, []).append(told)

    def note_call(self, order: Order, now: datetime) -> datetime | None:
        before = self.called_at.get(order.request.request_id)
        self.called_at.setdefault(order.request.request_id, _instant(now))
        return before

    def forget_call(self, order: Order) -> None:
        self.called_at.pop(order.request.request_id, None)

    def let_expire(
        self, table: TableRef, table_id: str | None, deleted_at: datetime, now: datetime
    ) -> None:
        record = self._records.get(table)
        if record is None:
            return
        held = record.memory
        is_known = table_id is not None and held.table_id is not None
        noticed_at = held.drift.noticed_at if held.drift else None
        seen = [at for at in (held.seen_on_at, held.born_at) if at is not None]
        of_then = bool(seen) and all(
            at <= _instant(deleted_at) for at in (*seen, noticed_at) if at is not None
        )
        if held.table_id == table_id if is_known else of_then:
            record.expires_at = now + KEPT

    def expires_at(self, table: TableRef) -> datetime | None:
        record = self._records.get(table)
        return record.expires_at if record else None

    def incidents(self, table: TableRef) -> list[Fact]:
        return self._incidents.get(table, [])

    def _take(self, table: TableRef, table_id: str | None, born_at: datetime | None) -> _Record:
        """The record of this very table: a new one, where the name has a new bearer."""
        record = self._records.get(table, _Record(Memory()))
        held, born_at = record.memory, _maybe(born_at)
        if not held.is_of(table_id, born_at):
            record = _Record(Memory())
            if held.table_id is not None:
                self._former[table, held.table_id] = held
        record.memory = record.memory.of(table_id, born_at)
        self._records[table] = record
        return record

    def _with_what_is_expected(self, table: TableRef, memory: Memory) -> Memory:
        period, seen = self._expected.get(table, (0, None))
        if not period or not memory.is_blank or seen not in (None, memory.table_id):
            return memory
        if memory.table_id is None:
            return memory
        self._expected[table] = (period, memory.table_id)
        return replace(memory, period=period, expected=True)


def _stored(memory: Memory) -> Memory:
    window = memory.window
    return replace(
        memory,
        window=window and Window(_instant(window.earliest), _instant(window.latest)),
        seen_on_at=_maybe(memory.seen_on_at),
        born_at=_maybe(memory.born_at),
        found_off_at=_maybe(memory.found_off_at),
        tolerated=memory.tolerated and _drift(memory.tolerated),
    )


def _drift(drift: Drift) -> Drift:
    return Drift.model_validate_json(drift.model_dump_json(by_alias=True))


def _maybe(instant: datetime | None) -> datetime | None:
    return instant and _instant(instant)


def _instant(instant: datetime) -> datetime:
    return datetime.fromisoformat(iso(instant))
