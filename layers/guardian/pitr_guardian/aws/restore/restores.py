"""Restores on DynamoDB: definitions, backups, targets, and the call that starts one."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    NOT_FOUND,
    code_of,
    later_if_passing,
    message_of,
    refused_if_final,
)
from pitr_guardian.aws.regions import AwsRegions
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.rights import (
    needs,
    passes_on,
)
from pitr_guardian.restore.plan import RestoreCall
from pitr_guardian.restore.ports import (
    AtCapacityError,
    TableQuotaError,
    TargetTakenError,
)
from pitr_guardian.restore.target import (
    Backup,
    Lineage,
    Target,
)
from pitr_guardian.tables.definition import (
    Definition,
    definition_of,
    definition_of_backup,
)
from pitr_guardian.tables.reference import Place, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TAKEN = frozenset({"TableAlreadyExistsException", "TableInUseException"})
# Developer guide, "Restoring a table to a point in time": rights on the new table.
_FILLING = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
# Developer guide, "DynamoDB encryption at rest", authorizing use of a customer managed key.
_ENCRYPTING = (
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)
# Of a full account AWS says "Subscriber limit exceeded: There is a limit of 256 tables per
# subscriber", and of too many at once "Only 10 tables can be created, updated, or deleted
# simultaneously" (both as the Terraform provider tells them apart). What isn't known waits.
_FULL_FOR_GOOD = re.compile(
    r"limit of [\d,]+ tables per|tables per (account|subscriber)", re.IGNORECASE
)
_NO_BACKUP = NOT_FOUND | {"BackupNotFoundException"}


class InstantRestores:
    """``restore.ports.Restores`` of instants only: who uses it needs no right to any backup."""

    def __init__(
        self,
        client_for: "Callable[[Place], DynamoDBClient]",
        once_for: "Callable[[Place], DynamoDBClient]",
    ) -> None:
        """Take the doors to DynamoDB, the second of which tries a call once only."""
        self._client_for = client_for
        self._once_for = once_for

    @refused_if_final()
    def target_of(self, target: TableRef) -> Target | None:
        """See ``restore.ports.Restores``."""
        table = _described(self._client_for(target), target)
        return None if table is None else _target(table)

    def start(self, call: RestoreCall) -> Target:
        """See ``restore.ports.Restores``."""
        return _restored(self._once_for(call.target), call)


class DynamoRestores:
    """``restore.ports.Restores``, and what goes with them, on DynamoDB."""

    def __init__(
        self,
        client_for: "Callable[[Place], DynamoDBClient]",
        once_for: "Callable[[Place], DynamoDBClient]",
        keys: KmsKeys,
    ) -> None:
        """Take the doors to DynamoDB, the second of which tries a call once only, and the keys."""
        self._client_for = client_for
        self._once_for = once_for
        self._keys = keys

    def partition_of(self, region: str) -> str | None:
        """See ``ports.Regions``."""
        return AwsRegions().partition_of(region)

    @refused_if_final()
    def definition_of(self, source: TableRef) -> Definition | None:
        """See ``restore.ports.Restores``."""
        table = _described(self._client_for(source), source)
        if table is None:
            return None
        return definition_of(table, self._is_aws_managed(table.get("SSEDescription"), source))

    @needs("dynamodb:DescribeBackup", on="backup")
    @refused_if_final()
    def backup_of(self, source: TableRef, arn: str) -> Backup | None:
        """See ``restore.ports.Restores``."""
        client = self._client_for(source)
        try:
            with later_if_passing():
                described = client.describe_backup(BackupArn=arn)["BackupDescription"]
        except ClientError as error:
            if code_of(error) in _NO_BACKUP:
                return None
            raise
        features: Mapping[str, Any] = described.get("SourceTableFeatureDetails", {})
        managed = self._is_aws_managed(features.get("SSEDescription"), source)
        details = described["BackupDetails"]
        return Backup(
            arn=arn,
            created_at=details["BackupCreationDateTime"].astimezone(UTC),
            type=details["BackupType"],
            status=details["BackupStatus"],
            table_id=described["SourceTableDetails"].get("TableId"),
            definition=definition_of_backup(described, managed),
            ttl=_ttl(features.get("TimeToLiveDescription")),
            stream=_stream(features.get("StreamDescription")),
        )

    @refused_if_final()
    def target_of(self, target: TableRef) -> Target | None:
        """See ``restore.ports.Restores``."""
        table = _described(self._client_for(target), target)
        return None if table is None else _target(table)

    def start(self, call: RestoreCall) -> Target:
        """See ``restore.ports.Restores``."""
        client = self._once_for(call.target)
        if call.operation == "RestoreTableFromBackup":
            return _restored_from_backup(client, call)
        return _restored(client, call)

    def _is_aws_managed(self, sse: Mapping[str, Any] | None, table: TableRef) -> bool:
        key = (sse or {}).get("KMSMasterKeyArn")
        return key is not None and self._keys.is_aws_managed(key, table)


@needs("dynamodb:DescribeTable", on="table")
def _described(client: "DynamoDBClient", table: TableRef) -> Mapping[str, Any] | None:
    try:
        with later_if_passing():
            return client.describe_table(TableName=table.arn)["Table"]
    except ClientError as error:
        if code_of(error) in NOT_FOUND:
            return None
        raise


@needs("dynamodb:RestoreTableToPointInTime", on="table")
@passes_on(*_FILLING, on="table", why="DynamoDB writes the items under the caller's rights")
@passes_on(*_ENCRYPTING, on="key", why="DynamoDB asks them of whoever chooses a table's key")
def _restored(client: "DynamoDBClient", call: RestoreCall) -> Target:
    with refused_if_final(), later_if_passing(), _taken_or_full():
        answer = client.restore_table_to_point_in_time(**call.parameters)
    return _target(answer["TableDescription"])


@needs("dynamodb:RestoreTableFromBackup", on="table")
@needs("dynamodb:RestoreTableFromBackup", on="backup")
@passes_on(*_FILLING, on="table", why="DynamoDB writes the items under the caller's rights")
@passes_on(*_ENCRYPTING, on="key", why="DynamoDB asks them of whoever chooses a table's key")
def _restored_from_backup(client: "DynamoDBClient", call: RestoreCall) -> Target:
    with refused_if_final(), later_if_passing(), _taken_or_full():
        answer = client.restore_table_from_backup(**call.parameters)
    return _target(answer["TableDescription"])


@contextmanager
def _taken_or_full() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) in _TAKEN:
            raise TargetTakenError(message_of(error)) from error
        if code_of(error) == "LimitExceededException":
            if _FULL_FOR_GOOD.search(message_of(error)):
                raise TableQuotaError(message_of(error)) from error
            raise AtCapacityError(message_of(error)) from error
        raise


def _target(table: Mapping[str, Any]) -> Target:
    summary = table.get("RestoreSummary")
    return Target(
        status=table.get("TableStatus", "unknown"),
        index_statuses=tuple(
            index.get("IndexStatus", "unknown")
            for kind in ("GlobalSecondaryIndexes", "VectorIndexes")
            for index in table.get(kind, [])
        ),
        table_id=table.get("TableId"),
        created_at=_utc(table.get("CreationDateTime")),
        lineage=None if summary is None else _lineage(summary),
    )


def _lineage(summary: Mapping[str, Any]) -> Lineage:
    return Lineage(
        source_arn=summary.get("SourceTableArn"),
        backup_arn=summary.get("SourceBackupArn"),
        restored_to=_utc(summary.get("RestoreDateTime")),
    )


def _ttl(description: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not description or description.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        return None
    return {"attribute": description["AttributeName"]}


def _stream(description: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not description or not description.get("StreamEnabled"):
        return None
    return {"viewType": description["StreamViewType"]}


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
