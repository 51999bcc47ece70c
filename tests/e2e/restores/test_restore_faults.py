"""Whatever goes wrong on the way: one restore at most, and one answer that says how it went."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import pytest

from tests.e2e.embedded_aws import Fault
from tests.e2e.guardian import fresh
from tests.e2e.restores.restorer import Asked, Restorer
from tests.e2e.waiting import eventually

RESTORE = "RestoreTableToPointInTime"
COMPLETED = ["Restore Accepted", "Restore Completed"]
FAILED = ["Restore Accepted", "Restore Failed"]


@pytest.fixture(scope="module")
def source(guardian: Restorer) -> str:
    """A protected table; a restore of it has been seen, so that no function starts cold."""
    name = guardian.protected_table()
    guardian.put(name, only="item")
    guardian.restore(name, settings="none")
    return name


def restoring_calls(guardian: Restorer, **fault: Any) -> Fault:
    """A fault that waits for nobody's restore but the guardian's."""
    role = guardian.role_of("StartRestoreFunction")
    return guardian.aws.faults.fail(RESTORE, caller=role, **fault)


# -- the same request again -------------------------------------------------------------------


def test_the_same_request_twice_at_once_is_one_restore(guardian: Restorer, source: str) -> None:
    asked = guardian.ask(source)
    guardian.put_request(asked.content)
    guardian.completed(asked)
    guardian.put_request(asked.content)
    eventually(
        lambda: (
            sum(
                line.get("message") == "known already" or "known already" in str(line)
                for line in guardian.log("accept-restore")
                if asked.id in str(line)
            )
            >= 2
        ),
        "both repetitions are known already",
    )
    assert guardian.kinds(asked) == COMPLETED


def test_the_same_id_for_another_request_is_refused(guardian: Restorer, source: str) -> None:
    asked = guardian.ask(source, settings="none")
    guardian.completed(asked)
    other = guardian.ask(source, requestId=asked.id)
    error = guardian.rejected(other)["error"]
    assert error == f"requestId: {asked.id} was used for another request; choose a new one"
    assert guardian.kinds(asked) == [*COMPLETED, "Restore Rejected"]
    assert guardian.describe(other.target) is None


# -- answers that are lost, and calls that come to nothing ------------------------------------


def test_a_restore_whose_answer_is_lost_is_found_and_completed(
    guardian: Restorer, source: str
) -> None:
    target = fresh("Restored")
    with guardian.aws.faults.lose_answer(RESTORE, table=target) as lost:
        completed = guardian.restore(source, target)
        assert lost.hits == 1
    assert completed["settings"]["applied"] == ["pitr"]
    assert guardian.items(target) == {"only": "item"}


def test_a_restore_whose_answer_is_lost_and_whose_retries_are_throttled_is_found(
    guardian: Restorer, source: str
) -> None:
    """Throttling says that nothing was done, but only of the call that was throttled."""
    target = fresh("Restored")
    faults = guardian.aws.faults
    with (
        faults.lose_answer(RESTORE, table=target),
        faults.fail(RESTORE, "ThrottlingException", table=target, times=3),
    ):
        guardian.restore(source, target, settings="none")
    assert guardian.items(target) == {"only": "item"}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("LimitExceededException", 400),
        ("ThrottlingException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_what_passes_is_tried_again(
    guardian: Restorer, source: str, code: str, status: int
) -> None:
    target = fresh("Restored")
    with restoring_calls(guardian, code=code, status=status, table=target, times=2) as fault:
        asked = guardian.ask(source, target, settings="none")
        guardian.completed(asked)
        assert fault.hits == 2
    waiting = ["Restore Waiting"] if code == "LimitExceededException" else []
    assert guardian.kinds(asked) == [COMPLETED[0], *waiting, COMPLETED[1]]


@pytest.mark.parametrize(
    ("operation", "function"),
    [
        ("DescribeTable", "AcceptRestoreFunction"),
        ("DescribeTimeToLive", "SurveySettingsFunction"),
        ("DescribeTable", "StartRestoreFunction"),
        ("DescribeTable", "CheckRestoreFunction"),
        ("UpdateContinuousBackups", "CarrySettingsFunction"),
        ("TagResource", "CarrySettingsFunction"),
    ],
)
def test_a_busy_aws_is_asked_again_at_every_step(
    guardian: Restorer, source: str, operation: str, function: str
) -> None:
    """Four times: longer than the SDK's own patience."""
    role = guardian.role_of(function)
    with guardian.aws.faults.fail(operation, "ThrottlingException", caller=role, times=4) as fault:
        asked = guardian.ask(source)
        if function == "AcceptRestoreFunction":
            # Lambda tries an event again after a minute; the bus may also deliver it again.
            eventually(lambda: fault.hits >= 3, "the request could not be looked at")
            guardian.put_request(asked.content)
        completed = guardian.completed(asked)
        assert fault.hits == 4
    assert completed["settings"]["failed"] == []
    assert guardian.kinds(asked) == COMPLETED


