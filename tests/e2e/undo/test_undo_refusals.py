"""What isn't granted is answered once, with the remedy, and nothing is begun."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import fresh
from tests.e2e.undo.conftest import ALLOWED_ACCOUNT
from tests.e2e.undo.goods import BAD, GOOD
from tests.e2e.undo.undoer import Damaged, Undoer
from tests.e2e.waiting import eventually

FRIEND = Caller(ALLOWED_ACCOUNT, "local")


@pytest.fixture(scope="module")
def damaged(guardian: Undoer) -> Damaged:
    return guardian.damaged(GOOD, BAD)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"table": "Customers"}, "UndoTablePattern"),
        ({"table": "Orders-nowhere"}, "there is no table"),
        ({"from": "yesterday"}, "ISO 8601"),
        ({"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T01:00:00Z"}, "history begins"),
        ({"from": "2020-01-01T00:00:00Z"}, "24 hours"),
        ({"undo": "everything"}, "undo"),
    ],
)
def test_a_request_that_cannot_be_granted_is_refused(
    guardian: Undoer, damaged: Damaged, fields: Json, said: str
) -> None:
    plan_id = guardian.ask(damaged.window, **fields)
    assert said in guardian.rejected(plan_id)["error"]
    assert guardian.kinds(plan_id) == ["Undo Rejected"]
    assert guardian.execution("plan", plan_id) is None


def test_the_same_request_again_is_one_plan_and_another_under_its_id_is_refused(
    guardian: Undoer, damaged: Damaged
) -> None:
    planned = guardian.plan(damaged.window)
    request = {"requestId": planned["planId"], **damaged.window}
    guardian.event("Undo Requested", request)
    guardian.event("Undo Requested", {**request, "changes": ["deleted"]})
    assert "used for another request" in guardian.rejected(planned["planId"])["error"]
    assert guardian.kinds(planned["planId"]) == ["Undo Accepted", "Undo Planned", "Undo Rejected"]


def test_an_approval_needs_a_plan_and_its_fingerprint(guardian: Undoer, damaged: Damaged) -> None:
    nowhere = fresh("undo")
    guardian.event("Undo Approved", {"planId": nowhere, "fingerprint": "0" * 64})
    assert "there is no plan" in guardian.rejected(nowhere)["error"]

    planned = guardian.plan(damaged.window)
    guardian.approve(planned, fingerprint="0" * 64)
    assert "fingerprint" in guardian.rejected(planned["planId"])["error"]
    assert guardian.execution("apply", planned["planId"]) is None
    assert guardian.items(damaged.table) == BAD


def test_a_plan_that_has_expired_is_not_carried_out(guardian: Undoer, damaged: Damaged) -> None:
    planned = guardian.plan(damaged.window)
    guardian.expire(planned)
    guardian.approve(planned)
    assert "could be approved until" in guardian.rejected(planned["planId"])["error"]
    assert guardian.items(damaged.table) == BAD


def test_a_plan_that_was_swapped_is_not_carried_out(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    planned = guardian.plan(damaged.window)
    other = guardian.plan(damaged.window, changes=["inserted"])
    guardian.swap_parts(planned["planId"], other["planId"])
    guardian.approve(planned)
    failed = guardian.failed(planned["planId"])
    assert "PlanChangedError" in failed["error"]
    assert guardian.items(damaged.table) == BAD


def test_the_same_approval_twice_is_one_undo(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    planned = guardian.plan(damaged.window)
    guardian.approve(planned)
    guardian.approve(planned)
    guardian.completed(planned["planId"])
    guardian.approve(planned)
    eventually(
        lambda: [
            line
            for line in guardian.log("undo")
            if line.get("plan_id") == planned["planId"] and "known already" in line["message"]
        ],
        "the third approval is known already",
    )
    kinds = guardian.kinds(planned["planId"])
    assert kinds == ["Undo Accepted", "Undo Planned", "Undo Completed"]
    assert guardian.items(damaged.table) == GOOD


@pytest.mark.parametrize("detail_type", ["Undo Requested", "Undo Approved"])
def test_another_account_may_ask_for_restores_only(guardian: Undoer, detail_type: str) -> None:
    place = f"{guardian.stack.region}:{guardian.aws.account_id}"
    bus = f"arn:aws:events:{place}:event-bus/{guardian.stack.outputs['RequestBusName']}"
    entry = {
        "EventBusName": bus,
        "Source": "friend",
        "DetailType": detail_type,
        "Detail": "{}",
    }
    events = guardian.client("events", caller=FRIEND)
    with pytest.raises(ClientError, match="AccessDenied"):
        events.put_events(Entries=[entry])
    restore = entry | {"DetailType": "Restore Requested"}
    assert events.put_events(Entries=[restore])["FailedEntryCount"] == 0
