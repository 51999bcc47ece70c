"""Copies are removed, and nothing else is; what drills left is found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.drills.copies import Copy, is_copy_of
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.reaper import Reaper, age_of_copy
from pitr_guardian.drills.record import DrillRecord, Milestone
from pitr_guardian.drills.removal import CopyRemoval
from pitr_guardian.drills.telling import failed_without_evidence
from pitr_guardian.tables.reference import TableRef
from tests.fakes.proofs import DRILL, ProofWorld

TIMEOUT = timedelta(hours=24)


@dataclass
class Account:
    """What has the copy's name, and what is known of the copy."""

    record: DrillRecord
    found: Copy | None = None
    refuses: Exception | None = None
    deleted: int = 0
    is_settled: bool = False
    log: list[str] = field(default_factory=list)
    ending: Ending | None = None
    stopped: list[str] = field(default_factory=list)

    def ending_of(self, drill_id: str) -> Ending | None:
        return self.ending

    def stop(self, drill_id: str, why: str) -> None:
        self.stopped.append(why)

    def record_of(self, drill_id: str) -> DrillRecord | None:
        return self.record if drill_id == DRILL else None

    def reach(self, drill_id: str, milestone: Milestone, at: datetime) -> datetime:
        raise NotImplementedError

    def note_copy(self, drill_id: str, table_id: str | None) -> None:
        self.record = replace(self.record, copy_id=table_id)

    def settle_copy(self, drill_id: str, at: datetime) -> None:
        self.is_settled = True

    def copies(self) -> list[str]:
        return [] if self.is_settled else ["unknown", DRILL]

    def copy_at(self, table: TableRef) -> Copy | None:
        assert table == self.record.order.copy_ref
        return self.found

    def delete(self, table: TableRef) -> None:
        assert table == self.record.order.copy_ref
        if self.refuses is not None:
            raise self.refuses
        self.deleted += 1


@pytest.fixture
def world() -> ProofWorld:
    world = ProofWorld()
    world.clock.advance(7200)
    return world


@pytest.fixture
def account(world: ProofWorld) -> Account:
    order = world.order(world.past(hours=1))
    return Account(DrillRecord(order, called_at=world.clock.now, copy_id="c-1"))


def removal(account: Account, world: ProofWorld) -> CopyRemoval:
    return CopyRemoval(account, account, world.clock)


def test_a_copy_is_deleted_and_settled_once_it_is_gone(account: Account, world: ProofWorld) -> None:
    account.found = Copy("ACTIVE", "c-1")
    assert removal(account, world).remove(DRILL) == {"gone": False}
    account.found = Copy("DELETING", "c-1")
    assert removal(account, world).remove(DRILL) == {"gone": False}
    assert (account.deleted, account.is_settled) == (1, False)
    account.found = None
    assert removal(account, world).remove(DRILL) == {"gone": True}
    assert (account.deleted, account.is_settled) == (1, True)


def test_who_was_killed_while_it_settled_a_copy_settles_it(
    account: Account, world: ProofWorld
) -> None:
    account.record = replace(account.record, removed_at=world.clock.now)
    account.found = Copy("ACTIVE", "c-1")  # nobody looks any more
    assert removal(account, world).remove(DRILL) == {"gone": True}
    assert (account.deleted, account.is_settled) == (0, True)


def test_somebody_elses_table_of_that_name_is_left_alone(
    account: Account, world: ProofWorld
) -> None:
    account.found = Copy("ACTIVE", "another")
    assert removal(account, world).remove(DRILL) == {"gone": True}
    assert account.deleted == 0


def test_a_copy_that_is_still_restored_is_waited_for(account: Account, world: ProofWorld) -> None:
    account.found, account.refuses = Copy("CREATING", "c-1"), TryLaterError("in use")
    assert removal(account, world).remove(DRILL) == {"gone": False}
    account.found = Copy("ACTIVE", "c-1")
    with pytest.raises(TryLaterError):
        removal(account, world).remove(DRILL)


@pytest.mark.parametrize(
    ("found", "called", "ours"),
    [
        (Copy("CREATING", "x", None, "the table's"), True, True),
        (Copy("CREATING", "x", None, "another's"), True, False),
        (Copy("CREATING", "x"), True, False),
        (Copy("ACTIVE", "x"), True, False),
        (Copy("CREATING", "x", None, "the table's"), False, False),
    ],
)
def test_a_copy_whose_answer_was_lost_is_told_by_its_lineage(
    account: Account, found: Copy, called: bool, ours: bool
) -> None:
    arn = account.record.order.table.arn
    if found.source_arn == "the table's":
        found = replace(found, source_arn=arn)
    called_at = account.record.called_at if called else None
    record = replace(account.record, copy_id=None, called_at=called_at)
    assert is_copy_of(found, record) is ours


