"""How workflows ended, in the words that advice goes by."""

from datetime import UTC, datetime

import pytest

from pitr_guardian.basics.ending import NAMES, Ending

ARN = "arn:aws:states:eu-central-1:111122223333:execution:undo:u-1"
AT = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("ABORTED", "WorkflowAborted"),
        ("TIMED_OUT", "WorkflowTimedOut"),
        ("NOT STARTED", "WorkflowNotStarted"),
        ("FAILED", "WorkflowFailed"),
        ("SUCCEEDED", "WorkflowFailed"),
        ("anything", "WorkflowFailed"),
    ],
)
def test_an_error_begins_with_a_name_that_is_known(status: str, name: str) -> None:
    error = Ending(ARN, status, AT).as_error("workflow")
    assert error == f"{name}: the workflow {ARN} ended as {status}"
    assert name in NAMES


def test_what_was_said_goes_along_and_not_at_length() -> None:
    ending = Ending(ARN, "FAILED", AT, "States.Runtime", "a\nb" + "x" * 32_768)
    assert ending.as_error("workflow").endswith("…)")
    assert "(States.Runtime: a bxxx" in ending.as_error("workflow")
    assert len(ending.as_error("workflow")) < 1200


def test_it_is_read_as_eventbridge_tells_it() -> None:
    told = {"executionArn": ARN, "status": "ABORTED", "cause": "by hand"}
    ending = Ending.told(told, "2026-11-25T00:00:00Z")
    assert ending == Ending(ARN, "ABORTED", AT, None, "by hand")
    assert ending.execution == "u-1"
