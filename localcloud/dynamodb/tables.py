"""What the layer knows of each table beyond what MiniStack does: its life in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.recovery_window import RecoveryWindow
from localcloud.dynamodb.table_names import table_name
from localcloud.ministack.internals import Engine
from localcloud.settings import Settings
from localcloud.wire import Json

CREATING, ACTIVE, UPDATING, DELETING = "CREATING", "ACTIVE", "UPDATING", "DELETING"
INACCESSIBLE = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"


@dataclass(eq=False)
class Table:
    """A table from its birth to the end of its deletion. Every status follows from the clock."""

    account: str
    region: str
    record: Json
    """MiniStack's own, which outlives the table's deletion; its items too."""
    created_at: datetime
    active_at: datetime
    indexes_active_at: datetime
    updating_until: datetime
    told_size: int | None = None
    """What DescribeTable says its size is, in bytes; None: MiniStack's own count."""
    restore_summary: Json | None = None
    """What DescribeTable says of the restore while it runs."""
    recovery: RecoveryWindow | None = None
    """None: PITR is off."""
    ttl_changed_at: datetime | None = None
    new_indexes: dict[str, datetime] = field(default_factory=dict)
    """When each index that UpdateTable added is ACTIVE."""
    vector_indexes: list[Json] = field(default_factory=list)
    """Which MiniStack knows nothing of; nothing is ever searched."""
    deleted_at: datetime | None = None
    last_ttl: Json | None = None
    """Its TimeToLiveDescription when it was deleted."""
    last_description: Json = field(default_factory=dict)
    """What DescribeTable says while the table is DELETING."""

    @property
    def name(self) -> str:
        return str(self.record["TableName"])

    @property
    def table_id(self) -> str:
        return str(self.record["TableId"])

    @property
    def arn(self) -> str:
        return str(self.record["TableArn"])

    def status(self, now: datetime) -> str:
        if self.deleted_at:
            return DELETING
        if now < self.active_at:
            return CREATING
        return UPDATING if now < self.updating_until else ACTIVE

    def older(self, by: timedelta) -> None:
        """It was made, and its PITR was switched on, so much earlier."""
        self.created_at -= by
        self.active_at -= by
        self.indexes_active_at -= by
        self.record["CreationDateTime"] = round(self.created_at.timestamp(), 3)
        if self.recovery:
            self.recovery = self.recovery.older(by)

    def is_restoring(self, now: datetime) -> bool:
        return self.restore_summary is not None and self.status(now) == CREATING

    def index_status(self, index: str, now: datetime) -> str:
        return ACTIVE if now >= self.new_indexes.get(index, self.indexes_active_at) else CREATING


class Tables:
    """All tables of all accounts and regions; methods speak of the engine's current scope."""

    def __init__(
        self, engine: Engine, clock: Clock, settings: Settings, on_vanished: Callable[[Table], None]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._settings = settings
        self._on_vanished = on_vanished
        self._tables: dict[tuple[str, str, str], Table] = {}

    def find(self, name_or_arn: str) -> Table | None:
        """The table of that name or ARN, DELETING ones included; None where there is none here."""
        account, region = self._engine.scope()
        name = table_name(name_or_arn)
        if name_or_arn.startswith("arn:") and f":{region}:{account}:table/" not in name_or_arn:
            return None
        known = self._tables.get((account, region, name))
        record = self._engine.table(name)
        if known and known.deleted_at and record is None:
            gone_at = known.deleted_at + timedelta(seconds=self._settings.deleting_seconds)
            return known if self._clock.now() < gone_at else None
        if known and record is not known.record:
            # CloudFormation deletes and replaces tables without asking us.
            del self._tables[account, region, name]
            if not known.deleted_at:
                self._on_vanished(known)
            known = None
        return known or (self._adopt(record) if record else None)

    def born(
        self, name: str, creating_seconds: float, restore_summary: Json | None = None
    ) -> Table:
        """Register a table that was made just now, CREATING for so long."""
        record = self._engine.table(name)
        if record is None:
            raise LookupError(f"{name} was to be born, but the engine has no such table")
        now = self._clock.now()
        active_at = now + timedelta(seconds=creating_seconds)
        table = self._register(record, now, active_at)
        table.indexes_active_at = active_at + timedelta(seconds=self._settings.index_seconds)
        table.restore_summary = restore_summary
        record["CreationDateTime"] = round(now.timestamp(), 3)
        return table

    def names(self) -> list[str]:
        """Names of all tables, those being deleted too, in order."""
        scope = self._engine.scope()
        dying = {
            name
            for (account, region, name), table in list(self._tables.items())
            if (account, region) == scope and table.deleted_at and self.find(name)
        }
        return sorted(dying.union(self._engine.table_names()))

    def at(self, arn: str) -> Table | None:
        """The table of that ARN that was registered last, whatever the engine's scope."""
        *_, region, account, _ = arn.split(":")
        return self._tables.get((account, region, table_name(arn)))

    def restoring(self, account: str) -> int:
        """How many restores of an account run now, in all regions."""
        now = self._clock.now()
        return sum(
            table.account == account and table.is_restoring(now) for table in self._tables.values()
        )

    def _adopt(self, record: Json) -> Table:
        """Take a table that MiniStack made behind our back (CloudFormation) for ACTIVE."""
        created_at = datetime.fromtimestamp(record["CreationDateTime"], UTC)
        table = self._register(record, created_at, created_at)
        # Whoever made it waited until everything about it was ready.
        table.active_at = min(created_at, self._clock.now()) - timedelta(
            seconds=self._settings.backups_enabling_seconds
        )
        return table

    def _register(self, record: Json, created_at: datetime, active_at: datetime) -> Table:
        account, region = self._engine.scope()
        table = Table(
            account,
            region,
            record,
            created_at,
            active_at,
            indexes_active_at=active_at,
            updating_until=active_at,
        )
        self._tables[account, region, table.name] = table
        return table
