"""How a table stands: the rule, and its twin in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
)
from pitr_guardian.report.sweep import Status
from pitr_guardian.sweep.judgement import (
    Finding,
    judge,
    last_known_on,
)
from pitr_guardian.tables.observation import (
    Seen,
    Switch,
    Window,
)
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from tests.fakes.clock import START
from tests.fakes.sweep import OFF, known, on, table

NOW = START
ORDERS = table("orders")
EXEMPT = {"pitr-guardian:exempt": "2026-12-31", "pitr-guardian:exempt-reason": "a test bed"}
EXPIRED = {"pitr-guardian:exempt": "2026-10-04"}
INVALID = {"pitr-guardian:exempt": "forever"}
A_WEEK = {"pitr-guardian:recovery-days": "7"}
NEVER_SEEN = Memory()


def judged(
    switch: Switch,
    tags: dict[str, str] | None = None,
    memory: Memory | None = None,
    policy: Policy | None = None,
) -> Finding:
    memory = known(on()) if memory is None else memory
    seen = Seen(switch, "id", NOW - timedelta(days=400))
    return judge(ORDERS, seen, tags or {}, memory, policy or Policy(), NOW)


def noted(ago: timedelta, period: int | None = None) -> Drift:
    return Drift(noticed_at=NOW - ago, period=period)


def test_a_table_in_order_is_nobodys_business() -> None:
    finding = judged(on())
    assert (finding.status, finding.needs_look, finding.is_news) == (Status.PROTECTED, False, False)
    assert finding.own_period == 35


@pytest.mark.parametrize("switch", [OFF, on(34)])
def test_a_table_that_is_off_or_short_has_drifted(switch: Switch) -> None:
    finding = judged(switch)
    assert (finding.status, finding.needs_look, finding.is_news) == (Status.DRIFTED, True, False)


@pytest.mark.parametrize(
    ("switch", "tags", "memory", "own"),
    [
        (on(7), A_WEEK, known(on()), 7),
        (on(7), {}, known(on(7)), 7),
        (on(7), {}, NEVER_SEEN, 7),
        (OFF, {}, NEVER_SEEN, 35),
        (on(14), {"pitr-guardian:recovery-days": "36"}, known(on(14)), 14),
    ],
    ids=["tag", "ledger", "first sight", "default", "invalid tag"],
)
def test_the_own_period_is_the_tags_else_the_ledgers_else_the_default(
    switch: Switch, tags: dict[str, str], memory: Memory, own: int
) -> None:
    finding = judged(switch, tags, memory)
    assert finding.own_period == own
    assert (finding.status is Status.PROTECTED) == switch.on


def test_a_table_whose_exemption_holds_is_exempt_where_it_is_not_protected() -> None:
    finding = judged(OFF, EXEMPT)
    assert finding.status is Status.EXEMPT
    assert finding.exemption is not None
    assert finding.exemption.reason == "a test bed"
    assert judged(on(), EXEMPT).status is Status.PROTECTED


@pytest.mark.parametrize("tags", [EXPIRED, INVALID])
def test_an_exemption_that_does_not_hold_is_looked_at_and_exempts_from_nothing(
    tags: dict[str, str],
) -> None:
    assert judged(OFF, tags).status is Status.DRIFTED
    finding = judged(on(), tags)
    assert (finding.status, finding.needs_look) == (Status.PROTECTED, True)
    assert finding.exemption is None


@pytest.mark.parametrize(
    ("tags", "policy", "status"),
    [
        (EXEMPT, Policy(), Status.EXEMPT),
        ({}, Policy(mode=Mode.NOTIFY_ONLY), Status.DRIFTED),
    ],
    ids=["exempt", "notify-only"],
)
def test_drift_that_is_let_be_is_told_of_once(
    tags: dict[str, str], policy: Policy, status: Status
) -> None:
    untold, told = known(on()), replace(known(on()), tolerated=noted(timedelta(days=3)))
    other = replace(untold, tolerated=noted(timedelta(days=3), period=7))
    for memory, needs_look in ((untold, True), (told, False), (other, True)):
        finding = judged(OFF, tags, memory, policy)
        assert (finding.status, finding.needs_look) == (status, needs_look)


def test_drift_that_was_let_be_and_is_over_is_looked_at_so_that_the_ledger_forgets_it() -> None:
    memory = replace(known(on()), tolerated=noted(timedelta(days=3)))
    assert judged(on(), {}, memory).needs_look


def test_drift_that_was_put_right_and_not_told_of_is_looked_at() -> None:
    left_behind = replace(known(on()), drift=noted(timedelta(minutes=6)))
    finding = judged(on(), {}, left_behind)
    assert (finding.status, finding.needs_look) == (Status.PROTECTED, True)


def test_drift_that_is_being_worked_on_is_left_to_whoever_does() -> None:
    assert not judged(on(), {}, replace(known(on()), drift=noted(timedelta(minutes=4)))).needs_look


@pytest.mark.parametrize(
    ("switch", "memory"),
    [
        (on(), NEVER_SEEN),
        (on(), Memory(period=35)),
        (on(35), known(on(14))),
        (on(), replace(known(on()), window=None)),
        (on(), replace(known(on()), seen_period=None)),
        (on(), replace(known(on()), exempt_until=date(2026, 10, 1))),
        (on(), replace(known(on()), found_off_at=NOW - timedelta(hours=1))),
    ],
    ids=[
        "first sight",
        "restored by us",
        "longer period",
        "window unknown",
        "period in force unknown",
        "exempt no more",
        "found off, and on again",
    ],
)
def test_news_is_for_the_ledger(switch: Switch, memory: Memory) -> None:
    assert judged(switch, {}, memory).is_news


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("switch", "tags"),
    [(on(since=NOW - timedelta(days=3)), {}), (on(7), A_WEEK)],
    ids=["window reset", "shortened by tag"],
)
def test_restore_points_that_went_are_looked_at_and_not_simply_forgotten(
    switch: Switch, tags: dict[str, str], mode: Mode
) -> None:
    finding = judged(switch, tags, known(on(since=NOW - timedelta(days=9))), Policy(mode=mode))
    if tags:
        finding = judged(switch, tags, known(on()), Policy(mode=mode))
    assert finding.status is Status.PROTECTED
    assert (finding.needs_look, finding.is_news) == (True, False)


def test_a_table_of_another_ones_name_is_looked_at_and_inherits_nothing() -> None:
    seen = Seen(on(7), "id-2", NOW - timedelta(hours=2))
    named, nameless = known(on()), replace(known(on()), table_id=None)
    for memory in (named, nameless):
        finding = judge(ORDERS, seen, {}, memory, Policy(), NOW)
        assert (finding.status, finding.own_period) == (Status.PROTECTED, 7)
        assert (finding.needs_look, finding.is_news) == (True, False)


@pytest.mark.parametrize("status", ["INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVING", "ARCHIVED"])
def test_a_table_that_nobody_can_restore_is_not_protected(status: str) -> None:
    seen = Seen(on(), "id", NOW - timedelta(days=400), status)
    finding = judge(ORDERS, seen, {}, known(on()), Policy(), NOW)
    assert (finding.status, finding.needs_look, finding.is_news) == (Status.DRIFTED, True, False)
    assert judge(ORDERS, seen, EXEMPT, known(on()), Policy(), NOW).status is Status.EXEMPT


@pytest.mark.parametrize("value", ["0", "36", "a week", ""])
def test_a_period_tag_that_nobody_can_read_is_looked_at(value: str) -> None:
    assert judged(on(), {"pitr-guardian:recovery-days": value}).needs_look


def test_a_young_table_with_a_shorter_tag_is_looked_at() -> None:
    switch = on(since=NOW - timedelta(minutes=30))
    for age, needs_look in ((59, True), (61, False)):
        seen = Seen(switch, "id", NOW - timedelta(minutes=age))
        finding = judge(ORDERS, seen, A_WEEK, known(switch), Policy(), NOW)
        assert finding.needs_look is needs_look


def test_while_a_drift_is_noted_there_is_no_news() -> None:
    memory = replace(NEVER_SEEN, drift=noted(timedelta(minutes=1)))
    assert judged(on(), {}, NEVER_SEEN).is_news
    assert not judged(on(), {}, memory).is_news


def test_a_full_window_that_moves_on_with_time_is_no_news() -> None:
    a_week_ago = Window(NOW - timedelta(days=42), NOW - timedelta(days=7))
    assert not judged(on(), {}, replace(known(on()), window=a_week_ago)).is_news


def test_what_the_ledger_rounded_is_no_news() -> None:
    switch = on(since=NOW - timedelta(days=3))
    assert switch.window
    rounded = replace(switch.window, earliest=switch.window.earliest - timedelta(microseconds=999))
    assert not judged(switch, {}, replace(known(switch), window=rounded)).is_news


def test_a_table_that_was_in_order_at_the_last_sweep_is_exposed_since_then_and_not_longer() -> None:
    long_ago, last_sweep = NOW - timedelta(days=50), NOW - timedelta(hours=1)
    assert last_known_on(known(on(), long_ago), last_sweep) == last_sweep


@pytest.mark.parametrize(
    ("memory", "last_sweep"),
    [
        (NEVER_SEEN, NOW - timedelta(hours=1)),
        (known(on(), NOW - timedelta(minutes=5)), NOW - timedelta(hours=1)),
        (known(on()), None),
        (replace(known(on()), drift=noted(timedelta(hours=2))), NOW - timedelta(hours=1)),
        (replace(known(on()), tolerated=noted(timedelta(days=2))), NOW - timedelta(hours=1)),
        (replace(known(on()), found_off_at=NOW - timedelta(hours=2)), NOW - timedelta(hours=1)),
    ],
    ids=["never seen", "seen since", "no sweep yet", "drifted", "tolerated", "found off before"],
)
def test_else_the_ledger_knows_best(memory: Memory, last_sweep: datetime | None) -> None:
    assert last_known_on(memory, last_sweep) is None


@given(
    on_=st.booleans(),
    period=st.integers(1, 35),
    remembered=st.none() | st.integers(1, 35),
    tag=st.sampled_from(["7", "35", "0", "x", ""]),
    exempt=st.sampled_from(["", "2026-12-31", "2026-10-05", "2026-10-04", "soon"]),
    mode=st.sampled_from(Mode),
)
def test_what_is_neither_protected_nor_exempt_has_drifted(
    on_: bool, period: int, remembered: int | None, tag: str, exempt: str, mode: Mode
) -> None:
    tags = {"pitr-guardian:recovery-days": tag}
    tags |= {"pitr-guardian:exempt": exempt} if exempt else {}
    switch = on(period) if on_ else OFF
    finding = judged(switch, tags, Memory(period=remembered), Policy(mode=mode))
    holds = exempt in {"2026-12-31", "2026-10-05"}
    own = int(tag) if tag in {"7", "35"} else remembered or switch.period or 35
    assert finding.own_period == own
    assert (finding.status is Status.PROTECTED) == (on_ and period >= own)
    if finding.status is not Status.PROTECTED:
        assert (finding.status is Status.EXEMPT) == holds
        assert finding.needs_look
        assert not finding.is_news


def test_a_table_in_order_that_failed_before_is_looked_at_so_that_it_can_fail_anew() -> None:
    failing = Failing(since=NOW - timedelta(days=3), told_at=NOW - timedelta(hours=1))
    finding = judged(on(), memory=replace(known(on()), failing=failing))
    assert (finding.status, finding.needs_look) == (Status.PROTECTED, True)