# -- what is final ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "TableNotFoundException",
        "PointInTimeRecoveryUnavailableException",
        "InvalidRestoreTimeException",
        "ValidationException",
        "AccessDeniedException",
        "KMSAccessDeniedException",
    ],
)
def test_what_is_final_fails_with_aws_own_words(guardian: Restorer, source: str, code: str) -> None:
    target = fresh("Restored")
    with restoring_calls(guardian, code=code, message="AWS says why.", table=target) as fault:
        asked = guardian.ask(source, target, requestedBy="anna")
        failed = guardian.failed(asked)
        assert fault.hits == 1
    assert guardian.kinds(asked) == FAILED
    assert failed.detail == {
        "version": "1",
        "id": f"restore/{asked.id}/failed",
        "time": failed["time"],
        "severity": "critical",
        "reason": f"The restore of {source} to {target} failed: {code}: AWS says why.",
        "table": failed["table"],
        "requestId": asked.id,
        "requestedBy": "anna",
        "requestReason": None,
        "sourceTable": source,
        "targetTable": target,
        "restoreTo": "latest",
        "error": f"RefusedError: {code}: AWS says why.",
    }
    assert failed["table"]["arn"] == guardian.arn(source)
    assert guardian.describe(target) is None
    remembered = guardian.ledger_record(asked.id)
    assert remembered["outcome"] == "failed"
    assert remembered["failure"] == failed["error"]


def test_a_source_that_loses_pitr_after_the_request_fails(guardian: Restorer) -> None:
    source = guardian.protected_table()
    faults = guardian.aws.faults
    survey, enforce = map(guardian.role_of, ("SurveySettingsFunction", "EnforceFunction"))
    with (
        faults.delay("DescribeTable", 1.0, table=source, caller=survey) as fault,
        faults.fail(
            "UpdateContinuousBackups",
            "ThrottlingException",
            table=source,
            caller=enforce,
            times=None,
        ),
    ):
        asked = guardian.ask(source)
        eventually(lambda: fault.hits == 1, "the source is about to be looked at again")
        guardian.switch(source, on=False)
        failed = guardian.failed(asked)
    assert "PITR was switched off on" in failed["error"]
    assert guardian.kinds(asked) == FAILED


def test_a_source_that_is_deleted_after_the_request_fails(guardian: Restorer) -> None:
    source = guardian.protected_table()
    role = guardian.role_of("SurveySettingsFunction")
    with guardian.aws.faults.delay("DescribeTable", 1.0, table=source, caller=role) as fault:
        asked = guardian.ask(source)
        eventually(lambda: fault.hits == 1, "the source is about to be looked at again")
        guardian.client("dynamodb").delete_table(TableName=source)
        failed = guardian.failed(asked)
    assert f"the source table {source}" in failed["error"]
    assert guardian.kinds(asked) == FAILED


