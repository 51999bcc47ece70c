"""The executions of the undos' workflows."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pitr_guardian.aws.endings import ending_in
from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.undo.record import Phase

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class UndoExecutions:
    """``undo.ports.UndoStarts`` and ``UndoEndings`` on Step Functions, named after plans' ids."""

    def __init__(self, client: "SFNClient", machines: Mapping[Phase, str]) -> None:
        """Take the client, and the ARNs of the state machines of those phases that are used."""
        self._client = client
        self._machines = machines

    @needs("states:StartExecution", on="undo workflow")
    def start(self, plan_id: str, phase: Phase) -> None:
        """See ``undo.ports.UndoStarts``."""
        try:
            with later_if_passing():
                self._client.start_execution(
                    stateMachineArn=self._machines[phase],
                    name=plan_id,
                    input=json.dumps({"planId": plan_id}),
                )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    @needs("states:DescribeExecution", on="undo's execution")
    def ending_of(self, plan_id: str, phase: Phase) -> Ending | None:
        """See ``undo.ports.UndoEndings``."""
        arn = f"{self._machines[phase].replace(':stateMachine:', ':execution:')}:{plan_id}"
        try:
            with later_if_passing():
                execution = self._client.describe_execution(executionArn=arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return Ending(arn, "NOT STARTED", utc_now())
        return ending_in(execution)
