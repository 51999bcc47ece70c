"""How an execution of a workflow ended, and how that is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pitr_guardian.basics.legible import legible

_LONGEST = 1000
"""Characters of an execution's cause, which may have 32,768."""
_NAMES = {
    "ABORTED": "WorkflowAborted",
    "TIMED_OUT": "WorkflowTimedOut",
    "NOT STARTED": "WorkflowNotStarted",
}
_OTHERWISE = "WorkflowFailed"

NAMES = frozenset({*_NAMES.values(), _OTHERWISE})
"""Every name that the error of an ending may begin with."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended.

    ``status`` is Step Functions' (``ABORTED``, ``FAILED``, ``SUCCEEDED``, ``TIMED_OUT``), or
    ``NOT STARTED`` where there is no such execution.
    """

    execution_arn: str
    status: str
    at: datetime
    error: str | None = None
    cause: str | None = None

    @classmethod
    def told(cls, detail: Mapping[str, Any], time: str) -> Self:
        """Read what EventBridge tells.

        Args:
            detail: of a ``Step Functions Execution Status Change``.
            time: when that event happened, ISO 8601.
        """
        arn, at = str(detail["executionArn"]), datetime.fromisoformat(time)
        return cls(arn, detail["status"], at, detail.get("error"), detail.get("cause"))

    @property
    def execution(self) -> str:
        """The execution's name."""
        return self.execution_arn.rpartition(":")[2]

    def as_error(self, workflow: str) -> str:
        """Say it as an error, which begins with a name and a colon.

        Args:
            workflow: what to call the workflow.
        """
        name = _NAMES.get(self.status, _OTHERWISE)
        said = ": ".join(filter(None, (self.error, self.cause)))
        why = f" ({legible(said, _LONGEST)})" if said else ""
        return f"{name}: the {workflow} {self.execution_arn} ended as {self.status}{why}"
