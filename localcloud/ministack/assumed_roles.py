"""What STS asks of AssumeRole beside the trust policy, which MiniStack weighs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from localcloud.wire import (
    AwsError,
    HttpAnswer,
    error_in_protocol_of,
    received,
)

CHAINED_SECONDS = 3600
"""A session of a role that a session of a role assumed lasts no longer (STS, AssumeRole)."""


def strictly(scope: Any) -> Any:
    """A wrap for STS's handler: a role's ARN has its path, and no session is too long."""
    iam: Any = importlib.import_module("ministack.services.iam")
    sts: Any = importlib.import_module("ministack.services.sts")

    def refusal(access_key: str, asked: Mapping[str, Any]) -> AwsError | None:
        arn = str(asked.get("RoleArn", ""))
        account, name = (*arn.split(":"), *[""] * 6)[4], arn.rpartition("/")[2]
        role = iam._roles.get_scoped(account, None, name)
        if role is None or role["Arn"] != arn:
            return AwsError(
                "AccessDenied",
                f"User: is not authorized to perform: sts:AssumeRole on resource: {arn}",
                403,
            )
        seconds = int(asked.get("DurationSeconds") or CHAINED_SECONDS)
        chained = (sts._sessions.get(access_key) or {}).get("PrincipalType") == "AssumedRole"
        longest = CHAINED_SECONDS if chained else int(role.get("MaxSessionDuration", 3600))
        if seconds > longest:
            why = "for roles assumed by role chaining" if chained else "set for this role"
            return AwsError(
                "ValidationError",
                f"The requested DurationSeconds exceeds the {longest} second session limit {why}.",
            )
        return None

    def wrap(handler: Any) -> Any:
        async def handle(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query: Mapping[str, Any],
        ) -> HttpAnswer:
            call = received("sts", scope(), headers, body, query)
            if call.operation == "AssumeRole" and (
                error := refusal(call.access_key, call.parameters)
            ):
                return error_in_protocol_of(headers, error)
            answer: HttpAnswer = await handler(method, path, headers, body, query)
            return answer

        return handle

    return wrap
