"""A repair of MiniStack's StartExecution: what it takes twice, and what it doesn't take."""

from __future__ import annotations

import importlib
import json
from typing import Any

from localcloud.wire import Json

_LARGEST_INPUT = 256 * 1024


def start_executions_as_aws() -> None:
    """The same name and input as a running execution's is that execution; MiniStack refused it.

    "StartExecution is idempotent for STANDARD workflows", and an input has at most 262,144 bytes
    (API reference).
    """
    machines: Any = importlib.import_module("ministack.services.stepfunctions")
    start = machines._start_execution

    def start_once(data: Json) -> Any:
        given = str(data.get("input", "{}"))
        if len(given.encode()) > _LARGEST_INPUT:
            return machines.error_response_json(
                "InvalidExecutionInput",
                f"Invalid Execution Input: it is larger than {_LARGEST_INPUT} bytes",
                400,
            )
        running = _running(machines, data)
        if running is not None and _meant(running["input"]) == _meant(given):
            told = {name: running[name] for name in ("executionArn", "startDate")}
            return machines.json_response(told)
        return start(data)

    machines._start_execution = start_once


def _meant(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _running(machines: Any, data: Json) -> Json | None:
    """The running execution of that name, if there is one."""
    machine = machines._resolve_state_machine_arn(str(data.get("stateMachineArn", "")))
    if machine is None or machines._state_machines[machine].get("type") == "EXPRESS":
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data.get('name')}"
    execution: Json | None = machines._executions.get(arn)
    return execution if execution and execution["status"] == "RUNNING" else None
