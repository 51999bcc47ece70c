"""Where no table's items may be touched, who asks for an undo is answered all the same."""

from __future__ import annotations

import json

import pytest

from tests.e2e.guardian import Fact, Guardian, fresh
from tests.e2e.waiting import eventually


@pytest.mark.parametrize(
    ("detail_type", "names"),
    [("Undo Requested", "requestId"), ("Undo Approved", "planId")],
)
def test_an_undo_is_refused_with_the_parameter_to_set(
    guardian: Guardian, detail_type: str, names: str
) -> None:
    plan_id = fresh("undo")
    entry = {
        "EventBusName": guardian.stack.outputs["RequestBusName"],
        "Source": "shop.operations",
        "DetailType": detail_type,
        "Detail": json.dumps({names: plan_id, "table": "Orders"}),
    }
    answer = guardian.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0

    def refusals() -> list[Fact]:
        told = guardian.facts_of_kind("Undo Rejected")
        return [fact for fact in told if fact["planId"] == plan_id]

    [refused] = eventually(refusals, f"the answer to {plan_id}")
    assert "UndoTablePattern" in refused["error"]
    assert "UndoBucketName" not in guardian.stack.outputs
