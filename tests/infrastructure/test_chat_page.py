"""The page on chat: its custom actions are such that AWS takes, of what messages hold."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from botocore.session import get_session
from botocore.validate import ParamValidator

from pitr_guardian.facts.chat import chat_message_of
from pitr_guardian.undo.intake import approval_from
from tests.infrastructure.stack import ROOT
from tests.unit.facts.test_chat import DELETED

PLANNED: dict[str, Any] = {
    "id": "f-1",
    "severity": "info",
    "planId": "plan-1",
    "fingerprint": "0" * 64,
    "counts": {"revert": 3},
    "table": {"name": "orders", "account": "111122223333", "region": "eu-central-1"},
}

_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def actions() -> list[dict[str, Any]]:
    block = next(b for b in _BLOCK.findall((ROOT / "docs/chat.md").read_text()) if "Rescue" in b)
    return [each["Properties"] for each in yaml.safe_load(block)["Resources"].values()]


def test_aws_takes_each_custom_action() -> None:
    model = get_session().get_service_model("chatbot")
    request = model.shape_for("CreateCustomActionRequest")
    longest = model.shape_for("CustomActionDefinitionCommandTextString").metadata["max"]
    variables = model.shape_for("CustomActionAttachmentVariables").metadata["max"]
    for action in actions():
        assert not ParamValidator().validate(action, request).has_errors()
        assert len(action["Definition"]["CommandText"]) <= longest
        assert len(action["Attachments"][0]["Variables"]) <= variables


def message(detail_type: str, detail: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        chat_message_of(detail_type, detail, "eu-central-1", "pitr-guardian")
    )
    return told


def test_each_variable_is_in_the_messages() -> None:
    assert {action["AliasName"] for action in actions()} == {"rescue", "exempt", "approve"}
    for action in actions():
        is_approval = action["AliasName"] == "approve"
        told = (
            message("Undo Planned", PLANNED) if is_approval else message("Table Deleted", DELETED)
        )
        [attachment] = action["Attachments"]
        for path in attachment["Variables"].values():
            name = path.removeprefix("event.metadata.additionalContext.")
            assert name in told["metadata"]["additionalContext"]
        asked = set(re.findall(r"\$(\w+)", action["Definition"]["CommandText"]))
        assert asked <= {*attachment["Variables"], "until"}


def test_the_button_below_a_plan_sends_an_approval_that_the_guardian_takes() -> None:
    context = message("Undo Planned", PLANNED)["metadata"]["additionalContext"]
    [entry] = json.loads(context["approveEntries"])
    assert (entry["EventBusName"], entry["DetailType"]) == (
        "pitr-guardian-requests",
        "Undo Approved",
    )
    approval = approval_from(json.loads(entry["Detail"]))
    assert (approval.plan_id, approval.fingerprint) == ("plan-1", PLANNED["fingerprint"])


def test_a_plan_says_how_to_approve_it_and_nothing_else_does() -> None:
    steps = message("Undo Planned", PLANNED)["content"]["nextSteps"]
    assert any("`pitr-guardian undo approve plan-1`" in step for step in steps)
    assert any(step.startswith("Undo Approved: `{") for step in steps)
    for detail_type, detail in (
        ("Undo Planned", PLANNED | {"fingerprint": None}),
        ("Undo Accepted", {"id": "f-1", "planId": "plan-1"}),
        ("Table Deleted", DELETED),
    ):
        told = message(detail_type, detail)
        assert "approveEntries" not in told["metadata"]["additionalContext"]
        assert not any("undo approve" in step for step in told["content"]["nextSteps"][1:])
