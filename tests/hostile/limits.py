"""What AWS takes, and what a reader may be shown."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any

from pitr_guardian.facts.announcement import (
    Announcement,
    announcement_of,
)
from pitr_guardian.facts.facts import Fact
from tests.fakes.chat import CustomNotification

KIB_256 = 256 * 1024
_LABEL = re.compile(r"[^:\n]+: .")
_LINK = re.compile(r"[A-Z][A-Za-z ]+: https://[a-z0-9.-]*console\.[a-z.-]+/")


class Stdout(io.TextIOWrapper):
    """What a function writes its log to: UTF-8, and nothing else."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="strict", newline="")

    def lines(self) -> list[str]:
        """The events of the log, as CloudWatch Logs parts them."""
        self.seek(0)
        return self.read().split("\n")[:-1]


def strict(text: str) -> Any:
    """Read JSON as the strictest of readers does."""

    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    text.encode()
    value = json.loads(text, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()  # no halves of characters
    return value


def assert_fits_the_bus(fact: Fact) -> None:
    """PutEvents: 256 KiB an entry, of valid JSON (EventBridge user guide)."""
    detail = json.dumps(fact.detail())
    assert len(detail.encode()) < KIB_256 - 2048
    assert strict(detail) == fact.detail()


def assert_fits_sns(announcement: Announcement) -> None:
    """Publish: its size, its subject, its attributes (SNS API reference)."""
    subject = announcement.subject
    assert 0 < len(subject) <= 100
    assert all(" " <= sign <= "~" for sign in subject)
    assert subject[0] != " "
    size = len(json.dumps(announcement.bodies).encode()) + len(subject)
    for name, value in announcement.attributes.items():
        assert value.strip()
        assert value.isprintable()
        size += len(name) + len(value.encode())
    assert size < KIB_256


def assert_is_harmless(announcement: Announcement) -> None:
    """Nothing steers a terminal, hides, or makes a line or a paragraph of its own."""
    text = announcement.bodies["email"]
    assert text.replace("\n", "").isprintable()
    _, particulars, advice, *links, last = text.split("\n\n")
    assert len(links) <= 1
    assert all(_LINK.match(line) for each in links for line in each.splitlines())
    assert all(_LABEL.match(line) for line in particulars.splitlines())
    assert advice.startswith("What to do: ")
    assert "\n" not in advice + last
    assert last.startswith("PITR Guardian, ")
    assert re.fullmatch(r"[ -~]{1,140}", announcement.bodies["sms"])
    CustomNotification.model_validate_json(announcement.chat)
    received = strict(announcement.bodies["default"])
    assert received["text"] == text


def assert_can_be_announced(detail_type: str, detail: Mapping[str, Any]) -> Announcement:
    """Put a fact into words, and look at all of them."""
    announcement = announcement_of(detail_type, detail)
    assert_fits_sns(announcement)
    assert_is_harmless(announcement)
    return announcement


def assert_can_be_told(fact: Fact) -> None:
    """The whole way of a fact: over the bus, to the subscribers."""
    assert_fits_the_bus(fact)
    assert_can_be_announced(fact.detail_type, fact.detail())
