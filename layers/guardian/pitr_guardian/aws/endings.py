"""How executions of workflows ended, as Step Functions describes it."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from pitr_guardian.basics.ending import Ending


def ending_in(execution: Mapping[str, Any]) -> Ending | None:
    """Read the answer of ``DescribeExecution``; None of one that still runs."""
    if execution["status"] == "RUNNING":
        return None
    return Ending(
        execution["executionArn"],
        execution["status"],
        execution["stopDate"].astimezone(UTC),
        execution.get("error"),
        execution.get("cause"),
    )
