"""The life of each table, told from CloudTrail's record alone: a name may have had several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from tests.chaos import record
from tests.chaos.record import ApiCall

EXEMPT_TAG, PERIOD_TAG = "pitr-guardian:exempt", "pitr-guardian:recovery-days"
DEFAULT_PERIOD = 35  # that of AWS for an enabling call that names none, and of the stack
GUARDIAN = "-EnforceRole-"
_BIRTHS = frozenset({"CreateTable", "RestoreTableToPointInTime", "RestoreTableFromBackup"})


@dataclass(frozen=True)
class Change:
    """PITR of a table changed: its period in days before and after, None where it is off."""

    at: datetime
    caller: str
    before: int | None
    after: int | None
    exempt: bool
    """Whether the table was exempt then, and had been since PITR was last taken away."""
    was_exempt: bool = False
    """Whether the table was exempt then."""

    @property
    def protects(self) -> bool:
        """Whether it switched PITR on, or lengthened the period."""
        return self.after is not None and (self.before or 0) < self.after

    @property
    def is_remediation(self) -> bool:
        return self.protects and GUARDIAN in self.caller


@dataclass
class Life:
    """One table from its birth to its end."""

    name: str
    born_at: datetime
    restored: bool
    tags: dict[str, str] = field(default_factory=dict)
    period: int | None = None
    changes: list[Change] = field(default_factory=list)
    died_at: datetime | None = None
    aged: list[tuple[datetime, float]] = field(default_factory=list)
    """When the table was made older, and by how many days."""
    _exempt_since_loss: bool = False

    @property
    def remediations(self) -> list[Change]:
        return [change for change in self.changes if change.is_remediation]

    def lasted_at(self, at: datetime) -> bool:
        return self.born_at <= at and (self.died_at is None or at < self.died_at)

    def switch(self, call: ApiCall) -> None:
        wanted = call.parameters["pointInTimeRecoverySpecification"]
        after = None
        if wanted["pointInTimeRecoveryEnabled"]:
            after = wanted.get("recoveryPeriodInDays") or DEFAULT_PERIOD
        before, self.period = self.period, after
        exempt = exempts(self.tags)
        if (after or 0) < (before or 0):
            self._exempt_since_loss = exempt
        self.changes.append(
            Change(call.at, call.caller, before, after, self._exempt_since_loss, exempt)
        )

    def retag(self, tags: dict[str, str]) -> None:
        self.tags = tags
        self._exempt_since_loss = self._exempt_since_loss and exempts(tags)


def exempts(tags: dict[str, str]) -> bool:
    """Whether a table with these tags is exempt: the tag holds a date that isn't over."""
    value = tags.get(EXEMPT_TAG, "")
    try:
        return len(value) == len("2026-11-22") and date.fromisoformat(value) >= _today()
    except ValueError:
        return False


def period_by_tag(tags: dict[str, str]) -> int | None:
    """The period that a table's tag names, in days; None where it names none."""
    value = tags.get(PERIOD_TAG, "")
    days = int(value) if value.isascii() and value.isdecimal() else 0
    return days if 1 <= days <= DEFAULT_PERIOD and value == str(days) else None


def lives(calls: Iterable[ApiCall]) -> list[Life]:
    """The lives of all tables, in the order of their births."""
    told: list[Life] = []
    alive: dict[str, Life] = {}
    for call in calls:
        if call.refused:
            continue
        if call.name in _BIRTHS:
            restored = call.name != "CreateTable"
            life = Life(call.table, call.at, restored, tags=_tags(call.parameters))
            life._exempt_since_loss = exempts(life.tags)
            alive[call.table] = life
            told.append(life)
        elif call.table in alive:
            _go_on(alive[call.table], call)
    return told


def _go_on(life: Life, call: ApiCall) -> None:
    match call.name:
        case "UpdateContinuousBackups":
            life.switch(call)
        case "TagResource":
            life.retag(life.tags | _tags(call.parameters))
        case "UntagResource":
            gone = set(call.parameters["tagKeys"])
            life.retag({key: value for key, value in life.tags.items() if key not in gone})
        case record.AGED:
            life.aged.append((call.at, call.parameters["days"]))
        case "DeleteTable":
            life.died_at = life.died_at or call.at


def _tags(parameters: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in parameters.get("tags") or []}


def _today() -> date:
    return datetime.now(UTC).date()
