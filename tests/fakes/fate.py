"""Functions that are killed around any call to the outside, and others who act meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class KilledError(BaseException):
    """The function is no more; nothing that it would still do happens."""


@dataclass
class Fate:
    """What happens around the calls of functions to the outside, counted over all of them."""

    kills: set[int]
    """Calls that are a function's last: it dies before odd ones, and after even ones."""
    others: dict[int, Callable[[], None]]
    """What others do just before a call."""
    is_after: bool | None = None
    """Whether it dies after these calls, or before; None: as their numbers say."""
    calls: int = 0
    is_dead: bool = False

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if self.is_dead:
            raise KilledError
        self.calls += 1
        if (act := self.others.pop(self.calls, None)) is not None:
            act()
        is_last = self.calls in self.kills
        self.is_dead = is_last
        dies_after = self.calls % 2 == 0 if self.is_after is None else self.is_after
        if is_last and not dies_after:
            raise KilledError
        answer = method(*args, **named)
        if is_last:
            raise KilledError
        return answer


class Watched:
    """A port whose every call is subject to fate; its attributes are as they are."""

    def __init__(self, port: object, fate: Fate) -> None:
        self._port = port
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found) or name in ("on_change",):
            return found
        return lambda *args, **named: self._fate.call(found, *args, **named)


def until_it_lives(fate: Fate, step: Callable[[], object]) -> None:
    """Run a function again until it isn't killed, as its workflow does."""
    while True:
        fate.is_dead = False
        try:
            step()
        except KilledError:
            continue
        return
