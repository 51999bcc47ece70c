"""Executions of the drill workflow: started once, looked up, and stopped."""

from __future__ import annotations

import boto3
import pytest

from pitr_guardian.aws.drills.workflow import DrillExecutions
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT


@pytest.fixture
def executions() -> DrillExecutions:
    client = boto3.client("stepfunctions", region_name=REGION)
    machine = client.create_state_machine(
        name="pitr-guardian-drill",
        definition='{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 9999, '
        '"End": true}}}',
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/workflow",
    )
    return DrillExecutions(client, machine["stateMachineArn"])


def test_one_that_runs_has_no_ending_until_it_is_stopped(executions: DrillExecutions) -> None:
    executions.start("d-1")
    executions.start("d-1")
    assert executions.ending_of("d-1") is None
    executions.stop("d-1", "its copy was there for 3 days")
    ending = executions.ending_of("d-1")
    assert ending
    assert ending.status == "ABORTED"


def test_one_that_there_isnt_was_not_started_and_stopping_it_is_harmless(
    executions: DrillExecutions,
) -> None:
    executions.stop("d-2", "why")
    ending = executions.ending_of("d-2")
    assert ending
    assert ending.status == "NOT STARTED"
