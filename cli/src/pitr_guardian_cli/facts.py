"""Facts of the guardian: what it tells, as the command line carries it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian_cli.times import parsed

Json = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """One fact; its fields are in docs/facts.md."""

    detail_type: str
    detail: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """The guardian's sentence."""
        return self.text("reason")

    @property
    def severity(self) -> str:
        """``info``, ``warning`` or ``critical``."""
        return self.text("severity")

    @property
    def time(self) -> datetime | None:
        """When it happened or was found."""
        return parsed(self.detail.get("time"))

    @property
    def table(self) -> str:
        """The name of the table that it is about; empty where it is about none."""
        table = self.detail.get("table")
        return str(table.get("name", "")) if isinstance(table, Mapping) else ""

    @property
    def subject(self) -> str:
        """What it is about: a table, or an account and region."""
        place = [self.text("account"), self.text("region")]
        return self.table or " ".join(filter(None, place))

    def text(self, name: str) -> str:
        """A field as text; empty where it is missing or null."""
        value = self.detail.get(name)
        return "" if value is None else str(value)

    def part(self, name: str) -> Mapping[str, Any]:
        """A field that is an object; empty where it is missing or null."""
        value = self.detail.get(name)
        return value if isinstance(value, Mapping) else {}

    def listed(self, name: str) -> list[Any]:
        """A field that is a list; empty where it is missing or null."""
        value = self.detail.get(name)
        return value if isinstance(value, list) else []

    def json(self) -> Json:
        """As alerts have it: the detail, with ``detailType``."""
        return {"detailType": self.detail_type, **self.detail}


def fact_from(detail_type: str, detail: str) -> Fact:
    """Read a fact of the ledger or the bus; what can't be read is a fact without fields."""
    try:
        found = json.loads(detail)
    except ValueError:
        found = {}
    return Fact(detail_type, found if isinstance(found, dict) else {})


def actor_text(actor: object) -> str:
    """Who did it, in a few words; empty where nobody knows."""
    if not isinstance(actor, Mapping):
        return ""
    who = str(actor.get("arn") or actor.get("invokedBy") or actor.get("type") or "")
    tool = actor.get("tool")
    return f"{who} ({tool})" if who and tool else who or str(tool or "")
