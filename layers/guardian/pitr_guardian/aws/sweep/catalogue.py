"""The tables of a region: the list, each one's PITR, and the tags that the policy knows."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    NOT_FOUND,
    code_of,
    later_if_passing,
    refused_if_final,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import (
    has_key,
    window_of,
)
from pitr_guardian.sweep.ports import Page
from pitr_guardian.tables.observation import (
    Seen,
    Switch,
)
from pitr_guardian.tables.reference import (
    InvalidTableError,
    Place,
    Scope,
    TableRef,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

_TAGGED_AT_ONCE = 100  # the most that GetResources gives a page


class DynamoCatalogue:
    """``sweep.ports.Catalogue`` on DynamoDB and the Resource Groups Tagging API.

    The DynamoDB clients must not try again by themselves: each try counts against the pace.
    """

    def __init__(
        self,
        dynamodb_in: Callable[[Place], "DynamoDBClient"],
        tagging_in: Callable[[Place], "ResourceGroupsTaggingAPIClient"],
    ) -> None:
        """Take the doors to both services."""
        self._dynamodb_in = dynamodb_in
        self._tagging_in = tagging_in

    @needs("dynamodb:ListTables", on="everything")
    def page(self, scope: Scope, after: str | None, size: int) -> Page:
        """See ``sweep.ports.Catalogue``."""
        begin = {"ExclusiveStartTableName": after} if after else {}
        with refused_if_final(), later_if_passing():
            answer = self._dynamodb_in(scope).list_tables(Limit=size, **begin)
        tables = [
            TableRef(scope.partition, scope.account, scope.region, name)
            for name in answer["TableNames"]
        ]
        return Page(tables, answer.get("LastEvaluatedTableName"))

    @needs("dynamodb:DescribeContinuousBackups", on="table")
    def switch(self, table: TableRef) -> Switch | None:
        """See ``sweep.ports.Catalogue``."""
        client = self._dynamodb_in(table)
        answer = _if_there(lambda: client.describe_continuous_backups(TableName=table.arn))
        if answer is None:
            return None
        switch = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return Switch(
            on=switch.get("PointInTimeRecoveryStatus") == "ENABLED",
            period=switch.get("RecoveryPeriodInDays"),
            window=window_of(switch),
        )

    @needs("dynamodb:DescribeTable", on="table")
    def see(self, table: TableRef, switch: Switch) -> Seen | None:
        """See ``sweep.ports.Catalogue``."""
        client = self._dynamodb_in(table)
        answer = _if_there(lambda: client.describe_table(TableName=table.arn))
        if answer is None:
            return None
        described = answer["Table"]
        born_at = described.get("CreationDateTime")
        return Seen(
            switch,
            table_id=described.get("TableId"),
            born_at=born_at.astimezone(UTC) if born_at else None,
            status=described.get("TableStatus", "unknown"),
            has_key=has_key(described),
        )

    @needs("tag:GetResources", on="everything")
    def tags(self, scope: Scope, keys: Sequence[str]) -> Mapping[TableRef, Mapping[str, str]]:
        """See ``sweep.ports.Catalogue``. AWS joins filters by "and": a call for each key."""
        pages = self._tagging_in(scope).get_paginator("get_resources")
        found: dict[TableRef, dict[str, str]] = {}
        with refused_if_final(), later_if_passing():
            for key in dict.fromkeys(keys):
                for page in pages.paginate(
                    TagFilters=[{"Key": key}],
                    ResourceTypeFilters=["dynamodb:table"],
                    PaginationConfig={"PageSize": _TAGGED_AT_ONCE},
                ):
                    for resource in page["ResourceTagMappingList"]:
                        tags = {tag["Key"]: tag["Value"] for tag in resource["Tags"]}
                        # What isn't a table's ARN is no table's tags, and no reason to stop.
                        with suppress(InvalidTableError):
                            found[TableRef.from_arn(resource["ResourceARN"])] = tags
        return found


def _if_there[Answer](ask: Callable[[], Answer]) -> Answer | None:
    """Ask about a table; None where there is no such table."""
    with refused_if_final():
        try:
            with later_if_passing():
                return ask()
        except ClientError as error:
            if code_of(error) not in NOT_FOUND:
                raise
    return None
