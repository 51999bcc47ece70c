"""A repair of MiniStack's CloudFormation: a stack has its template's description."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from typing import Any


def with_descriptions(
    handler: Callable[..., Awaitable[Any]],
) -> Callable[..., Awaitable[Any]]:
    """Describe stacks as CloudFormation does (`Stack` in its API reference: `Description`)."""

    async def handle(*call: Any) -> Any:
        stacks = importlib.import_module("ministack.services.cloudformation")._stacks
        for stack in list(stacks.values()):
            stack["Description"] = stack.get("_template", {}).get("Description", "")
        return await handler(*call)

    return handle
