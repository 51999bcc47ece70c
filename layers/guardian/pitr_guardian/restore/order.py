"""An accepted request: the restore workflow's input, which stays the same until its end."""

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.facts import TableId
from pitr_guardian.restore.request import RestoreRequest
from pitr_guardian.restore.target import Lineage
from pitr_guardian.tables.reference import TableRef


class Order(WireModel):
    """What to restore from where to where; ``backup`` is there where no instant was asked for."""

    request: RestoreRequest
    source: TableId
    target: TableId
    accepted_at: Instant
    backup_arn: str | None = None
    backup_created_at: Instant | None = None

    @property
    def source_ref(self) -> TableRef:
        """The source's reference."""
        return TableRef.from_arn(self.source.arn)

    @property
    def target_ref(self) -> TableRef:
        """The target's reference."""
        return TableRef.from_arn(self.target.arn)

    @property
    def lineage(self) -> Lineage:
        """The lineage that the target will have."""
        return Lineage(
            source_arn=self.source.arn,
            backup_arn=self.backup_arn,
            restored_to=self.backup_created_at or self.request.instant,
        )
