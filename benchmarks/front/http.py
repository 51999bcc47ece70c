"""As much of HTTP/1.1 as AWS's SDKs speak: one request at a time on a kept-alive connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The API's operation; of a REST API, the method."""
        return self.headers.get("x-amz-target", self.method).rpartition(".")[2]


type Answer = tuple[int, dict[str, str], bytes]
type Handle = Callable[[Request, Callable[[Answer], None]], None]


class Connection(asyncio.Protocol):
    """Reads requests, and writes the answers that `handle` gives to its callback."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._is_invited = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.lower(): value.strip() for name, value in pairs}
        size = int(headers.get("content-length", 0))
        begin = end + 4
        if len(self._received) < begin + size:
            if headers.get("expect") == "100-continue" and not self._is_invited:
                self._is_invited = True
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        method, path, _ = first.split(" ", 2)
        body = bytes(self._received[begin : begin + size])
        del self._received[: begin + size]
        self._is_invited = False
        self._handle(Request(method, path, headers, body), self._answer)

    def _answer(self, answer: Answer) -> None:
        status, headers, body = answer
        head = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers.items())]
        head.append(f"Content-Length: {len(body)}\r\n\r\n")
        self._write("\r\n".join(head).encode("latin-1") + body)

    def _write(self, data: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)
