"""What is counted of each kind of fact, and that nothing in a fact can make counting fail."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.facts.measures import (
    METRICS,
    Measure,
    measures_of,
)

ACTOR = {"arn": "arn:aws:iam::111122223333:user/alice"}
EXPOSURE = {"from": "2026-10-05T08:58:56.000Z", "to": "2026-10-05T09:00:00.987Z", "seconds": 64.987}


def counted(detail_type: str, **detail: Any) -> dict[str, float]:
    return {each.name: each.value for each in measures_of(detail_type, detail)}


@pytest.mark.parametrize(
    ("detail_type", "name"),
    [
        ("Table Protected", "TablesProtected"),
        ("PITR Re-enabled", "ReEnabled"),
        ("Recovery Period Restored", "PeriodsRestored"),
        ("Drift Detected", "DriftDetected"),
        ("Drift Tolerated", "DriftTolerated"),
        ("Protection Failed", "ProtectionFailed"),
        ("Fight Detected", "FightsDetected"),
        ("Table Deleted", "TablesDeleted"),
        ("Restore Accepted", "RestoresAccepted"),
        ("Restore Rejected", "RestoresRejected"),
        ("Restore Completed", "RestoresCompleted"),
        ("Restore Failed", "RestoresFailed"),
        ("Trail Missing", "TrailMissing"),
    ],
)
def test_a_fact_counts_as_one_of_its_kind(detail_type: str, name: str) -> None:
    assert measures_of(detail_type, {}) == [Measure(name, "Count", 1)]


@pytest.mark.parametrize(
    "detail_type",
    ["Exemption Invalid", "Exemption Expired", "Restore Planned", "Restore Waiting", "Alarm"],
)
def test_what_nobody_asks_after_is_not_counted(detail_type: str) -> None:
    assert measures_of(detail_type, {"actor": ACTOR, "exposure": EXPOSURE, "seconds": 1}) == []


@pytest.mark.parametrize("detail_type", ["Something New", "", "pitr re-enabled", "{0}"])
def test_a_kind_of_fact_unknown_here_is_not_counted(detail_type: str) -> None:
    assert measures_of(detail_type, {"seconds": 1, "checked": 1}) == []


def test_the_time_to_re_enable_is_that_from_the_disabling_call() -> None:
    assert measures_of("PITR Re-enabled", {"actor": ACTOR, "exposure": EXPOSURE}) == [
        Measure("ReEnabled", "Count", 1),
        Measure("SecondsToReEnable", "Seconds", 64.987),
    ]


@pytest.mark.parametrize("detail", [{"actor": None}, {"actor": {}}, {}])
def test_where_the_disabling_call_is_not_known_no_time_is_measured(detail: Any) -> None:
    assert counted("PITR Re-enabled", exposure=EXPOSURE, **detail) == {"ReEnabled": 1}


def test_a_restore_is_measured_from_its_request_to_the_ready_table() -> None:
    failed = [{"setting": "ttl", "error": "refused"}, {"setting": "tags", "error": "refused"}]
    settings = {"applied": ["pitr"], "skipped": [], "failed": failed}
    assert measures_of("Restore Completed", {"seconds": 421.5, "settings": settings}) == [
        Measure("RestoresCompleted", "Count", 1),
        Measure("RestoreSeconds", "Seconds", 421.5),
        Measure("SettingsFailed", "Count", 2),
    ]


def test_a_restore_whose_settings_all_came_back_says_so_with_a_zero() -> None:
    assert counted("Restore Completed", settings={"failed": []})["SettingsFailed"] == 0


def test_a_sweep_counts_its_tables_and_zeros_are_numbers_too() -> None:
    found = counted(
        "Sweep Completed", checked=120, compliant=115, drifted=0, exempt=3, failed=2, reportUri="s3"
    )
    assert found == {
        "TablesChecked": 120,
        "TablesCompliant": 115,
        "TablesDrifted": 0,
        "TablesExempt": 3,
        "TablesUnreadable": 2,
    }


@pytest.mark.parametrize(
    "value", [None, True, "12", [1], {}, -1, -0.5, float("inf"), float("nan"), 10**400]
)
def test_what_is_no_amount_is_left_out(value: Any) -> None:
    assert counted("Sweep Completed", checked=value, drifted=1) == {"TablesDrifted": 1}
    exposure = EXPOSURE | {"seconds": value}
    assert counted("PITR Re-enabled", actor=ACTOR, exposure=exposure) == {"ReEnabled": 1}
    assert counted("Restore Completed", seconds=value) == {"RestoresCompleted": 1}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = ["PITR Re-enabled", "Restore Completed", "Sweep Completed", "Table Protected"]
FIELDS = ["actor", "exposure", "seconds", "settings", "checked", "compliant", "drifted", "failed"]


@given(
    detail_type=st.sampled_from(KINDS) | st.text(max_size=20),
    detail=st.dictionaries(st.sampled_from(FIELDS), anything),
)
def test_nothing_in_a_fact_makes_counting_fail(detail_type: str, detail: dict[str, Any]) -> None:
    for measure in measures_of(detail_type, detail):
        assert measure.name in METRICS
        assert 0 <= measure.value < 2**53
