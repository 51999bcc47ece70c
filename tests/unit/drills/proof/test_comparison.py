"""A right copy is never called wrong, and what is wrong in it is found, whatever is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, strategies as st

from pitr_guardian.drills.proof.comparison import Known, Naming, Verdict, verdict_of
from pitr_guardian.drills.proof.digests import digest_of
from pitr_guardian.drills.proof.history import covering
from pitr_guardian.drills.proof.rounds import Purpose
from pitr_guardian.exports.record import Item
from tests.unit.drills.proof.simulation import AT, Simulation, Writes

KEYS = ("a", "b", "c")
ASKED = AT + timedelta(hours=20)
READ = ASKED + timedelta(minutes=17, milliseconds=400)
SOON = ASKED + timedelta(minutes=1, milliseconds=700)
AGAIN = timedelta(hours=1)
NEVER_WRITTEN = 9


def item(key: str, number: int) -> Item:
    """One of few items, so that some come back."""
    return {"id": {"S": key}, "v": {"N": str(number)}}


def moments() -> st.SearchStrategy[datetime]:
    """Any time, and often about those that matter."""
    around = st.sampled_from([AT, ASKED, SOON, READ, SOON + AGAIN, READ + AGAIN])
    return st.one_of(
        st.integers(-3_600_000, 26 * 3_600_000).map(lambda ms: AT + timedelta(milliseconds=ms)),
        st.builds(lambda at, ms: at + timedelta(milliseconds=ms), around, st.integers(-9000, 9000)),
        st.builds(lambda at, minute: at + timedelta(minutes=minute), around, st.integers(-30, 90)),
    )


def histories(key: str) -> st.SearchStrategy[Writes]:
    """Births, changes, deaths and rebirths of one key."""
    states = st.one_of(st.none(), st.integers(0, 2).map(lambda number: item(key, number)))
    return st.lists(st.tuples(moments(), states), max_size=9, unique_by=lambda write: write[0]).map(
        lambda writes: sorted(writes, key=lambda write: write[0])
    )


@dataclass(frozen=True)
class Case:
    """A table's history, and how exports tell of it."""

    writes: dict[str, Writes]
    read_at: datetime
    names_unchanged: bool
    exact_includes_second: bool

    def simulation(self) -> Simulation:
        return Simulation(
            self.writes, ASKED, self.read_at, self.names_unchanged, self.exact_includes_second
        )


cases = st.builds(
    Case,
    st.fixed_dictionaries({key: histories(key) for key in KEYS}),
    st.sampled_from([SOON, READ]),
    st.booleans(),
    st.booleans(),
)


@given(cases)
def test_a_right_copy_is_never_called_wrong(case: Case) -> None:
    """On whichever side of a write in the restored second it falls."""
    simulation = case.simulation()
    instant = AT + timedelta(seconds=case.exact_includes_second)
    copy = {key: simulation.state(key, instant) for key in KEYS}
    verdicts = simulation.verdicts(copy, KEYS)
    assert all(verdict.right for verdict in verdicts.values()), verdicts


@given(cases, st.sampled_from(KEYS), st.data())
def test_a_planted_wrong_item_is_always_found(case: Case, key: str, data: st.DataObject) -> None:
    """Wrong, missing or additional, even if it is what the item was at another time."""
    simulation = case.simulation()
    copy = {each: simulation.state(each, AT) for each in KEYS}
    wrong: Item | None = data.draw(
        st.one_of(
            st.none(),
            st.integers(0, 2).map(lambda n: item(key, n)),
            st.just(item(key, NEVER_WRITTEN)),
        ).filter(lambda it: it != copy[key])
    )
    # It is another one, too, with what was written in the restored second.
    assume(wrong != simulation.state(key, AT + timedelta(seconds=1)))
    # An item that is for just this moment what the copy wrongly has, and is put back before its
    # second is over, looks right: exports are in whole seconds. It takes a write in that second.
    for read in (case.read_at, case.read_at + AGAIN):
        assume(not any(read <= when < covering(read) for when, _ in case.writes[key]))
    verdicts = simulation.verdicts({**copy, key: wrong}, KEYS)
    assert verdicts[key] is Verdict.MISMATCHED
    assert all(verdicts[each].right for each in KEYS if each != key)


def at(minutes: float) -> datetime:
    return ASKED + timedelta(minutes=minutes)


def test_what_was_deleted_between_export_and_reading_is_missed_in_the_copy() -> None:
    """Round 0 knows nothing of it, and copy and live table look alike."""
    simulation = Simulation(
        {"a": [(AT - timedelta(days=1), item("a", 1)), (at(5), None)]}, ASKED, READ
    )
    assert simulation.verdicts({"a": None}, ["a"]) == {"a": Verdict.MISMATCHED}
    assert simulation.rounds == [Purpose.CONFIRM, Purpose.EXACT]


def test_a_lock_that_comes_and_goes_is_no_mismatch() -> None:
    """It is there whenever it is read, and at no end of any window."""
    held = [
        write
        for read in (READ, READ + AGAIN)
        for write in (
            (read - timedelta(seconds=3), item("a", 1)),
            (read + timedelta(milliseconds=900), None),
        )
    ]
    simulation = Simulation({"a": held}, ASKED, READ)
    assert simulation.verdicts({"a": None}, ["a"]) == {"a": Verdict.EXPLAINED}
    assert simulation.rounds == [Purpose.CONFIRM, Purpose.READ_AGAIN, Purpose.EXACT]


def test_an_item_in_the_queue_is_read_again_and_gone() -> None:
    passing = [(at(16), item("a", 1)), (READ + timedelta(milliseconds=500), None)]
    simulation = Simulation({"a": passing}, ASKED, READ)
    assert simulation.verdicts({"a": None}, ["a"]) == {"a": Verdict.EQUAL}
    assert simulation.rounds == [Purpose.CONFIRM, Purpose.READ_AGAIN]


def test_a_quiet_table_takes_two_rounds() -> None:
    simulation = Simulation({"a": [(AT - timedelta(days=1), item("a", 1))]}, ASKED, READ)
    assert simulation.verdicts({"a": item("a", 1)}, ["a"]) == {"a": Verdict.EQUAL}
    assert simulation.rounds == [Purpose.CONFIRM]


def test_the_oldest_export_counts() -> None:
    old, new = digest_of(item("a", 1)), digest_of(item("a", 2))
    known = Known(old, None).named(Naming(at(10), new)).named(Naming(at(0), old))
    assert known.naming == Naming(at(0), old)
    assert known.named(Naming(at(5), new)) == known.named(None) == known
    assert verdict_of(known) is Verdict.EXPLAINED
    assert verdict_of(Known(old, old, Naming(at(0), old))) is Verdict.EQUAL


@pytest.mark.parametrize(
    ("copy", "live"), [(None, item("a", 1)), (item("a", 1), None), (item("a", 1), item("a", 2))]
)
def test_what_differs_is_open_until_exports_settle_it(copy: Item | None, live: Item | None) -> None:
    known = Known(digest_of(copy), digest_of(live))
    assert verdict_of(known) is Verdict.OPEN
    assert verdict_of(known.named(Naming(AT, digest_of(copy)))) is Verdict.EXPLAINED
    assert verdict_of(known.named(Naming(AT, digest_of(live)))) is Verdict.OPEN
