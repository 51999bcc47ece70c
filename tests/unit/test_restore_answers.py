"""The answer for a restore whose workflow was ended from outside."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.restore_answers import abandoned
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import order

EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:pitr-guardian-restore:r-1"


def change(status: str, **fields: Any) -> dict[str, Any]:
    """The detail of EventBridge's Step Functions Execution Status Change."""
    return {
        "executionArn": EXECUTION,
        "status": status,
        "input": order(**fields).model_dump_json(by_alias=True),
        "output": None,
    }


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_the_failure_tells_the_request_and_how_it_ended(status: str) -> None:
    fields = {"restoreTo": "2026-10-05T09:30:00Z", "requestedBy": "anna"}
    fact = abandoned(change(status, **fields), "2026-10-05T10:00:00Z")
    assert fact.detail_type == "Restore Failed"
    error = f"the restore workflow {EXECUTION} ended as {status}"
    assert fact.detail() == {
        "version": "1",
        "id": "restore/r-1/failed",
        "time": "2026-10-05T10:00:00.000Z",
        "severity": "critical",
        "reason": f"The restore of orders was not seen through: {error}.",
        "table": {"arn": ORDERS.arn, "name": "orders", "account": ACCOUNT, "region": REGION},
        "error": error,
        "requestId": "r-1",
        "requestedBy": "anna",
        "sourceTable": "orders",
        "targetTable": "orders-copy",
        "restoreTo": "2026-10-05T09:30:00.000Z",
    }


@pytest.mark.parametrize("restore_to", ["latest", "deletion"])
def test_a_restore_to_no_named_instant_is_told_as_it_was_asked_for(restore_to: str) -> None:
    fact = abandoned(change("ABORTED", restoreTo=restore_to), "2026-10-05T10:00:00Z")
    assert fact.restore_to == restore_to
