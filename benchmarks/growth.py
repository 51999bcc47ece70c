"""A sweep and its report as the account grows: time and memory per table."""

from collections import defaultdict
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.deployment import audited, reported, warm_up
from benchmarks.figures import Figure
from benchmarks.front.process import Front
from benchmarks.words import by_size

SIZES = (1_000, 5_000, 20_000)
FLAT = 1.15
_TABLES = " / ".join(f"{size:,}" for size in SIZES) + " tables"
_MEMORY_MB = {"audit": 256, "report": 1024}  # the template's

type Runs = dict[tuple[str, int], list[Any]]


def run(runs: int = 5) -> list[Figure]:
    found: Runs = defaultdict(list)
    with Front() as front:
        warm_up(front)
        for number in range(runs):
            for size in SIZES:
                front.have(size)
                sweep_id = f"growth-{size}-{number}"
                found["audit", size].append(audited(front, sweep_id))
                found["report", size].append(reported(front, sweep_id))
    return [
        _time(found, "audit", "A page of the list is a page at any size."),
        _time(found, "report", "The page, the data and the sheet hold every table."),
        _memory(found, "audit", "A stretch's tables are in memory, and no other's."),
        _memory(found, "report", "All tables are in memory at once."),
    ]


def _time(found: Runs, function: str, note: str) -> Figure:
    per_table = {
        size: 1000 * median(each["seconds"] for each in found[function, size]) / size
        for size in SIZES
    }
    growth = per_table[SIZES[-1]] / per_table[SIZES[0]]
    return Figure(
        what=f"{_TABLES}: the {function}'s time per table",
        against="itself",
        measured=f"{growth:.2f} of the smallest's at the largest: {by_size(per_table, 'ms')}",
        goal="at most 15 % more",
        reached=growth <= FLAT,
        note=note,
    )


def _memory(found: Runs, function: str, note: str) -> Figure:
    """Beyond what an idle function has: from one size to the next, what each table more takes."""
    peaks = {size: median(each["peak_mb"] for each in found[function, size]) for size in SIZES}
    slopes = {
        larger: 1024 * (peaks[larger] - peaks[smaller]) / (larger - smaller)
        for smaller, larger in pairwise(SIZES)
    }
    growth = slopes[SIZES[-1]] / slopes[SIZES[1]]
    return Figure(
        what=f"{_TABLES}: the {function}'s memory per further table",
        against="itself",
        measured=f"{growth:.2f} of the smaller step's at the larger: {by_size(slopes, 'KB')}; "
        f"{peaks[SIZES[-1]]:.0f} MB at most",
        goal="at most 15 % more",
        reached=growth <= FLAT and peaks[SIZES[-1]] < _MEMORY_MB[function],
        note=f"{note} The function has {_MEMORY_MB[function]} MB.",
    )
