"""What is known of a run when it is over: all that the invariants look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

type Json = dict[str, Any]

RESTORE, UNDO, APPROVAL, DRILL = (
    "Restore Requested",
    "Undo Requested",
    "Undo Approved",
    "Drill Requested",
)
"""What may be put on the request bus, by detail type."""

AGED = "(days went by)"
"""What stands among the calls where a table was made older; its parameter is ``days``."""


@dataclass(frozen=True)
class ApiCall:
    """A management call that DynamoDB carried out or refused, from CloudTrail's own record.

    ``caller`` is the name of a role, or of a user; ``parameters`` are in CloudTrail's casing.
    """

    at: datetime
    name: str
    table: str
    caller: str
    parameters: Json
    refused: bool = False


@dataclass(frozen=True)
class Fact:
    """One delivery of a fact on the fact bus, as a subscriber gets it."""

    kind: str
    detail: Json

    @property
    def id(self) -> str:
        return str(self.detail["id"])

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.detail["time"])

    @property
    def table(self) -> str | None:
        """Name of the table (of a restore: of its source)."""
        return (self.detail.get("table") or {}).get("name")


@dataclass(frozen=True)
class Hit:
    """A call that a fault hit; ``text`` is its parameters in JSON."""

    at: datetime
    kind: str
    service: str
    operation: str
    caller: str
    text: str = ""


@dataclass(frozen=True)
class Asked:
    """A request of a restore or a drill that was put on the bus, as an event with this id."""

    event_id: str
    content: Json


@dataclass(frozen=True)
class AskedUndo:
    """An undo request or an approval that was put on the bus, as an event with this id."""

    event_id: str
    plan: str
    content: Json


@dataclass(frozen=True)
class ItemWrite:
    """One write of an item, of whatever caller; None: no item before, or none after."""

    at: datetime
    caller: str
    key: str
    before: Json | None
    after: Json | None


@dataclass(frozen=True)
class Undo:
    """What an undo left in its bucket: the lines of its plan, and of what was done."""

    plan: str
    table: str
    lines: tuple[Json, ...] = ()
    applied: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A piece of evidence, as the walk along the chain found it."""

    key: str
    sha256: str
    document: Json


@dataclass(frozen=True)
class Drills:
    """What drills left, a day later."""

    copy_calls: tuple[ApiCall, ...] = ()
    """The management calls on their copies."""
    left: tuple[str, ...] = ()
    """Copies that are still there, and backups of copies."""
    marks: tuple[str, ...] = ()
    """By which the ledger knows drills that are open still, and copies that aren't gone."""
    evidence: tuple[Piece, ...] = ()
    """Newest first."""
    broken: str | None = None
    """Where the chain breaks."""


@dataclass(frozen=True)
class TableState:
    """A table at the end."""

    on: bool
    period: int | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """What the ledger holds of a table: the period, and the facts that were told or folded."""

    period: int | None = None
    incidents: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Record:
    """One run. Tables are called by their full names."""

    calls: tuple[ApiCall, ...] = ()
    facts: tuple[Fact, ...] = ()
    alerts: tuple[str, ...] = ()
    """The fact's id of each message that the alert topic delivered, and of each alert that the list
    of a digest has."""
    requests: tuple[Asked, ...] = ()
    undo_requests: tuple[AskedUndo, ...] = ()
    approvals: tuple[AskedUndo, ...] = ()
    undos: tuple[Undo, ...] = ()
    writes: dict[str, tuple[ItemWrite, ...]] = field(default_factory=dict)
    """All writes of the items of each table that has some, oldest first."""
    drill_requests: tuple[Asked, ...] = ()
    drills: Drills = Drills()
    hits: tuple[Hit, ...] = ()
    tables: dict[str, TableState] = field(default_factory=dict)
    ledger: dict[str, Remembered] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    """Bodies of the messages that are on the enforcement queue still."""
    dead_letters: tuple[str, ...] = ()
    """Bodies of the messages that the enforcement queue gave up on."""
    undelivered: tuple[str, ...] = ()
    """Bodies of the requests and facts whose function never managed to handle them."""
    missing_rights: tuple[str, ...] = ()
    """What IAM refused the stack's roles; faults that were asked for aren't among it."""
    unrest: str | None = None
    """What was still going on when patience was over."""
