"""Tiny Lambda functions."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.localcloud.account import HOME, Account


def make_function(
    aws: Account, code: str, *statements: dict[str, Any], region: str = HOME, **settings: Any
) -> str:
    """ARN of a function whose role is allowed these statements, by default named `function`."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", code)
    client = aws.client("lambda", region)
    arn: str = client.create_function(
        **{
            "FunctionName": "function",
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Role": aws.role(*statements, name=settings.get("FunctionName", "function")),
            "Code": {"ZipFile": package.getvalue()},
            "Timeout": 20,
            **settings,
        }
    )["FunctionArn"]
    client.get_waiter("function_active_v2").wait(FunctionName=arn)
    return arn
