"""From the sixth alert within ten minutes on, alerts are folded; no other ever is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given, strategies as st

from pitr_guardian.facts.folding import SINGLE, WITHIN, Flow, Verdict, judge

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def told(*minutes: float) -> Flow:
    flow = Flow()
    for number, minute in enumerate(minutes):
        flow = flow.told(f"f-{number}", after(minute))
    return flow


def test_five_within_ten_minutes_are_told_one_by_one_and_the_sixth_begins_a_flood() -> None:
    assert judge(told(0, 1, 2, 3), "f-x", after(4)) is Verdict.SINGLE
    assert judge(told(0, 1, 2, 3, 4), "f-x", after(4)) is Verdict.FLOOD


def test_the_tenth_minute_is_the_border() -> None:
    flow = told(0, 0, 0, 0, 0)
    assert judge(flow, "f-x", NOW + WITHIN - timedelta(microseconds=1)) is Verdict.FLOOD
    assert judge(flow, "f-x", NOW + WITHIN) is Verdict.SINGLE


def test_one_that_was_judged_before_its_function_died_is_judged_the_same_again() -> None:
    flow = told(0, 0, 0, 0, 0)
    assert judge(flow, "f-4", after(1)) is Verdict.AGAIN
    assert judge(flow.flooded("flood", after(1)), "f-4", after(1)) is Verdict.AGAIN


def test_all_that_come_while_a_flood_is_open_join_it_also_when_its_digest_is_late() -> None:
    flow = told(0, 0, 0, 0, 0).flooded("flood", after(1))
    assert flow.due == after(11)
    assert judge(flow, "f-x", after(5)) is Verdict.JOIN
    assert judge(flow, "f-x", after(500)) is Verdict.JOIN
    assert not flow.is_overdue(after(16))
    assert flow.is_overdue(after(16.1))


def flooded(folded: int, latest: float) -> Flow:
    flow = told(0, 0, 0, 0, 0).flooded("flood", after(0))
    return Flow(flow.recent, flow.flood, flow.due, folded, after(latest), flow.version)


def test_a_storm_that_goes_on_makes_digests_and_no_single_alerts() -> None:
    flow = flooded(5, latest=9).over()
    assert judge(flow, "f-x", after(11)) is Verdict.FLOOD
    assert judge(flow, "f-x", after(19)) is Verdict.SINGLE


def test_a_flood_of_few_counts_as_few() -> None:
    flow = flooded(4, latest=9).over()
    assert judge(flow, "f-x", after(11)) is Verdict.SINGLE


def test_a_flood_nobody_joined_leaves_the_alerts_before_it() -> None:
    flow = told(0, 1, 2, 3, 4).flooded("flood", after(4))
    assert flow.over().recent == told(0, 1, 2, 3, 4).recent


@given(st.lists(st.integers(0, 30 * 60), min_size=1, max_size=60).map(sorted))
@example([0] * 8 + [1, 600, 600])
def test_no_ten_minutes_have_more_than_five_single_alerts_and_few_are_never_folded(
    seconds: list[int],
) -> None:
    flow, singles = Flow(), []
    for number, second in enumerate(seconds):
        now = NOW + timedelta(seconds=second)
        if flow.due is not None and now >= flow.due:
            flow = flow.over()
        verdict = judge(flow, f"f-{number}", now)
        of_late = [s for s in seconds[:number] if second - s < WITHIN.total_seconds()]
        if verdict is Verdict.SINGLE:
            flow = flow.told(f"f-{number}", now)
            singles.append(second)
            continue
        if verdict is Verdict.FLOOD:
            # What was folded counts as of its latest: alerts that came before it may, too.
            after_a_flood = any(counted.id == "flood" for counted in flow.recent)
            assert len(of_late) >= SINGLE or after_a_flood
            flow = flow.flooded("flood", now)
        flow = Flow(flow.recent, flow.flood, flow.due, flow.folded + 1, now, flow.version)
    for second in singles:
        assert sum(second - WITHIN.total_seconds() < s <= second for s in singles) <= SINGLE
