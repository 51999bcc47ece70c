"""A request is taken in once, or refused with the remedy; what comes twice is answered alike."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.exports.window import Kind
from pitr_guardian.undo.record import Phase
from tests.fakes.cloudtrail import ACCOUNT, ORDERS
from tests.fakes.event_answers import before_it
from tests.fakes.undos import UndoWorld

BEGUN = [("u-1", Phase.PLAN)]


def errors(world: UndoWorld) -> list[str]:
    return [detail["error"] for kind, detail in world.facts.told if kind == "Undo Rejected"]


def refusal(world: UndoWorld, **fields: Any) -> str:
    world.ask(**fields)
    assert world.workflows.started == []
    assert world.ledger.records == {}
    [error] = errors(world)
    return error


def ago(world: UndoWorld, **of: float) -> str:
    return (world.clock.now - timedelta(**of)).isoformat()


def test_a_request_starts_a_plan_and_nothing_is_told_yet() -> None:
    world = UndoWorld()
    world.ask(requestedBy="alice", reason="a script")
    assert world.workflows.started == BEGUN
    assert world.facts.published == []
    order = world.ledger.records["u-1"].order
    assert order.table.arn == ORDERS.arn
    assert order.windows is not None
    assert order.windows.kind is Kind.SHORT
    # By default it reaches up to the end of the second in which it was taken in.
    assert order.accepted_at <= order.to < order.accepted_at + timedelta(seconds=1)
    assert order.account == ACCOUNT


def test_the_same_request_again_is_the_same_plan() -> None:
    world = UndoWorld()
    detail = world.request()
    for event_id in ("event-1", "event-1", "event-2"):
        world.reception().receive(detail, event_id, ACCOUNT)
    assert world.workflows.started == BEGUN
    assert world.facts.published == []


def test_who_was_killed_before_the_start_starts_it() -> None:
    world = UndoWorld()
    world.workflows.unreachable = TryLaterError("throttled")
    detail = world.request()
    with pytest.raises(TryLaterError):
        world.reception().receive(detail, "event-1", ACCOUNT)
    world.workflows.unreachable = None
    world.clock.advance(90)
    world.reception().receive(detail, "event-1", ACCOUNT)
    assert world.workflows.started == BEGUN


def test_a_plan_that_is_made_isnt_started_again() -> None:
    world = UndoWorld()
    detail = world.request()
    world.reception().receive(detail, "event-1", ACCOUNT)
    world.plan()
    world.workflows.started.clear()
    world.reception().receive(detail, "event-1", ACCOUNT)
    assert world.workflows.started == []
    assert world.logged[-1] == ("u-1", "known already")


def test_an_id_is_for_one_request() -> None:
    world = UndoWorld()
    world.ask()
    world.ask(event_id="event-2", conflicts="overwrite")
    assert errors(world) == ["requestId: u-1 was used for another request; choose a new one"]
    assert world.ledger.records["u-1"].order.request.conflicts == "keep"


def test_a_refusal_stays_the_same_whatever_changes_meanwhile() -> None:
    world = UndoWorld()
    world.tables.switch_off(ORDERS)
    detail = world.request()
    world.reception().receive(detail, "event-1", ACCOUNT)
    world.tables.switch_on(ORDERS)
    world.reception().receive(detail, "event-1", ACCOUNT)
    first, second = world.facts.told
    assert first == second
    assert world.workflows.started == []


def test_an_event_is_refused_once_though_its_twin_could_be_granted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was delivered twice at once, and the table was there for one of them."""
    world = UndoWorld()
    before_it(monkeypatch, world.ledger, "open", lambda: world.ask(table="nobody"))
    world.ask()
    first, again = world.facts.told
    assert first == again
    assert len(errors(world)) == 2
    assert world.workflows.started == []


def test_an_event_is_granted_once_though_its_twin_would_be_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = UndoWorld()
    before_it(monkeypatch, world.ledger, "note_answer", world.ask)
    world.ask(table="nobody", requestId="u-2")
    assert world.facts.told == []
    assert world.workflows.started == BEGUN


