"""The report's JSON: what the last sweep found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pitr_guardian_cli.facts import Json, actor_text
from pitr_guardian_cli.times import parsed

_NEEDS_A_PERSON = ("couldNotBeChecked", "drifted", "exemptionEnds")


@dataclass(frozen=True)
class Row:
    """One table as the sweep found it."""

    json: Json

    def __getattr__(self, name: str) -> Any:
        first, *rest = name.split("_")
        return self.json.get(first + "".join(part.capitalize() for part in rest))

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has something to do."""
        return self.json.get("attention") in _NEEDS_A_PERSON

    @property
    def why(self) -> str:
        """What it asks for, in words."""
        match self.json.get("attention"):
            case "couldNotBeChecked":
                return f"could not be checked: {self.error or 'the reason is not known'}"
            case "drifted":
                return self._drift()
            case "exemptionEnds":
                owner = f" ({self.exempt_owner})" if self.exempt_owner else ""
                return f"its exemption ends on {self.exempt_until}{owner}"
            case "shortWindow":
                return "its window is still growing"
        return ""

    def _drift(self) -> str:
        if self.table_status:
            return f"it is {self.table_status}: {self.error or 'nobody can restore it'}"
        who = actor_text(self.actor)
        by = f", by {who}" if who else ""
        since = f" since {self.since}" if self.since else ""
        if self.period_in_days is None:
            return f"PITR is off{since}{by}"
        own = self.own_period_in_days
        return f"its period is {self.period_in_days} days instead of {own}{since}{by}"


@dataclass(frozen=True)
class Report:
    """All of it, in its own order: what is most urgent first."""

    json: Json

    @property
    def sweep_id(self) -> str:
        """The sweep that wrote it."""
        return str(self.json.get("sweepId", ""))

    @property
    def started_at(self) -> datetime | None:
        """When the sweep began."""
        return parsed(self.json.get("startedAt"))

    @property
    def summary(self) -> Json:
        """How many tables are in which status."""
        summary: Json = self.json.get("summary", {})
        return summary

    @property
    def regions(self) -> list[Json]:
        """How the sweep went in each region."""
        regions: list[Json] = self.json.get("regions", [])
        return regions

    @cached_property
    def rows(self) -> list[Row]:
        """The tables."""
        return [Row(each) for each in self.json.get("tables", [])]

    def has_members(self, account: str) -> bool:
        """Whether tables of other accounts than the guardian's are in it."""
        return any(row.account != account for row in self.rows)

    def called(self, account: str) -> str:
        """An account for a person: with its name, where AWS Organizations told it."""
        name = self.json.get("accounts", {}).get(account)
        return f"{name} ({account})" if name else account

    def named(self, name: str) -> list[Row]:
        """The tables of a name, or the one of an ARN."""
        return [row for row in self.rows if name in (row.name, row.arn)]


def place_column(report: Report | None, account: str) -> tuple[str, Callable[[Row], str]]:
    """The heading of the column that says where tables are, and what stands in it.

    Args:
        report: the report.
        account: the guardian's own; where all tables are its, only their regions are told.
    """
    if report is not None and report.has_members(account):
        return "Account and region", lambda row: f"{report.called(row.account)} {row.region}"
    return "Region", lambda row: str(row.region)
