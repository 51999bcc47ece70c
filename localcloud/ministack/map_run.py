"""A Map Run: how many of its children are where, and when there are too many that failed."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Self

from localcloud.ministack.map_fields import Fields
from localcloud.ministack.map_input import Batch
from localcloud.wire import Json

_COUNTS = (
    *("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total"),
    *("resultsWritten", "failuresNotRedrivable", "pendingRedrive"),
)


@dataclass(eq=False)
class MapRun:
    """A Map Run. `told` is what DescribeMapRun answers."""

    told: Json
    executions: str
    """What the ARNs of its children begin with."""
    thresholds: set[str]
    """Percentage, Count: which of them the state has. Without any, no failure is tolerated."""
    children: list[Json | None]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def begun(cls, fields: Fields, execution: Json, inputs: list[Batch], now: str) -> Self:
        """The run of a state of an execution, with these inputs for its children."""
        *_, region, account, _, name = str(execution["stateMachineArn"]).split(":")
        label = fields.state.get("Label") or uuid.uuid4().hex
        arn = f"arn:aws:states:{region}:{account}"
        counts = {
            "itemCounts": sum(batch.count for batch in inputs),
            "executionCounts": len(inputs),
        }
        told = {
            "mapRunArn": f"{arn}:mapRun:{name}/{label}:{uuid.uuid4()}",
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": now,
            "maxConcurrency": int(fields.number("MaxConcurrency")),
            "toleratedFailurePercentage": fields.number("ToleratedFailurePercentage"),
            "toleratedFailureCount": int(fields.number("ToleratedFailureCount")),
            **{
                kind: {**dict.fromkeys(_COUNTS, 0), "total": total, "pending": total}
                for kind, total in counts.items()
            },
            "redriveCount": 0,
            "_stateMachineArn": f"{arn}:stateMachine:{name}/{label}",
        }
        given = {each for each in ("Percentage", "Count") if fields.has(f"ToleratedFailure{each}")}
        return cls(told, f"{arn}:execution:{name}/{label}", given, [None] * len(inputs))

    @property
    def arn(self) -> str:
        return str(self.told["mapRunArn"])

    def count(self, batch: Batch, before: str, after: str) -> None:
        with self.lock:
            for kind, by in (("itemCounts", batch.count), ("executionCounts", 1)):
                self.told[kind][before] -= by
                self.told[kind][after] += by

    def is_over_threshold(self) -> bool:
        with self.lock:
            counts = self.told["itemCounts"]
            failed, total = counts["failed"] + counts["timedOut"], counts["total"]
            if "Count" in self.thresholds and failed > self.told["toleratedFailureCount"]:
                return True
            if "Percentage" in self.thresholds:
                return bool(failed * 100 > self.told["toleratedFailurePercentage"] * total)
            return bool(failed) and not self.thresholds
