"""What a sweep found: the report's event, and the rows that its part files hold."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel

Days = Annotated[int, Field(ge=0, le=36_500)]
"""A recovery period. AWS knows no longer ones than 35 days, as yet."""


class Recorded(WireModel):
    """What was written earlier, maybe by another version: what it says besides is let pass."""

    model_config = ConfigDict(extra="ignore")


def account_of(account: str, names: Mapping[str, str]) -> str:
    """An account for a person: with its name, where that is known."""
    name = names.get(account)
    return f"{name} ({account})" if name else account


class Region(Recorded):
    """How the sweep went in one region of one account.

    ``error`` says why it could not be read to its end. ``trail`` is ``recording``, ``missing``, or
    ``unknown`` for the reason in ``trail_error``.
    """

    region: str
    account: str | None = None
    checked: int = 0
    compliant: int = 0
    drifted: int = 0
    exempt: int = 0
    failed: int = 0
    error: str | None = None
    trail: str | None = None
    trail_error: str | None = None

    @property
    def urgency(self) -> tuple[bool, bool, bool]:
        """Sorts what needs somebody first: not read, tables that aren't in order, no trail."""
        is_in_order = not (self.failed or self.drifted)
        return self.error is None, is_in_order, self.trail in (None, "recording")

    def place(self, home: str | None, names: Mapping[str, str]) -> str:
        """Name it for a person, who knows where the guardian is at home."""
        if self.account is None or self.account == home:
            return self.region
        return f"{self.region} of account {account_of(self.account, names)}"

    def warnings(self, home: str | None, names: Mapping[str, str]) -> list[str]:
        """What a person should know of the region, in sentences."""
        told, place = [], self.place(home, names)
        if self.error:
            extent = " to its end" if self.checked else ""
            told.append(f"{place} could not be read{extent}: {self.error}")
        if self.trail == "missing":
            told.append(f"No trail records what happens in {place}: only the sweep protects it.")
        if self.trail == "unknown":
            told.append(
                f"Whether a trail records what happens in {place} could not be told: "
                f"{self.trail_error or 'the reason is not known'}"
            )
        return told


SweepId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


class Ended(Recorded):
    """A sweep whose scopes are done, as the workflow names it."""

    sweep_id: SweepId


class Sweep(Recorded):
    """A sweep that is done. Its id is part of the report's address.

    ``account`` is the guardian's own, ``account_names`` are the organization's, by their ids, and
    ``lost`` is how many regions nothing was noted of.
    """

    sweep_id: SweepId
    started_at: Instant
    regions: tuple[Region, ...]
    account: str | None = None
    account_names: dict[str, str] = Field(default_factory=dict)
    lost: int = 0


class Status(StrEnum):
    """How the sweep found a table."""

    FAILED = "failed"
    """It could not be looked at."""
    DRIFTED = "drifted"
    EXEMPT = "exempt"
    PROTECTED = "protected"


class TableRow(Recorded):
    """One table as the sweep found it. Periods in days; ``period_in_days`` is None while off."""

    arn: str
    name: str
    account: str
    region: str
    status: Status
    period_in_days: Days | None = None
    own_period_in_days: Days | None = None
    earliest: Instant | None = None
    latest: Instant | None = None
    exempt_until: date | None = None
    exempt_reason: str | None = None
    exempt_owner: str | None = None
    error: str | None = None
    table_status: str | None = None
    """DynamoDB's ``TableStatus``, where that isn't ACTIVE, such as ``ARCHIVED``."""

    @property
    def window_in_days(self) -> float | None:
        """How far back the table can be restored; None where that isn't known."""
        if self.earliest is None or self.latest is None:
            is_off = self.status is not Status.FAILED and self.period_in_days is None
            return 0.0 if is_off else None
        return max((self.latest - self.earliest).total_seconds(), 0.0) / 86_400

    @property
    def window_share(self) -> float | None:
        """The window's share of the table's own period, 0 to 1; None where it isn't known."""
        period = self.own_period_in_days or self.period_in_days
        if self.window_in_days is None or not period:
            return None
        return min(self.window_in_days / period, 1.0)


class Part(NamedTuple):
    """A file that the sweep wrote: a JSON list of rows."""

    key: str
    body: bytes


def rows_of(parts: Iterable[Part]) -> tuple[list[TableRow], list[str]]:
    """Read the parts; a table that is in several counts once, as the last one has it.

    Returns:
        the rows, and a sentence about each part that could not be read in full.
    """
    rows: dict[str, TableRow] = {}
    notes = []
    for part in parts:
        unreadable = 0
        try:
            entries = json.loads(part.body)
        except (RecursionError, ValueError):
            entries = None
        if not isinstance(entries, list):
            notes.append(f"{part.key} could not be read: its tables are missing here.")
            continue
        for entry in entries:
            try:
                row = TableRow.model_validate(entry)
            except ValidationError:
                unreadable += 1
            else:
                rows[row.arn] = row
        if unreadable:
            notes.append(f"{unreadable} of {part.key}'s rows could not be read.")
    return list(rows.values()), notes
