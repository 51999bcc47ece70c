"""Lambda's detection of recursive loops, where a loop leads over a queue.

Lambda counts how often a function ran in one chain of requests, and stops the invocation after the
16th: what invoked it goes to the queue's dead-letter queue (Lambda developer guide, "Lambda
recursive loop detection"). The lineage travels in a header that botocore sets by itself. MiniStack
counts where a function invokes a function; a message on a queue forgot who had sent it. As in
MiniStack, the count is the chain's, whichever of its functions it leads through.
"""

from __future__ import annotations

import contextvars
import importlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from localcloud.wire import (
    HttpAnswer,
    Json,
)

type Handler = Callable[
    [str, str, Mapping[str, str], bytes, Mapping[str, Any]], Awaitable[HttpAnswer]
]

_DEPTH = "lineage"  # the key that a message on a queue has of ours

# How many functions the call being served has gone through, its caller included.
_sender_depth: contextvars.ContextVar[int] = contextvars.ContextVar("sender_depth", default=0)


class Recursion:
    """Hands the lineage of a message's sender on to the function that takes it off the queue."""

    def __init__(self) -> None:
        self._functions: Any = importlib.import_module("ministack.services.lambda_svc")
        self._sqs: Any = importlib.import_module("ministack.services.sqs")
        self._wrap_sending()
        self._wrap_batches()

    def add_to_stacks(self, resource_handlers: dict[str, Any]) -> None:
        """Teach MiniStack's CloudFormation a function's `RecursiveLoop`."""
        handlers = resource_handlers["AWS::Lambda::Function"]
        create, update = handlers["create"], handlers["update"]

        def create_and_set(logical_id: str, properties: Json, stack: str) -> Any:
            created = create(logical_id, properties, stack)
            self._configure(created[0], properties)
            return created

        def update_and_set(
            name: str, old: Json, new: Json, stack: str, logical_id: str | None = None
        ) -> Any:
            updated = update(name, old, new, stack, logical_id)
            self._configure(updated[0], new)
            return updated

        resource_handlers["AWS::Lambda::Function"] = {
            **handlers,
            "create": create_and_set,
            "update": update_and_set,
        }

    def _configure(self, name: str, properties: Json) -> None:
        wanted = properties.get("RecursiveLoop", "Terminate")
        self._functions._functions[name]["recursive_loop"] = wanted

    def with_lineage(self, handler: Handler) -> Handler:
        """SQS's handler, which notes how deep in a chain the sender of a message is."""

        async def handle(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query: Mapping[str, Any],
        ) -> HttpAnswer:
            token = _sender_depth.set(self._functions._inbound_invoke_depth(headers))
            try:
                return await handler(method, path, headers, body, query)
            finally:
                _sender_depth.reset(token)

        return handle

    def _wrap_sending(self) -> None:
        system_attributes = self._sqs._build_send_sys_attrs

        def attributes_with_depth(*arguments: Any) -> Json:
            found: Json = system_attributes(*arguments)
            return {**found, _DEPTH: _sender_depth.get()}

        self._sqs._build_send_sys_attrs = attributes_with_depth

    def _wrap_batches(self) -> None:
        functions: Any = self._functions
        run = functions._run_sqs_batch

        def run_unless_looping(
            mapping: Json, function: Json, event: Json, batch: list[Json], url: str, queue: str
        ) -> None:
            stopped = {
                message["id"]
                for message in batch
                if functions._recursive_loop_drop(
                    mapping["FunctionName"], function, _depth(message) + 1
                )
            }
            for message in batch:
                if message["id"] in stopped:
                    self._give_up(url, message)
            records = [each for each in event["Records"] if each["messageId"] not in stopped]
            if not records:
                return
            going_on = [message for message in batch if message["id"] not in stopped]
            token = functions._invoke_depth.set(1 + max(_depth(each) for each in going_on))
            try:
                run(mapping, function, {**event, "Records": records}, going_on, url, queue)
            finally:
                functions._invoke_depth.reset(token)

        functions._run_sqs_batch = run_unless_looping

    def _give_up(self, url: str, message: Json) -> None:
        """Send a message the way of those that were received too often."""
        with self._sqs._queues_lock:
            queue = self._sqs._get_q(url)
            message["receive_count"] = max(message["receive_count"], 1000)  # SQS's most
            message["visible_at"] = time.time()
            if not queue["attributes"].get("RedrivePolicy"):
                queue["messages"].remove(message)  # without a dead-letter queue it is discarded
        self._sqs.esm_wake.set()


def _depth(message: Json) -> int:
    return int((message.get("sys") or {}).get(_DEPTH, 0))
