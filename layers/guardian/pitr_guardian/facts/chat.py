"""A fact for Slack and Teams, as Amazon Q Developer in chat applications shows it.

It shows custom notifications of its own schema, and drops everything else without a word (its
administrator guide, "Custom notifications"). How long the parts may be isn't written there; ours
fit into what Slack takes of a heading (150 characters) and of a text (3,000; Block Kit reference).

The text is the client's markdown, and much of it is somebody's: table names, callers, tags,
reasons. Such text stands in code spans, or without the signs that make links, mentions or format.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.accounts import id_in, name_in
from pitr_guardian.facts.links import links_of
from pitr_guardian.facts.wording import advice_on, lines_of, title_of
from pitr_guardian.facts.words import word

TITLE_LENGTH = 150
TEXT_LENGTH = 2900

_SIGNS = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}
_SIGN_LENGTH = 50
_VALUE_LENGTH = 400
_REASON_LENGTH = 900
_STEP_LENGTH = 900
_CONTEXT_LENGTH = 1024  # of a custom action's variable (AWS Chatbot service model)

_THREADS = (("planId", "undo"), ("drillId", "drill"), ("requestId", "restore"))
_NO_ID = re.compile(r"[^A-Za-z0-9_-]")
_ARNS = ("targetArn", "backupArn", "replicaOf")

_MENTION = re.compile(r"(?<![\w.])@")
_ITALICS = re.compile(r"(?<!\w)_|_(?!\w)")
_LOOK_ALIKE = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "`": "'",
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
        "[": "(",
        "]": ")",
    }
)


_IN_CODE = {sign: _LOOK_ALIKE[sign] for sign in map(ord, "<>`")}


def chat_message_of(
    detail_type: str,
    detail: Mapping[str, Any],
    region: str | None,
    stack: str,
    undo_pattern: str = "",
) -> str:
    """Write a custom notification.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail.
        region: where it was told.
        stack: the stack's name, of which the request bus has its name.
        undo_pattern: its ``UndoTablePattern``.
    """
    table, detail_type = mapping(detail.get("table")), detail_type or "Fact"
    severity = word(detail.get("severity")) or "info"
    event = _NO_ID.sub("-", detail_type.lower())[:100]
    sign = f"{_SIGNS.get(severity, '')} {severity.upper()}: ".lstrip()[:_SIGN_LENGTH]
    title = plain(title_of(detail_type, detail, TITLE_LENGTH - len(sign)))
    named = {
        "severity": severity,
        "event": event,
        "table": word(table.get("name")),
        "account": id_in(detail),
        "accountName": name_in(detail),
        "region": word(table.get("region") or detail.get("region")),
    }
    known = {name: legible(value, 255) for name, value in named.items() if value}
    message = {
        "version": "1.0",
        "source": "custom",
        "id": legible(word(detail.get("id")) or event, 100),
        "content": {
            "textType": "client-markdown",
            "title": _cut(f"{sign}{title}"),
            "description": _description(detail_type, detail),
            "nextSteps": list(_next_steps(detail_type, detail, region, undo_pattern)),
            "keywords": list(known.values()),
        },
        "metadata": {
            "threadId": thread_of(detail_type, detail),
            "summary": _cut(title),
            "eventType": event,
            "relatedResources": list(_resources(detail)),
            "additionalContext": known | dict(_for_actions(detail, stack)),
            "enableCustomActions": True,
        },
    }
    return json.dumps(message, ensure_ascii=False)


def thread_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The thread of a fact: that of its undo, drill or restore, or one of its own.

    An alarm goes on and is over in one thread a day.
    """
    for field, kind in _THREADS:
        if found := word(detail.get(field)):
            return f"{kind}-{_NO_ID.sub('-', found)[:80]}"
    alarm = word(mapping(detail.get("alarm")).get("name"))
    if alarm:
        day = (word(detail.get("time")) or "")[:10]
        return f"alarm-{_NO_ID.sub('-', alarm)[:80]}-{_NO_ID.sub('-', day)}"
    return f"incident-{_NO_ID.sub('-', word(detail.get('id')) or detail_type)[:80]}"


def plain(text: str, longest: int | None = None) -> str:
    """Take from a text what chat programs would take for markdown, a link or a mention."""
    text = legible(text).translate(_LOOK_ALIKE)
    text = _MENTION.sub("\N{FULLWIDTH COMMERCIAL AT}", text)
    return legible(_ITALICS.sub("\N{FULLWIDTH LOW LINE}", text), longest)


def _code(text: str, longest: int) -> str:
    """A code span; nothing in it is markdown but what ends it, and Slack's links and mentions."""
    return f"`{legible(text, longest).translate(_IN_CODE)}`"


def _description(detail_type: str, detail: Mapping[str, Any]) -> str:
    text = plain(word(detail.get("reason")) or detail_type, _REASON_LENGTH)
    for label, value in lines_of(detail):
        line = f"\n*{plain(label, 60)}*: {_code(value, _VALUE_LENGTH)}" if value else ""
        if len(text) + len(line) > TEXT_LENGTH:
            return f"{text}\n…"
        text += line
    return text


def _next_steps(
    detail_type: str, detail: Mapping[str, Any], region: str | None, undo_pattern: str
) -> Iterator[str]:
    yield plain(advice_on(detail_type, detail, undo_pattern), _STEP_LENGTH)
    if request := _texts(mapping(detail.get("request"))):
        request_text = json.dumps(request, ensure_ascii=False)
        if len(request_text) <= _STEP_LENGTH:
            yield f"Restore Requested: {_code(request_text, _STEP_LENGTH)}"
    if approval := _approval(detail):
        command = f"pitr-guardian undo approve {approval['planId']}"
        yield "On the command line: " + _code(command, _STEP_LENGTH)
        yield "Undo Approved: " + _code(json.dumps(approval), _STEP_LENGTH)
    for name, address in links_of(detail_type, detail, region):
        yield f"{name}: {address}"


def _resources(detail: Mapping[str, Any]) -> Iterator[str]:
    found = [mapping(detail.get("table")).get("arn"), *(detail.get(field) for field in _ARNS)]
    yield from (legible(arn, 1024) for arn in dict.fromkeys(map(word, found)) if arn)


def _for_actions(detail: Mapping[str, Any], stack: str) -> Iterator[tuple[str, str]]:
    """What a custom action's button takes: `event.metadata.additionalContext.…`."""
    if arn := word(mapping(detail.get("table")).get("arn")):
        yield "tableArn", legible(arn, _CONTEXT_LENGTH)
    if fact := word(detail.get("id")):
        yield "factId", legible(fact, _CONTEXT_LENGTH)
    events = (
        ("restoreEntries", "Restore Requested", _texts(mapping(detail.get("request")))),
        ("approveEntries", "Undo Approved", _approval(detail)),
    )
    for name, kind, event in events:
        entry = {
            "EventBusName": f"{stack}-requests",
            "Source": "chat",
            "DetailType": kind,
            "Detail": json.dumps(event, separators=(",", ":")),
        }
        entries = json.dumps([entry], separators=(",", ":"))
        if event and len(entries) <= _CONTEXT_LENGTH:
            yield name, entries


def _approval(detail: Mapping[str, Any]) -> dict[str, str]:
    """What approves a plan; nothing where there is none to approve."""
    told = {field: word(detail.get(field)) for field in ("planId", "fingerprint")}
    known = {field: value for field, value in told.items() if value}
    return known if len(known) == len(told) and mapping(detail.get("counts")) else {}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _cut(text: str) -> str:
    return legible(text, TITLE_LENGTH)
