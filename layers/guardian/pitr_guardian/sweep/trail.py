"""Whether CloudTrail tells of what happens in a region; without it, only the sweep protects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.basics.instants import (
    Clock,
    iso,
)
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.facts import (
    TrailMissing,
    fact_id,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.sweep.ports import (
    Trails,
    Warnings,
)
from pitr_guardian.tables.reference import Home

REMINDER = timedelta(days=1)
"""It is told at most this often of each region."""

_A_SWITCH = {
    "eventCategory": "Management",
    "readOnly": "false",
    "eventSource": "dynamodb.amazonaws.com",
    "eventName": "UpdateContinuousBackups",
    "eventType": "AwsApiCall",
}
"""The call that the guardian can't do without, in the fields that event selectors know."""


class Watch(WireModel):
    """What is known of a region's trails; ``error`` is why it is unknown."""

    trail: Literal["recording", "missing", "unknown"]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """Looks for a trail, and tells where there is none."""

    trails: Trails
    warnings: Warnings
    facts: Facts
    home: Home
    clock: Clock

    def run(self, region: str) -> Watch:
        """Check one region; doing it again tells nothing twice.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """
        try:
            if self.trails.records_switching(replace(self.home, region=region)):
                return Watch(trail="recording")
        except RefusedError as error:
            return Watch(trail="unknown", error=str(error))
        self._tell(region)
        return Watch(trail="missing")

    def _tell(self, region: str) -> None:
        now, last = self.clock(), self.warnings.last_told(region)
        if last is not None and now - last < REMINDER:
            return
        # Told first and noted then: dying in between means to tell again, under the same id.
        self.facts.publish(
            TrailMissing(
                id=fact_id(
                    self.home.account, region, "trail-missing", iso(last) if last else "first"
                ),
                time=now,
                severity=severity_of("Trail Missing"),
                reason=f"No CloudTrail trail records who switches PITR in {region}: protection in "
                "real time is off there, and only the sweep protects its tables.",
                account=self.home.account,
                region=region,
            )
        )
        self.warnings.note_told(region, now)


def select_switching(selectors: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a trail's basic or advanced event selectors let the call through.

    Source: ``EventSelector`` and ``AdvancedEventSelector`` in the CloudTrail API reference.
    """
    return any(
        _all_let_through(selector["FieldSelectors"])
        if "FieldSelectors" in selector
        else _lets_through(selector)
        for selector in selectors
    )


def _lets_through(basic: Mapping[str, Any]) -> bool:
    return (
        basic.get("IncludeManagementEvents", True)
        and basic.get("ReadWriteType", "All") in {"All", "WriteOnly"}
        and _A_SWITCH["eventSource"] not in basic.get("ExcludeManagementEventSources", [])
    )


def _all_let_through(fields: Sequence[Mapping[str, Any]]) -> bool:
    return all(_matches(field, _A_SWITCH.get(field.get("Field", ""))) for field in fields)


def _matches(field: Mapping[str, Any], value: str | None) -> bool:
    """Tell whether a field selector takes a value; None is one that nobody can know before."""
    wanted = any(field.get(operator) for operator in ("Equals", "StartsWith", "EndsWith"))
    if value is None:
        return not wanted
    return (
        (not field.get("Equals") or value in field["Equals"])
        and (not field.get("StartsWith") or value.startswith(tuple(field["StartsWith"])))
        and (not field.get("EndsWith") or value.endswith(tuple(field["EndsWith"])))
        and value not in field.get("NotEquals", [])
        and not value.startswith(tuple(field.get("NotStartsWith", [])))
        and not value.endswith(tuple(field.get("NotEndsWith", [])))
    )
