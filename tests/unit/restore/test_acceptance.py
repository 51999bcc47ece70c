"""Taking restore requests in: each is answered once, and starts at most one restore."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.restore.estimate import Measured
from pitr_guardian.restore.record import RestoreRecord
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.event_answers import before_it
from tests.fakes.restores import COPY, RestoreWorld, request

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"
WITH_KEY = {"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY}


@pytest.fixture
def world() -> RestoreWorld:
    return RestoreWorld()


def rejection(world: RestoreWorld) -> dict[str, Any]:
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Rejected"
    assert world.workflows.orders == {}
    return detail


# -- started ----------------------------------------------------------------------------------


def test_a_good_request_starts_the_workflow_and_leaves_the_telling_to_it(
    world: RestoreWorld,
) -> None:
    world.receive(request(reason="a bad deployment", requestedBy="anna"))
    order = world.workflows.orders["r-1"]
    assert (order.source_ref, order.target_ref) == (ORDERS, COPY)
    assert order.accepted_at == world.clock.now
    assert order.backup_arn is None
    assert order.request.reason == "a bad deployment"
    assert world.facts.told == []
    assert world.logged == [("r-1", "accepted")]


def test_a_request_without_an_id_goes_by_its_events(world: RestoreWorld) -> None:
    detail = request()
    del detail["requestId"]
    world.receive(detail, "event-7")
    assert list(world.workflows.orders) == ["event-7"]


def test_a_deleted_table_is_ordered_with_its_backup(world: RestoreWorld) -> None:
    backup = world.delete(ORDERS)
    world.receive(request(restoreTo="deletion"))
    order = world.workflows.orders["r-1"]
    assert order.backup_arn == backup.arn
    assert order.backup_created_at == backup.created_at
    assert order.lineage.restored_to == backup.created_at


def test_a_deleted_table_may_come_back_under_its_own_name(world: RestoreWorld) -> None:
    world.delete(ORDERS)
    world.receive(request(restoreTo="deletion", targetTable=ORDERS.name))
    assert world.workflows.orders["r-1"].target_ref == ORDERS


def test_the_newest_backup_is_taken_of_a_table_that_was_deleted_twice(world: RestoreWorld) -> None:
    world.delete(ORDERS)
    world.own(ORDERS)
    newest = world.delete(ORDERS)
    world.receive(request(restoreTo="deletion"))
    assert world.workflows.orders["r-1"].backup_arn == newest.arn


def test_a_backup_that_is_named_is_the_one_that_is_ordered(world: RestoreWorld) -> None:
    """Whether its table is there, gone, or has an heir with a newer backup."""
    first = world.back_up(ORDERS)
    world.receive(request(restoreTo=first.arn, requestId="r-1"))
    world.delete(ORDERS)
    world.receive(request(restoreTo=first.arn, requestId="r-2"))
    world.own(ORDERS)
    world.delete(ORDERS)
    world.receive(request(restoreTo=first.arn, requestId="r-3"))
    assert [order.backup_arn for order in world.workflows.orders.values()] == [first.arn] * 3
    assert world.workflows.orders["r-3"].backup_created_at == first.created_at
    assert world.workflows.orders["r-3"].request.restore_to == first.arn


def test_of_a_table_that_left_no_backup_of_its_own_another_is_offered(world: RestoreWorld) -> None:
    backup = world.back_up(ORDERS)
    world.tables.switch_off(ORDERS)
    world.delete(ORDERS)
    world.receive(request())
    [(_, detail)] = world.facts.told
    assert backup.arn in detail["error"]


# -- planned ----------------------------------------------------------------------------------


def test_a_dry_run_tells_the_plan_and_starts_nothing(world: RestoreWorld) -> None:
    world.restores.definitions[ORDERS] = Definition(size_in_bytes=10 * 1024**3)
    world.receive(
        request(
            dryRun=True,
            restoreTo="2026-10-05T09:30:00Z",
            encryption={"type": "AWS_MANAGED"},
            settings=["ttl", "tags"],
        )
    )
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Planned"
    assert detail["reason"] == (
        f"orders ({ACCOUNT}, {REGION}) can be restored to orders-copy ({ACCOUNT}, {REGION}); "
        "nothing was started."
    )
    plan = detail["plan"]
    assert plan["call"] == {
        "operation": "RestoreTableToPointInTime",
        "region": REGION,
        "parameters": {
            "TargetTableName": "orders-copy",
            "SourceTableArn": ORDERS.arn,
            "RestoreDateTime": "2026-10-05T09:30:00.000Z",
            "SSESpecificationOverride": {"Enabled": True, "SSEType": "KMS"},
        },
    }
    assert plan["encryption"] == "AWS_MANAGED"
    assert plan["settings"] == ["pitr", "tags", "lineage", "ttl"]
    assert plan["estimate"]["costInUsd"] == pytest.approx(1.5)
    assert world.workflows.orders == {}
    assert world.restores.calls == []


def test_a_dry_run_has_learned_from_the_tables_drills(world: RestoreWorld) -> None:
    world.orders.times[ORDERS] = Measured(seconds=660, at=world.clock.now)
    world.receive(request(dryRun=True))
    [(_, detail)] = world.facts.told
    assert detail["plan"]["estimate"]["minutes"] == {"from": 5, "to": 22}


def test_a_dry_run_for_a_deleted_table_names_its_backup(world: RestoreWorld) -> None:
    backup = world.delete(ORDERS)
    world.receive(request(dryRun=True, restoreTo="deletion"))
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Planned"
    assert detail["plan"]["call"]["operation"] == "RestoreTableFromBackup"
    assert detail["plan"]["call"]["parameters"]["BackupArn"] == backup.arn
    assert detail["plan"]["encryption"] == "as the source"


def test_a_dry_run_for_a_backup_names_it(world: RestoreWorld) -> None:
    backup = world.back_up(ORDERS)
    world.receive(request(dryRun=True, restoreTo=backup.arn))
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Planned"
    assert detail["restoreTo"] == backup.arn
    assert detail["plan"]["call"]["parameters"]["BackupArn"] == backup.arn


def test_a_plan_for_another_region_names_it(world: RestoreWorld) -> None:
    world.receive(request(dryRun=True, targetRegion="us-east-1"))
    [(_, detail)] = world.facts.told
    assert f"restored to orders-copy ({ACCOUNT}, us-east-1)" in detail["reason"]


def test_a_dry_run_does_not_use_the_request_id_up(world: RestoreWorld) -> None:
    world.receive(request(dryRun=True), "event-1")
    world.receive(request(), "event-2")
    assert world.facts.kinds == ["Restore Planned"]
    assert list(world.workflows.orders) == ["r-1"]


def test_a_dry_run_is_refused_for_what_would_be_refused(world: RestoreWorld) -> None:
    world.tables.switch_off(ORDERS)
    world.receive(request(dryRun=True))
    assert "PITR is off" in rejection(world)["error"]


# -- rejected ---------------------------------------------------------------------------------


def test_a_rejection_tells_the_request_and_what_is_wrong(world: RestoreWorld) -> None:
    world.restores.create(COPY)
    world.receive(
        request(restoreTo="2026-10-05T09:30:00Z", requestedBy="anna", reason="oops"), "event-7"
    )
    detail = rejection(world)
    error = (
        f"targetTable: a table orders-copy ({ACCOUNT}, {REGION}) exists already; choose another "
        "name, or delete it first"
    )
    assert detail == {
        "version": "1",
        "id": detail["id"],
        "time": detail["time"],
        "severity": "warning",
        "reason": f"The restore was not started. {error}.",
        "table": {"arn": ORDERS.arn, "name": "orders", "account": ACCOUNT, "region": REGION},
        "requestId": "r-1",
        "requestedBy": "anna",
        "requestReason": "oops",
        "sourceTable": "orders",
        "targetTable": "orders-copy",
        "restoreTo": "2026-10-05T09:30:00Z",
        "error": error,
    }
    assert world.logged == [("r-1", f"rejected: {error}")]


def test_a_request_nobody_can_read_is_rejected_with_what_can_be_told(world: RestoreWorld) -> None:
    world.receive({"sourceTable": ["orders"], "targetTable": 5, "colour": "red"}, "event-7")
    detail = rejection(world)
    assert detail["requestId"] == "event-7"
    assert detail["table"] is None
    assert detail["sourceTable"] is None
    assert "colour: no such field" in detail["error"]


@pytest.mark.parametrize("detail", ["not json", None, 7, ["sourceTable"]])
def test_what_is_no_object_is_rejected_as_such(world: RestoreWorld, detail: Any) -> None:
    world.receive(detail, "event-7")
    told = rejection(world)
    assert told["error"].startswith("detail: this is no JSON object")
    assert told["requestId"] == "event-7"


def test_an_event_is_refused_once_though_its_twin_could_be_granted(
    world: RestoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was delivered twice at once, and the table was there for one of them."""
    refused = partial(world.receive, request(sourceTable="NoSuchTable"), "e-1")
    before_it(monkeypatch, world.orders, "open", refused)
    world.receive(request(), "e-1")
    assert {kind for kind, _ in world.facts.told} == {"Restore Rejected"}
    assert len({detail["id"] for _, detail in world.facts.told}) == 1
    assert world.workflows.orders == {}


