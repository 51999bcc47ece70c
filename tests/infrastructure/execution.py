"""A workflow's execution by a clock of its own: what it calls when, and how much history it has.

It knows of the states language what the workflows use at their top level. Children of Distributed
Maps have histories of their own, and aren't run.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.infrastructure.stack import Json

# As Step Functions evaluates it: the embedded AWS brings the library, which has no types.
_jsonata: Any = importlib.import_module("jsonata").Jsonata
_NULL: Any = importlib.import_module("jsonata.utils").Utils.NULL_VALUE  # None: there is nothing

# Events of a state's visit (Step Functions API reference, HistoryEvent): entered and exited, and
# what is between them. A try of a task more is three: scheduled, started, failed.
_EVENTS = {"Choice": 2, "Wait": 2, "Pass": 2, "Task": 5, "Map": 6, "Succeed": 1, "Fail": 1}
EVENTS_OF_A_TRY = 3


class TaskFailure(Exception):  # noqa: N818 - what a function's failure is to the workflow
    """What a task fails of."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


Answers = Callable[[str, Json, "Execution"], Any]
"""Answers a function, by its placeholder: ``RestoreFunctionArn``. It may raise TaskFailure."""


@dataclass
class Execution:
    """One execution; ``now`` is in seconds since its beginning."""

    definition: Json
    substitutions: dict[str, str]
    answers: Answers
    now: float = 0.0
    events: int = 1
    variables: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[float, str]] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)

    def run(self) -> str:
        """Run to the end; the name of the last state."""
        name: str | None = self.definition["StartAt"]
        last = ""
        while name is not None:
            last = name
            self.visited.append(name)
            state = self.definition["States"][name]
            self.events += _EVENTS[state["Type"]]
            name = getattr(self, f"_{state['Type'].lower()}")(state)
        return last

    def called(self, function: str) -> list[float]:
        """When a function was called."""
        return [at for at, name in self.calls if name == function]

    def _task(self, state: Json) -> str:
        if not state["Resource"].endswith("lambda:invoke"):
            return self._went_well(state, {"Item": {}})
        function = state["Arguments"]["FunctionName"].strip("${}")
        payload = self._evaluated(state["Arguments"]["Payload"])
        self.calls.append((self.now, function))
        try:
            answer = self.answers(function, payload, self)
        except TaskFailure as failure:
            return self._caught(state, failure)
        return self._went_well(state, {"Payload": answer})

    def _map(self, state: Json) -> str:
        return self._went_well(state, [])

    def _went_well(self, state: Json, result: Any) -> str:
        self._assign(state, result=result)
        following: str = state["Next"]
        return following

    def _caught(self, state: Json, failure: TaskFailure) -> str:
        final = {each for r in state["Retry"] if not r["MaxAttempts"] for each in r["ErrorEquals"]}
        assert failure.error in final, f"{failure.error} is tried again, which isn't done here"
        output = {"Error": failure.error, "Cause": failure.cause}
        for catcher in state["Catch"]:
            if failure.error in catcher["ErrorEquals"] or "States.ALL" in catcher["ErrorEquals"]:
                self._assign(catcher, errorOutput=output)
                following: str = catcher["Next"]
                return following
        raise failure

    def _choice(self, state: Json) -> str:
        for choice in state["Choices"]:
            if self._evaluated(choice["Condition"]):
                self._assign(choice)
                chosen: str = choice["Next"]
                return chosen
        default: str = state["Default"]
        return default

    def _wait(self, state: Json) -> str:
        seconds = self._evaluated(state["Seconds"])
        assert 0 < seconds <= 99_999_999
        assert seconds == int(seconds)
        self._assign(state)
        self.now += seconds
        following: str = state["Next"]
        return following

    def _succeed(self, _: Json) -> None:
        return None

    def _fail(self, _: Json) -> None:
        return None

    def _assign(self, state: Json, **states: Any) -> None:
        self.variables |= self._evaluated(state.get("Assign", {}), **states)

    def _evaluated(self, value: Any, **states: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._evaluated(each, **states) for key, each in value.items()}
        if not (isinstance(value, str) and value.startswith("{%")):
            return value
        code = value.removeprefix("{%").removesuffix("%}")
        for name, text in self.substitutions.items():
            code = code.replace(f"${{{name}}}", text)
        compiled = _compiled(code)
        compiled.register_lambda("millis", lambda: round(self.now * 1000))
        context = {"Execution": {"Name": "d-1"}}
        known = {key: _NULL if each is None else each for key, each in self.variables.items()}
        bound = {**known, "states": {"context": context, **states}}
        return compiled.evaluate(None, bound)


@cache
def _compiled(code: str) -> Any:
    return _jsonata.jsonata(code)
