"""Rounds of a sweep: what there is to do next follows from the last list and the notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.sweep.listing import AT_ONCE, Listing, at_once
from pitr_guardian.sweep.rounds import PAUSE, TRIES, Leg, Noted, first, left, pause_before
from pitr_guardian.tables.reference import Scope

ACCOUNT, MEMBER, REGION = "111111111111", "222222222222", "eu-central-1"
SWEPT = "2026-10-05T09:00:00.000Z"


def leg(account: str = ACCOUNT, **others: Any) -> Leg:
    return Leg.model_validate({"account": account, "region": REGION} | others)


def noted(account: str = ACCOUNT, **others: Any) -> Noted:
    return Noted.model_validate({"account": account, "region": REGION} | others)


def test_the_first_round_is_the_beginning_of_every_scope() -> None:
    legs = first([Scope("aws", ACCOUNT, REGION), Scope("aws", MEMBER, REGION)])
    assert legs == [leg(), leg(MEMBER)]
    assert pause_before(legs) == 0


def test_who_is_done_is_not_in_the_next() -> None:
    assert left([leg()], [noted(checked=3)]) == []


def test_who_has_more_tables_goes_on_where_it_was_with_what_it_found() -> None:
    found: dict[str, Any] = {
        **{"checked": 100, "compliant": 90, "drifted": 4, "exempt": 3, "failed": 3},
        **{"trail": "unknown", "trailError": "no right", "lastSweptAt": SWEPT},
    }
    [further] = left([leg(tries=2)], [noted(next="table-099", **found)])
    assert further == leg(part=2, after="table-099", **found)


@pytest.mark.parametrize(
    "notes", [[], [noted(part=1)], [noted(part=2, error="throttled")]], ids=["none", "old", "error"]
)
def test_what_came_to_nothing_is_tried_again_so_often(notes: list[Noted]) -> None:
    legs = [leg(part=2, after="t", checked=7)]
    for tries in range(1, TRIES + 1):
        legs = left(legs, notes)
        assert legs == [leg(part=2, after="t", checked=7, tries=tries)]
        assert pause_before(legs) == PAUSE
    assert left(legs, notes) == []


def test_a_refusal_is_not_tried_again() -> None:
    assert left([leg()], [noted(error="no right", final=True)]) == []


def test_nobody_waits_for_those_that_are_tried_again() -> None:
    assert pause_before([leg(tries=1), leg(MEMBER, part=2)]) == 0
    assert pause_before([]) == 0


def test_who_was_given_up_half_way_is_not_told_as_whole() -> None:
    region = noted(next="table-099", checked=100).as_region()
    assert region.error == "nobody could go on after the table table-099"
    assert noted(error="throttled", next="t").as_region().error == "throttled"
    assert noted(checked=1).as_region().error is None


STEPS = st.sampled_from(["lost", "error", "on", "end"])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_every_stretch_is_looked_at_in_order_or_the_scope_is_given_up(
    parts: list[int], data: st.DataObject
) -> None:
    """Whatever becomes of single legs: each scope's parts are done one after the other, none is
    left out, and there is an end."""
    accounts = [f"{number:012}" for number in range(len(parts))]
    wanted = dict(zip(accounts, parts, strict=True))
    done: dict[str, list[int]] = {account: [] for account in accounts}
    notes: dict[str, Noted] = {}
    legs = first([Scope("aws", account, REGION) for account in accounts])
    for _ in range((max(parts) + 1) * (TRIES + 2)):
        for each in legs:
            assert each.part == len(done[each.account]) + 1
            assert each.checked == 10 * (each.part - 1)
            step = data.draw(STEPS)
            if step == "lost":
                continue
            failed = step == "error"
            if not failed:
                done[each.account].append(each.part)
            more = each.part < wanted[each.account]
            notes[each.account] = noted(
                each.account,
                part=each.part,
                checked=each.checked + (0 if failed else 10),
                error="throttled" if failed else None,
                next=f"after-{each.part}" if more and not failed else None,
            )
        legs = left(legs, notes.values())
        if not legs:
            break
    assert legs == []
    for account, count in wanted.items():
        assert done[account] == list(range(1, len(done[account]) + 1))
        if len(done[account]) < count and account in notes:
            assert notes[account].as_region().error is not None


# -- how many at once -------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "scopes"), [(10, 4), (50, 20), (1000, AT_ONCE), (1, 1), (0, 1)])
def test_a_sweep_takes_two_in_five_functions_of_the_account(limit: int, scopes: int) -> None:
    assert at_once(limit) == scopes


@given(st.integers(10, 10_000))
def test_enforcing_has_more_than_half_of_what_there_is(limit: int) -> None:
    assert at_once(limit) < limit / 2


@dataclass
class House:
    """All that listing needs, in memory."""

    limit: int | Exception = 1000
    notes: list[Noted] = field(default_factory=list)
    written: dict[int, list[Leg]] = field(default_factory=dict)

    def all(self) -> list[Scope]:
        return [Scope("aws", ACCOUNT, REGION), Scope("aws", MEMBER, REGION)]

    def list_round(self, sweep_id: str, number: int, legs: list[Leg]) -> tuple[str, str]:
        self.written[number] = legs
        return "reports", f"{sweep_id}/{number}"

    def round(self, sweep_id: str, number: int) -> list[Leg]:
        return self.written[number]

    def noted_of(self, sweep_id: str) -> list[Noted]:
        return self.notes

    def functions_at_once(self) -> int:
        if isinstance(self.limit, Exception):
            raise self.limit
        return self.limit

    def run(self, number: int) -> Any:
        return Listing(self, self, self, self).run("s", number)  # type: ignore[arg-type]


def test_each_round_is_listed_from_the_one_before() -> None:
    house = House()
    listed = house.run(1)
    assert (listed.key, listed.count, listed.pause, listed.at_once) == ("s/1", 2, 0, AT_ONCE)
    house.notes = [noted(), noted(MEMBER, next="t", checked=5)]
    assert house.run(2).count == 1
    assert house.written[2] == [leg(MEMBER, part=2, after="t", checked=5)]
    assert house.run(2).count == 1  # a workflow may try again
    house.notes = [noted(), noted(MEMBER, part=2, checked=8)]
    assert house.run(3).count == 0


@pytest.mark.parametrize("error", [TryLaterError("throttled"), RefusedError("no right")])
def test_where_nobody_tells_the_limit_it_is_taken_for_a_new_accounts(error: Exception) -> None:
    assert House(limit=error).run(1).at_once == 4