def test_an_event_is_granted_once_though_its_twin_would_be_refused(
    world: RestoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = partial(world.receive, request(), "e-1")
    before_it(monkeypatch, world.orders, "note_answer", granted)
    world.receive(request(sourceTable="NoSuchTable", requestId="r-2"), "e-1")
    assert world.facts.told == []
    assert list(world.workflows.orders) == ["r-1"]


def test_a_refusal_is_recorded_by_its_event_for_whoever_has_asked(world: RestoreWorld) -> None:
    """Whether the request could be read or not."""
    world.receive({"sourceTable": ORDERS.name, "targetTable": "x"}, event_id="e-malformed")
    world.receive(request(sourceTable="NoSuchTable"), event_id="e-refused")
    told = {detail["id"] for _, detail in world.facts.told}
    recorded = [world.orders.answer_to(event) for event in ("e-malformed", "e-refused")]
    assert {answer.id for answer in recorded if answer} == told
    assert len(told) == 2


def test_a_malformed_request_is_told_with_its_table_where_that_can_be_read(
    world: RestoreWorld,
) -> None:
    world.receive(request(dryRun="yes"))
    assert rejection(world)["table"]["arn"] == ORDERS.arn


FAR_KEY = {"type": "CUSTOMER_MANAGED", "kmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"sourceTable": "invoices"}, "sourceTable: there is no table invoices"),
        ({"restoreTo": "2026-10-05T11:00:00Z"}, "restoreTo: 2026-10-05T11:00:00.000Z can't be"),
        ({"restoreTo": "2026-10-05T08:00:00Z"}, "restoreTo: 2026-10-05T08:00:00.000Z is too early"),
        ({"restoreTo": "deletion"}, "restoreTo: AWS keeps no backup"),
        ({"indexes": ["by-date"]}, "indexes: the table has no index by-date; it has none"),
        ({"encryption": FAR_KEY}, "encryption: the key arn:aws:kms:us-east-1:"),
        ({"targetTable": "orders"}, "targetTable: a table orders"),
    ],
)
def test_what_cannot_be_granted_is_rejected(
    world: RestoreWorld, fields: dict[str, Any], says: str
) -> None:
    world.restores.create(ORDERS)
    world.receive(request(**fields))
    assert rejection(world)["error"].startswith(says)


