"""Figures as a person reads them."""

from collections.abc import Mapping
from statistics import median


def seconds(values: list[float]) -> str:
    """The median of some durations."""
    return f"{median(values):.2f} s"


def times(ratio: float) -> str:
    return f"{ratio:.2f} times"


def by_size(values: Mapping[int, float], unit: str) -> str:
    """What was measured at each size: `2.10, 2.04 and 2.02 ms`."""
    *first, last = (f"{value:.2f}" for value in values.values())
    return f"{', '.join(first)} and {last} {unit}"
