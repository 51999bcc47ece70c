"""A sample is drawn from all of a table, and each of its items has its chance."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.proof.sampling import drawn, drawn_by_weight, quotas, reservoir
from pitr_guardian.exports.record import Item
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.items import FakeItems
from tests.fakes.proofs import FakeTableItems


def table(items: int) -> FakeTableItems:
    return FakeTableItems({ORDERS: FakeItems({"id": {"S": str(n)}} for n in range(items))})


def sample(items: int, wanted: int, counted: int, seed: int = 1) -> dict[str, Item]:
    shown = table(items)
    draw = Random(seed)  # noqa: S311
    return drawn(lambda *asked: shown.page(ORDERS, *asked), ["id"], wanted, counted, draw)


@given(st.integers(1, 10_000))
def test_quotas_are_all_of_it(wanted: int) -> None:
    copy, live, history = quotas(wanted)
    assert copy + live + history == max(wanted, 3)
    assert copy >= live == history >= 1


@pytest.mark.parametrize("counted", [0, 30, 700, 5_000, 10**9])
@pytest.mark.parametrize(("items", "wanted"), [(0, 10), (30, 500), (700, 50), (700, 700)])
def test_as_many_are_drawn_as_are_wanted_and_there(items: int, wanted: int, counted: int) -> None:
    """However long ago DynamoDB has counted."""
    found = sample(items, wanted, counted)
    assert len(found) <= min(items, wanted)
    assert len(found) >= min(items, wanted) * 0.7


def test_every_item_has_its_chance() -> None:
    counts: Counter[str] = Counter()
    for seed in range(300):
        counts.update(list(sample(400, 40, 400, seed)))
    assert len(counts) == 400
    assert max(counts.values()) < 60  # 30 on the average


def test_nothing_is_read_where_nothing_is_wanted() -> None:
    assert sample(10, 0, 10) == {}


@given(st.integers(0, 50), st.integers(0, 20), st.integers())
def test_a_reservoir_holds_as_many_as_it_may(length: int, wanted: int, seed: int) -> None:
    found = reservoir(range(length), wanted, Random(seed))  # noqa: S311
    assert len(found) == min(length, wanted)
    assert len(set(found)) == len(found)


def test_a_reservoir_is_fair() -> None:
    draw = Random(3)  # noqa: S311
    counts = Counter(each for _ in range(4000) for each in reservoir(range(10), 3, draw))
    assert all(1000 < count < 1400 for count in counts.values())


def test_the_heavier_is_the_likelier_and_none_comes_twice() -> None:
    draw = Random(4)  # noqa: S311
    files = [("small", 10), ("large", 1000), ("empty", 0)]
    firsts = Counter(drawn_by_weight(files, 1, draw)[0][0] for _ in range(2000))
    assert firsts["large"] > 1900
    assert firsts["empty"] == 0
    assert sorted(drawn_by_weight(files, 5, draw)) == [("large", 1000), ("small", 10)]
