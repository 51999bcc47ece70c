"""The drill workflow's executions."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.endings import ending_in
from pitr_guardian.aws.errors import code_of, later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import utc_now

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class DrillExecutions:
    """``drills.ports.DrillStarts`` and ``DrillEndings``: executions are named after drills' ids."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        """Take the client, and the state machine's ARN."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    @needs("states:StartExecution", on="drill workflow")
    def start(self, drill_id: str) -> None:
        """See ``drills.ports.DrillStarts``."""
        try:
            with later_if_passing():
                self._client.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=drill_id,
                    input=json.dumps({"drillId": drill_id}),
                )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    @needs("states:DescribeExecution", on="drill's execution")
    def ending_of(self, drill_id: str) -> Ending | None:
        """See ``drills.ports.DrillEndings``."""
        arn = self._execution(drill_id)
        try:
            with later_if_passing():
                execution = self._client.describe_execution(executionArn=arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return Ending(arn, "NOT STARTED", utc_now())
        return ending_in(execution)

    @needs("states:StopExecution", on="drill's execution")
    def stop(self, drill_id: str, why: str) -> None:
        """See ``drills.ports.DrillEndings``."""
        try:
            with suppress(self._client.exceptions.ExecutionDoesNotExist), later_if_passing():
                self._client.stop_execution(
                    executionArn=self._execution(drill_id), error="DrillTooLong", cause=why
                )
        except ClientError as error:
            # It has ended meanwhile (ValidationException: API reference, StopExecution).
            if code_of(error) != "ValidationException":
                raise

    def _execution(self, drill_id: str) -> str:
        return f"{self._state_machine_arn.replace(':stateMachine:', ':execution:')}:{drill_id}"
