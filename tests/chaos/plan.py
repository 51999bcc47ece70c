"""What happens in one run: a pure function of its seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.chaos.actions import (
    Action,
    Age,
    Ask,
    Begin,
    Calm,
    Create,
    Delete,
    End,
    Flicker,
    Redeliver,
    Sweep,
    Switch,
    Tag,
    Untag,
)
from tests.chaos.drills import TABLE as VAULT, AskDrill, Hour, drill_of
from tests.chaos.faults import EVENT_KINDS, Fault, Kind, some_fault
from tests.chaos.goods import TABLE, Approve, AskUndo, Spoil, Stock, undo_of
from tests.chaos.record import APPROVAL, DRILL, RESTORE, UNDO
from tests.chaos.ways import OF_DRILLS, OF_UNDOS, Way, some_fault_on

EXEMPT, PERIOD = "pitr-guardian:exempt", "pitr-guardian:recovery-days"
# Waiting for a time-out takes ten seconds: few plans have one. Exports fail where there are undos
# and drills, and requests are lost where there are some.
_OTHERS = {Kind.TIMED_OUT, Kind.EXPORT_FAILED, Kind.REQUEST_LOST, Kind.REQUEST_REPEATED}
_COMMON: list[Kind] = [kind for kind in Kind if kind not in _OTHERS]
_ONE_IN_SO_MANY_TIMES_OUT = 40


@dataclass(frozen=True)
class Step:
    """Something that is done after a pause, in real seconds."""

    pause: float
    action: Action


@dataclass(frozen=True)
class Plan:
    """A run: its steps; then all faults end, one sweep looks at everything, and that is that.

    Tables and request ids are named without the prefix that they have in a run.
    """

    seed: int
    steps: tuple[Step, ...]

    @property
    def faults(self) -> list[Fault]:
        return [step.action.fault for step in self.steps if isinstance(step.action, Begin)]

    def __str__(self) -> str:
        return "\n".join(f"  {step.pause:4.2f} s  {step.action}" for step in self.steps)


@dataclass
class _Drawn:
    """A plan being made."""

    chance: Random
    actions: list[Action] = field(default_factory=list)
    exempt: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    asked: list[Ask] = field(default_factory=list)

    def birth(self, table: str) -> Create:
        tags: tuple[tuple[str, str], ...] = ()
        self.exempt.discard(table)
        match self.chance.randrange(8):
            case 0:
                self.exempt.add(table)
                tags = ((EXEMPT, "2099-12-31"),)
            case 1:
                tags = ((EXEMPT, self.chance.choice(("yes", "2020-02-29", "2026-02-30"))),)
            case 2:
                tags = ((PERIOD, self.days()),)
            case 3:
                tags = ((PERIOD, self.chance.choice(("0", "36", "a week"))),)
        return Create(table, tags)

    def days(self) -> str:
        return str(self.chance.choice((1, 3, 7, 14, 30, 35)))

    def something(self, tables: list[str]) -> Action:
        """What somebody may do next."""
        chance, table = self.chance, self.chance.choice(tables)
        if table in self.gone:
            self.gone.discard(table)
            return self.birth(table)
        draw = chance.random()
        if draw < 0.24:
            return Switch(table, on=False)
        if draw < 0.32:
            return Flicker(table, chance.choice((None, None, 1, 7)))
        if draw < 0.42:
            return Switch(table, on=True, days=int(self.days()))
        if draw < 0.46:
            return Switch(table, on=True)
        if draw < 0.54:
            self.gone.add(table)
            return Delete(table)
        if draw < 0.64:
            return self.tagging(table)
        if draw < 0.86:
            return self.request(tables)
        return chance.choice((Sweep(), Redeliver(), Redeliver(), Calm(1.5)))

    def ageing(self, tables: list[str]) -> list[Action]:
        """Some of the tables have a past."""
        aged = self.chance.sample(tables, self.chance.randrange(len(tables) + 1))
        return [Age(table, self.chance.choice((3, 20, 50))) for table in aged]

    def tagging(self, table: str) -> Action:
        match self.chance.randrange(4):
            case 0:
                return Tag(table, EXEMPT, self.chance.choice(("2099-12-31", "2099-12-31", "never")))
            case 1:
                return Untag(table, EXEMPT)
            case 2:
                return Tag(table, PERIOD, self.days())
            case _:
                return Untag(table, PERIOD)

    def request(self, tables: list[str]) -> Ask:
        chance, number = self.chance, len(self.asked) + 1
        if self.asked and chance.random() < 0.3:
            repeated = chance.choice(self.asked)
            if chance.random() < 0.3:  # the same id for another request
                return self.asking(dict(repeated.content) | {"targetTable": f"other-{number}"})
            return self.asking(dict(repeated.content))
        content = self.content(tables)
        match chance.randrange(10):
            case 0:
                content["sourceTable"] = "never-was"
            case 1:
                content["targetTable"] = chance.choice(tables)
            case 2:
                content["colour"] = "blue"
            case 3:
                del content["targetTable"]
            case 4 | 5:
                content["dryRun"] = True
            case 6:
                content["settings"] = ["tags", "ttl"]
            case 7:
                content["restoreTo"] = "deletion"
        return self.asking(content)

    def good_request(self, tables: list[str]) -> Ask:
        return self.asking(self.content(tables))

    def content(self, tables: list[str]) -> dict[str, Any]:
        number = len(self.asked) + 1
        return {
            "sourceTable": self.chance.choice(tables),
            "targetTable": f"restored-{number}",
            "requestId": f"request-{number}",
            "settings": "none",
        }

    def asking(self, content: dict[str, Any]) -> Ask:
        ask = Ask(tuple(content.items()))
        self.asked.append(ask)
        return ask


def plan_of(seed: int) -> Plan:
    """The plan of a seed."""
    chance = Random(seed)  # noqa: S311 - it shall be the same each time
    drawn = _Drawn(chance)
    tables = [f"table-{number}" for number in range(1, chance.choice((2, 3, 3, 4)) + 1)]
    actions: list[Action] = [drawn.birth(table) for table in tables]
    if chance.random() < 0.7:  # else the births meet the faults
        actions += [Calm(4.0), *drawn.ageing(tables)]
    if chance.random() < 0.4:
        actions.append(drawn.good_request(tables))
    actions += [drawn.something(tables) for _ in range(chance.randrange(6, 11))]
    # Faults that nothing meets prove nothing: some drift and a restore, while they are in force.
    provoking: list[Action] = [Switch(chance.choice(tables), on=False), drawn.good_request(tables)]
    actions += [*chance.sample(provoking, 2), Calm(round(chance.uniform(0.5, 3.0), 1))]
    first = sum(
        isinstance(action, Create | Calm | Age) for action in actions[: 2 * len(tables) + 1]
    )
    begin = first if chance.random() < 0.7 else 0
    for number, kind in enumerate(_kinds(chance), start=1):
        fault = some_fault(chance, number, kind)
        at = chance.randrange(begin, len(actions) - len(provoking))
        actions.insert(at, Begin(fault))
        if fault.times is None or kind in EVENT_KINDS:
            actions.insert(chance.randrange(at + 1, len(actions) + 1), End(fault))
    steps = [Step(chance.choice((0.0, 0.0, 0.05, 0.2, 0.4)), action) for action in actions]
    whole = _with_a_bad_bus(seed, _with_drill(seed, _with_undo(seed, steps)))
    return Plan(seed, tuple(whole))


def _with_undo(seed: int, steps: list[Step]) -> list[Step]:
    """The steps with those of an undo among them, in its own order, and faults on its way."""
    before, after = undo_of(seed)
    if not after:
        return steps
    chance = Random(f"among-{seed}")  # noqa: S311 - it shall be the same each time
    mixed = _among(steps, after, (AskUndo, Approve), OF_UNDOS, chance)
    return [*(Step(0.0, action) for action in (before[0], Calm(8.0), before[1])), *mixed]


def _with_drill(seed: int, steps: list[Step]) -> list[Step]:
    """The steps with those of drills among them, likewise."""
    before, after = drill_of(seed)
    if not after:
        return steps
    chance = Random(f"among-drills-{seed}")  # noqa: S311
    mixed = _among(steps, after, (AskDrill, Hour), OF_DRILLS, chance)
    if chance.random() < _SHARE_WITHOUT_SOURCE:
        asked = next(n for n, step in enumerate(mixed) if isinstance(step.action, AskDrill))
        place = chance.randrange(asked + 1, len(mixed) + 1)
        mixed.insert(place, Step(chance.choice((0.2, 1.0, 3.0)), Delete(VAULT)))
    past: list[Action] = [*before, Calm(8.0), Age(VAULT, chance.choice((1, 1, 2, 4)))]
    return [*(Step(0.0, action) for action in past), *mixed]


def _among(
    steps: list[Step],
    more: Sequence[Action],
    asking: tuple[type, ...],
    way: Way,
    chance: Random,
) -> list[Step]:
    """The steps with more of them among them, in their own order, and faults on a way that begins
    with the first of those that ask for something."""
    first = 1 + max(n for n, step in enumerate(steps) if not isinstance(step.action, Begin | End))
    places = sorted(chance.randrange(first + 1) for _ in more)
    mixed = list(steps)
    for place, action in reversed(list(zip(places, more, strict=True))):
        mixed.insert(place, Step(chance.choice((0.0, 0.05, 0.2)), action))
    asked = next(n for n, step in enumerate(mixed) if isinstance(step.action, asking))
    taken = _number(steps)
    for number in range(taken, taken + chance.randrange(2, 6)):
        fault = some_fault_on(way, chance, number)
        last = max(n for n, step in enumerate(mixed) if isinstance(step.action, asking))
        begin = chance.randrange(asked, last + 1) if fault.spares == 0 else asked
        at = asked if fault.kind is Kind.EXPORT_FAILED else begin
        mixed.insert(at, Step(0.0, Begin(fault)))
    return mixed


def _with_a_bad_bus(seed: int, steps: list[Step]) -> list[Step]:
    """The steps, with a bus that loses some requests and delivers others twice."""
    chance = Random(f"bus-{seed}")  # noqa: S311
    mixed = list(steps)
    for _ in range(chance.choice((0, 0, 1, 2))):
        asked = [n for n, step in enumerate(mixed) if type(step.action) in _REQUESTS]
        at = chance.choice(asked)
        kind = chance.choice((Kind.REQUEST_LOST, Kind.REQUEST_REPEATED))
        what = _REQUESTS[type(mixed[at].action)]
        mixed.insert(at, Step(0.0, Begin(Fault(_number(mixed), kind, operation=what))))
    return mixed


def _number(steps: list[Step]) -> int:
    """That of the next fault."""
    return 1 + sum(isinstance(step.action, Begin) for step in steps)


_REQUESTS: dict[type, str] = {Ask: RESTORE, AskUndo: UNDO, Approve: APPROVAL, AskDrill: DRILL}
_SHARE_WITHOUT_SOURCE = 0.15


def warm_up() -> Plan:
    """A plan without faults in which every function runs once: the first start of each is slow."""
    chance = Random(0)  # noqa: S311 - nothing is left to it
    good = _Drawn(chance).good_request(["table-1"])
    waiting = Calm(120.0)
    undo = (Stock(TABLE, 0), waiting, Spoil(TABLE, 0), AskUndo("undo-1"), Approve("undo-1", 120.0))
    drill = (Stock(VAULT, 0), waiting, Age(VAULT, 1), AskDrill("drill-1", VAULT))
    actions = (Create("table-1"), waiting, good, *undo, *drill, waiting)
    return Plan(0, tuple(Step(0.0, action) for action in actions))


def _kinds(chance: Random) -> list[Kind]:
    kinds = chance.sample(_COMMON, chance.randrange(2, 6))
    if chance.randrange(_ONE_IN_SO_MANY_TIMES_OUT) == 0:
        kinds.append(Kind.TIMED_OUT)
    return kinds
