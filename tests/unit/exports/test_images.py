"""The images of two instants are exact, whatever happened: against the true states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.exports.images import Images, images_of
from pitr_guardian.exports.record import Change, Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.exports.window import ExportWindow, Kind, windows_of
from tests.fakes.exports import exported, micros

BEGIN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
KEY: Item = {"id": {"S": "k"}}


@dataclass(frozen=True)
class History:
    """One item's writes: when, and what it was from then on; None: it was deleted."""

    writes: tuple[tuple[datetime, Item | None], ...]

    def at(self, instant: datetime) -> Item | None:
        """The item as it was just before an instant."""
        before = [item for when, item in self.writes if when < instant]
        return before[-1] if before else None


minutes = st.integers(0, 60 * 60 * 1000).map(lambda milli: BEGIN + timedelta(milliseconds=milli))
items = st.one_of(
    st.none(),  # deaths and rebirths
    st.integers(0, 3).map(lambda number: {**KEY, "v": {"N": str(number)}}),
    st.just(KEY),
)
histories = st.lists(st.tuples(minutes, items), max_size=12, unique_by=lambda write: write[0]).map(
    lambda writes: History(tuple(sorted(writes, key=lambda write: write[0])))
)
seconds = st.integers(60, 58 * 60)


def found(
    history: History,
    kind: Kind,
    exports: tuple[ExportWindow, ...],
    to: datetime,
    names_unchanged: bool,
) -> Images | None:
    by_name: dict[str, Change | None] = {
        each.name: exported(KEY, history.writes, each, names_unchanged=names_unchanged)
        for each in exports
    }
    if not any(by_name.values()):
        return None
    return images_of(kind, by_name.get("P"), by_name.get("D"), to)


@pytest.mark.parametrize(
    ("kind", "earliest"),
    [(Kind.LONG, BEGIN), (Kind.SHORT, BEGIN - timedelta(hours=1)), (Kind.YOUNG, BEGIN)],
)
@given(histories, seconds, seconds, st.booleans())
def test_images_are_the_true_states(
    kind: Kind, earliest: datetime, history: History, start: int, length: int, unchanged: bool
) -> None:
    if kind is Kind.LONG:
        length += 14 * 60
    elif kind is Kind.YOUNG:
        start, length = start % (15 * 60), length % (15 * 60 - 1) + 1
    else:
        length = length % (15 * 60 - 1) + 1
    from_ = BEGIN + timedelta(seconds=start)
    to = from_ + timedelta(seconds=length)
    windows = windows_of(from_, to, earliest)
    assert windows.kind is kind
    images = found(history, kind, windows.exports, to, unchanged)
    if images is None:
        # Whoever isn't named is at the exports' end as at their beginning, and at `from` too, as
        # far as anybody can tell: there is nothing to undo.
        for each in windows.exports:
            assert same_item(history.at(each.from_), history.at(each.to))
        if kind is not Kind.YOUNG:
            assert same_item(history.at(from_), history.at(to))
        return
    assert same_item(images.old, history.at(from_))
    if images.known:
        assert same_item(images.new, history.at(to))
    else:
        assert kind is Kind.YOUNG
        assert any(when >= to for when, _ in history.writes)


def test_the_dead_dont_come_back() -> None:
    """It lived from before P's beginning and died before `from`: P names it, and D too."""
    from_, to = BEGIN + timedelta(minutes=30), BEGIN + timedelta(minutes=31)
    windows = windows_of(from_, to, BEGIN - timedelta(days=1))
    alive: Item = {**KEY, "v": {"N": "1"}}
    history = History(((BEGIN, alive), (from_ - timedelta(minutes=1), None)))
    images = found(history, windows.kind, windows.exports, to, names_unchanged=True)
    assert images == Images(KEY, None, None)
    assert not images.differ


def test_a_change_that_was_put_back_is_no_damage() -> None:
    assert not Images(KEY, {"a": {"N": "1"}}, {"a": {"N": "1.0"}}).differ
    assert Images(KEY, {"a": {"N": "1"}}, {"a": {"N": "1"}}, known=False).differ


def test_what_was_written_again_after_the_damage_isnt_known_of_a_young_window() -> None:
    from_, to = BEGIN, BEGIN + timedelta(minutes=1)
    later = Change(KEY, None, KEY, micros(to))
    assert not images_of(Kind.YOUNG, None, later, to).known
    within = Change(KEY, None, KEY, micros(to) - 1)
    assert images_of(Kind.YOUNG, None, within, to).known
    assert images_of(Kind.LONG, None, later, to).known
    with pytest.raises(ValueError, match="no export names"):
        images_of(Kind.LONG, None, None, from_)
