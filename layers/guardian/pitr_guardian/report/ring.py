"""The share of protected tables as a picture: a ring with one arc a status."""

from collections.abc import Mapping
from dataclasses import dataclass

from pitr_guardian.report.sweep import Status

_LEAST = 1.5
"""A single table among ten thousand is seen all the same; in hundredths of the ring."""

_GAP = 0.8
"""Between two arcs, so that they can be told apart without their colours."""


@dataclass(frozen=True)
class Arc:
    """Where one status is on the ring, in hundredths of its length, clockwise from the top."""

    status: Status
    start: float
    length: float


def arcs(counts: Mapping[Status, int]) -> list[Arc]:
    """Share the ring among the statuses that there are tables in, the protected ones first."""
    shown = [status for status in reversed(Status) if counts[status]]
    if len(shown) <= 1:
        return [Arc(status, 0.0, 100.0) for status in shown]
    total = sum(counts.values())
    sizes = {status: max(100 * counts[status] / total, _LEAST) for status in shown}
    # What the smallest were given comes from the largest.
    sizes[max(shown, key=lambda status: sizes[status])] -= sum(sizes.values()) - 100
    ring, start = [], 0.0
    for status, size in sizes.items():
        ring.append(Arc(status, round(start, 3), round(size - _GAP, 3)))
        start += size
    return ring
