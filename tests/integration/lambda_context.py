"""What Lambda tells a function about its invocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.fakes.cloudtrail import REGION

ACCOUNT = "123456789012"  # moto's


@dataclass
class _Invocation:
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function"
    aws_request_id: str = "request-1"
    remaining_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def lambda_context(remaining_ms: int = 60_000) -> LambdaContext:
    """The context, as far as the functions read it."""
    return cast("LambdaContext", _Invocation(remaining_ms=remaining_ms))
