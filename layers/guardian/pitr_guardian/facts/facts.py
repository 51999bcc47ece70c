"""What the guardian tells the world: the facts of the public contract, one model each.

A fact's ``id`` is the happening's: it stays the same however often the fact is delivered.
"""

import uuid
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, FiniteFloat

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.actor import Actor
from pitr_guardian.tables.reference import TableRef

SOURCE = "pitr-guardian"
_NAMESPACE = uuid.UUID("5f0f3a52-6a52-4d0c-9f4b-1c1f6a9d2b11")

Severity = Literal["info", "warning", "critical"]


def fact_id(*parts: str) -> str:
    """Name a happening by what makes it that one: same parts, same id."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(parts)))


class TableId(WireModel):
    """The table a fact is about."""

    arn: str
    name: str
    account: str
    region: str

    @classmethod
    def of(cls, table: TableRef) -> "TableId":
        """Write a reference the way facts do."""
        return cls(arn=table.arn, name=table.name, account=table.account, region=table.region)


class Exposure(WireModel):
    """The time a table was without protection."""

    from_: Instant
    to: Instant
    seconds: FiniteFloat


class LostWindow(WireModel):
    """The instants that can no longer be restored to."""

    earliest: Instant
    latest: Instant


class Fact(WireModel):
    """What every fact carries."""

    # There are many, and a function tells few: each is built when it is first told.
    model_config = ConfigDict(defer_build=True)

    detail_type: ClassVar[str]

    version: Literal["1"] = "1"
    id: str
    time: Instant
    severity: Severity
    reason: str

    def detail(self) -> dict[str, Any]:
        """The event's ``detail``."""
        return self.model_dump(by_alias=True, mode="json")


class TableFact(Fact):
    """A fact about a table, and who made it happen."""

    table: TableId
    actor: Actor | None


class PitrReenabled(TableFact):
    """PITR was off, and is on again."""

    detail_type: ClassVar[str] = "PITR Re-enabled"
    recovery_period_in_days: int
    exposure: Exposure
    lost_window: LostWindow | None


class RecoveryPeriodRestored(TableFact):
    """The recovery period was too short, and is back. Periods in days."""

    detail_type: ClassVar[str] = "Recovery Period Restored"
    from_: int
    to: int
    lost_window: LostWindow | None


class HistoryLost(TableFact):
    """Restore points are gone, although PITR is on as it should be; ``how`` they went."""

    detail_type: ClassVar[str] = "History Lost"
    how: Literal["switched-off-and-on", "shortened-and-lengthened", "by-tag"]
    lost_window: LostWindow
    recovery_period_in_days: int


class TableProtected(TableFact):
    """A table that never had PITR has it now."""

    detail_type: ClassVar[str] = "Table Protected"
    created_by: str | None
    recovery_period_in_days: int


class DriftDetected(TableFact):
    """Drift, in a house where the guardian only notifies."""

    detail_type: ClassVar[str] = "Drift Detected"
    drift: str
    lost_window: LostWindow | None


class DriftTolerated(TableFact):
    """Drift on an exempt table."""

    detail_type: ClassVar[str] = "Drift Tolerated"
    exempt_until: str
    exempt_reason: str | None
    exempt_owner: str | None
    lost_window: LostWindow | None


class ExemptionInvalid(TableFact):
    """A tag that was meant to exempt a table, and doesn't."""

    detail_type: ClassVar[str] = "Exemption Invalid"
    tag_key: str
    tag_value: str


class ExemptionExpired(TableFact):
    """A table's exemption is over."""

    detail_type: ClassVar[str] = "Exemption Expired"
    tag_key: str
    tag_value: str


class ExemptionNoted(TableFact):
    """A table is exempt that the guardian had switched PITR on for before its tag came."""

    detail_type: ClassVar[str] = "Exemption Noted"
    exempt_until: str
    exempt_reason: str | None
    exempt_owner: str | None


class PeriodInvalid(TableFact):
    """A tag that was meant to say a table's recovery period, and doesn't."""

    detail_type: ClassVar[str] = "Period Invalid"
    tag_key: str
    tag_value: str


class FightDetected(TableFact):
    """A table is disabled or shortened again and again."""

    detail_type: ClassVar[str] = "Fight Detected"
    count: int
    advice: str


class OtherBackup(WireModel):
    """A backup that somebody made of a table; ``type`` is ``USER`` or ``AWS_BACKUP``."""

    arn: str
    type: str
    created_at: Instant


class TableDeleted(TableFact):
    """A table is gone; ``request`` is the restore request that brings it back.

    ``backup_arn`` is the backup that AWS kept, ``other_backups`` those that are left beside it, and
    ``replica_of`` the ARN of the table whose replica was removed.
    """

    detail_type: ClassVar[str] = "Table Deleted"
    backup_arn: str | None
    rescue_before: Instant | None
    request: dict[str, str] | None
    other_backups: tuple[OtherBackup, ...] = ()
    replica_of: str | None = None


class TrailMissing(Fact):
    """No trail records who switches PITR in a region: only the sweep protects there."""

    detail_type: ClassVar[str] = "Trail Missing"
    account: str
    region: str


class MemberJoined(Fact):
    """A region of an account of the organization was heard of for the first time."""

    detail_type: ClassVar[str] = "Member Joined"
    account: str
    region: str


class MemberSilent(Fact):
    """A member's heartbeats don't come any more; the last one was sent at ``last_heard_at``."""

    detail_type: ClassVar[str] = "Member Silent"
    account: str
    region: str
    last_heard_at: Instant


class MemberHeardAgain(Fact):
    """A member whose silence was told sends heartbeats again, after so many ``seconds``."""

    detail_type: ClassVar[str] = "Member Heard Again"
    account: str
    region: str
    last_heard_at: Instant
    seconds: FiniteFloat


class MemberClosed(Fact):
    """An account of the organization doesn't let the guardian in."""

    detail_type: ClassVar[str] = "Member Closed"
    account: str
    error: str


class ProtectionFailed(TableFact):
    """The guardian gave up on a table."""

    detail_type: ClassVar[str] = "Protection Failed"
    error: str


class RestoreFact(Fact):
    """A fact about a restore request; ``table`` is the source, where it could be told."""

    request_id: str
    requested_by: str | None
    request_reason: str | None
    """The requester's own; ``reason`` is the sentence that tells what happened."""
    source_table: str | None
    target_table: str | None
    restore_to: str | None
    table: TableId | None


class RestoreRejected(RestoreFact):
    """A request was refused before anything was started."""

    detail_type: ClassVar[str] = "Restore Rejected"
    error: str


class RestoreAccepted(RestoreFact):
    """A restore begins; the workflow's first word, if it lives to say it."""

    detail_type: ClassVar[str] = "Restore Accepted"


class RestorePlanned(RestoreFact):
    """What a request would do; nothing was started."""

    detail_type: ClassVar[str] = "Restore Planned"
    plan: dict[str, Any]


class RestoreCompleted(RestoreFact):
    """A request ended in a usable table; the workflow words it, and records what it words."""

    detail_type: ClassVar[str] = "Restore Completed"
    target_arn: str
    restored_to: str | None
    seconds: FiniteFloat
    settings: dict[str, Any]


class RestoreFailed(RestoreFact):
    """An accepted request didn't end in a usable table."""

    detail_type: ClassVar[str] = "Restore Failed"
    error: str
