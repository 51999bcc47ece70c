"""The answer for a restore whose workflow was ended from outside."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.facts import RestoreFailed
from pitr_guardian.restore_answers import LastWord
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.facts import FakeFacts
from tests.fakes.ledger import FakeLedger
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


def tell(detail: dict[str, Any], ledger: FakeLedger | None = None) -> RestoreFailed:
    facts = FakeFacts()
    LastWord(ledger or FakeLedger(), facts).speak(detail, "2026-10-05T10:00:00Z")
    (fact,) = facts.published
    assert isinstance(fact, RestoreFailed)
    return fact


def test_the_ledger_has_the_failure_as_well() -> None:
    ledger = FakeLedger()
    fact = tell(change("ABORTED"), ledger)
    assert ledger.failures == {"r-1": (fact.error, fact.time)}


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_the_failure_tells_the_request_and_how_it_ended(status: str) -> None:
    fields = {"restoreTo": "2026-10-05T09:30:00Z", "requestedBy": "anna", "reason": "oops"}
    fact = tell(change(status, **fields))
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
        "requestReason": "oops",
        "sourceTable": "orders",
        "targetTable": "orders-copy",
        "restoreTo": "2026-10-05T09:30:00.000Z",
    }


@pytest.mark.parametrize("restore_to", ["latest", "deletion"])
def test_a_restore_to_no_named_instant_is_told_as_it_was_asked_for(restore_to: str) -> None:
    fact = tell(change("ABORTED", restoreTo=restore_to))
    assert fact.restore_to == restore_to
