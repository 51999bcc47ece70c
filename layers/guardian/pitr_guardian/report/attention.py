"""What needs a person, and in which order."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import IntEnum

from pitr_guardian.report.sweep import (
    Status,
    TableRow,
)

ENDS_SOON = timedelta(days=14)
"""An exemption that ends within this is shown among what needs a person: time to renew or mend."""

FULL_WINDOW = 0.99
"""A window of this share of its period is full: AWS's latest instant is minutes behind now."""


class Attention(IntEnum):
    """Why a table stands where it stands, the most urgent first."""

    COULD_NOT_BE_CHECKED = 0
    DRIFTED = 1
    EXEMPTION_ENDS = 2
    SHORT_WINDOW = 3
    """Protected, but the window hasn't grown to its period yet: worth knowing, nothing to do."""
    NONE = 4

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has something to do."""
        return self <= Attention.EXEMPTION_ENDS


def attention_of(row: TableRow, today: date) -> Attention:
    """Tell what a table asks for."""
    match row.status:
        case Status.FAILED:
            return Attention.COULD_NOT_BE_CHECKED
        case Status.DRIFTED:
            return Attention.DRIFTED
        case Status.EXEMPT if row.exempt_until and row.exempt_until - today <= ENDS_SOON:
            return Attention.EXEMPTION_ENDS
        case Status.PROTECTED if row.window_share is not None and row.window_share < FULL_WINDOW:
            return Attention.SHORT_WINDOW
    return Attention.NONE


def in_order(rows: Iterable[TableRow], today: date) -> list[TableRow]:
    """Put what needs a person first, then short windows, the shortest first, then all by name."""

    def place(row: TableRow) -> tuple[int, date, float, str, str, str]:
        attention = attention_of(row, today)
        ends, share = date.min, 0.0
        if attention is Attention.EXEMPTION_ENDS:
            ends = row.exempt_until or ends
        if attention is Attention.SHORT_WINDOW:
            share = row.window_share or 0.0
        return attention, ends, share, row.name.casefold(), row.region, row.arn

    return sorted(rows, key=place)
