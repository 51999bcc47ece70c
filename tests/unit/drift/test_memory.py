"""What is remembered belongs to one table, not to its name."""

from dataclasses import replace
from datetime import UTC, datetime

from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
SOME = Memory(
    table_id="id-1",
    period=7,
    seen_on_at=datetime(2026, 10, 5, tzinfo=UTC),
    last_event_id="e-1",
)


def test_what_is_remembered_of_a_table_is_told_to_that_table() -> None:
    assert SOME.of("id-1") == SOME


def test_a_new_table_of_the_same_name_inherits_nothing() -> None:
    assert SOME.of("id-2") == Memory(table_id="id-2")


def test_what_was_expected_of_a_table_becomes_the_newborns() -> None:
    assert Memory(period=7).of("id-2") == Memory(table_id="id-2", period=7)


def test_where_the_id_is_unknown_nothing_is_thrown_away() -> None:
    assert SOME.of(None) == SOME


def test_pitr_was_on_once_it_was_seen_on() -> None:
    assert SOME.ever_on
    assert not replace(SOME, seen_on_at=None).ever_on


def test_a_kind_of_drift_stays_the_same_while_it_lasts() -> None:
    noticed_at = datetime(2026, 10, 5, tzinfo=UTC)
    assert Drift(noticed_at=noticed_at).kind == "off"
    assert Drift(noticed_at=noticed_at, period=7).kind == "period:7"


def test_drift_that_a_newer_release_wrote_can_be_read_after_a_rollback() -> None:
    written = Drift(noticed_at=NOON).model_dump(by_alias=True, mode="json")
    assert Drift.model_validate(written | {"unheardOf": 1}) == Drift(noticed_at=NOON)
