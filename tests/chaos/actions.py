"""What people and AWS may do in a run. Tables and request ids are named without its prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.chaos.faults import Fault
from tests.chaos.goods import UndoAction


@dataclass(frozen=True)
class Create:
    table: str
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"create {self.table}" + "".join(f", {key}={value!r}" for key, value in self.tags)


@dataclass(frozen=True)
class Delete:
    table: str

    def __str__(self) -> str:
        return f"delete {self.table}"


@dataclass(frozen=True)
class Switch:
    """Switch a table's PITR on (naming a period or not) or off."""

    table: str
    on: bool
    days: int | None = None

    def __str__(self) -> str:
        wanted = f"on{f' with {self.days} days' if self.days else ''}" if self.on else "off"
        return f"switch PITR of {self.table} {wanted}"


@dataclass(frozen=True)
class Flicker:
    """Switch a table's PITR off, or shorten its period, and put that back at once."""

    table: str
    days: int | None = None

    def __str__(self) -> str:
        wanted = f"to {self.days} days and back" if self.days else "off and on"
        return f"switch PITR of {self.table} {wanted} at once"


@dataclass(frozen=True)
class Age:
    """Let days go by for a table, when it is quiet: there is something to lose then."""

    table: str
    days: int

    def __str__(self) -> str:
        return f"let {self.days} days go by for {self.table}"


@dataclass(frozen=True)
class Tag:
    table: str
    key: str
    value: str

    def __str__(self) -> str:
        return f"tag {self.table} {self.key}={self.value!r}"


@dataclass(frozen=True)
class Untag:
    table: str
    key: str

    def __str__(self) -> str:
        return f"untag {self.table} {self.key}"


@dataclass(frozen=True)
class Ask:
    """Put a restore request on the bus; its content is the event's detail."""

    content: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return f"ask for a restore: {dict(self.content)}"


@dataclass(frozen=True)
class Sweep:
    """Start a sweep, and don't wait for it."""

    def __str__(self) -> str:
        return "start a sweep"


@dataclass(frozen=True)
class Redeliver:
    """Let the waits of the enforcement queue run out, as if minutes had passed."""

    def __str__(self) -> str:
        return "let the waits of the enforcement queue run out"


@dataclass(frozen=True)
class Calm:
    """Go on when nothing is to be done, or after so many seconds."""

    seconds: float

    def __str__(self) -> str:
        return f"go on when it is quiet, or after {self.seconds} s"


@dataclass(frozen=True)
class Begin:
    fault: Fault

    def __str__(self) -> str:
        return f"begin {self.fault}"


@dataclass(frozen=True)
class End:
    fault: Fault

    def __str__(self) -> str:
        return f"end fault {self.fault.number}"


type Action = (
    Create
    | Delete
    | Switch
    | Flicker
    | Age
    | Tag
    | Untag
    | Ask
    | Sweep
    | Redeliver
    | Calm
    | Begin
    | End
    | UndoAction
)
