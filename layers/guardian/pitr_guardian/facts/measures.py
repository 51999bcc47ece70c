"""What to count of a fact: the numbers behind the dashboard and the alarms.

A measure is taken where a fact is announced, so a fact that is delivered twice may count twice.
Facts come over a bus that others may write to one day: what isn't as it should be isn't counted,
and nothing that a fact holds can fail its announcement.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pitr_guardian.basics.model import mapping

Unit = Literal["Count", "Seconds"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A value of a metric."""

    name: str
    unit: Unit
    value: float


class Observability(StrEnum):
    """How much the stack shows of itself; CloudWatch has a price for each metric."""

    FULL = "full"
    ESSENTIAL = "essential"
    NONE = "none"


Reader = Callable[[Mapping[str, Any]], Iterator[Measure]]


def measures_of(detail_type: str, detail: Mapping[str, Any]) -> list[Measure]:
    """Take the measures of a fact; none of a kind that isn't counted.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail, as the contract has it.
    """
    happened = _HAPPENINGS.get(detail_type)
    read = _MEASURED.get(detail_type)
    measures = [Measure(happened, "Count", 1)] if happened else []
    return [*measures, *read(detail)] if read else measures


def shown(measures: Iterable[Measure], observability: Observability) -> list[Measure]:
    """Take those that become metrics."""
    return [each for each in measures if each.name in METRICS_OF[observability]]


def _reenabled(detail: Mapping[str, Any]) -> Iterator[Measure]:
    # Without the disabling call the exposure is as long as nobody looked: that measures the sweep.
    if detail.get("actor"):
        yield from _measure(
            "SecondsToReEnable", "Seconds", mapping(detail.get("exposure")), "seconds"
        )


def _restored(detail: Mapping[str, Any]) -> Iterator[Measure]:
    yield from _measure("RestoreSeconds", "Seconds", detail, "seconds")
    failed = mapping(detail.get("settings")).get("failed")
    if isinstance(failed, list):
        yield Measure("SettingsFailed", "Count", len(failed))


def _swept(detail: Mapping[str, Any]) -> Iterator[Measure]:
    for name, field in _SWEPT.items():
        yield from _measure(name, "Count", detail, field)


def _measure(name: str, unit: Unit, values: Mapping[str, Any], field: str) -> Iterator[Measure]:
    value = values.get(field)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _TOO_MUCH:
        yield Measure(name, unit, value)


_TOO_MUCH = 2**53
"""More is neither a count nor a time, and beyond it floats skip numbers."""

_HAPPENINGS = {
    "Table Protected": "TablesProtected",
    "PITR Re-enabled": "ReEnabled",
    "Recovery Period Restored": "PeriodsRestored",
    "History Lost": "HistoryLost",
    "Drift Detected": "DriftDetected",
    "Drift Tolerated": "DriftTolerated",
    "Protection Failed": "ProtectionFailed",
    "Fight Detected": "FightsDetected",
    "Table Deleted": "TablesDeleted",
    "Restore Accepted": "RestoresAccepted",
    "Restore Rejected": "RestoresRejected",
    "Restore Completed": "RestoresCompleted",
    "Restore Failed": "RestoresFailed",
    "Trail Missing": "TrailMissing",
}
_SWEPT = {
    "TablesChecked": "checked",
    "TablesCompliant": "compliant",
    "TablesDrifted": "drifted",
    "TablesExempt": "exempt",
    "TablesUnreadable": "failed",
}
_MEASURED: Mapping[str, Reader] = {
    "PITR Re-enabled": _reenabled,
    "Restore Completed": _restored,
    "Sweep Completed": _swept,
}

METRICS = frozenset(
    {*_HAPPENINGS.values(), *_SWEPT, "SecondsToReEnable", "RestoreSeconds", "SettingsFailed"}
)
"""The names of all metrics there are."""

METRICS_OF: Mapping[Observability, frozenset[str]] = {
    Observability.FULL: METRICS,
    Observability.ESSENTIAL: frozenset({"TablesDrifted"}),  # whether every table is protected
    Observability.NONE: frozenset(),
}
"""Those that there are for each choice of the stack's owner."""
