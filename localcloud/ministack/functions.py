"""Repairs of MiniStack's Lambda: errors by their names, and retries of asynchronous events."""

from __future__ import annotations

import importlib
import json
import re
import threading
import time
from typing import Any

from localcloud.wire import Json

_UNNAMED = "Runtime.HandlerError"
_DIED = "Worker process died"
# The last line of a traceback that isn't indented: `package.module.SomeError: what happened`.
_RAISED = re.compile(r"^(?:\w+\.)*(\w+)(?::|$)")


def name_errors() -> None:
    """Answer an invocation that failed with the `errorType` that Lambda has for it.

    MiniStack calls each one "Runtime.HandlerError". Retry and Catch of a state machine name the
    exceptions of functions, and were never met. A process that died is a `Runtime.ExitError`.
    """
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    execute = functions._execute_function_warm

    def execute_and_name(function: Json, event: Json, request_id: str) -> Json:
        result: Json = execute(function, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == _UNNAMED:
            if body.get("errorMessage") == _DIED:
                body["errorType"] = "Runtime.ExitError"
                body["errorMessage"] = (
                    f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
                )
            else:
                body["errorType"] = _exception_in(str(result.get("log", ""))) or _UNNAMED
        return result

    functions._execute_function_warm = execute_and_name


class AsynchronousInvocations:
    """Lets EventBridge invoke functions as AWS does: twice more where they fail, then the
    function's destination for failures hears of it. MiniStack invokes a rule's function once.
    """

    def __init__(self, retry_seconds: float) -> None:
        """Take the wait before the first retry, in real seconds; the second is twice as long."""
        self._functions: Any = importlib.import_module("ministack.services.lambda_svc")
        self._retry_seconds = retry_seconds
        self._pending = 0
        self._lock = threading.Lock()
        events: Any = importlib.import_module("ministack.services.eventbridge")
        events._dispatch_to_lambda = self._dispatch

    @property
    def pending(self) -> int:
        """Events whose last try isn't over yet."""
        with self._lock:
            return self._pending

    def _dispatch(self, arn: str, payload: str) -> None:
        function, config, _ = self._functions._get_func_record_for_ref(arn)
        if not function or not config:
            return
        record = self._functions._execution_record_for_config(function, config)
        with self._lock:
            self._pending += 1
        threading.Thread(
            target=self._invoke, args=(record, json.loads(payload)), daemon=True, name="event"
        ).start()

    def _invoke(self, record: Json, event: Json) -> None:
        try:
            known = record.get("event_invoke_configs") or {}
            settings = known.get("$LATEST") or known.get("") or {}
            result: Json = {}
            for attempt in range(1 + settings.get("MaximumRetryAttempts", 2)):
                time.sleep(attempt * self._retry_seconds)
                result = self._functions._execute_function_with_config_scope(record, event)
                if not result.get("error"):
                    return
            failures = (settings.get("DestinationConfig") or {}).get("OnFailure") or {}
            if destination := failures.get("Destination"):
                name = record["config"]["FunctionName"]
                self._functions._run_with_function_config_scope(
                    record, self._functions._route_async_failure, destination, name, event, result
                )
        finally:
            with self._lock:
                self._pending -= 1


def _exception_in(log: str) -> str | None:
    """The exception of the last traceback in a log."""
    _, found, traceback = log.rpartition("Traceback (most recent call last):\n")
    if not found:
        return None
    line = next((line for line in traceback.splitlines() if not line.startswith(" ")), "")
    raised = _RAISED.match(line)
    return raised[1] if raised else None
