"""The workflow's hands: start a restore once, look at it, put one setting back."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.restore.carrying import (
    Restored,
    TargetGoneError,
)
from pitr_guardian.restore.plan import RestoreCall
from pitr_guardian.restore.ports import (
    AtCapacityError,
    CantGoAlongError,
    MoreToDoError,
)
from pitr_guardian.restore.request import Setting
from pitr_guardian.restore.target import Progress
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.restores import (
    COPY,
    FakeRestores,
    Mishap,
    RestoreWorld,
    at_capacity,
    lost_after,
    lost_before,
    order,
    refused,
    refused_for_good,
)

ORDER = order()
AT_HALF_PAST = order(restoreTo="2026-10-05T09:30:00Z")
RETRY_SECONDS = 5


@pytest.fixture
def world() -> RestoreWorld:
    return RestoreWorld()


def start_until_done(world: RestoreWorld, asked: Any = ORDER) -> dict[str, Any]:
    """Start, and again a while later as the workflow does, for as long as AWS says: later."""
    for _ in range(10):
        try:
            return world.start(asked)
        except TryLaterError:
            world.clock.advance(RETRY_SECONDS)
    raise AssertionError("never started")


# -- starting ---------------------------------------------------------------------------------


def test_a_restore_is_started_as_planned(world: RestoreWorld) -> None:
    told = world.start(AT_HALF_PAST)
    [call] = world.restores.calls
    assert call.operation == "RestoreTableToPointInTime"
    assert call.parameters["TargetTableName"] == COPY.name
    assert told == {
        "restoredTo": "2026-10-05T09:30:00.000Z",
        "tableId": world.restores.tables[COPY].table_id,
    }


def test_the_latest_instant_is_what_aws_says_it_is(world: RestoreWorld) -> None:
    told = world.start(ORDER)
    lineage = world.restores.tables[COPY].lineage
    assert lineage is not None
    assert lineage.restored_to is not None
    assert told["restoredTo"].startswith(f"{lineage.restored_to:%Y-%m-%dT%H:%M:%S}")


def test_a_deleted_tables_instant_is_its_backups(world: RestoreWorld) -> None:
    backup = world.delete(ORDERS)
    told = world.start(order(backup, restoreTo="deletion"))
    assert told["restoredTo"] == f"{backup.created_at:%Y-%m-%dT%H:%M:%S}.000Z"


def test_the_guardian_knows_the_new_tables_period_before_it_is_born(world: RestoreWorld) -> None:
    at_birth: list[int | None] = []

    def born(call: object) -> None:
        at_birth.append(world.ledger.recall(COPY, "id").period)

    world.restores.next_calls_come_to(born)
    world.start(ORDER, period=9)
    assert at_birth == [9]


def test_nobody_elses_table_has_its_period_changed(world: RestoreWorld) -> None:
    world.restores.create(COPY)
    with pytest.raises(RefusedError):
        world.start(ORDER, period=9)
    assert world.ledger.recall(COPY, None).period is None


# -- starting once ----------------------------------------------------------------------------


def crash_after(restores: FakeRestores) -> Mishap:
    """AWS carries the call out, and the function dies before it can say anything."""

    def crash(call: RestoreCall) -> None:
        restores.carry_out(call)
        raise KeyboardInterrupt

    return crash


@pytest.mark.parametrize("asked", [ORDER, AT_HALF_PAST])
@pytest.mark.parametrize("meanwhile", ["nothing", "active", "indexes"])
def test_a_restore_whose_answer_was_lost_is_found(
    world: RestoreWorld, asked: Any, meanwhile: str
) -> None:
    world.restores.next_calls_come_to(lost_after(world.restores))
    with pytest.raises(TryLaterError):
        world.start(asked)
    made = world.restores.tables[COPY]
    world.clock.advance(RETRY_SECONDS)
    if meanwhile != "nothing":
        world.restores.finish(COPY)
    if meanwhile == "indexes":  # the table is ACTIVE before they are
        world.restores.index_statuses(COPY, "ACTIVE", "CREATING")
    assert world.start(asked)["tableId"] == made.table_id
    assert len(world.restores.calls) == 1


def test_a_restore_whose_function_died_is_found(world: RestoreWorld) -> None:
    world.restores.next_calls_come_to(crash_after(world.restores))
    with pytest.raises(KeyboardInterrupt):
        world.start(ORDER)
    world.clock.advance(RETRY_SECONDS)
    assert world.start(ORDER)["tableId"] == world.restores.tables[COPY].table_id
    assert len(world.restores.calls) == 1


def test_a_restore_from_a_backup_is_found_by_its_backup(world: RestoreWorld) -> None:
    asked = order(world.delete(ORDERS), restoreTo="deletion")
    world.restores.next_calls_come_to(lost_after(world.restores))
    assert start_until_done(world, asked)["tableId"] == world.restores.tables[COPY].table_id


def test_a_restore_that_shows_late_is_found_when_it_is_asked_for_again(
    world: RestoreWorld,
) -> None:
    """DescribeTable may not know yet what RestoreTable has begun; the second call is refused."""

    def carried_out_late(call: RestoreCall) -> None:
        world.restores.carry_out(call)

    world.restores.next_calls_come_to(lost_before, carried_out_late)
    told = start_until_done(world)
    assert len(world.restores.calls) == 2
    assert told["tableId"] == world.restores.tables[COPY].table_id


def test_a_throttled_retry_does_not_make_an_earlier_restore_a_strangers(
    world: RestoreWorld,
) -> None:
    """The first answer is lost, the second call throttled; the first call's table shows late."""

    def throttled_but_then_it_shows(call: RestoreCall) -> None:
        world.restores.carry_out(call)
        raise TryLaterError("ThrottlingException")

    world.restores.next_calls_come_to(lost_before, throttled_but_then_it_shows)
    assert start_until_done(world)["tableId"] == world.restores.tables[COPY].table_id


