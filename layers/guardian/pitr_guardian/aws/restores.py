"""Point-in-time restores on DynamoDB, and the workflow that sees them through."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import code_of, later_if_passing
from pitr_guardian.ports import RequestIdTakenError, TargetTakenError
from pitr_guardian.restore import Target
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient


class DynamoRestores:
    """``ports.Restores`` on DynamoDB."""

    def __init__(self, client_for: "Callable[[str], DynamoDBClient]") -> None:
        """Take the door to DynamoDB: a client for a region."""
        self._client_for = client_for

    def target_of(self, target: TableRef) -> Target | None:
        """See ``ports.Restores``."""
        client = self._client_for(target.region)
        try:
            with later_if_passing():
                table = client.describe_table(TableName=target.arn)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return None
        summary = table.get("RestoreSummary", {})
        restored_to = summary.get("RestoreDateTime")
        return Target(
            status=table.get("TableStatus", "unknown"),
            index_statuses=tuple(
                index.get("IndexStatus", "unknown")
                for index in table.get("GlobalSecondaryIndexes", [])
            ),
            source_arn=summary.get("SourceTableArn"),
            restored_to=restored_to.astimezone(UTC) if restored_to else None,
        )

    def start(
        self, source: TableRef, target: TableRef, instant: datetime | None
    ) -> datetime | None:
        """See ``ports.Restores``."""
        moment: dict[str, Any] = (
            {"UseLatestRestorableTime": True} if instant is None else {"RestoreDateTime": instant}
        )
        try:
            with later_if_passing():
                answer = self._client_for(target.region).restore_table_to_point_in_time(
                    SourceTableArn=source.arn, TargetTableName=target.name, **moment
                )
        except ClientError as error:
            if code_of(error) in ("TableAlreadyExistsException", "TableInUseException"):
                raise TargetTakenError(f"a table {target} exists already") from error
            raise
        restored_to = answer["TableDescription"].get("RestoreSummary", {}).get("RestoreDateTime")
        return restored_to.astimezone(UTC) if restored_to else instant


class RestoreWorkflow:
    """``ports.Workflows`` on Step Functions: executions are named after the request's id."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        """Take the client and the state machine's ARN."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    def request_of(self, request_id: str) -> Mapping[str, Any] | None:
        """See ``ports.Workflows``."""
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            with later_if_passing():
                execution = self._client.describe_execution(executionArn=f"{arn}:{request_id}")
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        request: Mapping[str, Any] = json.loads(execution["input"])["request"]
        return request

    def start(self, request_id: str, order: Mapping[str, Any]) -> None:
        """See ``ports.Workflows``."""
        try:
            with later_if_passing():
                self._client.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=request_id,
                    input=json.dumps(order),
                )
        except self._client.exceptions.ExecutionAlreadyExists as error:
            raise RequestIdTakenError(request_id) from error
