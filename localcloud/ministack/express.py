"""What an Express execution can't do; MiniStack runs one as it runs any other.

It lasts five minutes at most, waits for no job and no token, has no history to ask for, and may run
more than once ("Choosing workflow type in Step Functions", developer guide; GetExecutionHistory,
API reference). The last of these the embedded AWS doesn't do.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from localcloud.wire import Json

LONGEST_SECONDS = 300.0

_MARK = "_express"
_WAITING = (".sync", ".sync:2", ".waitForTaskToken")


def is_express(processor: Json) -> bool:
    """Whether the children of a Map state are Express executions."""
    return bool(processor.get("ProcessorConfig", {}).get("ExecutionType") == "EXPRESS")


def marked(child: Json) -> Json:
    """A child that is an Express execution."""
    return {**child, _MARK: True}


def complaint_about(processor: Json) -> str | None:
    """Why a Map state's children can't be Express executions."""
    for resource in _resources(processor.get("States", {})):
        if resource.endswith(_WAITING):
            return f"Express state machine does not support '{resource}' service integration"
    return None


def tell_no_history() -> None:
    """Refuse to tell the history of an Express execution."""
    machines: Any = importlib.import_module("ministack.services.stepfunctions")
    history = machines._get_execution_history

    def of_standard_ones(data: Json) -> Any:
        arn = data.get("executionArn", "")
        if _MARK in (machines._executions.get(arn) or {}):
            return machines.error_response_json(
                "ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400
            )
        return history(data)

    machines._get_execution_history = of_standard_ones


def _resources(states: Json) -> Iterator[str]:
    for state in states.values():
        if isinstance(state.get("Resource"), str):
            yield state["Resource"]
        for branch in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if branch:
                yield from _resources(branch.get("States", {}))
