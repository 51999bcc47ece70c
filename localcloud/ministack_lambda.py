"""A repair of MiniStack's Lambda: an error has the name of the exception that it was."""

from __future__ import annotations

import importlib
import re
from typing import Any

from .wire import Json

_UNNAMED = "Runtime.HandlerError"
# The last line of a traceback that isn't indented: `package.module.SomeError: what happened`.
_RAISED = re.compile(r"^(?:\w+\.)*(\w+)(?::|$)")


def name_errors() -> None:
    """Answer an invocation that raised with the exception's name as `errorType`, as Lambda does.

    MiniStack calls each one "Runtime.HandlerError". Retry and Catch of a state machine name the
    exceptions of functions, and were never met.
    """
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    execute = functions._execute_function_warm

    def execute_and_name(function: Json, event: Json, request_id: str) -> Json:
        result: Json = execute(function, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == _UNNAMED:
            body["errorType"] = _exception_in(str(result.get("log", ""))) or _UNNAMED
        return result

    functions._execute_function_warm = execute_and_name


def _exception_in(log: str) -> str | None:
    """The exception of the last traceback in a log."""
    _, found, traceback = log.rpartition("Traceback (most recent call last):\n")
    if not found:
        return None
    line = next((line for line in traceback.splitlines() if not line.startswith(" ")), "")
    raised = _RAISED.match(line)
    return raised[1] if raised else None
