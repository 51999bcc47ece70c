"""The backups that are left of tables."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    NOT_FOUND,
    code_of,
    later_if_passing,
    refused_if_final,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.tables.kept_backup import (
    KeptBackup,
    newest_first,
)
from pitr_guardian.tables.reference import Place, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import BackupSummaryTypeDef

_NO_BACKUP = NOT_FOUND | {"BackupNotFoundException"}


class DynamoDeletionBackups:
    """``drift.ports.DeletionBackups`` on DynamoDB.

    ``ListBackups`` names on-demand backups, those that DynamoDB keeps of deleted tables, and AWS
    Backup's of the kind that DynamoDB stores. What AWS Backup manages in full isn't in it, and is
    restored by AWS Backup (AWS Backup developer guide, "Advanced DynamoDB backup").
    """

    def __init__(self, client_for: "Callable[[Place], DynamoDBClient]") -> None:
        """Take the door to DynamoDB: a client for a place."""
        self._client_for = client_for

    @needs("dynamodb:ListBackups", on="everything")
    @refused_if_final()
    def backups_of(self, table: TableRef) -> Sequence[KeptBackup]:
        """See ``tables.ports.KeptBackups``. By name: AWS takes no ARN of a table that is gone."""
        with later_if_passing():
            # Without a type, AWS lists the on-demand ones only (API reference, ListBackups).
            pages = (
                self._client_for(table)
                .get_paginator("list_backups")
                .paginate(TableName=table.name, BackupType="ALL")
            )
            summaries = [backup for page in pages for backup in page.get("BackupSummaries", [])]
        return newest_first(
            _kept(backup) for backup in summaries if backup.get("BackupStatus") == "AVAILABLE"
        )

    @needs("dynamodb:DescribeBackup", on="backup")
    @refused_if_final()
    def birth_of_table(self, table: TableRef, backup_arn: str) -> datetime | None:
        """See ``drift.ports.DeletionBackups``."""
        try:
            with later_if_passing():
                described = self._client_for(table).describe_backup(BackupArn=backup_arn)
        except ClientError as error:
            if code_of(error) in _NO_BACKUP:
                return None
            raise
        details = described["BackupDescription"].get("SourceTableDetails")
        return details["TableCreationDateTime"].astimezone(UTC) if details else None


def _kept(backup: "BackupSummaryTypeDef") -> KeptBackup:
    return KeptBackup(
        arn=backup["BackupArn"],
        created_at=backup["BackupCreationDateTime"].astimezone(UTC),
        type=backup.get("BackupType", "USER"),
        table_id=backup.get("TableId"),
    )
