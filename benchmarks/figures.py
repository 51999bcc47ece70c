"""What a benchmark found, as one row of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    what: str  # what was measured, in words
    against: str  # beside what
    measured: str  # the ratio or count, with the medians it comes of
    goal: str  # what must be reached
    reached: bool | None  # None: there is nothing to reach
    note: str = ""  # what a reader must know
