"""Serves the front on a free port of 127.0.0.1, until its standard input ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.front.account import Account, refusal
from benchmarks.front.answers import Answers
from benchmarks.front.http import Answer, Connection, Request
from benchmarks.front.limit import Limit
from benchmarks.front.queue import Queue
from benchmarks.front.switches import Switches

CONTROL = "/_front"
_LIMITED = "DescribeContinuousBackups"  # AWS: 10 calls a second per account and region


class Front:
    """Counts each call, lets the limit speak, and answers when the latency is over."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answers = Answers(Account())
        self._set({})

    def handle(self, request: Request, give: Callable[[Answer], None]) -> None:
        if request.path == CONTROL:
            give(self._control(request))
            return
        begun = self._loop.time()
        answer = self._answer(request, begun)
        self._loop.call_at(begun + self._latency, give, answer)

    def _answer(self, request: Request, now: float) -> Answer:
        self._calls[request.operation] += 1
        if request.operation == _LIMITED and not self._limit.takes(now):
            self._calls["throttled"] += 1
            return refusal("ThrottlingException", "Rate exceeded")
        if request.headers.get("x-amz-target", "").startswith("AmazonSQS."):
            return self._queue.answer(request, now)
        return self._answers.to(request)

    def _control(self, request: Request) -> Answer:
        if request.method == "POST":
            self._set(json.loads(request.body))
        told = {
            "calls": self._calls,
            "backlog": self._queue.backlog,
            "events": self._queue.events,
            "dead": self._queue.dead,
            "off": len(self._switches.off),
            "came_on": self._switches.came_on,
        }
        return 200, {}, json.dumps(told).encode()

    def _set(self, settings: dict[str, Any]) -> None:
        self._switches = Switches()
        self._queue = Queue(self._switches)
        self._answers.have(settings.get("tables", 0), self._switches)
        self._latency = settings.get("latency", 0.0)
        self._limit = Limit(settings.get("per_second"))
        self._calls: Counter[str] = Counter()
        for body in settings.get("messages", []):
            self._queue.bring(body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    front = Front()
    server = await loop.create_server(lambda: Connection(front.handle), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
