"""What the ledger says of the past: exposures, restores and drills."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, ConfigDict, FiniteFloat, ValidationError

from pitr_guardian.basics.instants import Instant
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
    Exposure,
    HistoryLost,
    LostWindow,
    PeriodInvalid,
    PitrReenabled,
    RecoveryPeriodRestored,
    TableId,
)
from pitr_guardian.report.sweep import (
    Days,
    Recorded,
)

EXPOSURES = frozenset(
    fact.detail_type
    for fact in (PitrReenabled, RecoveryPeriodRestored, DriftDetected, DriftTolerated, HistoryLost)
)
"""The facts that tell of a time in which less could be restored than should have been."""

TOLD = EXPOSURES | {PeriodInvalid.detail_type}
"""The facts that a report tells of."""

type Item = Mapping[str, str]
"""A record of the ledger; what is not text in it is left out."""


class Past(NamedTuple):
    """The ledger's records of one report."""

    incidents: list[Item]
    restores: list[Item]
    drifts: Sequence[Item] = ()
    """What is remembered of tables with a drift that is noted, or left alone."""
    drills: Sequence[Item] = ()
    """Drills that came to their end, with evidence."""


class RecordedTable(TableId):
    """A table, as it was recorded."""

    model_config = ConfigDict(extra="ignore")


class RecordedActor(Actor):
    """Who it was, as it was recorded."""

    model_config = ConfigDict(extra="ignore")


class Incident(Recorded):
    """One exposure. Which of the last fields are there depends on the fact it was told as."""

    detail_type: str
    id: str
    time: Instant
    reason: str
    table: RecordedTable
    actor: RecordedActor | None = None
    exposure: Exposure | None = None
    lost_window: LostWindow | None = None
    from_: Days | None = None
    to: Days | None = None
    exempt_until: date | None = None
    how: str | None = None
    tag_key: str | None = None
    tag_value: str | None = None

    @property
    def is_exposure(self) -> bool:
        """Whether less could be restored than should have been."""
        return self.detail_type in EXPOSURES


class Asked(Recorded):
    """A restore's request."""

    request_id: str
    requested_by: str | None = None
    reason: str | None = None
    restore_to: str = "latest"


class RecordedOrder(Recorded):
    """A restore's order."""

    request: Asked
    source: RecordedTable
    target: RecordedTable
    accepted_at: Instant


def _flat(value: object, levels: int = 4) -> object:
    """Refuse what is nested deeper than what the workflow writes: nobody could show it."""
    if not levels:
        raise ValueError("nested too deep")
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _flat(part, levels - 1)
    return value


class Restore(Recorded):
    """One restore; ``outcome`` is None until the workflow has recorded one."""

    order: RecordedOrder
    outcome: Literal["completed", "failed"] | None = None
    finished_at: Instant | None = None
    restored_to: Instant | None = None
    settings: Annotated[Mapping[str, Any] | None, BeforeValidator(_flat)] = None
    failure: str | None = None

    @property
    def seconds(self) -> float | None:
        """From the accepted request to its answer."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.order.accepted_at).total_seconds()


class Drill(Recorded):
    """One drill that came to its end; ``seconds`` are those until the copy was proved."""

    drill_id: str
    table: RecordedTable
    kind: str
    outcome: Literal["passed", "failed"]
    asked: Instant
    restored_to: Instant
    seconds: FiniteFloat | None = None


def drill_from(item: Item) -> Drill:
    """Read a drill; ``ValueError`` where it can't be read."""
    return Drill.model_validate_json(item["summary"])


def incident_from(item: Item) -> Incident:
    """Read an incident; ``ValueError`` where it can't be read."""
    return Incident.model_validate({**json.loads(item["detail"]), "detailType": item["detailType"]})


def restore_from(item: Item) -> Restore:
    """Read a restore; ``ValueError`` where it can't be read."""
    restored_to = item.get("restoredTo")
    known = {
        "order": json.loads(item["order"]),
        "outcome": item.get("outcome"),
        "finishedAt": item.get("finishedAt"),
        "restoredTo": None if restored_to in {None, "", "null"} else restored_to,
        "settings": json.loads(item.get("settings", "null")),
        "failure": item.get("failure"),
    }
    return Restore.model_validate(known)


def read_all[Told: (Drill, Incident, Restore)](
    items: Iterable[Item], read: Callable[[Item], Told], what: str
) -> tuple[list[Told], list[str]]:
    """Read records; what can't be read is counted, in a sentence, and costs nothing else."""
    told, unreadable = [], 0
    for item in items:
        try:
            told.append(read(item))
        except (KeyError, RecursionError, TypeError, ValueError, ValidationError):
            unreadable += 1
    note = f"{unreadable} of the ledger's {what} could not be read and are missing here."
    return told, [note] if unreadable else []
