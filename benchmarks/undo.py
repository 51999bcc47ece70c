"""An undo as the damage grows: time and memory per item, and beside a bare loop of boto3."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.deployment import environment_of_functions
from benchmarks.figures import Figure
from benchmarks.front.goods import BUCKET
from benchmarks.front.process import Front
from benchmarks.processes import measured
from benchmarks.words import by_size
from pitr_guardian.undo.estimate import Work, estimate_of

SIZES = (10_000, 100_000, 1_000_000)
FLAT, SHARE = 1.15, 0.8
_MEMORY_MB = 1024  # the template's, of the functions that plan
_ITEMS = " / ".join(f"{size:,}" for size in SIZES) + " changed items"
_FASTEST = 1_000_000_000  # write units a second: the pace never matters

type Found = dict[tuple[str, int], list[Any]]


def run(runs: int = 5) -> list[Figure]:
    found: Found = defaultdict(list)
    for size in SIZES:
        for _ in range(runs if size < SIZES[-1] else 1):  # the largest alone takes minutes
            with Front("benchmarks.front.goods") as front:
                for what in ("export", "plan", "apply", "bare"):
                    found[what, size].append(_measured(front, what, size))
    return [
        _time(found, "plan", "planned"),
        _memory(found, "plan", "Sharding, the join, the page: all functions of a plan in turn."),
        _time(found, "apply", "applied"),
        _memory(found, "apply", "A part of 1,000 lines is in memory, and no other."),
        _beside_boto3(found),
        _beside_a_restore(),
    ]


def _measured(front: Front, what: str, size: int) -> Any:
    variables = {
        **environment_of_functions(front),
        "UNDO_BUCKET": BUCKET,
        "KMS_KEY_ARN": "",
        "PLAN_HOURS": "24",
        "WRITE_UNITS_PER_SECOND": str(_FASTEST),
        "WRITERS_AT_ONCE": "1",
        # The stand-in knows no chunked bodies.
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }
    return measured("undo.py", what, str(size), variables=variables)


def _per_item(found: Found, what: str, size: int, spent: str) -> float:
    """Milliseconds."""
    each_run: list[float] = [each[spent] / each["items"] for each in found[what, size]]
    return 1000 * median(each_run)


def _time(found: Found, what: str, done: str) -> Figure:
    per_item = {size: _per_item(found, what, size, "cpu") for size in SIZES}
    growth = per_item[SIZES[-1]] / per_item[SIZES[0]]
    rate = 1000 / per_item[SIZES[-1]]
    return Figure(
        what=f"undo of {_ITEMS}: processor time per item {done}",
        against="itself",
        measured=f"{growth:.2f} of the smallest's at the largest: {by_size(per_item, 'ms')}",
        goal="at most 15 % more",
        reached=growth <= FLAT,
        note=f"{rate:,.0f} items a second on one core, without waiting for AWS; "
        "a plan's shards and parts are functions side by side."
        + (" Of each plan at most 20,000 items are applied." if what == "apply" else ""),
    )


def _memory(found: Found, what: str, note: str) -> Figure:
    peaks = {size: median(each["peak_mb"] for each in found[what, size]) for size in SIZES}
    growth = max(peaks[more] / peaks[less] for less, more in pairwise(SIZES))
    return Figure(
        what=f"undo of {_ITEMS}: peak memory of the functions that {what}",
        against="itself",
        measured=f"{growth:.2f} times at most for ten times the items: {by_size(peaks, 'MB')}",
        goal="at most 15 % more for ten times the items",
        reached=growth <= FLAT and peaks[SIZES[-1]] < _MEMORY_MB,
        note=note,
    )


def _beside_boto3(found: Found) -> Figure:
    ratios = [
        _per_item(found, "bare", size, "seconds") / _per_item(found, "apply", size, "seconds")
        for size in SIZES
    ]
    return Figure(
        what="applying a plan: items a second",
        against="a bare boto3 loop of the same conditional writes",
        measured=f"{min(ratios):.2f} of its rate",
        goal="at least 0.8",
        reached=min(ratios) >= SHARE,
        note="The stand-in answers at once: with AWS's milliseconds the two are nearer. The loop "
        "checks no approval, keeps no record that could be put back, and asks nobody.",
    )


def _beside_a_restore() -> Figure:
    """1 TB, of which 5 GB in items of 4 KB were spoilt."""
    items = 5 * 1024**3 // 4096
    work = Work(
        exports=1,
        exported_bytes=2 * 5 * 1024**3,  # old and new images
        shards=items // 10_000,
        parts=items // 1000,
        items=items,
        writes=items,
        write_units=4 * items,
        replicas=0,
    )
    undo = estimate_of(work, 500).cost_in_usd
    restore = 1024 * 0.15  # USD a GB restored
    month_share = 1024 * 0.25 / 30  # a day of a second table
    compare = 2 * 1024**4 / 8192 * 0.125e-6  # both tables scanned, eventually consistent
    write = 4 * items * 0.625e-6
    other = restore + month_share + compare + write
    return Figure(
        what="an undo of 5 GB of damage in a table of 1 TB: what it costs",
        against="a restore, a day of the second table, both scanned and compared, and written back",
        measured=f"${undo:,.2f}, beside ${other:,.2f}",
        goal="a sum of counted work and public prices",
        reached=None,
        note="Prices of us-east-1, on demand (undo/estimate.py). Items of 4 KB. The comparison's "
        "own programme and people aren't in it.",
    )
