"""What a drill costs, beside the restore alone that it proves: as the product counts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.figures import Figure
from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.proof.costs import Costs, costs_of
from pitr_guardian.drills.proof.exporting import BilledExport
from pitr_guardian.drills.proof.history import first_round, next_round
from pitr_guardian.drills.proof.rounds import Looked, Tally
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.structure import Structure
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.prices import GB
from pitr_guardian.tables.reference import TableRef

GIGABYTES = (1, 100, 1_000)
_AN_ITEM = 1024
_SAMPLE = 1000
_NOW = datetime(2026, 11, 25, tzinfo=UTC)
_TABLE = TableId.of(TableRef("aws", "111122223333", "us-east-1", "Orders"))
_MOST_MORE, _MOST_OVERHEAD = 0.05, 0.05
"""Of the restore, and in dollars: what the proof may cost on top."""


def figure(inputs: dict[str, Any]) -> Figure:
    """A drill of tables of several sizes, as of the middle of a full window."""
    changed = inputs["assumed"]["changed_a_day"]
    bills = {size: drill(size, changed) for size in GIGABYTES}
    giant = drill(GIGABYTES[-1], changed, Kind.SMALL)
    more = {size: bill.total - bill.restore for size, bill in bills.items()}
    by_change = {size: bill.exports for size, bill in bills.items()}
    told = ", ".join(
        f"{size:,} GB ${bill.total:,.2f} (the restore ${bill.restore:,.2f})"
        for size, bill in bills.items()
    )
    without_changes = {size: more[size] - by_change[size] for size in bills}
    return Figure(
        what=f"a drill of a table of {' / '.join(f'{size:,}' for size in GIGABYTES)} GB, "
        f"{_SAMPLE:,} items compared, as of 17 days ago",
        against="the restore alone, which proves nothing",
        measured=f"{told}; one partition key of the largest ${giant.total:,.4f}",
        goal=f"besides the exports at most {_MOST_MORE:.0%} and ${_MOST_OVERHEAD} more",
        reached=all(
            extra <= _MOST_MORE * bills[size].restore + _MOST_OVERHEAD
            for size, extra in without_changes.items()
        ),
        note=f"Exports are billed by what changed, here {changed:.0%} of the table a day: "
        + ", ".join(f"${dollars:,.2f}" for dollars in by_change.values())
        + ". As of a recent instant there is hardly any. Prices and counts are the product's own "
        "(`drills/proof/costs.py`).",
    )


def drill(gigabytes: float, changed: float, kind: Kind = Kind.FULL) -> Costs:
    """What a drill of a table of this size costs, of which so much changes in a day."""
    size = int(gigabytes * GB)
    order = DrillOrder(
        request=DrillRequest(table="Orders", sample=_SAMPLE, request_id="benchmark"),
        occasion=Occasion.TAG,
        kind=kind,
        table=_TABLE,
        source=Structure(
            table_id="benchmark",
            key=Key(partition=KeyAttribute(name="id", type="S")),
            definition=Definition(size_in_bytes=size),
            items=size // _AN_ITEM,
        ),
        at=_NOW - timedelta(days=17),
        latest=_NOW,
        copy_table=_TABLE if kind is Kind.FULL else None,
        account=_TABLE.account,
        accepted_at=_NOW,
    )
    tally = Tally(equal=_SAMPLE)
    proof = Proof(
        tally=tally,
        all_of_them=False,
        drawn={"copy": 500, "live": 250, "history": 250} if kind is Kind.FULL else {"live": 100},
        rounds=tuple(Looked(number=number, compared_at=_NOW, tally=tally) for number in (0, 1)),
    )
    a_day = size * changed if kind is Kind.FULL else 0  # a key condition is all that is billed
    return costs_of(order, proof, _exports(order, a_day), restored=kind is Kind.FULL)


def _exports(order: DrillOrder, a_day: float) -> Iterator[BilledExport]:
    first = first_round(order.at, order.accepted_at)
    for window in (*first, *next_round(first, _NOW + timedelta(minutes=20), 1)):
        days = (window.to - window.from_) / timedelta(days=1)
        yield BilledExport(
            name=window.name,
            arn="benchmark",
            from_=window.from_,
            to=window.to,
            items=1,
            bytes=int(a_day * days),
        )
