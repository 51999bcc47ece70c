"""A fact in words: the e-mail a person reads on a phone, and the message a machine does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.wording import advice_on, heading_of, lines_of

SUBJECT_LENGTH = 100
"""SNS takes subjects of at most 100 ASCII characters, without control characters."""

_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One SNS message. ``bodies`` is per protocol, with a ``default``."""

    subject: str
    bodies: Mapping[str, str]
    attributes: Attributes


def announcement_of(
    detail_type: str,
    detail: Mapping[str, Any],
    account: str | None = None,
    region: str | None = None,
) -> Announcement:
    """Put a fact into words.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail, as the contract has it; a kind of fact unknown here is told plainly.
        account: where it was told, for subscribers who filter facts that say no account by it.
        region: likewise.
    """
    text = text_of(detail_type, detail)
    machine = json.dumps({"detailType": detail_type, **detail, "text": text})
    return Announcement(
        subject=subject_of(detail_type, detail),
        bodies={"default": machine, "email": text},
        attributes=attributes_of(detail_type, {"account": account, "region": region, **detail}),
    )


def subject_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The e-mail's subject: how bad it is, what happened, to which table."""
    severity = str(detail.get("severity", "info")).upper()
    subject = f"[{severity}] {heading_of(detail_type, detail)}"
    subject = _NOT_PRINTABLE.sub("?", subject)
    if len(subject) <= SUBJECT_LENGTH:
        return subject
    return subject[: SUBJECT_LENGTH - 3] + "..."


def text_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The e-mail's text: what happened first, then the particulars, then what to do."""
    parts = [
        str(detail.get("reason", detail_type)),
        "\n".join(f"{label}: {value}" for label, value in lines_of(detail) if value),
        f"What to do: {advice_on(detail_type, detail)}",
        f"PITR Guardian, {detail.get('time')}, fact {detail.get('id')}",
    ]
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "\n\n".join(parts))


def attributes_of(detail_type: str, detail: Mapping[str, Any]) -> Attributes:
    """The message attributes that subscribers filter by; SNS takes no empty ones."""
    table = detail.get("table") or {}
    attributes = {
        "event": detail_type.lower().replace(" ", "-"),
        "severity": detail.get("severity"),
        "table": table.get("name"),
        "account": table.get("account") or detail.get("account"),
        "region": table.get("region") or detail.get("region"),
    }
    return {name: str(value) for name, value in attributes.items() if value}
