"""PutResourcePolicy, which takes policies only, and only for tables and streams."""

from __future__ import annotations

from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    decoded,
)


def put(engine: Engine, call: Call) -> Answer:
    """MiniStack takes any text for a policy, and an index for a resource that can have one."""
    policy, arn = str(call.parameters.get("Policy", "")), str(call.parameters.get("ResourceArn"))
    if not isinstance(decoded(policy).get("Statement"), list | dict):
        raise AwsError("ValidationException", "The policy is not a valid policy document")
    if "/index/" in arn:
        raise AwsError("ValidationException", f"An index has no resource policy: {arn}")
    return engine.dynamodb(call.operation, call.parameters)
