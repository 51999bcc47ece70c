"""Drills that are asked for, or due, and what may become of their copies meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.doing import Doing, Stop
from tests.chaos.goods import TABLE as GOODS, Meddle, Stock

TABLE = "vault-1"
"""The table that is drilled."""
WORKFLOW = "drill"
TAG = "pitr-guardian:drill"


@dataclass(frozen=True)
class AskDrill(Doing):
    """Ask for a drill of a table, by an id; ``more`` are further fields."""

    words = "ask for the drill {drill} of {table} {more}"
    drill: str
    table: str
    more: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class DropCopy(Doing):
    """Delete a drill's copy as soon as it can be, or never after so many seconds."""

    words = "delete the copy of {drill}, if it is there within {patience} s"
    drill: str
    patience: float


@dataclass(frozen=True)
class SpoilCopy(Doing):
    """Write into a drill's copy as soon as it is there, or never after so many seconds."""

    words = "write into the copy of {drill}, if it is there within {patience} s"
    drill: str
    patience: float


@dataclass(frozen=True)
class Hour(Doing):
    """Let that happen which the drills' schedules do once an hour."""

    words = "let the schedules of drills fire"


@dataclass(frozen=True)
class SpendUp(Doing):
    """Let this month's budget be used up."""

    words = "use up the budget of this month's drills"


type DrillAction = AskDrill | DropCopy | SpoilCopy | Hour | SpendUp


def drill_of(
    seed: int,
) -> tuple[list[Stock], list[DrillAction | Meddle | Stop]]:
    """What makes a table with a past, and what is done about its drills; nothing for many seeds."""
    chance = Random(f"drill-{seed}")  # noqa: S311 - it shall be the same each time
    if chance.random() > _SHARE:
        return [], []
    tags: tuple[tuple[str, str], ...] = ()
    is_due = chance.random() < 0.35
    if is_due:
        tags = ((TAG, chance.choice(("daily", "weekly with-indexes", "fortnightly"))),)
    if chance.random() < 0.2:
        minutes = chance.choice(("1", "60", "soon"))
        tags = (*tags, (f"pitr-guardian:{chance.choice(('rto', 'rpo'))}-minutes", minutes))

    def meddle() -> Meddle:
        return Meddle(TABLE, chance.randrange(1, 10**6), chance.randrange(1, 4))

    drill = "drill-1"
    ask = AskDrill(drill, TABLE, chance.choice(((), (), (("sample", "all"),), (("sample", 3),))))
    after: list[DrillAction | Meddle | Stop] = [meddle()]
    if is_due:  # before it is asked for: what was drilled just now isn't due
        after += [SpendUp()] * (chance.random() < 0.4) + [Hour()]
    after.append(ask)
    match chance.randrange(10):
        case 0 | 1:
            after.append(DropCopy(drill, 8.0))
        case 2:
            after.append(SpoilCopy(drill, 8.0))
        case 3 | 4:
            after.append(Stop(drill, WORKFLOW))
    after.append(meddle())
    if chance.random() < 0.4:
        other = AskDrill(drill, TABLE, (("sample", 5),))
        after.append(other if chance.random() < 0.3 else ask)
    if chance.random() < 0.3:
        after.append(_odd(chance))
    if chance.random() < 0.4:
        after.append(Hour())
    return [Stock(TABLE, seed, tags)], after


def _odd(chance: Random) -> AskDrill:
    """A second one, of which not all can be granted: of tables with a past of 15 minutes and more,
    for a drill of the last ones has to wait for AWS's clock."""
    table = chance.choice((TABLE, TABLE, GOODS, "never-was"))
    more = chance.choice(((), (), (("colour", "blue"),), (("at", "yesterday"),)))
    return AskDrill("drill-2", table, more)


_SHARE = 0.5
