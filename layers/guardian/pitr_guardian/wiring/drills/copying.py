"""A drill's copy: made by the restores' own start, and looked at by their own check."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.drill_copies import CopyCalls, CopyLedger
from pitr_guardian.aws.restore.restores import InstantRestores
from pitr_guardian.basics.instants import Clock, utc_now
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import CopyNotes, Milestones
from pitr_guardian.drills.record import Milestone
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.facts.facts import TableId
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.request import Billing, RestoreRequest
from pitr_guardian.restore.start import ProgressCheck, RestoreStart
from pitr_guardian.restore.target import Progress
from pitr_guardian.settings import setting
from pitr_guardian.tables.policy import MIN_PERIOD


@dataclass(frozen=True, slots=True)
class CopyStart:
    """Starts the restore of a copy."""

    ledger: CopyNotes
    restores: RestoreStart

    def start(self, drill_id: str) -> dict[str, Any]:
        """Start it once, or find it; gives ``restoredTo`` and ``tableId``, as restores do.

        Raises:
            DrillNotUnderWayError: there is no such drill, or it was answered.
            TargetOccupiedError, TableQuotaError, RefusedError, AtCapacityError, TryLaterError: as
                of ``RestoreStart``.
        """
        drill = under_way(self.ledger, drill_id).order
        # No PITR is put on it: the period is told to nobody.
        started = self.restores.start(restore_of(drill), drill.source.definition, MIN_PERIOD)
        self.ledger.note_copy(drill_id, started["tableId"])
        return started


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """Looks how far a copy is, and notes when it is ACTIVE."""

    ledger: Milestones
    restores: ProgressCheck
    clock: Clock

    def check(self, drill_id: str, table_id: str | None) -> dict[str, Any]:
        """Look at the copy; ``progress`` is one of ``restore.Progress``.

        Raises:
            DrillNotUnderWayError: there is no such drill, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        drill = under_way(self.ledger, drill_id).order
        looked = self.restores.check(restore_of(drill), table_id)
        if looked["progress"] == Progress.ACTIVE:
            self.ledger.reach(drill_id, Milestone.ACTIVE, self.clock())
        return looked


def restore_of(drill: DrillOrder) -> Order:
    """The order of restore by which a drill's copy is made.

    On demand, so that it costs nothing to have; without indexes, unless they are asked for; and
    with none of its source's settings.
    """
    copy = TableId.of(drill.copy_ref)
    return Order(
        request=RestoreRequest(
            source_table=drill.table.arn,
            target_table=copy.name,
            target_region=copy.region,
            restore_to=drill.at,
            indexes="all" if drill.with_indexes else "none",
            billing=Billing(mode="PAY_PER_REQUEST"),
            settings="none",
            request_id=drill.drill_id,
        ),
        source=drill.table,
        target=copy,
        accepted_at=drill.accepted_at,
    )


@cache
def copying() -> CopyStart:
    """Who starts copies in this environment."""
    calls = CopyCalls(clients.own_dynamodb(), setting("LEDGER_TABLE"))
    return CopyStart(
        ledger=_ledger(), restores=RestoreStart(restores=_restores(), ledger=calls, clock=utc_now)
    )


@cache
def progress() -> CopyCheck:
    """Who looks after copies in this environment."""
    return CopyCheck(ledger=_ledger(), restores=ProgressCheck(_restores()), clock=utc_now)


def _ledger() -> CopyLedger:
    return CopyLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def _restores() -> InstantRestores:
    return InstantRestores(clients.dynamodb, clients.dynamodb_once)