def test_no_table_is_undone_in_without_leave() -> None:
    assert refusal(UndoWorld(pattern="")).startswith(
        "table: the stack may not touch any table's items: its parameter UndoTablePattern is "
        "empty; set it to names that include orders"
    )
    assert "tables named audit-* only; widen its parameter UndoTablePattern" in refusal(
        UndoWorld(pattern="audit-*")
    )


def test_others_accounts_may_not_ask() -> None:
    told = refusal(UndoWorld(), account="999999999999")
    assert told.startswith("the event is of the account 999999999999: others may ask for restores")


def test_a_malformed_request_is_refused_each_time_alike() -> None:
    world = UndoWorld()
    for _ in range(2):
        world.ask(from_="yesterday", table="orders")
    ids = {detail["id"] for _, detail in world.facts.told}
    assert len(ids) == 1
    assert world.ledger.events.answers == {}
    detail = world.facts.told[0][1]
    assert detail["planId"] == "u-1"
    assert detail["table"]["name"] == "orders"
    assert detail["reason"].startswith("The undo was not planned. from: 'yesterday' is no good")


@pytest.mark.parametrize(
    ("table_is", "said"),
    [
        ("gone", "table: there is no table orders .*; check the name, the region and the case"),
        ("DELETING", "table: orders .* is DELETING; what is left when it is gone is a restore"),
        ("CREATING", "table: orders .* is still CREATING; ask again when it is ACTIVE"),
        ("off", "table: PITR is off on orders .*, so nobody knows what its items were"),
    ],
)
def test_a_table_that_cant_be_undone_in_is_refused(table_is: str, said: str) -> None:
    world = UndoWorld()
    if table_is == "gone":
        world.tables.delete(ORDERS)
    elif table_is == "off":
        world.tables.switch_off(ORDERS)
    else:
        world.tables[ORDERS].status = table_is
    assert re.match(said, refusal(world))


def test_a_table_that_goes_while_it_is_looked_at_is_refused() -> None:
    world = UndoWorld()
    world.shapes.shape = None
    assert "was deleted just now" in refusal(world)


def test_a_region_that_isnt_there_is_refused() -> None:
    arn = ORDERS.arn.replace("eu-central-1", "xx-nowhere-1")
    assert refusal(UndoWorld(), table=arn) == (
        "table: aws has no region xx-nowhere-1; check its name"
    )


def test_aws_that_doesnt_let_the_guardian_look_is_named() -> None:
    world = UndoWorld()
    world.tables.unreachable = RefusedError("AccessDeniedException: no")
    told = refusal(world)
    assert told.startswith("table: AWS doesn't let the guardian look at it.")
    assert told.endswith("AWS says: AccessDeniedException: no")


def test_what_aws_cant_answer_now_is_asked_again() -> None:
    world = UndoWorld()
    world.tables.unreachable = TryLaterError("throttled")
    with pytest.raises(TryLaterError):
        world.ask()
    assert world.facts.published == []


def test_the_bounds_of_the_history_are_in_the_refusal() -> None:
    world = UndoWorld()
    window = world.tables[ORDERS].window(world.clock.now)
    assert window is not None
    told = refusal(world, from_=ago(world, hours=2))
    assert "is before the table's history begins; it is kept from 2026-10-05T09:00:01.000Z" in told


def test_a_window_is_checked_before_a_table_is_looked_at() -> None:
    for fields, said in (
        ({"from_": "2026-10-01T00:00:00Z", "to": "2026-10-03T00:00:00Z"}, "more than 24 hours"),
        ({"from_": "2026-10-05T09:30:00Z", "to": "2026-10-05T09:29:00Z"}, "isn't before"),
        ({"from_": "2026-10-05T09:30:00Z", "to": "2026-10-05T19:29:00Z"}, "is in the future"),
    ):
        world = UndoWorld()
        world.tables.unreachable = TryLaterError("throttled")
        assert said in refusal(world, **fields)


def test_a_young_tables_window_is_waited_for() -> None:
    world = UndoWorld()
    world.ask(from_="2026-10-05T09:10:00Z", to="2026-10-05T09:11:00Z")
    windows = world.ledger.records["u-1"].order.windows
    assert windows is not None
    assert windows.kind is Kind.YOUNG


