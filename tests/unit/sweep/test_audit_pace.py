"""Both bounds of the audit, in simulated time: no more calls a second than allowed, hardly less."""

from __future__ import annotations

import itertools
import random
from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.sweep.walk import Bounds
from pitr_guardian.tables.observation import Switch
from pitr_guardian.tables.reference import TableRef
from tests.fakes.sweep import FakeRegion, known, on, walk_to_the_end

BETWEEN_STRETCHES = 0.3  # seconds: the function ends, the workflow goes on, it starts again
IN_ORDER = on()


def region_of(count: int, list_seconds: float = 0.0) -> FakeRegion:
    names = [f"table-{number:05}" for number in range(count)]
    return FakeRegion(
        tables=dict.fromkeys(names, IN_ORDER),
        ledger=dict.fromkeys(names, known(IN_ORDER)),
        list_seconds=list_seconds,
    )


def most_in_a_second(region: FakeRegion) -> int:
    starts = sorted(at for at, _ in region.looked_at)
    ends = (bisect_left(starts, first + 1 - 1e-6) for first in starts)
    return max(end - begin for begin, end in enumerate(ends))


def random_latency(longest: float, seed: int) -> Callable[[], float]:
    chance = random.Random(seed)  # noqa: S311  # latencies, not secrets
    return lambda: chance.uniform(0.002, longest)


@settings(max_examples=20)
@given(
    rate=st.integers(1, 10),
    longest=st.floats(0.005, 1.0),
    list_seconds=st.floats(0.001, 0.1),
    seed=st.integers(0, 99),
)
def test_the_pace_is_kept_and_used_whatever_the_latency(
    rate: int, longest: float, list_seconds: float, seed: int
) -> None:
    region = region_of(640, list_seconds)
    audit = region.audit(Bounds(rate, 40), latency=random_latency(longest, seed))

    def between() -> None:
        region.time.now += BETWEEN_STRETCHES

    tallies = walk_to_the_end(audit, between)
    assert sum(tally.checked for tally in tallies) == 640
    assert most_in_a_second(region) <= rate
    assert 640 / region.time.now >= 0.9 * rate


def test_an_account_full_of_tables_takes_many_stretches_and_1_02_calls_a_table() -> None:
    region = region_of(10_000)
    began: list[float] = [0.0]
    tallies = walk_to_the_end(region.audit(), lambda: began.append(region.time.now))
    assert sum(tally.compliant for tally in tallies) == 10_000
    assert len(tallies) == 34
    longest = max(second - first for first, second in itertools.pairwise(began))
    assert longest < 45
    per_table = {call: count / 10_000 for call, count in region.calls.items()}
    assert per_table.pop("GetResources") < 0.004  # once a stretch
    assert per_table == {
        "ListTables": 0.01,
        "BatchGetItem": 0.01,
        "DescribeContinuousBackups": 1.0,
    }
    assert region.looks == []


def test_a_sweep_begins_at_once_and_each_further_stretch_a_second_after_the_one_before() -> None:
    region = region_of(640)
    began = [0.0]
    walk_to_the_end(region.audit(), lambda: began.append(region.time.now))
    waits = [min(at - begin for at, _ in region.looked_at if at >= begin) for begin in began[:-1]]
    assert waits == pytest.approx([0.0, 1.02, 1.02])


@pytest.mark.parametrize("rate", range(1, 11))
def test_a_stretch_ends_with_a_page_so_that_no_listing_is_wasted(rate: int) -> None:
    bounds = Bounds(rate, 40)
    assert 30 * rate <= bounds.page * bounds.pages <= 50 * rate
    assert bounds.page == 100 or bounds.pages == 1


def test_a_stretch_ends_in_time_however_slow_aws_is() -> None:
    region = region_of(300)
    audit = region.audit(latency=lambda: 12.0, threads=24)
    tallies = walk_to_the_end(audit)
    assert sum(tally.checked for tally in tallies) == 300
    assert sorted(name for _, name in region.looked_at) == sorted(region.tables)
    assert len(tallies) > 1
    assert region.time.now < len(tallies) * (40 + 15 + 12 + 1)


def test_a_table_that_aws_has_no_time_for_is_tried_again_within_the_pace() -> None:
    region = region_of(40)
    throttled = TryLaterError("ThrottlingException: Rate exceeded")
    slow = ["table-00003", "table-00004", "table-00039"]
    region.tables |= dict.fromkeys(slow, throttled)
    [tally] = walk_to_the_end(region.audit())
    assert (tally.checked, tally.compliant, tally.failed) == (40, 37, 3)
    assert region.calls["DescribeContinuousBackups"] == 37 + 3 * 4
    assert most_in_a_second(region) <= 8
    [rows] = region.parts.values()
    assert [row.error for row in rows if row.name in slow] == [str(throttled)] * 3


def test_a_table_that_was_throttled_a_while_ago_is_tried_again_without_a_pause() -> None:
    region = region_of(80)
    switch, throttled = region.switch, ["table-00003"]

    def throttle_once(table: TableRef) -> Switch | None:
        found = switch(table)
        if table.name in throttled:
            throttled.remove(table.name)
            raise TryLaterError("ThrottlingException")
        return found

    region.switch = throttle_once  # type: ignore[method-assign]
    [tally] = walk_to_the_end(region.audit())
    assert (tally.compliant, tally.failed) == (80, 0)
    (before, _), (again, name) = region.looked_at[-2:]
    assert name == "table-00003"
    assert again - before == pytest.approx(1.02 / 8)


def test_a_table_that_aws_has_time_for_later_is_in_order() -> None:
    region = region_of(20)
    region.tables["table-00007"] = TryLaterError("ThrottlingException")
    sleep = region.time.sleep

    def sleep_and_recover(seconds: float) -> None:
        sleep(seconds)
        if region.calls["DescribeContinuousBackups"] == 20:
            region.tables["table-00007"] = IN_ORDER

    region.time.sleep = sleep_and_recover  # type: ignore[method-assign]
    [tally] = walk_to_the_end(region.audit())
    assert (tally.compliant, tally.failed) == (20, 0)
    assert region.calls["DescribeContinuousBackups"] == 21
