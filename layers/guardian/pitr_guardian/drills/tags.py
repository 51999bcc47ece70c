"""What a table's tags say of its drills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

RTO_TAG, RPO_TAG = "pitr-guardian:rto-minutes", "pitr-guardian:rpo-minutes"

WITH_INDEXES = "with-indexes"
"""Said behind the period, after a blank: the copy has the table's indexes."""

PERIODS: Mapping[str, timedelta] = {
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "quarterly": timedelta(days=91),
    "yearly": timedelta(days=365),
}
"""How often a table's restore is proved, by the tag's value."""

_LONGEST_TARGET = 10 * 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class Targets:
    """In how many minutes a table has to be recovered, and how many minutes of it may be lost."""

    rto_minutes: int | None = None
    rpo_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a table is drilled: ``period`` is one of ``PERIODS``; and with its indexes?"""

    period: str
    with_indexes: bool = False


def rhythm_of(value: str | None) -> Rhythm | None:
    """Read the value of the tag ``DrillTagKey``; None where there is none, or none that counts."""
    words = (value or "").lower().split()
    if not words or words[0] not in PERIODS or words[1:] not in ([], [WITH_INDEXES]):
        return None
    return Rhythm(words[0], with_indexes=len(words) > 1)


def targets_of(tags: Mapping[str, str]) -> Targets:
    """Read a table's targets.

    Raises:
        ValueError: a tag holds no whole number of minutes; the text names it, and says what to do.
    """
    return Targets(_minutes(tags, RTO_TAG), _minutes(tags, RPO_TAG))


def _minutes(tags: Mapping[str, str], key: str) -> int | None:
    value = tags.get(key)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) <= _LONGEST_TARGET):
        raise ValueError(
            f"table: its tag {key} holds {value!r:.100}, which is no whole number of minutes; "
            "correct the tag, or remove it"
        )
    return int(value)
