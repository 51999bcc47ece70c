"""Items of a shop that a script spoils and customers go on changing, and undos of the damage."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.doing import Doing, Stop

type Json = dict[str, Any]
type Items = dict[str, Json]
"""Items by their ids, as DynamoDB writes them, without the id."""

TABLE = "goods-1"
PATTERN = "*-goods-*"
"""The tables whose items may be put back."""
_NAMES = ("apples", "pears", "plums", "figs", "dates", "limes", "melons", "quinces")


@dataclass(frozen=True)
class Stock(Doing):
    """Create a table, with the items of a seed, which are the good ones."""

    words = "create {table}, and fill it"
    table: str
    seed: int
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Spoil(Doing):
    """Let half an hour go by, do the damage of a seed, and let some minutes more go by."""

    words = "spoil {table}"
    table: str
    seed: int


@dataclass(frozen=True)
class Meddle(Doing):
    """Change so many items of a table, one after the other, as customers do."""

    words = "change {times} items of {table}"
    table: str
    seed: int
    times: int


@dataclass(frozen=True)
class AskUndo(Doing):
    """Ask for a plan, by an id; ``more`` are further fields. Of a ``revert`` they are all."""

    words = "ask for the undo {plan} {more}"
    plan: str
    more: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Approve(Doing):
    """Approve a plan as soon as it is there, or after so many seconds one that nobody made."""

    words = "approve {plan}, or what isn't there after {patience} s"
    plan: str
    patience: float


type GoodsAction = Stock | Spoil | Meddle | AskUndo | Approve
type UndoAction = GoodsAction | Stop


def good_items(seed: int) -> Items:
    """The items before the damage."""
    chance = Random(seed)  # noqa: S311 - it shall be the same each time
    return {
        name: {
            "price": {"N": str(chance.randrange(1, 90))},
            "stock": {"N": str(chance.randrange(100, 900))},
            "note": {"S": f"fresh {name}"},
        }
        for name in _NAMES
    }


def bad_items(seed: int) -> Items:
    """The same after the damage: some as they were, some changed, some gone, some new."""
    chance = Random(-seed)  # noqa: S311
    items = good_items(seed)
    for name in _NAMES:
        match chance.randrange(4):
            case 0:
                items[name]["price"] = {"N": "0"}
            case 1:
                items[name] = items[name] | {"price": {"N": "-1"}, "oops": {"S": "x"}}
                del items[name]["note"]
            case 2:
                del items[name]
    return items | {f"junk-{n}": {"price": {"N": "666"}} for n in range(chance.randrange(1, 3))}


def meddlings(seed: int, times: int) -> list[tuple[str, str, Json]]:
    """What customers do: the item's id, `set` or `delete` or `make`, and attributes."""
    chance = Random(seed)  # noqa: S311
    done: list[tuple[str, str, Json]] = []
    for _ in range(times):
        name, mark = chance.choice((*_NAMES, "junk-0")), f"{chance.randrange(1000, 9999)}"
        match chance.randrange(6):
            case 0:
                done.append((name, "delete", {}))
            case 1:
                done.append((name, "make", {"price": {"N": mark}, "by": {"S": "a customer"}}))
            case 2:
                done.append((name, "set", {"price": {"N": mark}}))
            case _:
                attribute = chance.choice(("stock", "stock", "reviews"))
                done.append((name, "set", {attribute: {"N": mark}}))
    return done


def undo_of(seed: int) -> tuple[list[UndoAction], list[UndoAction]]:
    """What makes a spoilt table, and what is done about it; nothing for most seeds."""
    chance = Random(f"undo-{seed}")  # noqa: S311
    if chance.random() > _SHARE:
        return [], []
    plan = "undo-1"
    more: tuple[tuple[str, Any], ...] = ()
    if chance.random() < 0.3:
        more = (("conflicts", "overwrite"),)
    ask = AskUndo(plan, more)

    def meddle(most: int) -> Meddle:
        return Meddle(TABLE, chance.randrange(1, 10**6), chance.randrange(1, most + 1))

    after: list[UndoAction] = [meddle(3), ask, meddle(3)]
    if chance.random() < 0.4:
        other = (("changes", ("updated",)),) if chance.random() < 0.4 else more
        after.append(AskUndo(plan, other))
    if chance.random() < 0.1:
        after.append(Stop(plan, "undo-plan"))
    after.append(Approve(plan, chance.choice((0.0, 8.0, 8.0, 8.0))))
    after.append(meddle(6))
    if chance.random() < 0.4:
        after += [Approve(plan, 4.0), meddle(4)]
    if chance.random() < 0.15:
        after.append(Stop(plan, "undo-apply"))
    if chance.random() < 0.3:
        after += [AskUndo("undo-2", (("revert", plan),)), meddle(2), Approve("undo-2", 8.0)]
    return [Stock(TABLE, seed), Spoil(TABLE, seed)], after


_SHARE = 0.4