def test_a_key_that_cannot_be_used_is_rejected(world: RestoreWorld) -> None:
    world.keys.problems[KEY] = "the key is Disabled; enable it"
    world.receive(request(encryption=WITH_KEY))
    assert rejection(world)["error"] == "encryption: the key is Disabled; enable it"


def test_a_deleted_table_is_not_restored_to_another_region(world: RestoreWorld) -> None:
    world.delete(ORDERS)
    world.receive(request(restoreTo="deletion", targetRegion="us-east-1"))
    assert rejection(world)["error"].startswith("targetRegion: a backup is restored")
    assert "The restore to us-east-1 was not started." in rejection(world)["reason"]


def test_of_a_deleted_table_the_request_that_would_succeed_is_offered(world: RestoreWorld) -> None:
    backup = world.delete(ORDERS)
    world.receive(request())
    offered = json.loads(rejection(world)["error"].partition("ask for it with ")[2])
    world.receive(offered, "event-2")
    assert list(world.workflows.orders) == ["event-2"]
    assert world.workflows.orders["event-2"].backup_arn == backup.arn


def test_tables_outside_the_bounds_are_rejected() -> None:
    for bounds in (Bounds(source="prod-*"), Bounds(target="restored-*")):
        world = RestoreWorld(bounds=bounds)
        world.receive(request())
        assert "the stack restores" in rejection(world)["error"]


def test_refusals_come_in_the_order_in_which_aws_checks(world: RestoreWorld) -> None:
    """Request shape, PITR on, time inside the window, target free; then what only we check."""
    world.restores.create(COPY)
    world.keys.problems[KEY] = "the key is Disabled"
    world.tables.switch_off(ORDERS)
    wrong: dict[str, Any] = {
        "restoreTo": "2026-10-05T08:00:00Z",
        "indexes": ["by-date"],
        "encryption": WITH_KEY,
    }

    events = itertools.count()

    def first_fault(**fields: Any) -> str:
        world.facts.published.clear()
        world.receive(request(**{**wrong, **fields}), f"event-{next(events)}")
        field: str = rejection(world)["error"].partition(":")[0]
        return field

    assert first_fault(dryRun="no") == "dryRun"
    assert first_fault() == "sourceTable"
    world.tables.switch_on(ORDERS)
    assert first_fault() == "restoreTo"
    wrong["restoreTo"] = "latest"
    assert first_fault() == "targetTable"
    del world.restores.tables[COPY]
    assert first_fault() == "indexes"
    wrong["indexes"] = "all"
    assert first_fault() == "encryption"


