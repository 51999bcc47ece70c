"""The rule of the house, sentence by sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.decision import (
    Action,
    Decision,
    decide,
)
from pitr_guardian.drift.memory import (
    Drift,
    How,
    Lost,
    Memory,
)
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
)
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
POLICY = Policy(default_period=20)
UNKNOWN = Memory(table_id="id-1")
OFF = Drift(noticed_at=NOW - timedelta(minutes=6))


def table(period: int | None = None, *, born: datetime | None = LONG_AGO, **tags: str) -> Observed:
    """A ready table; without a period, its PITR is off."""
    return Observed(
        Presence.READY,
        "ACTIVE",
        table_id="id-1",
        created_at=born,
        pitr_on=period is not None,
        period=period,
        tags={f"pitr-guardian:{key.replace('_', '-')}": value for key, value in tags.items()},
    )


def remembering(period: int, drift: Drift | None = None) -> Memory:
    return Memory(table_id="id-1", period=period, seen_on_at=NOW - timedelta(days=1), drift=drift)


def event(age: timedelta = timedelta(seconds=20), **others: bool | int) -> Cause:
    return Cause.model_validate({"event_id": "e-1", "call": "any", "time": NOW - age, **others})


def decided(
    observed: Observed,
    memory: Memory = UNKNOWN,
    cause: Cause | None = None,
    policy: Policy = POLICY,
) -> Decision:
    return decide(observed, policy, memory, cause, NOW)


def enabled_with(period: int) -> tuple[Action, int]:
    return Action.ENABLE, period


def put_back_to(period: int) -> tuple[Action, int]:
    return Action.RESTORE_PERIOD, period


def remembered_with(period: int) -> tuple[Action, int]:
    return Action.REMEMBER, period


def what(decision: Decision) -> tuple[Action, int | None]:
    return decision.action, decision.period


# ---- Which period -----------------------------------------------------------------------------


def test_a_table_with_pitr_off_is_enabled_with_the_default_period() -> None:
    assert what(decided(table())) == enabled_with(20)


def test_a_table_with_pitr_off_is_enabled_with_the_remembered_period() -> None:
    assert what(decided(table(), remembering(7))) == enabled_with(7)
    assert what(decided(table(), remembering(35))) == enabled_with(35)


def test_a_table_with_pitr_off_is_enabled_with_the_period_of_its_tag() -> None:
    assert what(decided(table(recovery_days="9"), remembering(30))) == enabled_with(9)


def test_an_invalid_period_tag_is_as_good_as_none() -> None:
    assert what(decided(table(recovery_days="036"), remembering(30))) == enabled_with(30)
    assert what(decided(table(recovery_days="36"))) == enabled_with(20)


def test_a_shortened_period_is_put_back_to_the_tables_own() -> None:
    assert what(decided(table(7), remembering(30))) == put_back_to(30)
    assert what(decided(table(29), remembering(30))) == put_back_to(30)


def test_a_period_below_the_tag_is_raised_to_the_tag() -> None:
    assert what(decided(table(7, recovery_days="9"))) == put_back_to(9)


def test_a_period_shortened_by_tag_is_left_so() -> None:
    assert what(decided(table(7, recovery_days="7"), remembering(30))) == remembered_with(30)


def test_the_period_at_first_sight_is_the_tables_own_even_below_the_default() -> None:
    assert what(decided(table(7))) == remembered_with(7)


def test_a_longer_period_is_remembered() -> None:
    assert what(decided(table(30), remembering(7))) == remembered_with(30)


def test_a_table_in_order_is_remembered_as_it_is() -> None:
    assert what(decided(table(30), remembering(30))) == remembered_with(30)


def test_a_period_that_aws_does_not_tell_is_no_drift() -> None:
    on = Observed(Presence.READY, "ACTIVE", table_id="id-1", pitr_on=True)
    assert what(decided(on, remembering(30))) == remembered_with(30)


# ---- A period named soon after birth ----------------------------------------------------------

GRACE = POLICY.birth_grace


def test_a_period_named_within_the_grace_is_the_tables_own() -> None:
    born = NOW - GRACE + timedelta(seconds=1)
    assert what(decided(table(7, born=born), remembering(20))) == remembered_with(7)


def test_a_period_named_after_the_grace_is_not() -> None:
    assert what(decided(table(7, born=NOW - GRACE), remembering(20))) == put_back_to(20)


def test_an_event_that_comes_late_still_tells_that_the_period_was_named_in_time() -> None:
    born = NOW - GRACE - timedelta(minutes=5)
    named = event(timedelta(minutes=10), named_period=7)
    assert what(decided(table(7, born=born), remembering(20), named)) == remembered_with(7)


def test_an_event_about_another_period_says_nothing_about_this_one() -> None:
    born = NOW - GRACE - timedelta(minutes=5)
    named = event(timedelta(minutes=10), named_period=8)
    assert what(decided(table(7, born=born), remembering(20), named)) == put_back_to(20)


def test_an_event_from_before_the_birth_is_about_another_table_of_that_name() -> None:
    born = NOW - GRACE - timedelta(minutes=5)
    named = event(timedelta(days=2), named_period=7)
    assert what(decided(table(7, born=born), remembering(20), named)) == put_back_to(20)


def test_without_any_grace_no_named_period_is_a_tables_own() -> None:
    policy = Policy(default_period=20, birth_grace=timedelta(0))
    newborn = table(7, born=NOW - timedelta(milliseconds=500))
    named = event(timedelta(seconds=1), named_period=7)  # the same second, as CloudTrail tells it
    assert what(decided(newborn, remembering(20), named, policy)) == put_back_to(20)


def test_the_tag_outranks_a_period_named_within_the_grace() -> None:
    newborn = table(7, born=NOW, recovery_days="9")
    assert what(decided(newborn, remembering(20))) == put_back_to(9)


def test_a_longer_period_named_within_the_grace_is_remembered() -> None:
    assert what(decided(table(30, born=NOW), remembering(20))) == remembered_with(30)


def test_the_grace_does_not_leave_pitr_off() -> None:
    assert what(decided(table(born=NOW), remembering(20))) == enabled_with(20)


def test_a_table_of_unknown_age_gets_no_grace() -> None:
    assert what(decided(table(7, born=None), remembering(20))) == put_back_to(20)


# ---- Not there, not yet, not any more ---------------------------------------------------------


def test_a_table_that_is_being_created_is_looked_at_again() -> None:
    creating = Observed(Presence.NOT_READY, "CREATING")
    assert decided(creating).action is Action.LOOK_AGAIN
    assert decided(creating, cause=event(timedelta(hours=9))).action is Action.LOOK_AGAIN


GONE = Observed(Presence.GONE, "gone")


def test_a_table_that_cannot_be_seen_right_after_its_birth_is_looked_at_again() -> None:
    assert decided(GONE, cause=event(is_birth=True)).action is Action.LOOK_AGAIN
    nearly = timedelta(minutes=15) - timedelta(seconds=1)
    assert decided(GONE, cause=event(nearly, is_birth=True)).action is Action.LOOK_AGAIN


@pytest.mark.parametrize(
    "cause", [None, event(), event(timedelta(minutes=15), is_birth=True)], ids=["no", "any", "old"]
)
def test_a_table_that_is_gone_needs_nothing(cause: Cause | None) -> None:
    assert decided(GONE, cause=cause).action is Action.NOTHING


@pytest.mark.parametrize("status", ["DELETING", "ARCHIVING", "ARCHIVED"])
def test_a_table_on_its_way_out_is_left_alone(status: str) -> None:
    decision = decided(Observed(Presence.GOING, status), cause=event(is_birth=True))
    assert decision.action is Action.NOTHING
    assert status in decision.reason


# ---- Exempt, or only notifying ----------------------------------------------------------------

TODAY = NOW.date().isoformat()
YESTERDAY = (NOW - timedelta(days=1)).date().isoformat()


@pytest.mark.parametrize("period", [None, 7], ids=["off", "shortened"])
def test_drift_on_an_exempt_table_is_tolerated(period: int | None) -> None:
    decision = decided(table(period, exempt=TODAY), remembering(30))
    assert decision.action is Action.TOLERATE
    assert decision.exemption is not None
    assert decision.exemption.last_day.isoformat() == TODAY
    assert f"exempt through {TODAY}" in decision.reason


@pytest.mark.parametrize("value", [YESTERDAY, "forever", ""], ids=["expired", "invalid", "empty"])
def test_an_exemption_that_is_over_or_invalid_protects_nobody(value: str) -> None:
    assert what(decided(table(exempt=value))) == enabled_with(20)
    assert what(decided(table(7, exempt=value), remembering(30))) == put_back_to(30)


def test_an_exempt_table_that_is_protected_is_remembered_all_the_same() -> None:
    assert what(decided(table(30, exempt=TODAY), remembering(7))) == remembered_with(30)


@pytest.mark.parametrize("period", [None, 7], ids=["off", "shortened"])
def test_a_house_that_only_notifies_only_reports(period: int | None) -> None:
    policy = Policy(mode=Mode.NOTIFY_ONLY)
    decision = decided(table(period), remembering(30), policy=policy)
    assert decision.action is Action.REPORT
    assert "only notifies" in decision.reason


def test_an_exempt_table_is_tolerated_even_where_the_house_only_notifies() -> None:
    policy = Policy(mode=Mode.NOTIFY_ONLY)
    assert decided(table(exempt=TODAY), policy=policy).action is Action.TOLERATE


# ---- After a crash ----------------------------------------------------------------------------


def test_drift_that_was_put_right_and_never_told_is_told() -> None:
    decision = decided(table(30), remembering(30, drift=OFF))
    assert what(decision) == (Action.TELL, 30)
    assert decision.reason == "PITR was off; it is on now, with 30 days."


def test_a_shortening_that_was_put_right_and_never_told_is_told() -> None:
    shortened = OFF.model_copy(update={"period": 7})
    decision = decided(table(30), remembering(30, drift=shortened))
    assert what(decision) == (Action.TELL, 30)
    assert "was 7 days" in decision.reason


def test_a_shortening_that_became_rightful_is_not_told() -> None:
    shortened = OFF.model_copy(update={"period": 7})
    tagged = table(7, recovery_days="7")
    assert decided(tagged, remembering(30, drift=shortened)).action is Action.REMEMBER


def test_a_period_named_after_pitr_was_first_seen_off_is_no_period_of_the_tables_own() -> None:
    """The guardian may have named its own, and died before it could remember that."""
    noted = Memory(table_id="id-1", drift=OFF)
    assert what(decided(table(7), noted)) == put_back_to(20)
    assert what(decided(table(7, recovery_days="7"), noted)) == (Action.TELL, 20)
    assert what(decided(table(30), noted)) == (Action.TELL, 30)
    assert what(decided(table(7, born=NOW), noted)) == (Action.TELL, 7)


def test_untold_drift_names_a_period_even_where_aws_does_not_tell_one() -> None:
    on = Observed(Presence.READY, "ACTIVE", table_id="id-1", pitr_on=True)
    decision = decided(on, Memory(table_id="id-1", drift=OFF))
    assert what(decision) == (Action.TELL, 20)


def test_drift_that_is_still_there_is_put_right_whatever_was_noted() -> None:
    assert what(decided(table(), remembering(30, drift=OFF))) == enabled_with(30)
    assert what(decided(table(7), remembering(30, drift=OFF))) == put_back_to(30)


# ---- The sentence that opens the alert --------------------------------------------------------

NEVER_ON = Memory(table_id="id-1", period=30)
NOTIFYING = Policy(mode=Mode.NOTIFY_ONLY, default_period=20)
ON_WITHOUT_A_PERIOD = Observed(Presence.READY, "ACTIVE", table_id="id-1", pitr_on=True)


def case(
    observed: Observed,
    memory: Memory = UNKNOWN,
    cause: Cause | None = None,
    policy: Policy = POLICY,
) -> tuple[Observed, Memory, Cause | None, Policy]:
    return observed, memory, cause, policy


def lost(how: How) -> Memory:
    gone = Lost(how=how, earliest=NOW - timedelta(days=9), latest=NOW - timedelta(hours=1))
    return remembering(30, drift=Drift(noticed_at=NOW, lost=gone))


SENTENCES = {
    "switched off and on, not told": (
        case(table(30), lost(How.SWITCHED)),
        "PITR was switched off and on again before the guardian looked: it is on with 30 days, but"
        " every restore point before 2026-10-05 11:00:00 UTC is gone.",
    ),
    "shortened and lengthened, not told": (
        case(table(30), lost(How.SHORTENED)),
        "The recovery period was shortened and lengthened again before the guardian looked: it is"
        " 30 days, but every restore point before 2026-10-05 11:00:00 UTC is gone.",
    ),
    "shortened by tag, not told": (
        case(table(30), lost(How.BY_TAG)),
        "The recovery period was shortened to 30 days, as the table's own tag asks: every restore"
        " point before 2026-10-05 11:00:00 UTC is gone.",
    ),
    "tagged soon after birth": (
        case(table(30, born=NOW, recovery_days="7"), remembering(30)),
        "The tag pitr-guardian:recovery-days came soon after the table's birth: the recovery"
        " period follows it from 30 to 7 days.",
    ),
    "off, exempt for long": (
        case(table(exempt="2029-01-01"), remembering(30)),
        "PITR is off; the table is exempt through 2029-01-01, which is more than a year away: see"
        " whether that day is meant.",
    ),
    "off": (
        case(table(), remembering(30)),
        "PITR was off; it is on now, with 30 days.",
    ),
    "off since its birth": (
        case(table(), NEVER_ON),
        "PITR had never been on; it is on now, with 30 days.",
    ),
    "off, and not known": (
        case(table(recovery_days="9")),
        "PITR had never been on; it is on now, with 9 days.",
    ),
    "shortened": (
        case(table(7), remembering(30)),
        "The recovery period was 7 days; it is put back to the table's own 30.",
    ),
    "shortened, by a tag's measure": (
        case(table(7, recovery_days="9"), remembering(7)),
        "The recovery period was 7 days; it is put back to the table's own 9.",
    ),
    "off, exempt": (
        case(table(exempt=TODAY), remembering(30)),
        f"PITR is off; the table is exempt through {TODAY}.",
    ),
    "shortened, exempt": (
        case(table(7, exempt=TODAY), remembering(30)),
        "The recovery period is 7 days, below the table's own 30;"
        f" the table is exempt through {TODAY}.",
    ),
    "off, only notified of": (
        case(table(), remembering(30), policy=NOTIFYING),
        "PITR is off; the guardian only notifies.",
    ),
    "shortened, only notified of": (
        case(table(7), remembering(30), policy=NOTIFYING),
        "The recovery period is 7 days, below the table's own 30; the guardian only notifies.",
    ),
    "put right, not told": (
        case(table(31), remembering(30, drift=OFF)),
        "PITR was off; it is on now, with 31 days.",
    ),
    "put right, not told, off since its birth": (
        case(table(20), Memory(table_id="id-1", drift=OFF)),
        "PITR had never been on; it is on now, with 20 days.",
    ),
    "put right, not told, and AWS names no period": (
        case(ON_WITHOUT_A_PERIOD, Memory(table_id="id-1", drift=OFF)),
        "PITR had never been on; it is on now, with 20 days.",
    ),
    "lengthened, not told": (
        case(table(30), remembering(30, drift=OFF.model_copy(update={"period": 7}))),
        "The recovery period was 7 days; it is put back to the table's own 30.",
    ),
    "in order": (case(table(30)), "PITR is on with 30 days."),
    "being created": (
        case(Observed(Presence.NOT_READY, "CREATING")),
        "The table is still CREATING.",
    ),
    "being deleted": (case(Observed(Presence.GOING, "DELETING")), "The table is DELETING."),
    "gone": (case(GONE), "The table is gone."),
    "just born": (
        case(GONE, cause=event(is_birth=True)),
        "The table was just created and can't be seen yet.",
    ),
}


@pytest.mark.parametrize(
    ("found", "sentence"), SENTENCES.values(), ids=[name.replace(" ", "-") for name in SENTENCES]
)
def test_the_sentence_says_what_was_found_and_what_is_done(
    found: tuple[Observed, Memory, Cause | None, Policy], sentence: str
) -> None:
    assert decided(*found).reason == sentence


@pytest.mark.parametrize("period", [None, 7], ids=["off", "shortened"])
def test_drift_that_is_left_alone_names_the_period_that_would_be_right(period: int | None) -> None:
    assert decided(table(period, exempt=TODAY), remembering(30)).period == 30
    assert decided(table(period), remembering(30), policy=NOTIFYING).period == 30


# ---- Whatever comes ---------------------------------------------------------------------------

periods = st.integers(1, 35)
moments = st.integers(-10_000, 0).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(
    observed=st.builds(
        Observed,
        presence=st.sampled_from(Presence),
        status=st.just("some"),
        table_id=st.just("id-1"),
        created_at=st.none() | moments,
        tags=st.dictionaries(
            st.sampled_from([POLICY.exempt_tag, POLICY.period_tag]),
            st.sampled_from(["7", "35", TODAY, YESTERDAY, "nonsense"]),
        ),
    ).flatmap(
        lambda off: (
            st.just(off)
            | periods.map(
                lambda days: Observed(
                    off.presence,
                    off.status,
                    off.table_id,
                    off.created_at,
                    True,
                    days,
                    None,
                    off.tags,
                )
            )
        )
    ),
    memory=st.builds(
        Memory,
        table_id=st.just("id-1"),
        period=st.none() | periods,
        drift=st.none() | st.builds(Drift, noticedAt=moments, period=st.none() | periods),
    ),
    cause=st.none()
    | st.builds(
        Cause,
        eventId=st.just("e-1"),
        call=st.just("any"),
        time=moments,
        isBirth=st.booleans(),
        namedPeriod=st.none() | periods,
    ),
    mode=st.sampled_from(Mode),
)
def test_no_decision_weakens_a_table_or_is_without_a_reason(
    observed: Observed, memory: Memory, cause: Cause | None, mode: Mode
) -> None:
    decision = decide(observed, Policy(mode=mode, default_period=20), memory, cause, NOW)
    assert decision.reason.endswith(".")
    if decision.action in {Action.ENABLE, Action.RESTORE_PERIOD}:
        assert mode is Mode.REMEDIATE
        assert observed.presence is Presence.READY
        assert observed.tags.get(POLICY.exempt_tag) != TODAY
        assert decision.period is not None
        assert 1 <= decision.period <= 35
        assert decision.period > (observed.period or 0)
    if decision.action is Action.TELL:
        assert decision.period is not None
    if observed.is_off:
        assert decision.action in {Action.ENABLE, Action.REPORT, Action.TOLERATE}
