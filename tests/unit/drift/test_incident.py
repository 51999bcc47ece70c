"""What happened to a table: who did it, for how long, and what was lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.decision import (
    Action,
    Decision,
)
from pitr_guardian.drift.incident import (
    blame,
    is_news,
    left_alone,
    remedied,
)
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
    Exposure,
    LostWindow,
    PitrReenabled,
    RecoveryPeriodRestored,
    TableFact,
    TableProtected,
)
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.policy import Exemption
from tests.fakes.cloudtrail import ORDERS

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
ALICE = Actor(arn="arn:aws:iam::111122223333:user/alice")
UNKNOWN = Memory(table_id="id-1")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def disabling(seconds: float, event_id: str = "e-1") -> Cause:
    return _cause(seconds, event_id, disables=True)


def shortening(seconds: float, days: int, event_id: str = "e-1") -> Cause:
    return _cause(seconds, event_id, named_period=days)


def enabling(seconds: float, days: int | None = None) -> Cause:
    return _cause(seconds, "e-on", named_period=days)


def birth(seconds: float) -> Cause:
    return Cause(
        event_id="e-birth", call="CreateTable", time=at(seconds), actor=ALICE, is_birth=True
    )


def _cause(
    seconds: float, event_id: str, *, disables: bool = False, named_period: int | None = None
) -> Cause:
    return Cause(
        event_id=event_id,
        call="UpdateContinuousBackups",
        time=at(seconds),
        actor=ALICE,
        disables=disables,
        named_period=named_period,
    )


def off(cause: Cause | None = None, noticed: float = 3) -> Drift:
    return Drift(noticed_at=at(noticed), cause=cause)


def short(days: int, cause: Cause | None = None, noticed: float = 3) -> Drift:
    return Drift(noticed_at=at(noticed), cause=cause, period=days)


def seen_on(seconds: float, **others: object) -> Memory:
    fields: dict[str, object] = {"table_id": "id-1", "period": 35, "seen_on_at": at(seconds)}
    return Memory(**fields | others)  # type: ignore[arg-type]


# ---- Whom to blame ----------------------------------------------------------------------------


def blamed(drift: Drift, memory: Memory = UNKNOWN) -> Cause | None:
    return blame(drift, memory).cause


def test_who_switched_pitr_off_is_blamed_for_it() -> None:
    cause = disabling(0)
    assert blamed(off(cause)) == cause
    assert blamed(off(cause), seen_on(-60)) == cause


def test_who_shortened_the_period_is_blamed_for_it() -> None:
    cause = shortening(0, days=7)
    assert blamed(short(7, cause), seen_on(-60)) == cause


def test_who_created_the_table_is_behind_its_first_drift() -> None:
    assert blamed(off(birth(0))) == birth(0)


def test_nobody_is_blamed_where_nothing_is_known() -> None:
    assert blamed(off()) is None


def test_the_event_of_the_last_incident_is_not_blamed_twice() -> None:
    memory = seen_on(-60, last_event_id="e-1")
    assert blamed(off(disabling(0)), memory) is None


def test_an_event_from_before_pitr_was_seen_on_is_not_blamed() -> None:
    assert blamed(off(disabling(0)), seen_on(60)) is None
    assert blamed(short(7, shortening(0, days=7)), seen_on(60)) is None


def test_an_event_in_the_second_in_which_pitr_was_seen_on_may_have_come_after() -> None:
    cause = disabling(0)
    assert blamed(off(cause), seen_on(0.999)) == cause
    assert blamed(off(cause), seen_on(1)) is None


def test_a_birth_is_not_blamed_once_pitr_was_on() -> None:
    assert blamed(off(birth(0)), seen_on(60)) is None


def test_who_switched_pitr_on_is_not_blamed_for_its_being_off() -> None:
    assert blamed(off(enabling(0)), seen_on(-60)) is None
    assert blamed(off(enabling(0, days=7)), seen_on(-60)) is None


def test_who_named_another_period_is_not_blamed_for_this_one() -> None:
    assert blamed(short(7, enabling(0, days=30)), seen_on(-60)) is None
    assert blamed(short(7, enabling(0)), seen_on(-60)) is None
    assert blamed(short(7, disabling(0)), seen_on(-60)) is None


def test_drift_that_was_tolerated_until_now_keeps_its_first_cause() -> None:
    told = off(disabling(0))
    memory = seen_on(-60, tolerated=told)
    assert blame(off(noticed=500), memory) == told


def test_drift_of_another_kind_has_a_story_of_its_own() -> None:
    memory = seen_on(-60, tolerated=short(7, shortening(0, days=7)))
    assert blame(off(noticed=500), memory) == off(noticed=500)


def test_drift_brought_about_anew_is_the_new_callers() -> None:
    again = disabling(400, "e-2")
    memory = seen_on(-60, tolerated=off(disabling(0)))
    assert blamed(off(again, noticed=500), memory) == again


# ---- What was put right -----------------------------------------------------------------------


def told(drift: Drift, memory: Memory, now: float = 5) -> TableFact:
    return remedied(ORDERS, drift, memory, 35, "Because.", at(now))


def test_pitr_that_was_switched_off_is_told_as_re_enabled() -> None:
    memory = seen_on(-3600, window=Window(at(-7200), at(-3900)))
    fact = told(off(disabling(0)), memory)
    assert isinstance(fact, PitrReenabled)
    assert fact.recovery_period_in_days == 35
    assert fact.actor == ALICE
    assert (fact.severity, fact.reason, fact.time) == ("warning", "Because.", at(5))
    assert fact.exposure == Exposure(from_=at(0), to=at(5), seconds=5)
    assert fact.lost_window == LostWindow(earliest=at(-7200), latest=at(0))


def test_a_window_never_seen_is_a_loss_of_unknown_size() -> None:
    fact = told(off(disabling(0)), UNKNOWN)
    assert isinstance(fact, PitrReenabled)
    assert fact.lost_window is None


def test_where_the_culprit_is_unknown_exposure_counts_from_when_pitr_was_last_seen_on() -> None:
    fact = told(off(), seen_on(-600, window=Window(at(-7200), at(-900))))
    assert isinstance(fact, PitrReenabled)
    assert fact.actor is None
    assert fact.exposure.from_ == at(-600)
    assert fact.lost_window == LostWindow(earliest=at(-7200), latest=at(-600))


def test_an_event_whose_clock_is_ahead_does_not_make_exposure_negative() -> None:
    fact = told(off(disabling(60), noticed=3), seen_on(-60), now=5)
    assert isinstance(fact, PitrReenabled)
    assert fact.exposure == Exposure(from_=at(3), to=at(5), seconds=2)


def test_the_lost_window_had_moved_on_since_it_was_last_seen() -> None:
    day = 86400
    window = Window(at(-10 * day), at(-3 * day))
    fact = told(off(disabling(0)), seen_on(-3 * day, window=window, period=7))
    assert isinstance(fact, PitrReenabled)
    assert fact.lost_window == LostWindow(earliest=at(-7 * day), latest=at(0))


def test_a_lost_window_never_ends_before_it_begins() -> None:
    fact = told(off(disabling(0)), seen_on(-60, window=Window(at(-60), at(-60)), period=35))
    assert isinstance(fact, PitrReenabled)
    assert fact.lost_window is not None
    assert fact.lost_window.earliest <= fact.lost_window.latest


def test_a_table_that_never_had_pitr_is_told_as_protected() -> None:
    fact = told(off(birth(0)), UNKNOWN)
    assert isinstance(fact, TableProtected)
    assert (fact.severity, fact.created_by) == ("info", "CreateTable")
    assert fact.actor == ALICE


def test_a_table_found_without_pitr_has_no_known_creator() -> None:
    fact = told(off(), UNKNOWN)
    assert isinstance(fact, TableProtected)
    assert (fact.created_by, fact.actor) == (None, None)


def test_a_shortened_period_is_told_from_what_to_what() -> None:
    fact = told(short(7, shortening(0, days=7)), seen_on(-60))
    assert isinstance(fact, RecoveryPeriodRestored)
    assert (fact.from_, fact.to, fact.severity) == (7, 35, "warning")
    assert fact.actor == ALICE


# ---- What was left alone ----------------------------------------------------------------------

LEFT = Decision(Action.REPORT, "Left.", 35)
EXEMPT = Decision(
    Action.TOLERATE, "Exempt.", 35, Exemption(date(2026, 12, 31), "load test", "team-a")
)


@pytest.mark.parametrize(
    ("drift", "word"), [(off(), "pitr-off"), (short(7), "period-shortened")], ids=["off", "short"]
)
def test_drift_that_is_only_reported_is_critical(drift: Drift, word: str) -> None:
    memory = replace(UNKNOWN, seen_on_at=NOON)
    fact = left_alone(ORDERS, drift, memory, LEFT, NOON)
    assert isinstance(fact, DriftDetected)
    assert (fact.severity, fact.drift, fact.reason) == ("critical", word, "Left.")


@pytest.mark.parametrize(
    ("drift", "severity"),
    [(off(), "warning"), (off(disabling(0)), "critical"), (short(7), "critical")],
    ids=["never on", "just switched off", "on for too short"],
)
def test_a_table_that_never_was_protected_lost_nothing(drift: Drift, severity: str) -> None:
    assert left_alone(ORDERS, drift, UNKNOWN, LEFT, NOON).severity == severity


def test_tolerated_drift_says_until_when_why_and_by_whose_order() -> None:
    fact = left_alone(ORDERS, off(disabling(0)), UNKNOWN, EXEMPT, NOON)
    assert isinstance(fact, DriftTolerated)
    assert (fact.severity, fact.exempt_until) == ("info", "2026-12-31")
    assert (fact.exempt_reason, fact.exempt_owner) == ("load test", "team-a")
    assert fact.actor == ALICE


NEWS = {
    "the first time": (off(disabling(0)), None, True),
    "of another kind": (off(disabling(9, "e-2")), short(7, shortening(0, days=7)), True),
    "by a later call": (off(disabling(9, "e-2")), off(disabling(0)), True),
    "by the same event": (off(disabling(0)), off(disabling(0)), False),
    "by an older event": (off(disabling(0, "e-0")), off(disabling(9)), False),
    "by nobody known": (off(), off(disabling(0)), False),
    "by a birth": (off(birth(9)), off(disabling(0)), False),
    "by an event older than the report": (off(disabling(0), noticed=9), off(noticed=3), False),
    "by an event newer than the report": (off(disabling(5), noticed=9), off(noticed=3), True),
}


@pytest.mark.parametrize("case", NEWS)
def test_drift_that_is_left_alone_is_news_once(case: str) -> None:
    drift, reported, expected = NEWS[case]
    assert is_news(drift, Memory(table_id="id-1", tolerated=reported)) is expected


# ---- Which happening it was -------------------------------------------------------------------


def ids(*facts: TableFact) -> set[str]:
    return {fact.id for fact in facts}


def test_the_same_happening_told_again_has_the_same_id() -> None:
    drift, memory = off(disabling(0)), seen_on(-60)
    assert len(ids(told(drift, memory, now=5), told(drift, memory, now=400))) == 1


def test_another_event_another_table_or_another_drift_is_another_happening() -> None:
    memory = seen_on(-60)
    facts = ids(
        told(off(disabling(0)), memory),
        told(off(disabling(0, "e-2")), memory),
        told(off(noticed=3), memory),
        told(off(noticed=4), memory),
        told(short(7, shortening(0, days=7)), memory),
        told(off(disabling(0)), seen_on(-60, table_id="id-2")),
        remedied(ORDERS.replica_in("eu-west-1"), off(disabling(0)), memory, 35, "Because.", at(5)),
    )
    assert len(facts) == 7


def test_tolerating_drift_and_later_repairing_it_are_two_happenings() -> None:
    drift, memory = off(disabling(0)), seen_on(-60)
    facts = ids(
        left_alone(ORDERS, drift, memory, EXEMPT, NOON),
        left_alone(ORDERS, drift, memory, LEFT, NOON),
        told(drift, memory),
    )
    assert len(facts) == 3
