"""Shares as a picture: a ring with one arc a kind."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

_LEAST = 1.5
"""A single one among ten thousand is seen all the same; in hundredths of the ring."""

_GAP = 0.8
"""Between two arcs, so that they can be told apart without their colours."""


@dataclass(frozen=True)
class Arc[K]:
    """Where one kind is on the ring, in hundredths of its length, clockwise from the top."""

    kind: K
    start: float
    length: float


def arcs[K: Hashable](counts: Mapping[K, int]) -> list[Arc[K]]:
    """Share the ring among the kinds that there are any of, in the order of the counts."""
    shown = [kind for kind, count in counts.items() if count]
    if len(shown) <= 1:
        return [Arc(kind, 0.0, 100.0) for kind in shown]
    total = sum(counts.values())
    sizes = {kind: max(100 * counts[kind] / total, _LEAST) for kind in shown}
    # What the smallest were given comes from the largest.
    sizes[max(shown, key=lambda kind: sizes[kind])] -= sum(sizes.values()) - 100
    ring, start = [], 0.0
    for kind, size in sizes.items():
        ring.append(Arc(kind, round(start, 3), round(size - _GAP, 3)))
        start += size
    return ring