def test_a_call_that_came_to_nothing_is_made_again(world: RestoreWorld) -> None:
    world.restores.next_calls_come_to(lost_before, refused, at_capacity)
    start_until_done(world)
    assert len(world.restores.calls) == 4
    assert len(world.restores.tables) == 1


def test_a_full_house_is_told_apart_from_other_delays(world: RestoreWorld) -> None:
    world.restores.next_calls_come_to(at_capacity, refused)
    with pytest.raises(AtCapacityError):
        world.start(ORDER)
    with pytest.raises(TryLaterError) as throttled:
        world.start(ORDER)
    assert not isinstance(throttled.value, AtCapacityError)


# -- somebody else's table --------------------------------------------------------------------

TAKEN = r"a table orders-copy \(.*\) was created by somebody else since the request; choose another"


@pytest.mark.parametrize("status", ["CREATING", "ACTIVE", "UPDATING", "DELETING"])
def test_a_table_that_was_there_first_is_not_taken_for_ours(
    world: RestoreWorld, status: str
) -> None:
    world.restores.create(COPY, status)
    world.clock.advance(60)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)
    assert world.restores.calls == []


@pytest.mark.parametrize("status", ["CREATING", "ACTIVE"])
def test_a_table_that_appears_as_we_call_is_not_taken_for_ours(
    world: RestoreWorld, status: str
) -> None:
    def somebody_is_faster(call: RestoreCall) -> None:
        world.restores.create(COPY, status)

    world.restores.next_calls_come_to(somebody_is_faster)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


@pytest.mark.parametrize("mishap", [refused, at_capacity])
@pytest.mark.parametrize("status", ["CREATING", "ACTIVE"])
def test_a_table_made_after_our_call_was_refused_is_not_taken_for_ours(
    world: RestoreWorld, mishap: Mishap, status: str
) -> None:
    world.restores.next_calls_come_to(mishap)
    with pytest.raises(TryLaterError):
        world.start(ORDER)
    world.clock.advance(RETRY_SECONDS)
    world.restores.create(COPY, status)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


def test_a_table_made_before_we_could_call_at_all_is_not_taken_for_ours(
    world: RestoreWorld,
) -> None:
    world.restores.unreachable = TryLaterError("ThrottlingException")
    with pytest.raises(TryLaterError):
        world.start(ORDER)
    world.restores.unreachable = None
    world.restores.create(COPY)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


