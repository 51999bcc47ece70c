"""What a drill is expected to cost, beside what will be counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.estimate import full_drill_in_usd, small_drill_in_usd
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.proof.costs import costs_of
from pitr_guardian.drills.proof.exporting import BilledExport
from pitr_guardian.drills.proof.history import first_round, next_round
from pitr_guardian.drills.proof.rounds import Looked, Tally
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.drills.structure import Structure
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key, KeyAttribute
from tests.fakes.proofs import ProofWorld

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
GB = 1024**3


def source(gigabytes: float, items: int = 1_000_000) -> Structure:
    return Structure(
        table_id="t-1",
        key=Key(partition=KeyAttribute(name="id", type="S")),
        definition=Definition(size_in_bytes=round(gigabytes * GB)),
        items=items,
    )


def counted(
    table: Structure,
    sample: int | Literal["all"],
    at: datetime,
    bytes_an_hour: float,
    kind: Kind = Kind.FULL,
) -> float:
    """What a drill of the usual two rounds costs, if so much is written in each hour."""
    windows = first_round(at, NOW)
    again = next_round(windows, NOW + timedelta(minutes=20), 1)
    exports = [
        BilledExport(
            name=window.name,
            arn="x",
            from_=window.from_,
            to=window.to,
            items=1,
            bytes=round((window.to - window.from_).total_seconds() / 3600 * bytes_an_hour),
        )
        for window in (*windows, *again)
    ]
    compared = table.items if sample == "all" else int(sample)
    tally = Tally(equal=compared)
    rounds = tuple(Looked(number=n, compared_at=NOW, tally=tally) for n in range(2))
    proof = Proof(tally=tally, all_of_them=sample == "all", drawn={"copy": compared}, rounds=rounds)
    order = ProofWorld().order(at, sample, kind=kind).model_copy(update={"source": table})
    return costs_of(order, proof, exports, restored=kind is Kind.FULL).total


@given(
    gigabytes=st.floats(0, 2000),
    days=st.floats(0, 35),
    megabytes_an_hour=st.floats(0, 5000),
    sample=st.sampled_from([1, 1000, 10_000, "all"]),
)
def test_what_was_measured_is_enough_and_not_much_too_much(
    gigabytes: float, days: float, megabytes_an_hour: float, sample: int | Literal["all"]
) -> None:
    """However busy a table is: no drill of one that was drilled goes over what it was to cost."""
    table, rate = source(gigabytes), megabytes_an_hour * 2**20
    at = (NOW - timedelta(days=days)).replace(microsecond=0)
    expected = full_drill_in_usd(table, sample, at, NOW, rate)
    cost = counted(table, sample, at, rate)
    slack = rate / GB * 0.1 / 3  # of the minutes that pass while it is carried out
    assert cost <= expected + slack + 0.001
    assert expected <= cost * 1.6 + 0.005


def test_a_busy_table_costs_more_than_a_quiet_one_of_its_size() -> None:
    table, at = source(10), NOW - timedelta(days=20)
    quiet = full_drill_in_usd(table, 1000, at, NOW, 0.0)
    busy = full_drill_in_usd(table, 1000, at, NOW, 1.0 * GB)
    assert quiet == pytest.approx(10 * 0.15, abs=0.05)
    assert busy == pytest.approx(quiet + 21 * 24 * 0.1 * 1.25, rel=0.01)


def test_one_that_was_never_drilled_is_taken_for_one_that_changes() -> None:
    table, at = source(10), NOW - timedelta(days=20)
    assumed = full_drill_in_usd(table, 1000, at, NOW)
    assert assumed > full_drill_in_usd(table, 1000, at, NOW, 0.0) + 1


def test_all_items_are_read_whole_and_an_empty_table_costs_next_to_nothing() -> None:
    at = NOW - timedelta(hours=1)
    assert full_drill_in_usd(source(100), "all", at, NOW, 0.0) == pytest.approx(
        100 * 0.15 + 2 * 100 * GB / 4096 / 1e6 * 0.125, abs=0.02
    )
    assert full_drill_in_usd(source(0, items=0), "all", at, NOW) < 0.02


@given(st.floats(0, 35))
def test_a_small_drill_costs_what_its_exports_do(days: float) -> None:
    at = (NOW - timedelta(days=days)).replace(microsecond=0)
    cost = counted(source(0, 1), 1, at, 0.0, Kind.SMALL)
    assert cost <= small_drill_in_usd(at, NOW) <= cost + 0.01
