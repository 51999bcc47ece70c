"""The waits of SQS queues, which keep to real time."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

# Between taking a batch off a queue and counting the function as running MiniStack needs this long.
_TAKING_SECONDS = 0.3


class Queues:
    """Lets time pass for the messages of a queue."""

    def __init__(self) -> None:
        self._sqs: Any = importlib.import_module("ministack.services.sqs")
        self._functions: Any = importlib.import_module("ministack.services.lambda_svc")
        self._taken_at = 0.0
        sqs: Any = self._sqs
        receive = sqs._receive_messages_for_esm

        def receive_and_note(url: str, count: int) -> list[Any]:
            batch: list[Any] = receive(url, count)
            if batch:
                self._taken_at = time.monotonic()
            return batch

        sqs._receive_messages_for_esm = receive_and_note

    def functions_running(self) -> int:
        """How many functions run just now, whoever invoked them."""
        running, _ = self._functions.executions_in_flight()
        batches: int = sum(self._functions._esm_inflight.values())
        return int(running) + batches

    def bodies(self, url: str) -> list[str]:
        """All messages on a queue: waiting, delayed and in flight. None is received by this."""
        with self._sqs._queues_lock:
            return [message["body"] for message in self._sqs._get_q(url)["messages"]]

    def run_out(self, url: str, concerns: Callable[[str], bool] | None = None) -> int:
        """Let visibility time-outs and delays of a queue run out now, instead of waiting for them.

        Of a message that a function has just taken they don't: on AWS a function ends before its
        message is visible again. Nothing happens while functions work on any queue.

        Args:
            url: of the queue.
            concerns: tells by its body whether a message is meant; None: all are.

        Returns:
            how many messages are visible that weren't.
        """
        with self._sqs._queues_lock:
            just_taken = time.monotonic() - self._taken_at < _TAKING_SECONDS
            if just_taken or self._functions._esm_inflight:
                return 0
            now, waiting = time.time(), 0
            for message in self._sqs._get_q(url)["messages"]:
                is_meant = concerns is None or concerns(message["body"])
                if is_meant and message["visible_at"] > now:
                    message["visible_at"] = now
                    waiting += 1
        self._sqs.esm_wake.set()
        return waiting