def test_a_table_made_in_the_place_of_one_being_deleted_is_not_taken_for_ours(
    world: RestoreWorld,
) -> None:
    def deleted_just_now(call: RestoreCall) -> None:
        world.restores.vanish_at_next_look(COPY)

    world.restores.next_calls_come_to(deleted_just_now)
    with pytest.raises(TryLaterError, match="just being deleted"):
        world.start(ORDER)
    world.clock.advance(RETRY_SECONDS)
    world.restores.create(COPY)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


def test_a_table_being_created_without_lineage_is_not_taken_for_ours(world: RestoreWorld) -> None:
    """Our answer is lost, nothing was done, and somebody creates a table of that name."""
    world.restores.next_calls_come_to(lost_before)
    with pytest.raises(TryLaterError):
        world.start(ORDER)
    world.restores.create(COPY, "CREATING")
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


def test_a_table_older_than_our_lost_call_is_not_taken_for_ours(world: RestoreWorld) -> None:
    world.restores.create(COPY)
    old = world.restores.tables.pop(COPY)  # DescribeTable does not show it at first
    world.clock.advance(60)
    world.restores.next_calls_come_to(lost_before)
    with pytest.raises(TryLaterError):
        world.start(ORDER)
    world.restores.tables[COPY] = old
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(ORDER)


@pytest.mark.parametrize(
    "theirs",
    [
        order(sourceTable="invoices"),
        order(restoreTo="2026-10-05T09:15:00Z"),
    ],
)
def test_somebody_elses_restore_to_our_name_is_not_taken_for_ours(
    world: RestoreWorld, theirs: Any
) -> None:
    world.restores.next_calls_come_to(lost_before)
    with pytest.raises(TryLaterError):
        world.start(AT_HALF_PAST)
    other = RestoreWorld(clock=world.clock)
    other.restores = world.restores
    other.start(theirs)
    with pytest.raises(RefusedError, match=TAKEN):
        world.start(AT_HALF_PAST)


# -- looking ----------------------------------------------------------------------------------


def test_the_workflow_is_told_how_far_it_is(world: RestoreWorld) -> None:
    def progress() -> Any:
        return world.check(ORDER, table_id)["progress"]

    table_id = world.start(ORDER)["tableId"]
    assert progress() == "restoring"
    world.restores.finish(COPY)
    world.restores.index_statuses(COPY, "ACTIVE", "CREATING")
    assert progress() == "restoring"
    world.restores.index_statuses(COPY, "ACTIVE", "ACTIVE")
    assert progress() == "active"
    world.restores.create(COPY)
    assert progress() == "replaced"
    del world.restores.tables[COPY]
    assert progress() == Progress.MISSING


def test_a_table_whose_id_was_never_told_is_taken_by_its_name(world: RestoreWorld) -> None:
    world.restores.create(COPY)
    assert world.check(ORDER, None) == {"progress": "active"}


# -- putting settings back --------------------------------------------------------------------


@pytest.fixture
def restored(world: RestoreWorld) -> Restored:
    """A finished restore, its table ready for settings."""
    told = world.start(AT_HALF_PAST)
    world.restores.finish(COPY)
    world.tables.create(COPY)
    return Restored(told["tableId"], told["restoredTo"], 9)


def carry(world: RestoreWorld, restored: Restored, **entry: Any) -> dict[str, Any]:
    return world.carry(AT_HALF_PAST, entry, restored)


def test_pitr_is_switched_on_with_the_sources_period(
    world: RestoreWorld, restored: Restored
) -> None:
    told = carry(world, restored, setting="pitr")
    assert told == {"setting": "pitr", "outcome": "applied"}
    assert world.tables[COPY].period == 9


def test_lineage_is_written_on_the_table_but_is_no_setting(
    world: RestoreWorld, restored: Restored
) -> None:
    told = carry(world, restored, setting="lineage")
    assert told == {"setting": "lineage", "outcome": "recorded"}
    assert world.tables[COPY].tags == {
        "pitr-guardian:restored-from": ORDERS.arn,
        "pitr-guardian:restored-to": "2026-10-05T09:30:00.000Z",
        "pitr-guardian:request-id": "r-1",
    }


def test_an_instant_that_aws_never_told_is_unknown(world: RestoreWorld, restored: Restored) -> None:
    carry(world, Restored(restored.table_id, None, 9), setting="lineage")
    assert world.tables[COPY].tags["pitr-guardian:restored-to"] == "unknown"


