"""The restore workflow's executions."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.endings import ending_in
from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.ports import RequestIdTakenError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class RestoreWorkflow:
    """``ports.Workflows`` on Step Functions: executions are named after the request's id."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        """Take the client and the state machine's ARN."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    @needs("states:DescribeExecution", on="restore's execution")
    def request_of(self, request_id: str) -> Mapping[str, Any] | None:
        """See ``restore.ports.Workflows``."""
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            with later_if_passing():
                execution = self._client.describe_execution(executionArn=f"{arn}:{request_id}")
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        request: Mapping[str, Any] = json.loads(execution["input"])["request"]
        return request

    @needs("states:DescribeExecution", on="restore's execution")
    def ending_of(self, request_id: str) -> Ending | None:
        """See ``restore.ports.Executions``."""
        arn = f"{self._state_machine_arn.replace(':stateMachine:', ':execution:')}:{request_id}"
        try:
            with later_if_passing():
                execution = self._client.describe_execution(executionArn=arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return Ending(arn, "NOT STARTED", utc_now())
        return ending_in(execution)

    @needs("states:StartExecution", on="restore workflow")
    def start(self, order: Order) -> None:
        """See ``restore.ports.Workflows``."""
        try:
            with later_if_passing():
                self._client.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=order.request.request_id,
                    input=order.model_dump_json(by_alias=True),
                )
        except self._client.exceptions.ExecutionAlreadyExists as error:
            raise RequestIdTakenError(order.request.request_id) from error
