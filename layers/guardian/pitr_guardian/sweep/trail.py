"""Whether CloudTrail tells of what happens in a region; without it, only the sweep protects."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pitr_guardian.basics.errors import MemberClosedError, RefusedError, TryLaterError
from pitr_guardian.basics.instants import (
    Clock,
    Instant,
    iso,
)
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.facts import (
    TrailMissing,
    fact_id,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.members.closed import ClosedDoors
from pitr_guardian.sweep.ports import (
    Trails,
    Warnings,
)
from pitr_guardian.tables.reference import Scope

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
    """What is known of a scope before its tables are looked at.

    Whether a trail records what happens there; ``error`` is why that is unknown. And when its last
    complete sweep began: not to know that stops nothing.
    """

    trail: Literal["recording", "missing", "unknown"]
    error: str | None = None
    last_swept_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """Looks for a trail, and tells where there is none."""

    trails: Trails
    warnings: Warnings
    facts: Facts
    closed: ClosedDoors
    clock: Clock

    def run(self, scope: Scope) -> Watch:
        """Check one scope; doing it again tells nothing twice.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """
        watch = self._watch(scope)
        with suppress(TryLaterError):  # the next sweep knows it, too
            if watch.trail != "unknown":
                self.closed.opened(scope.account)
        with suppress(TryLaterError):
            last = self.warnings.last_swept(scope)
            watch = watch.model_copy(update={"last_swept_at": last})
        return watch

    def _watch(self, scope: Scope) -> Watch:
        try:
            if self.trails.records_switching(scope):
                return Watch(trail="recording")
        except MemberClosedError as closed:
            self.closed.tell(closed)
            return Watch(trail="unknown", error=str(closed))
        except RefusedError as error:
            return Watch(trail="unknown", error=str(error))
        self._tell(scope)
        return Watch(trail="missing")

    def _tell(self, scope: Scope) -> None:
        account, region = scope.account, scope.region
        now, last = self.clock(), self.warnings.last_told(scope)
        if last is not None and now - last < REMINDER:
            return
        # Told first and noted then: dying in between means to tell again, under the same id.
        self.facts.publish(
            TrailMissing(
                id=fact_id(account, region, "trail-missing", iso(last) if last else "first"),
                time=now,
                severity=severity_of("Trail Missing"),
                reason=f"No CloudTrail trail records who switches PITR in {region}: protection in "
                "real time is off there, and only the sweep protects its tables.",
                account=account,
                region=region,
            )
        )
        self.warnings.note_told(scope, now)


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
