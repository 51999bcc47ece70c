"""Limits on what may be sent, where MiniStack takes more than AWS does."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.wire import (
    AwsError,
    HttpAnswer,
    Json,
    error_in_protocol_of,
    received,
)

EVENTS_BYTES = 1024 * 1024
"""Of all entries of one PutEvents (EventBridge quotas, raised to 1 MB in 2026)."""
SUBJECT_CHARACTERS = 100
"""Of a notification's subject; line breaks and control characters aren't taken (Publish)."""
DELAY_SECONDS = 900
"""The longest that a queue holds a message back (SendMessage)."""

_TIME_BYTES = 14  # what a `Time` counts (EventBridge user guide, PutEvents entry size)


def keep_limits(engine: Engine) -> None:
    """Refuse what AWS refuses, with its errors."""
    for service, complaint in (("events", _too_much), ("sns", _bad_subject)):
        engine.wrap_handler(service, _refusing(engine, service, complaint))
    sqs: Any = importlib.import_module("ministack.services.sqs")
    send = sqs._act_send_message

    def send_in_time(message: Json, url: str) -> Json:
        delay = message.get("DelaySeconds")
        if delay is not None and not 0 <= int(delay) <= DELAY_SECONDS:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must "
                f"be >= 0 and <= {DELAY_SECONDS}.",
            )
        sent: Json = send(message, url)
        return sent

    sqs._act_send_message = send_in_time
    sqs._HANDLERS["SendMessage"] = send_in_time


def _refusing(engine: Engine, service: str, complaint: Any) -> Any:
    def wrap(handler: Handler) -> Handler:
        async def handle(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query: Mapping[str, Any],
        ) -> HttpAnswer:
            call = received(service, engine.scope(), headers, body, query)
            if error := complaint(call.operation, call.parameters):
                return error_in_protocol_of(headers, error)
            return await handler(method, path, headers, body, query)

        return handle

    return wrap


def _too_much(operation: str, parameters: Json) -> AwsError | None:
    if operation != "PutEvents":
        return None
    size = sum(map(_entry_size, parameters.get("Entries") or []))
    if size <= EVENTS_BYTES:
        return None
    return AwsError(
        "ValidationException", "Total size of the entries in the request is over the limit."
    )


def _entry_size(entry: Json) -> int:
    texts = [entry.get(key) or "" for key in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources") or []
    return sum(len(text.encode()) for text in texts) + (_TIME_BYTES if entry.get("Time") else 0)


def _bad_subject(operation: str, parameters: Json) -> AwsError | None:
    subject = parameters.get("Subject")
    if operation != "Publish" or not subject:
        return None
    if len(subject) <= SUBJECT_CHARACTERS and subject.isprintable():
        return None
    return AwsError("InvalidParameter", "Invalid parameter: Subject")
