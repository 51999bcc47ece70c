"""The page on chat: its custom actions are such that AWS takes, of what messages hold."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from botocore.session import get_session
from botocore.validate import ParamValidator

from pitr_guardian.facts.chat import chat_message_of
from tests.infrastructure.stack import ROOT
from tests.unit.facts.test_chat import DELETED

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


def test_each_variable_is_in_the_messages() -> None:
    told = json.loads(chat_message_of("Table Deleted", DELETED, "eu-central-1", "pitr-guardian"))
    for action in actions():
        [attachment] = action["Attachments"]
        for path in attachment["Variables"].values():
            name = path.removeprefix("event.metadata.additionalContext.")
            assert name in told["metadata"]["additionalContext"]
        asked = set(re.findall(r"\$(\w+)", action["Definition"]["CommandText"]))
        assert asked <= {*attachment["Variables"], "until"}