def test_or_by_its_age_once_it_is_active(account: Account) -> None:
    record = replace(account.record, copy_id=None)
    assert record.called_at is not None
    younger = Copy("ACTIVE", "x", record.called_at + timedelta(seconds=2))
    older = Copy("ACTIVE", "x", record.called_at - timedelta(seconds=2))
    assert is_copy_of(younger, record)
    assert not is_copy_of(older, record)


def test_a_small_drill_has_nothing_to_remove(world: ProofWorld) -> None:
    order = world.order(world.past(hours=1), kind=Kind.SMALL)
    account = Account(DrillRecord(order), Copy("ACTIVE", "x"))
    assert removal(account, world).remove(DRILL) == {"gone": True}


# -- the reaper -----------------------------------------------------------------------------------


def reaper(account: Account, world: ProofWorld) -> Reaper:
    def log(drill_id: str, said: str) -> None:
        account.log.append(said)

    return Reaper(account, account, removal(account, world), TIMEOUT, world.clock, log)


def answered(record: DrillRecord, at: datetime) -> DrillRecord:
    return replace(record, answer=failed_without_evidence(record, "X", at, removed=False))


def test_the_copy_of_a_drill_that_has_ended_is_removed(account: Account, world: ProofWorld) -> None:
    account.found = Copy("ACTIVE", "c-1")
    account.record = answered(account.record, world.clock.now)
    world.clock.advance(3600)
    assert reaper(account, world).reap() == 0
    account.found = None
    assert reaper(account, world).reap() == 1
    assert account.deleted == 1
    assert reaper(account, world).reap() == 0


def test_the_copy_of_a_drill_that_is_under_way_is_not(account: Account, world: ProofWorld) -> None:
    account.found = Copy("ACTIVE", "c-1")
    reaper(account, world).reap()
    assert account.deleted == 0


def test_one_whose_drill_ended_unanswered_is_removed_after_a_day(
    account: Account, world: ProofWorld
) -> None:
    account.found = Copy("ACTIVE", "c-1")
    account.record = replace(account.record, active_at=world.clock.now)
    account.ending = Ending("arn:…:d-1", "FAILED", world.clock.now)
    world.clock.advance(timedelta(hours=23).total_seconds())
    reaper(account, world).reap()
    assert account.deleted == 0
    world.clock.advance(timedelta(hours=2).total_seconds())
    reaper(account, world).reap()
    assert account.deleted == 1
    assert account.stopped == []


def test_a_drill_that_goes_on_keeps_its_copy_for_three_days_and_is_stopped_then(
    account: Account, world: ProofWorld
) -> None:
    """Not the copy is taken, of which the drill would say that somebody else deleted it."""
    account.found = Copy("ACTIVE", "c-1")
    account.record = replace(account.record, active_at=world.clock.now)
    world.clock.advance(timedelta(hours=71).total_seconds())
    reaper(account, world).reap()
    assert (account.deleted, account.stopped) == (0, [])
    world.clock.advance(timedelta(hours=2).total_seconds())
    reaper(account, world).reap()
    assert account.deleted == 0
    [why] = account.stopped
    assert "3 days" in why
    account.ending = Ending("arn:…:d-1", "ABORTED", world.clock.now)
    reaper(account, world).reap()
    assert account.deleted == 1


def test_a_copy_that_was_never_seen_active_has_its_restores_time_first(
    account: Account, world: ProofWorld
) -> None:
    accepted = account.record.order.accepted_at
    assert age_of_copy(account.record, accepted + timedelta(hours=30), TIMEOUT) == timedelta(
        hours=6
    )


def test_a_copy_that_cannot_be_removed_is_said_and_tried_again(
    account: Account, world: ProofWorld
) -> None:
    account.found, account.refuses = Copy("ACTIVE", "c-1"), RefusedError("it is protected")
    account.record = answered(account.record, world.clock.now)
    world.clock.advance(3600)
    assert reaper(account, world).reap() == 0
    assert "it is protected" in account.log[-1]
    account.refuses = None
    reaper(account, world).reap()
    assert account.deleted == 1