def test_a_partition_that_cant_be_is_refused() -> None:
    world = UndoWorld()
    world.shapes.shape = world.shapes.shape and world.shapes.shape.model_copy(
        update={
            "key": world.shapes.shape.key.model_validate({"partition": {"name": "n", "type": "N"}})
        }
    )
    assert refusal(world, partition="x") == "partition: the key n is a number; give one"


def test_what_is_asked_of_a_plan_to_be_reverted() -> None:
    world = UndoWorld()

    def revert(event: str, request_id: str = "u-2") -> str:
        detail = {"revert": "u-1", "requestId": request_id}
        world.reception().receive(detail, event, ACCOUNT)
        return errors(world)[-1]

    assert "there is no plan u-1" in revert("e-1")
    world.ask()
    world.plan()
    assert "u-1 was never carried out" in revert("e-2")
    world.approve()
    assert "u-1 is still being carried out" in revert("e-3")
    world.carry_out()
    table_id = world.tables[ORDERS].id
    world.shapes.shape = world.shapes.shape and world.shapes.shape.model_copy(
        update={"table_id": "another"}
    )
    assert revert("e-4").startswith("revert: orders is another table of that name since the plan")
    world.shapes.shape = world.shapes.shape and world.shapes.shape.model_copy(
        update={"table_id": table_id}
    )
    world.pattern = ""
    assert "UndoTablePattern is empty" in revert("e-5")
    world.pattern = "*"
    world.clock.advance(31 * 86400)
    assert "is kept for 30 days only" in revert("e-6")
    assert len(errors(world)) == 6


def test_the_answers_hold_nothing_that_a_machine_cant_read() -> None:
    world = UndoWorld(pattern="")
    world.ask(reason="\ud800", requestedBy="x" * 1000)
    json.dumps(world.facts.told, ensure_ascii=False).encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
details = st.fixed_dictionaries(
    {},
    optional={
        "table": st.sampled_from(["orders", "other", ORDERS.arn]) | json_values,
        "from": st.sampled_from(["2026-10-05T09:50:00Z", "2026-10-05T09:59:59.5+00:00"])
        | json_values,
        "to": st.sampled_from(["2026-10-05T09:55:00Z", "2026-10-05T09:00:00Z"]) | json_values,
        "partition": json_values,
        "changes": st.sampled_from(["all", ["inserted"]]) | json_values,
        "where": json_values,
        "conflicts": st.sampled_from(["keep", "overwrite"]) | json_values,
        "revert": json_values,
        "requestId": st.sampled_from(["u-1"]) | json_values,
        "reason": json_values,
    },
)


@given(details | json_values)
def test_every_event_is_taken_in_or_refused_and_never_both(detail: object) -> None:
    world = UndoWorld()
    for _ in range(2):
        world.reception().receive(detail, "event-1", ACCOUNT)
    ids = {fact["id"] for _, fact in world.facts.told}
    assert len(ids) + len(world.workflows.started) == 1
    json.dumps(world.facts.told, allow_nan=False).encode()


# -- members ----------------------------------------------------------------------------------

MEMBER = "222222222222"
THEIRS = replace(ORDERS, account=MEMBER)


def with_a_member(**tags: str) -> UndoWorld:
    world = UndoWorld()
    world.tables.create(THEIRS)
    world.tables.switch_on(THEIRS, 35)
    world.clock.advance(3600)
    world.members.allowing[MEMBER] = tags
    return world


def test_items_of_a_members_table_can_be_put_back_where_it_allows_that() -> None:
    world = with_a_member(**{"pitr-guardian:allow-undo": "true"})
    world.ask(table=THEIRS.arn)
    assert world.ledger.records["u-1"].order.table.arn == THEIRS.arn
    assert world.workflows.started == BEGUN


def test_a_member_that_allows_no_undos_is_refused_with_the_parameter() -> None:
    world = with_a_member(**{"pitr-guardian:allow-restores": "true"})
    assert refusal(world, table=THEIRS.arn) == (
        f"table: account {MEMBER} doesn't allow undos: update its stack of "
        "organization/member.yaml with AllowUndo=true"
    )
