"""The backups that AWS keeps of deleted tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.kept_backup import KeptBackup
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import BackupSummaryTypeDef


class DynamoDeletionBackups:
    """``ports.DeletionBackups`` on DynamoDB."""

    def __init__(self, client_for: "Callable[[str], DynamoDBClient]") -> None:
        """Take the door to DynamoDB: a client for a region."""
        self._client_for = client_for

    @needs("dynamodb:ListBackups", on="everything")
    @refused_if_final()
    def deletion_backup_of(self, source: TableRef, table_id: str | None) -> KeptBackup | None:
        """See ``ports.DeletionBackups``."""
        client = self._client_for(source.region)
        newest: BackupSummaryTypeDef | None = None
        with later_if_passing():
            pages = client.get_paginator("list_backups").paginate(
                TableName=source.name, BackupType="SYSTEM"
            )
            for page in pages:
                for backup in page.get("BackupSummaries", []):
                    if table_id not in (None, backup.get("TableId")):
                        continue
                    if newest is None or _made(backup) > _made(newest):
                        newest = backup
        return KeptBackup(newest["BackupArn"], _made(newest)) if newest else None


def _made(backup: "BackupSummaryTypeDef") -> datetime:
    return backup["BackupCreationDateTime"].astimezone(UTC)
