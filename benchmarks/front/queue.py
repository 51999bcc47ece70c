"""A queue as SQS has it, as far as a function's trigger and the guardian use one.

Apart from moto's, which looks through all messages at each receive: a long queue would measure
moto.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
from collections import deque
from typing import Any

from benchmarks.front.http import Answer, Request
from benchmarks.front.switches import Switches

_INVISIBLE_SECONDS = 360  # as the template has it
_MAX_RECEIVES = 5  # likewise; then a message is dead
_JSON = {"Content-Type": "application/x-amz-json-1.0"}


class Queue:
    """Messages wait until they are due, and are away while somebody works on them."""

    def __init__(self, switches: Switches) -> None:
        self.dead = 0
        self._switches = switches
        self._numbers = itertools.count()
        self._bodies: dict[str, str] = {}
        self._events: set[str] = set()
        self._receives: dict[str, int] = {}
        self._ready: deque[str] = deque()
        self._due: list[tuple[float, int, str]] = []

    @property
    def backlog(self) -> int:
        """Messages that aren't handled yet, wherever they are."""
        return len(self._bodies)

    @property
    def events(self) -> int:
        """The same, without what was put back."""
        return len(self._events)

    def bring(self, event: str) -> None:
        """Put a message on the queue that nobody has looked at."""
        self._events.add(self.put(event, 0.0))

    def put(self, body: str, now: float, delay: float = 0.0) -> str:
        """Put a message on the queue, to be due after so many seconds; its id."""
        message = f"message-{next(self._numbers)}"
        self._bodies[message], self._receives[message] = body, 0
        self._put_off(message, now + delay) if delay else self._ready.append(message)
        return message

    def answer(self, request: Request, now: float) -> Answer:
        asked = json.loads(request.body)
        entries = asked.get("Entries", [])
        said: dict[str, Any]
        match request.operation:
            case "SendMessage":
                said = self._sent(asked, now)
            case "SendMessageBatch":
                sent = [{"Id": each["Id"], **self._sent(each, now)} for each in entries]
                said = {"Successful": sent}
            case "ReceiveMessage":
                said = {"Messages": self._received(asked["MaxNumberOfMessages"], now)}
            case "DeleteMessageBatch":
                for each in entries:
                    self._bodies.pop(each["ReceiptHandle"], None)
                    self._events.discard(each["ReceiptHandle"])
                    self._switches.handled(each["ReceiptHandle"])
                said = {"Successful": [{"Id": each["Id"]} for each in entries]}
            case unknown:
                raise ValueError(f"the front's queue doesn't know {unknown}")
        return 200, _JSON, json.dumps(said).encode()

    def _sent(self, asked: dict[str, Any], now: float) -> dict[str, str]:
        body = asked["MessageBody"]
        message = self.put(body, now, asked.get("DelaySeconds", 0))
        return {"MessageId": message, "MD5OfMessageBody": _md5(body)}

    def _received(self, most: int, now: float) -> list[dict[str, Any]]:
        while self._due and self._due[0][0] <= now:
            self._ready.append(heapq.heappop(self._due)[2])
        taken: list[dict[str, Any]] = []
        while self._ready and len(taken) < most:
            message = self._ready.popleft()
            body = self._bodies.get(message)
            if body is None:  # handled since
                continue
            self._receives[message] += 1
            if self._receives[message] > _MAX_RECEIVES:
                del self._bodies[message]
                self.dead += 1
                continue
            self._put_off(message, now + _INVISIBLE_SECONDS)
            body = self._switches.delivered(message, body)
            taken.append(
                {
                    "MessageId": message,
                    "ReceiptHandle": message,
                    "Body": body,
                    "MD5OfBody": _md5(body),
                    "Attributes": {"ApproximateReceiveCount": str(self._receives[message])},
                }
            )
        return taken

    def _put_off(self, message: str, until: float) -> None:
        heapq.heappush(self._due, (until, next(self._numbers), message))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
