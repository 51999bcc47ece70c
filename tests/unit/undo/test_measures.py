"""What an undo takes: units, dollars, seconds; and the pace it keeps."""

from __future__ import annotations

import pytest

from pitr_guardian.exports.record import Item
from pitr_guardian.undo.estimate import Work, estimate_of
from pitr_guardian.undo.line import Line, Planned
from pitr_guardian.undo.throughput import Throughput
from pitr_guardian.undo.units import item_size, read_units, write_units

KEY: Item = {"id": {"S": "k"}}


def sized(size: int) -> Item:
    return {"id": {"S": "x" * (size - 2)}}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        (None, 0),
        ({"id": {"S": "ü"}}, 4),
        ({"a": {"B": "AQI="}}, 3),
        ({"a": {"BOOL": True}}, 2),
        ({"a": {"NULL": True}}, 2),
        ({"a": {"SS": ["x", "yz"]}}, 4),
        ({"a": {"M": {"b": {"S": "c"}}}}, 7),
        ({"a": {"L": [{"S": "c"}, {"S": ""}]}}, 7),
    ],
)
def test_an_items_size_is_that_of_names_and_values(item: Item | None, size: int) -> None:
    assert item_size(item) == size


@pytest.mark.parametrize(("size", "units"), [(10, 1), (1024, 1), (1025, 2), (400 * 1024, 400)])
def test_a_write_takes_a_unit_for_each_kb_of_the_larger_item(size: int, units: int) -> None:
    for old, live in ((sized(size), KEY), (KEY, sized(size)), (None, sized(size))):
        line = Line(key=KEY, planned=Planned.REVERT, old=old, new=live, live=live)
        assert write_units(line) == units
    conflict = Line(key=KEY, planned=Planned.CONFLICT, old=sized(size), new=KEY, live=None)
    assert write_units(conflict) == 0
    assert read_units(None) == read_units(KEY) == 1


def work(**others: int) -> Work:
    none = Work(
        exports=0,
        exported_bytes=0,
        shards=0,
        parts=0,
        items=0,
        writes=0,
        write_units=0,
        replicas=0,
    )
    return Work(**{name: others.get(name, getattr(none, name)) for name in Work.__slots__})


def test_exports_cost_at_least_ten_megabytes_each() -> None:
    assert estimate_of(work(exports=2), 500).cost_in_usd == pytest.approx(0.002, abs=1e-4)
    five_gb = estimate_of(work(exports=1, exported_bytes=5 * 2**30), 500)
    assert five_gb.cost_in_usd == pytest.approx(0.5, abs=1e-3)
    assert five_gb.seconds == 0


def test_writes_cost_units_and_time_and_in_each_replica_again() -> None:
    alone = estimate_of(work(writes=1, write_units=4_000_000), 500)
    assert alone.write_units == 4_000_000
    assert alone.seconds == pytest.approx(8030)
    assert alone.cost_in_usd == pytest.approx(4 * 0.625 + 4 * 0.125)
    everywhere = estimate_of(work(writes=1, write_units=4_000_000, replicas=2), 500)
    assert everywhere.cost_in_usd == pytest.approx(3 * 4 * 0.625 + 4 * 0.125)
    assert everywhere.write_units == 4_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_so_many_units_a_second_and_no_more() -> None:
    clock = Clock()
    pace = Throughput(10, clock, clock.sleep)
    for _ in range(50):
        pace.spend(2)
    assert clock.now == pytest.approx(110, abs=0.2)


def test_time_that_writes_take_anyway_isnt_waited_again() -> None:
    clock = Clock()
    pace = Throughput(10, clock, clock.sleep)
    for _ in range(10):
        clock.now += 0.04  # the write itself
        pace.spend(1)
    assert clock.now == pytest.approx(100 + 10 * 0.1)
    for _ in range(10):
        clock.now += 0.15  # slower than the pace: nothing is waited
        pace.spend(1)
    assert clock.now == pytest.approx(100 + 10 * 0.1 + 10 * 0.15)


def test_a_pause_isnt_caught_up_with() -> None:
    clock = Clock()
    pace = Throughput(10, clock, clock.sleep)
    pace.spend(1)
    clock.now += 60
    before = clock.now
    for _ in range(10):
        pace.spend(1)
    assert clock.now - before == pytest.approx(0.8)
