"""A table as it is now. A report is as old as its sweep; what needs a person is looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian_cli.aws.complaints import is_denied

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian_cli.aws.door import Door


@dataclass(frozen=True)
class Switch:
    """Point-in-time recovery of a table; what isn't known while it is off is None."""

    is_on: bool
    period: int | None = None
    """In days."""
    earliest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True)
class LiveTable:
    """A table as DynamoDB describes it."""

    arn: str
    status: str
    created_at: datetime | None
    size_in_bytes: int | None
    switch: Switch
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rpartition("/")[2]


def region_of(arn: str) -> str:
    """The region that an ARN names."""
    return arn.split(":")[3]


def account_of(arn: str) -> str:
    """The account that an ARN names."""
    return arn.split(":")[4]


def switch_of(client: DynamoDBClient, arn: str) -> Switch | None:
    """Look at a table's PITR; None where there is no such table, or it isn't ready."""
    try:
        answer: Any = client.describe_continuous_backups(TableName=arn)
    except client.exceptions.TableNotFoundException:
        return None
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return Switch(
        is_on=found.get("PointInTimeRecoveryStatus") == "ENABLED",
        period=found.get("RecoveryPeriodInDays"),
        earliest=found.get("EarliestRestorableDateTime"),
        latest=found.get("LatestRestorableDateTime"),
    )


def look(door: Door, arn: str) -> LiveTable | None:
    """Look at a table with its PITR and its tags; None where there is no such table."""
    client = door.dynamodb(region_of(arn))
    try:
        described: Any = client.describe_table(TableName=arn)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return None
    return LiveTable(
        arn=described["TableArn"],
        status=described["TableStatus"],
        created_at=described.get("CreationDateTime"),
        size_in_bytes=int(described.get("TableSizeBytes", 0)),
        switch=switch_of(client, arn) or Switch(is_on=False),
        tags=tags_of(client, described["TableArn"]),
    )


def tags_of(client: DynamoDBClient, arn: str) -> dict[str, str]:
    """A table's tags."""
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def is_in_order(door: Door, arn: str, period: int | None) -> bool | None:
    """Whether a table is protected with its period by now; None where that can't be seen."""
    try:
        switch = switch_of(door.dynamodb(region_of(arn)), arn)
    except ClientError as error:
        if is_denied(error):
            return None
        raise
    if switch is None:
        return None
    return switch.is_on and (switch.period or 0) >= (period or 0)
