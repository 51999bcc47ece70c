"""A fact in words: the e-mail a person reads on a phone, and the message a machine does."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.legible import (
    legible,
    well_formed,
)
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.chat import chat_message_of
from pitr_guardian.facts.links import links_of
from pitr_guardian.facts.text_message import text_message_of
from pitr_guardian.facts.wording import (
    advice_on,
    kebab,
    lines_of,
    title_of,
)
from pitr_guardian.facts.words import word

SUBJECT_LENGTH = 100
"""SNS takes subjects of at most 100 ASCII characters, without control characters."""

SIZE = 250_000
"""Bytes of a message's two long bodies; SNS takes 256 KiB, with all else."""

_TEXT_LENGTH = 8000  # characters; of up to 26 bytes each, as they are in both bodies, escaped
_LINE_LENGTH = 1000
_PARAGRAPH_LENGTH = 2000
_ATTRIBUTE_LENGTH = 256
_SEVERITY_LENGTH = 20
_DEEPEST = 20

_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One SNS message. ``bodies`` is per protocol, with a ``default``; ``chat`` is for chat."""

    subject: str
    bodies: Mapping[str, str]
    attributes: Attributes
    chat: str


def announcement_of(
    detail_type: str,
    detail: Mapping[str, Any],
    account: str | None = None,
    region: str | None = None,
    undo_pattern: str = "",
    stack: str = "pitr-guardian",
) -> Announcement:
    """Put a fact into words.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail, as the contract has it; a kind of fact unknown here is told plainly,
            and what isn't as the contract has it fails nothing.
        account: where it was told, for subscribers who filter facts that say no account by it.
        region: likewise.
        undo_pattern: the stack's ``UndoTablePattern``: whose items may be put back in place.
        stack: the stack's name.
    """
    text = text_of(detail_type, detail, region, undo_pattern)
    sms = text_message_of(detail_type, detail)
    return Announcement(
        subject=subject_of(detail_type, detail),
        bodies={"default": _machine_readable(detail_type, detail, text), "email": text, "sms": sms},
        attributes=attributes_of(detail_type, {"account": account, "region": region, **detail}),
        chat=chat_message_of(detail_type, detail, region, stack, undo_pattern),
    )


def subject_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The e-mail's subject: how bad it is, what happened, to which table, in whose account."""
    severity = legible((word(detail.get("severity")) or "info").upper(), _SEVERITY_LENGTH)
    title = title_of(detail_type, detail, SUBJECT_LENGTH - len(f"[{severity}] "))
    return _NOT_PRINTABLE.sub("?", f"[{severity}] {title}")


def text_of(
    detail_type: str,
    detail: Mapping[str, Any],
    region: str | None = None,
    undo_pattern: str = "",
) -> str:
    """The e-mail's text: what happened first, then the particulars, then what to do.

    Nothing in the fact makes a line or a paragraph of its own.
    """
    lines = (
        f"{legible(label, _LINE_LENGTH)}: {legible(value, _LINE_LENGTH)}"
        for label, value in lines_of(detail)
        if value
    )
    head = legible(word(detail.get("reason")) or detail_type, _PARAGRAPH_LENGTH)
    advice = legible(advice_on(detail_type, detail, undo_pattern), _PARAGRAPH_LENGTH)
    time, fact_id = (legible(word(detail.get(field)) or "", 100) for field in ("time", "id"))
    links = "".join(f"\n{name}: {url}" for name, url in links_of(detail_type, detail, region))
    links = f"\n{links}" if links else ""
    tail = f"What to do: {advice}{links}\n\nPITR Guardian, {time}, fact {fact_id}"
    particulars = "\n".join(lines)
    room = _TEXT_LENGTH - len(head) - len(tail)
    if len(particulars) > room:
        particulars = f"{particulars[: room - 1]}…"
    return f"{head}\n\n{particulars}\n\n{tail}"


def attributes_of(detail_type: str, detail: Mapping[str, Any]) -> Attributes:
    """The message attributes that subscribers filter by; SNS takes no empty ones."""
    table = mapping(detail.get("table"))
    attributes = {
        "event": kebab(detail_type),
        "severity": detail.get("severity"),
        "table": table.get("name"),
        "account": table.get("account") or detail.get("account"),
        "region": table.get("region") or detail.get("region"),
    }
    values = {
        name: legible(word(value) or "", _ATTRIBUTE_LENGTH) for name, value in attributes.items()
    }
    return {name: value for name, value in values.items() if value.strip()}


def _machine_readable(detail_type: str, detail: Mapping[str, Any], text: str) -> str:
    """The detail as JSON; where it is too large for SNS, its texts are cut, or only these told."""
    known = {
        field: detail[field] for field in ("version", "id", "time", "severity") if field in detail
    }
    attempts = ((detail, None), (detail, 2000), (detail, 200), (known, 200))
    bodies = (_json(detail_type, content, text, longest) for content, longest in attempts)
    fitting = (body for body in bodies if _size(body, text) <= SIZE)
    return next(fitting, json.dumps({"detailType": legible(detail_type, 100), "text": text}))


def _json(detail_type: str, detail: Mapping[str, Any], text: str, longest: int | None) -> str:
    shown = _plain(detail, longest)
    return json.dumps({"detailType": well_formed(detail_type, longest), **shown, "text": text})


def _size(body: str, text: str) -> int:
    return len(json.dumps({"default": body, "email": text}).encode())


def _plain(value: Any, longest: int | None, depth: int = 0) -> Any:
    """The same as JSON that everybody can read: well-formed texts, no NaN, no endless nesting."""
    match value:
        case str():
            return well_formed(value, longest)
        case float() if not math.isfinite(value):
            return None
        case dict() | list() if depth > _DEEPEST:
            return None
        case dict():
            return {
                well_formed(str(key), longest): _plain(each, longest, depth + 1)
                for key, each in value.items()
            }
        case list():
            return [_plain(each, longest, depth + 1) for each in value]
    return value
