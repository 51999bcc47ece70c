"""Plans: the same each time, readable, and between them everything that can go wrong."""

from __future__ import annotations

from collections import Counter

from tests.chaos.actions import Begin, Delete, End
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
    rare = {Kind.TIMED_OUT, Kind.EXPORT_FAILED}  # one waits for long, one only undos meet
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


def _place(plan: Plan, action: Begin | End) -> int:
    places = [place for place, step in enumerate(plan.steps) if step.action == action]
    return places[0] if places else 0
