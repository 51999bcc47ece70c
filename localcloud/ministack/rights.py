"""Rights that an operation needs beside its own, and which MiniStack doesn't know of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from localcloud.ministack.internals import Engine
from localcloud.wire import Call


def require(
    engine: Engine,
    call: Call,
    actions: Iterable[str],
    resource: str,
    conditions: Mapping[str, str] | None = None,
) -> None:
    """Ask for rights, with the condition keys of the request that DynamoDB makes of them.

    Raises:
        AwsError: AccessDeniedException that names the first right the caller lacks.
    """
    if not call.user_agent:
        return  # a state machine's task: MiniStack doesn't say as which role it calls
    for action in actions:
        engine.require(call.access_key, action, call.region, resource, conditions)
