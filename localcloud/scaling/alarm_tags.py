"""Who puts an alarm with tags needs the right to tag it, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ministack import rights
from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.wire import (
    AwsError,
    HttpAnswer,
    error_in_protocol_of,
    received,
)


def with_tag_rights(engine: Engine, handler: Handler) -> Handler:
    """CloudWatch's handler, which checks what MiniStack doesn't."""

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> HttpAnswer:
        call = received("monitoring", engine.scope(), headers, body, query)
        if call.operation == "PutMetricAlarm" and call.parameters.get("Tags"):
            name = call.parameters.get("AlarmName")
            arn = f"arn:aws:cloudwatch:{call.region}:{call.account}:alarm:{name}"
            try:
                rights.require(engine, call, ["cloudwatch:TagResource"], arn)
            except AwsError as error:
                return error_in_protocol_of(headers, error)
        return await handler(method, path, headers, body, query)

    return handle
