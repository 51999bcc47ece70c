"""The layer in front of MiniStack: every call passes here, before and after it is carried out."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from localcloud.cloudtrail.identity import caller_arn
from localcloud.cloudtrail.trail import Trail
from localcloud.faults.calls import Faults
from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    HttpAnswer,
    decoded,
    error_in_protocol_of,
    error_of_s3,
    received,
)

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type DynamoDb = Callable[[Call], Answer]

_FAULTY_SERVICES = (
    *("application-autoscaling", "dynamodb", "events", "kms", "monitoring", "s3", "sns", "sqs"),
    "states",
)
_DYNAMODB_TARGET = b"DynamoDB_"
_OVER_TLS = (b"x-forwarded-proto", b"https")

# Whether the request being served got past authorisation, that is, to its service's handler.
_handled: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("handled", default=None)


class Gateway:
    """Puts faults, the layer's DynamoDB and the trail around MiniStack's handlers."""

    def __init__(self, engine: Engine, dynamodb: DynamoDb, faults: Faults, trail: Trail) -> None:
        self._engine = engine
        self._dynamodb = dynamodb
        self._faults = faults
        self._trail = trail
        for service in _FAULTY_SERVICES:
            engine.wrap_handler(service, partial(self._around, service))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve ASGI; the trail also has the calls that authorisation refused."""
        if scope["type"] == "http":
            # Loopback stands in for TLS: policies that refuse plain HTTP (aws:SecureTransport) must
            # not refuse everything.
            scope = scope | {"headers": [*scope.get("headers", []), _OVER_TLS]}
        headers = dict(scope.get("headers", []))
        target = headers.get(b"x-amz-target", b"")
        if scope["type"] != "http" or not target.startswith(_DYNAMODB_TARGET):
            await self._engine.asgi_app(scope, receive, send)
            return
        request, response, status = bytearray(), bytearray(), 0

        async def receive_and_keep() -> Message:
            message = await receive()
            request.extend(message.get("body", b""))
            return message

        async def send_and_keep(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            response.extend(message.get("body", b""))
            await send(message)

        handled: list[str] = []
        _handled.set(handled)
        await self._engine.asgi_app(scope, receive_and_keep, send_and_keep)
        if not handled:
            text = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()
            }
            call = self._call("dynamodb", text, bytes(request), {})
            self._trail.observe(call, Answer(status, decoded(bytes(response))))

    def _around(self, service: str, handler: Handler) -> Handler:
        async def handle(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query: Mapping[str, Any],
        ) -> HttpAnswer:
            if (handled := _handled.get()) is not None:
                handled.append(service)
            if service == "s3":
                call = self._s3_call(method, path, headers, query)
            else:
                call = self._call(service, headers, body, query)
            before, after, deadly = await self._struck(call)
            if before and deadly:
                self._engine.workers.kill(call)
                return _error(call, before)
            if service != "dynamodb":
                if before:
                    return _error(call, before)
                done = await handler(method, path, headers, body, query)
            else:
                answer = Answer.refused(before) if before else self._dynamodb(call)
                self._trail.observe(call, answer)
                done = answer.http()
            if deadly:
                self._engine.workers.kill(call)
            return _error(call, after) if after else done

        return handle

    async def _struck(self, call: Call) -> tuple[AwsError | None, AwsError | None, bool]:
        """Let faults have their way; the errors to answer with instead of and after the call, and
        whether the caller dies of it."""
        if not self._faults.awaiting(call):
            return None, None, False
        hit = self._faults.strike(call, caller_arn(self._engine, call))
        await asyncio.sleep(sum(fault.delay_seconds for fault in hit))
        before = next((fault.before for fault in hit if fault.before), None)
        after = next((fault.after for fault in hit if fault.after), None)
        return before, after, any(fault.kills for fault in hit)

    def _s3_call(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]
    ) -> Call:
        """A call to S3 by the action that IAM asks for: ListBucket, GetObject, PutObject (also of
        each part of an upload), AbortMultipartUpload, DeleteObject."""
        bucket, _, key = path.lstrip("/").partition("/")
        call = received("s3", self._engine.scope(), headers, b"", {})
        action = self._engine.s3_action(method, path, query)
        return replace(call, operation=action, parameters={"Bucket": bucket, "Key": key})

    def _call(
        self, service: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Call:
        return received(service, self._engine.scope(), headers, body, query)


def _error(call: Call, error: AwsError) -> HttpAnswer:
    return error_of_s3(error) if call.service == "s3" else error_in_protocol_of(call.headers, error)
