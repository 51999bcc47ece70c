"""What people and AWS may do in a run. Tables and request ids are named without its prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.chaos.doing import Doing, Stop
from tests.chaos.drills import DrillAction
from tests.chaos.faults import Fault
from tests.chaos.goods import GoodsAction


@dataclass(frozen=True)
class Create(Doing):
    table: str
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"create {self.table}" + "".join(f", {key}={value!r}" for key, value in self.tags)


@dataclass(frozen=True)
class Delete(Doing):
    words = "delete {table}"
    table: str


@dataclass(frozen=True)
class Switch(Doing):
    """Switch a table's PITR on (naming a period or not) or off."""

    table: str
    on: bool
    days: int | None = None

    def __str__(self) -> str:
        wanted = f"on{f' with {self.days} days' if self.days else ''}" if self.on else "off"
        return f"switch PITR of {self.table} {wanted}"


@dataclass(frozen=True)
class Flicker(Doing):
    """Switch a table's PITR off, or shorten its period, and put that back at once."""

    table: str
    days: int | None = None

    def __str__(self) -> str:
        wanted = f"to {self.days} days and back" if self.days else "off and on"
        return f"switch PITR of {self.table} {wanted} at once"


@dataclass(frozen=True)
class Age(Doing):
    """Let days go by for a table, when it is quiet: there is something to lose then."""

    words = "let {days} days go by for {table}"
    table: str
    days: int


@dataclass(frozen=True)
class Tag(Doing):
    words = "tag {table} {key}={value!r}"
    table: str
    key: str
    value: str


@dataclass(frozen=True)
class Untag(Doing):
    words = "untag {table} {key}"
    table: str
    key: str


@dataclass(frozen=True)
class Ask(Doing):
    """Put a restore request on the bus; its content is the event's detail."""

    content: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return f"ask for a restore: {dict(self.content)}"


@dataclass(frozen=True)
class Sweep(Doing):
    """Start a sweep, and don't wait for it."""

    words = "start a sweep"


@dataclass(frozen=True)
class Redeliver(Doing):
    """Let the waits of the enforcement queue run out, as if minutes had passed."""

    words = "let the waits of the enforcement queue run out"


@dataclass(frozen=True)
class Calm(Doing):
    """Go on when nothing is to be done, or after so many seconds."""

    words = "go on when it is quiet, or after {seconds} s"
    seconds: float


@dataclass(frozen=True)
class Begin(Doing):
    words = "begin {fault}"
    fault: Fault


@dataclass(frozen=True)
class End(Doing):
    words = "end fault {fault.number}"
    fault: Fault


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
    | Stop
    | GoodsAction
    | DrillAction
)
