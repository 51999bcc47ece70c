"""The answer that the restore workflow can't give itself: that it was ended from outside."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitr_guardian.facts import RestoreFailed, TableId


def abandoned(detail: Mapping[str, Any], time: str) -> RestoreFailed:
    """Word the failure of an execution that was aborted or timed out.

    Args:
        detail: of EventBridge's ``Step Functions Execution Status Change``; ``input`` is the order.
        time: when that event happened, ISO 8601.
    """
    order = json.loads(detail["input"])
    request = order["request"]
    error = f"the restore workflow {detail['executionArn']} ended as {detail['status']}"
    return RestoreFailed(
        id=f"restore/{request['requestId']}/failed",
        time=datetime.fromisoformat(time),
        severity="critical",
        reason=f"The restore of {request['sourceTable']} was not seen through: {error}.",
        table=TableId.model_validate(order["source"]),
        error=error,
        request_id=request["requestId"],
        requested_by=request["requestedBy"],
        source_table=request["sourceTable"],
        target_table=request["targetTable"],
        restore_to=request["restoreTo"],
    )
