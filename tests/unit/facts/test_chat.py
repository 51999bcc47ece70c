"""Facts in chat: in the schema that is shown, in a thread, and with nobody's markdown in it."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from hypothesis import given, strategies as st
from pydantic import TypeAdapter

import pitr_guardian
from pitr_guardian.facts.chat import chat_message_of, plain, thread_of
from pitr_guardian.facts.facts import Fact
from tests.fakes.chat import CustomNotification

TABLE = {
    "arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/my_orders",
    "name": "my_orders",
    "account": "111122223333",
    "region": "eu-central-1",
}
REQUEST = {
    "sourceTable": TABLE["arn"],
    "targetTable": "my_orders",
    "restoreTo": f"{TABLE['arn']}/backup/01700000000000-abcdef",
}
DELETED: dict[str, Any] = {
    "id": "f-1",
    "time": "2026-10-05T09:00:00.000Z",
    "severity": "warning",
    "reason": "The table my_orders was deleted; it can be brought back.",
    "table": TABLE,
    "actor": {"arn": "arn:aws:iam::111122223333:user/alice", "eventId": "e-1"},
    "backupArn": REQUEST["restoreTo"],
    "request": REQUEST,
}


def _kinds(of: type[Fact] = Fact) -> Iterator[type[Fact]]:
    for module in pkgutil.walk_packages(pitr_guardian.__path__, "pitr_guardian."):
        if "facts" in module.name.rpartition(".")[2] or ".facts." in module.name:
            importlib.import_module(module.name)
    for kind in of.__subclasses__():
        if "detail_type" in vars(kind):
            yield kind
        yield from _kinds(kind)


KINDS = sorted({kind.detail_type: kind for kind in _kinds()}.items())
FROM_WORKFLOWS = ("Sweep Completed", "Restore Waiting", "Alarm")


def sample(kind: type[Fact]) -> dict[str, Any]:
    """A fact of a kind, filled in as its model asks for."""
    schema = TypeAdapter(kind).json_schema(by_alias=True)
    filled: dict[str, Any] = _filled(schema, schema.get("$defs", {}))
    return filled


def _filled(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _filled(known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], known)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][-1]
    match schema.get("type"):
        case "object":
            return {
                name: _filled(each, known) for name, each in schema.get("properties", {}).items()
            }
        case "array":
            return [_filled(schema.get("items", {"type": "string"}), known)]
        case "integer" | "number":
            return 5
        case "boolean":
            return True
    return "2026-10-05T09:00:00.000Z" if schema.get("format") == "date-time" else "x_y"


def message(detail_type: str, detail: dict[str, Any]) -> dict[str, Any]:
    written = chat_message_of(detail_type, detail, "eu-central-1", "guardian")
    CustomNotification.model_validate_json(written)
    read: dict[str, Any] = json.loads(written)
    return read


@pytest.mark.parametrize(("detail_type", "kind"), KINDS, ids=[name for name, _ in KINDS])
def test_every_kind_of_fact_is_in_the_schema_that_is_shown(
    detail_type: str, kind: type[Fact]
) -> None:
    told = message(detail_type, sample(kind))
    assert told["metadata"]["eventType"] == detail_type.lower().replace(" ", "-")
    assert "CRITICAL" in told["content"]["title"]
    assert told["content"]["nextSteps"]


@pytest.mark.parametrize("detail_type", FROM_WORKFLOWS)
def test_so_are_those_that_workflows_and_alarms_tell(detail_type: str) -> None:
    message(detail_type, {"id": "f-1", "severity": "info", "reason": "Because."})


def test_the_title_says_how_bad_it_is_and_the_text_what_happened_to_what() -> None:
    content = message("Table Deleted", DELETED)["content"]
    assert content["title"] == ":warning: WARNING: my_orders was deleted"
    assert content["description"].startswith("The table my_orders was deleted; it can be")
    assert "\n*Table*: `my_orders`\n" in content["description"]
    assert content["keywords"] == [
        *("warning", "table-deleted", "my_orders", "111122223333", "eu-central-1")
    ]


def test_what_to_do_has_the_request_that_does_it_and_links() -> None:
    advice, request, *links = message("Table Deleted", DELETED)["content"]["nextSteps"]
    assert advice.startswith("If nobody meant to")
    assert json.loads(request.partition("`")[2].rstrip("`")) == REQUEST
    assert links == [
        "Call in CloudTrail: https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home"
        "?region=eu-central-1#/events/e-1"
    ]


def test_a_button_finds_the_events_that_it_puts() -> None:
    context = message("Table Deleted", DELETED)["metadata"]["additionalContext"]
    [entry] = json.loads(context["restoreEntries"])
    assert entry["EventBusName"] == "guardian-requests"
    assert (entry["DetailType"], json.loads(entry["Detail"])) == ("Restore Requested", REQUEST)
    assert context["tableArn"] == TABLE["arn"]
    model = get_session().get_service_model("chatbot")
    variable = model.shape_for("CustomActionAttachmentVariablesValueString")
    assert len(context["restoreEntries"]) <= variable.metadata["max"]


@pytest.mark.parametrize(
    ("detail_type", "detail", "thread"),
    [
        ("PITR Re-enabled", {"id": "f-1", "table": TABLE}, "incident-f-1"),
        ("Restore Accepted", {"id": "f-1", "requestId": "r 1"}, "restore-r-1"),
        ("Restore Failed", {"id": "f-2", "requestId": "r 1"}, "restore-r-1"),
        ("Undo Planned", {"id": "f-1", "planId": "p-1"}, "undo-p-1"),
        ("Undo Completed", {"id": "f-2", "planId": "p-1"}, "undo-p-1"),
        ("Drill Passed", {"id": "f-1", "drillId": "d-1"}, "drill-d-1"),
        (
            "Alarm",
            {"id": "f-1", "time": "2026-10-05T09:00:00Z", "alarm": {"name": "g/undelivered"}},
            "alarm-g-undelivered-2026-10-05",
        ),
    ],
)
def test_what_belongs_together_is_one_thread(
    detail_type: str, detail: dict[str, Any], thread: str
) -> None:
    assert thread_of(detail_type, detail) == thread


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel> wake up", "\u2039!channel\u203a wake up"),
        ("<https://evil.example|the report>", "\u2039https://evil.example|the report\u203a"),
        ("[the report](https://evil.example)", "(the report)(https://evil.example)"),
        ("@here and bob@example.com", "\uff20here and bob@example.com"),
        ("*bold* ~gone~ `code`", "\u2217bold\u2217 \u223cgone\u223c 'code'"),
        ("_slanted_ but my_orders", "\uff3fslanted\uff3f but my_orders"),
        ("one\ntwo\u202e", "one two\ufffd"),
    ],
)
def test_what_somebody_wrote_is_no_markdown(written: str, shown: str) -> None:
    assert plain(written) == shown


@given(st.text(max_size=4000), st.text(max_size=300))
def test_whatever_somebody_wrote_it_is_shown_and_mentions_nobody(reason: str, name: str) -> None:
    detail = DELETED | {"reason": reason, "error": reason, "table": TABLE | {"name": name}}
    told = message("Table Deleted", detail)["content"]
    for text in (told["title"], told["description"], *told["nextSteps"]):
        assert "<" not in text
        assert text.count("`") % 2 == 0
        assert "](" not in text


def test_the_registry_has_every_family_of_facts() -> None:
    assert {"PITR Re-enabled", "Undo Planned", "Alerts Folded"} <= {name for name, _ in KINDS}