# -- once -------------------------------------------------------------------------------------


def test_the_same_request_again_is_the_same_request(world: RestoreWorld) -> None:
    world.receive(request(), "event-1")
    [order] = world.workflows.orders.values()
    world.receive(request(), "event-1")
    world.receive(request(restoreTo="latest", settings="all"), "event-2")
    assert list(world.workflows.orders.values()) == [order]
    assert world.facts.told == []
    assert world.logged[1:] == [("r-1", "known already")] * 2


def test_the_same_request_again_is_no_error_once_its_table_is_there(world: RestoreWorld) -> None:
    world.receive(request())
    world.start(world.workflows.orders["r-1"])
    world.restores.finish(COPY)
    world.receive(request(), "event-2")
    assert world.facts.told == []


def test_the_same_id_for_another_request_is_refused(world: RestoreWorld) -> None:
    world.receive(request(), "event-1")
    world.receive(request(targetTable="orders-elsewhere"), "event-2")
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Rejected"
    assert detail["error"] == "requestId: r-1 was used for another request; choose a new one"
    assert detail["targetTable"] == "orders-elsewhere"
    assert world.workflows.orders["r-1"].target_ref == COPY


def test_the_same_request_twice_at_once_starts_one_restore(world: RestoreWorld) -> None:
    world.workflows.before_start = lambda: world.receive(request(), "event-1")
    world.receive(request(), "event-1")
    assert list(world.workflows.orders) == ["r-1"]
    assert world.facts.told == []


@pytest.mark.parametrize("dry_run", [False, True], ids=["rejected", "planned"])
def test_an_event_that_was_answered_keeps_its_answer_when_it_is_delivered_again(
    world: RestoreWorld, dry_run: bool
) -> None:
    """Its function may have been killed after it told; what spoke against it is gone since."""
    if not dry_run:
        world.tables.switch_off(ORDERS)
    world.receive(request(dryRun=dry_run), "event-1")
    world.tables.switch_on(ORDERS, 35)
    world.restores.create(COPY)
    world.receive(request(dryRun=dry_run), "event-1")
    first, again = world.facts.told
    assert first == again
    assert world.workflows.orders == {}


def test_another_request_with_the_same_id_at_once_is_refused(world: RestoreWorld) -> None:
    other = request(targetTable="orders-elsewhere")
    world.workflows.before_start = lambda: world.receive(other, "event-2")
    world.receive(request(), "event-1")
    [(kind, detail)] = world.facts.told
    assert kind == "Restore Rejected"
    assert detail["targetTable"] == "orders-elsewhere"
    assert world.workflows.orders["r-1"].target_ref == COPY


def test_a_target_that_the_requests_twin_just_made_is_no_reason_to_refuse(
    world: RestoreWorld,
) -> None:
    """The twin starts, and its table is there, between our first look and our second."""
    definition_of = world.restores.definition_of

    def twin_comes_first(source: TableRef) -> Definition | None:
        world.restores.definition_of = definition_of  # type: ignore[method-assign]
        world.receive(request(), "event-1")
        world.start(world.workflows.orders["r-1"])
        return definition_of(source)

    world.restores.definition_of = twin_comes_first  # type: ignore[method-assign]
    world.receive(request(), "event-1")
    assert list(world.workflows.orders) == ["r-1"]
    assert world.facts.told == []


def test_a_twin_that_cannot_be_seen_yet_is_asked_about_again(world: RestoreWorld) -> None:
    world.receive(request(), "event-1")
    world.workflows.shows = False
    with pytest.raises(TryLaterError):
        world.receive(request(), "event-2")
    assert world.facts.told == []


def test_an_id_that_the_ledger_knows_for_another_request_is_refused(world: RestoreWorld) -> None:
    """The other request's execution can't be seen yet, or any more."""
    world.receive(request(targetTable="orders-elsewhere"), "event-1")
    world.workflows.shows = False
    world.receive(request(), "event-2")
    assert world.facts.kinds == ["Restore Rejected"]