@pytest.mark.parametrize("note", [None, "the new stream is another one"])
def test_what_was_kept_is_put_on_the_table(
    world: RestoreWorld, restored: Restored, note: str | None
) -> None:
    world.carriers[Setting.STREAM].note = note
    told = carry(world, restored, setting="stream", kept={"viewType": "KEYS_ONLY"})
    said = {"note": note} if note else {}
    assert told == {"setting": "stream", "outcome": "applied", **said}
    assert world.carriers[Setting.STREAM].put_on == [({"viewType": "KEYS_ONLY"}, ORDERS, COPY)]


def test_what_cannot_go_along_is_skipped_with_the_reason(
    world: RestoreWorld, restored: Restored
) -> None:
    world.carriers[Setting.KINESIS].unwritable = CantGoAlongError("the stream is elsewhere")
    told = carry(world, restored, setting="kinesis", kept={})
    assert told == {"setting": "kinesis", "outcome": "skipped", "note": "the stream is elsewhere"}


def test_what_takes_longer_than_an_invocation_goes_on_where_it_stopped(
    world: RestoreWorld, restored: Restored
) -> None:
    carrier = world.carriers[Setting.ALARMS]
    carrier.unwritable = MoreToDoError({"at": 40}, 40, 200)
    told = carry(world, restored, setting="alarms", kept={"alarms": []})
    assert told == {"setting": "alarms", "outcome": "more", "cursor": {"at": 40}}
    assert world.orders.progress == [("r-1", "alarms", 40, 200)]
    carrier.unwritable = None
    entry = {"setting": "alarms", "kept": {"alarms": []}}
    told = world.carry(AT_HALF_PAST, entry, restored, told["cursor"])
    assert told == {"setting": "alarms", "outcome": "applied"}
    assert carrier.put_on == [({"alarms": [], "cursor": {"at": 40}}, ORDERS, COPY)]


def test_what_is_told_of_a_setting_fits_into_an_event(
    world: RestoreWorld, restored: Restored
) -> None:
    world.carriers[Setting.ALARMS].note = "n" * 300_000
    for entry in (
        {"setting": "alarms", "kept": {}},
        {"setting": "alarms", "skip": "s" * 300_000},
        {"setting": "alarms", "error": "e" * 300_000},
    ):
        assert len(str(carry(world, restored, **entry))) < 1200


@pytest.mark.parametrize("problem", [TryLaterError("UPDATING"), PermissionError("AccessDenied")])
def test_what_goes_wrong_is_the_workflows_to_try_again(
    world: RestoreWorld, restored: Restored, problem: Exception
) -> None:
    world.carriers[Setting.TTL].unwritable = problem
    with pytest.raises(type(problem)):
        carry(world, restored, setting="ttl", kept={})


def test_what_was_skipped_or_unreadable_is_only_told(
    world: RestoreWorld, restored: Restored
) -> None:
    del world.restores.tables[COPY]  # nothing needs a table any more
    assert carry(world, restored, setting="ttl", skip="not asked for") == {
        "setting": "ttl",
        "outcome": "skipped",
        "note": "not asked for",
    }
    assert carry(world, restored, setting="alarms", error="could not be read") == {
        "setting": "alarms",
        "outcome": "failed",
        "error": "could not be read",
    }


@pytest.mark.parametrize("entry", [{"setting": "pitr"}, {"setting": "ttl", "kept": {}}])
def test_a_table_that_is_gone_or_anothers_gets_nothing(
    world: RestoreWorld, restored: Restored, entry: dict[str, Any]
) -> None:
    world.restores.create(COPY)
    with pytest.raises(TargetGoneError, match=r"orders-copy .* is replaced"):
        carry(world, restored, **entry)
    del world.restores.tables[COPY]
    with pytest.raises(TargetGoneError, match=r"orders-copy .* is missing"):
        carry(world, restored, **entry)
    assert world.carriers[Setting.TTL].put_on == []


def test_a_refused_restore_leaves_no_expectation_of_its_table(world: RestoreWorld) -> None:
    world.restores.next_calls_come_to(refused_for_good)
    with pytest.raises(RefusedError):
        world.start(ORDER)
    remembered = world.ledger.recall(COPY, "id-of-somebody-elses")
    assert remembered.period is None
    assert not remembered.expected
