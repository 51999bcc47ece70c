"""Plans: the same each time, readable, and between them everything that can go wrong."""

from __future__ import annotations

from collections import Counter

from tests.chaos.actions import Begin, Delete, End
from tests.chaos.faults import Kind
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
    assert min(count for kind, count in kinds.items() if kind is not Kind.TIMED_OUT) > len(MANY) / 8


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


def _place(plan: Plan, action: Begin | End) -> int:
    places = [place for place, step in enumerate(plan.steps) if step.action == action]
    return places[0] if places else 0
