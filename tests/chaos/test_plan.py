"""Plans: the same each time, readable, and between them everything that can go wrong."""

from __future__ import annotations

from collections import Counter

from tests.chaos.actions import Begin, Delete, End
from tests.chaos.doing import Stop
from tests.chaos.drills import TABLE as VAULT, AskDrill, DropCopy, Hour, SpendUp, SpoilCopy
from tests.chaos.faults import Kind
from tests.chaos.goods import Approve, AskUndo, Spoil, Stock
from tests.chaos.plan import Plan, plan_of

MANY = range(1, 201)


def test_a_seed_has_one_plan() -> None:
    assert plan_of(4711) == plan_of(4711)
    assert plan_of(4711) != plan_of(4712)


def test_a_plan_reads_as_what_happens_in_the_order_of_time() -> None:
    plan = plan_of(4711)
    assert len(str(plan).splitlines()) == len(plan.steps)
    assert all(str(fault) in str(plan) for fault in plan.faults)


def test_two_hundred_plans_have_every_kind_of_fault_many_times() -> None:
    kinds = Counter(fault.kind for seed in MANY for fault in plan_of(seed).faults)
    assert set(kinds) == set(Kind)
    # One waits for long; exports are only undos' and drills'.
    rare = {Kind.TIMED_OUT, Kind.EXPORT_FAILED}
    assert min(count for kind, count in kinds.items() if kind not in rare) > len(MANY) / 8
    assert kinds[Kind.EXPORT_FAILED] > len(MANY) / 20


def test_each_plan_has_faults_and_things_to_do() -> None:
    for plan in map(plan_of, MANY):
        assert plan.faults
        assert any(not isinstance(step.action, Begin | End) for step in plan.steps)


def test_a_fault_ends_after_it_began() -> None:
    for plan in map(plan_of, MANY):
        for fault in plan.faults:
            assert _place(plan, Begin(fault)) < (_place(plan, End(fault)) or len(plan.steps))


def test_tables_are_deleted_and_made_again() -> None:
    assert sum(isinstance(s.action, Delete) for seed in MANY for s in plan_of(seed).steps) > 100


def test_an_undo_is_asked_for_and_approved_in_many_plans() -> None:
    for kind in (AskUndo, Approve):
        asked = sum(any(isinstance(s.action, kind) for s in plan_of(seed).steps) for seed in MANY)
        assert len(MANY) / 4 < asked < len(MANY) / 2


def test_an_undos_steps_come_in_their_order() -> None:
    for plan in map(plan_of, MANY):
        kinds = [type(step.action) for step in plan.steps]
        if AskUndo in kinds:
            first = [kinds.index(kind) for kind in (Stock, Spoil, AskUndo, Approve)]
            assert first == sorted(first)


def test_a_drill_is_asked_for_in_many_plans_and_some_are_due() -> None:
    steps = [[step.action for step in plan_of(seed).steps] for seed in MANY]
    asked = [actions for actions in steps if any(isinstance(each, AskDrill) for each in actions)]
    due = [actions for actions in asked if any(isinstance(each, Hour) for each in actions)]
    assert len(MANY) / 3 < len(asked) < len(MANY) * 2 / 3
    assert len(asked) / 4 < len(due) < len(asked)


def test_whatever_may_become_of_a_drill_becomes_of_some() -> None:
    actions = [step.action for seed in MANY for step in plan_of(seed).steps]
    counted = Counter(type(action) for action in actions)
    assert min(counted[kind] for kind in (AskDrill, Hour, DropCopy, SpoilCopy, SpendUp)) >= 4
    stopped = Counter(action.workflow for action in actions if isinstance(action, Stop))
    assert min(stopped[each] for each in ("drill", "undo-plan", "undo-apply")) >= 4
    assert Delete(VAULT) in actions


def test_requests_of_each_kind_are_lost_and_repeated() -> None:
    bad = Counter(
        (fault.kind, fault.operation)
        for seed in MANY
        for fault in plan_of(seed).faults
        if fault.kind in {Kind.REQUEST_LOST, Kind.REQUEST_REPEATED}
    )
    assert len(bad) == 2 * 4
    assert min(bad.values()) >= 3


def test_each_fault_of_a_plan_has_a_number_of_its_own() -> None:
    for plan in map(plan_of, MANY):
        numbers = [fault.number for fault in plan.faults]
        assert len(set(numbers)) == len(numbers)


def _place(plan: Plan, action: Begin | End) -> int:
    places = [place for place, step in enumerate(plan.steps) if step.action == action]
    return places[0] if places else 0
