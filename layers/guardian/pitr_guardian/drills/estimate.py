"""What a drill is expected to cost: what will be counted, of what is known before.

Unknown before is how much was written since the instant, by which exports are billed. A table's
last drill measured it; for a first one it is assumed.
"""

from datetime import datetime
from typing import Literal

from pitr_guardian.drills.proof.costs import restore_in_usd, units_read, usd_of_reads, usd_of_work
from pitr_guardian.drills.proof.history import first_round
from pitr_guardian.drills.structure import Structure
from pitr_guardian.tables.prices import EXPORT_USD_PER_GB, GB, SMALLEST_EXPORT

_USUAL_ROUNDS = 2
"""The first, and one over what was written while items were compared."""
_CHANGED_A_DAY = 0.05
"""The share of a table's data that is assumed to be changed in a day, where nobody has measured it;
each change is exported with the item before and after it."""
_MARGIN = 1.25
"""A measured rate is that of other hours, and a busy table has a third round now and then."""


def full_drill_in_usd(
    source: Structure,
    sample: int | Literal["all"],
    at: datetime,
    now: datetime,
    bytes_an_hour: float | None = None,
) -> float:
    """Estimate a drill with a copy.

    Args:
        source: the table, as it was surveyed.
        sample: how many items are compared.
        at: the instant to restore to, in whole seconds.
        now: when it is asked for.
        bytes_an_hour: how much is exported of an hour of the table's history; None: not known.
    """
    size = source.definition.size_in_bytes
    if bytes_an_hour is None:
        bytes_an_hour = 2 * _CHANGED_A_DAY * size / 24
    hours = [_hours(window.from_, window.to) for window in first_round(at, now)]
    # The second round reaches over the last one again and a little further, which may take two.
    hours += [hours[-1], 0.0]
    exported = sum(max(SMALLEST_EXPORT, _MARGIN * bytes_an_hour * each) for each in hours)
    whole = sample == "all"
    drawn = source.items if whole else int(sample)
    units = units_read(source, compared=drawn, drawn=drawn, whole=whole)
    return round(
        restore_in_usd(size)
        + exported / GB * EXPORT_USD_PER_GB
        + usd_of_reads(units)
        + usd_of_work(_USUAL_ROUNDS, len(hours)),
        4,
    )


def small_drill_in_usd(at: datetime, now: datetime) -> float:
    """Estimate a drill of one partition key's items, without a copy: its exports are the smallest.

    Args:
        at: the instant, in whole seconds.
        now: when it is asked for.
    """
    exports = len(first_round(at, now)) + 3  # the second round's, and one of the instant itself
    billed = exports * SMALLEST_EXPORT / GB * EXPORT_USD_PER_GB
    return round(billed + usd_of_work(_USUAL_ROUNDS, exports), 4)


def _hours(from_: datetime, to: datetime) -> float:
    return (to - from_).total_seconds() / 3600