def test_an_order_is_recorded_before_its_workflow_starts(world: RestoreWorld) -> None:
    recorded: list[RestoreRecord | None] = []
    world.workflows.before_start = lambda: recorded.append(world.orders.record_of("r-1"))
    world.receive(request())
    assert recorded == [RestoreRecord(world.workflows.orders["r-1"])]
    assert world.orders.open_ids.keys() == {"r-1"}


def test_a_request_whose_workflow_was_not_started_is_started_as_it_was_recorded(
    world: RestoreWorld,
) -> None:
    """The first delivery died between the two; its order has another time of acceptance."""
    world.receive(request())
    first = world.workflows.orders.pop("r-1")
    world.clock.advance(60)
    world.receive(request())
    assert world.workflows.orders == {"r-1": first}


def test_an_answered_request_is_not_started_again_when_its_execution_is_forgotten(
    world: RestoreWorld,
) -> None:
    """Step Functions forgets executions 90 days after their end."""
    world.receive(request())
    order = world.workflows.orders.pop("r-1")
    world.orders.records["r-1"] = RestoreRecord(order, outcome="completed", answer={})
    world.receive(request())
    assert world.workflows.orders == {}
    assert world.logged[-1] == ("r-1", "known already")


# -- delivered again --------------------------------------------------------------------------


def test_where_aws_cannot_be_asked_nothing_is_decided(world: RestoreWorld) -> None:
    for port in (world.tables, world.restores):
        port.unreachable = TryLaterError("ThrottlingException")
        with pytest.raises(TryLaterError):
            world.receive(request())
        port.unreachable = None
    assert world.workflows.orders == {}
    assert world.facts.told == []
    world.receive(request())
    assert list(world.workflows.orders) == ["r-1"]


def test_where_aws_refuses_to_be_asked_the_request_is_rejected_with_its_words(
    world: RestoreWorld,
) -> None:
    world.tables.unreachable = RefusedError("UnrecognizedClientException: not enabled")
    world.receive(request())
    error = rejection(world)["error"]
    assert error.startswith("sourceTable, targetTable: AWS doesn't let the guardian")
    assert error.endswith("AWS says: UnrecognizedClientException: not enabled")


def test_a_rejection_that_is_delivered_again_is_the_same_fact(world: RestoreWorld) -> None:
    world.tables.switch_off(ORDERS)
    for _ in range(2):
        world.receive(request(), "event-1")
    assert len(set(world.facts.ids)) == 1
    world.receive(request(), "event-2")
    assert len(set(world.facts.ids)) == 2


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("targetRegion", {"targetRegion": "xx-nowhere-1"}),
        ("sourceTable", {"sourceTable": f"arn:aws:dynamodb:xx-mars-1:{ACCOUNT}:table/orders"}),
    ],
)
def test_a_region_that_doesnt_exist_is_refused_by_name(
    world: RestoreWorld, field: str, fields: dict[str, str]
) -> None:
    world.receive(request(**fields))
    assert rejection(world)["error"].startswith(f"{field}: there is no region xx-")


def test_a_region_of_another_partition_is_refused(world: RestoreWorld) -> None:
    world.receive(request(targetRegion="cn-north-1"))
    assert rejection(world)["error"] == (
        "targetRegion: cn-north-1 is not a region of aws; AWS restores within a partition only"
    )


# -- members ----------------------------------------------------------------------------------

MEMBER = "222222222222"
THEIRS = replace(ORDERS, account=MEMBER)
ALLOWS = {"pitr-guardian:allow-restores": "true"}


def test_a_members_table_is_restored_in_its_own_account(world: RestoreWorld) -> None:
    world.members.allowing[MEMBER] = ALLOWS
    world.own(THEIRS)
    world.receive(request(sourceTable=THEIRS.arn))
    order = world.workflows.orders["r-1"]
    assert order.source_ref == THEIRS
    assert order.target_ref == replace(COPY, account=MEMBER)


def test_a_member_that_allows_no_restores_is_refused_before_anything_is_looked_at(
    world: RestoreWorld,
) -> None:
    world.members.allowing[MEMBER] = {"pitr-guardian:allow-undo": "true"}
    world.receive(request(sourceTable=THEIRS.arn))
    assert rejection(world)["error"] == (
        f"sourceTable: account {MEMBER} doesn't allow restores: update its stack of "
        "organization/member.yaml with AllowRestores=true"
    )


def test_the_guardians_own_tables_need_nobodys_leave(world: RestoreWorld) -> None:
    world.members.allowing[MEMBER] = {}
    world.receive(request())
    assert world.workflows.orders["r-1"].source_ref == ORDERS