def test_a_table_that_somebody_else_creates_meanwhile_is_left_alone(
    guardian: Restorer, source: str
) -> None:
    target = fresh("Restored")
    with guardian.aws.faults.delay(RESTORE, 1.0, table=target) as fault:
        asked = guardian.ask(source, target)
        eventually(lambda: fault.hits == 1, "the restore is about to start")
        guardian.client("dynamodb").create_table(
            TableName=target,
            KeySchema=[{"AttributeName": "theirs", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "theirs", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        failed = guardian.failed(asked)
    assert "was created by somebody else since the request; choose another name" in failed["error"]
    assert guardian.kinds(asked) == FAILED
    assert guardian.table(target)["KeySchema"][0]["AttributeName"] == "theirs"
    tags = guardian.client("dynamodb").list_tags_of_resource(ResourceArn=guardian.arn(target))
    assert tags["Tags"] == []


# -- settings that can't be put back ----------------------------------------------------------


def test_one_setting_that_cannot_be_put_back_stops_no_other(guardian: Restorer) -> None:
    source = guardian.protected_table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    target = fresh("Restored")
    with guardian.aws.faults.fail(
        "UpdateTable", "AccessDeniedException", message="AWS says why.", table=target, times=None
    ):
        completed = guardian.restore(source, target)
    assert completed["severity"] == "warning"
    assert completed["reason"].endswith("but not all of its settings could be put back.")
    assert completed["settings"]["applied"] == ["pitr", "tags"]
    [failure] = completed["settings"]["failed"]
    assert failure["setting"] == "stream"
    assert "AccessDeniedException" in failure["error"]
    assert "AWS says why." in failure["error"]


def test_a_setting_that_cannot_be_read_stops_no_restore(guardian: Restorer, source: str) -> None:
    role = guardian.role_of("SurveySettingsFunction")
    with guardian.aws.faults.fail(
        "DescribeTimeToLive", "AccessDeniedException", message="AWS says why.", caller=role
    ):
        completed = guardian.restore(source)
    [failure] = completed["settings"]["failed"]
    assert failure["setting"] == "ttl"
    assert failure["error"].startswith("could not be read from the source: ")


def test_a_table_that_is_deleted_while_its_settings_are_put_back_fails_promptly(
    guardian: Restorer, source: str
) -> None:
    target = fresh("Restored")
    role = guardian.role_of("CarrySettingsFunction")
    with guardian.aws.faults.delay(
        "UpdateContinuousBackups", 1.0, table=target, caller=role
    ) as fault:
        asked = guardian.ask(source, target)
        eventually(lambda: fault.hits == 1, "the settings are about to be put back", 30)
        guardian.client("dynamodb").delete_table(TableName=target)
        since = time.monotonic()
        failed = guardian.failed(asked)
    assert time.monotonic() - since < 20
    assert failed["error"].startswith("TargetDeleted: ")
    assert guardian.kinds(asked) == FAILED


# -- ended from outside -----------------------------------------------------------------------


def test_a_workflow_that_is_stopped_is_answered_for(guardian: Restorer, source: str) -> None:
    target = fresh("Restored")
    with guardian.aws.faults.fail(RESTORE, "ThrottlingException", table=target, times=None) as busy:
        asked = guardian.ask(source, target)
        eventually(lambda: busy.hits > 0, "the restore is being asked for")
        arn = guardian.execution_arn(asked.id)
        guardian.client("stepfunctions").stop_execution(executionArn=arn)
        failed = guardian.failed(asked)
    assert failed["error"] == f"WorkflowAborted: the restore workflow {arn} ended as ABORTED"
    assert failed["id"] == f"restore/{asked.id}/failed"
    assert failed["table"]["arn"] == guardian.arn(source)
    _quiet(guardian, asked)
    # Whoever answers for it can't know whether it had come to say the first word.
    assert guardian.kinds(asked) == ["Restore Accepted", *FAILED]
    assert len({fact["id"] for fact in guardian.told_of(asked.id)}) == len(FAILED)


def test_a_workflow_that_was_started_by_hand_does_and_tells_nothing(
    guardian: Restorer, source: str
) -> None:
    """Whoever may start executions may hand them an order of their own."""
    asked = guardian.ask(source, settings="none")
    guardian.completed(asked)
    workflows = guardian.client("stepfunctions")
    accepted = workflows.describe_execution(executionArn=guardian.execution_arn(asked.id))
    target, request_id = fresh("Restored"), fresh("request")
    made_up = accepted["input"].replace(asked.target, target).replace(asked.id, request_id)
    for name, given in ((request_id, made_up), (fresh("again"), accepted["input"])):
        workflows.start_execution(
            stateMachineArn=guardian.stack.outputs["RestoreStateMachineArn"], name=name, input=given
        )
        eventually(partial(_is_refused, guardian, name), f"{name} is refused")
    _quiet(guardian, asked)
    assert guardian.told_of(request_id) == []
    assert guardian.kinds(asked) == COMPLETED
    assert guardian.describe(target) is None


def test_a_function_that_is_invoked_by_hand_changes_no_other_table(
    guardian: Restorer, source: str
) -> None:
    asked = guardian.ask(source, settings="none")
    guardian.completed(asked)
    workflows = guardian.client("stepfunctions")
    accepted = workflows.describe_execution(executionArn=guardian.execution_arn(asked.id))
    victim = guardian.protected_table()
    event = {
        "order": json.loads(accepted["input"].replace(asked.target, victim)),
        "setting": "pitr",
        "cursor": None,
        "tableId": None,
        "restoredTo": None,
        "recoveryPeriodInDays": 1,
    }
    answer = guardian.client("lambda").invoke(
        FunctionName=guardian.physical_id("CarrySettingsFunction"), Payload=json.dumps(event)
    )
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "NotUnderWayError"
    assert guardian.pitr(victim)["RecoveryPeriodInDays"] == 35


def _is_refused(guardian: Restorer, name: str) -> bool:
    return guardian.execution(name) == "FAILED"


def _quiet(guardian: Restorer, asked: Asked) -> None:
    """Return when a later request has been answered: what was to be said before was said."""
    guardian.answer(guardian.ask(asked.source, dryRun=True))
