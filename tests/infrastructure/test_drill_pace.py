"""A drill's pace: what runs side by side, how often is looked, and how much history it makes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from pitr_guardian.drills.places import MOST_ROUNDS
from pitr_guardian.drills.proof.costs import _STEPS, _STEPS_A_ROUND
from pitr_guardian.drills.proof.rounds import MOST_EXACT
from tests.infrastructure.execution import EVENTS_OF_A_TRY, Execution, TaskFailure
from tests.infrastructure.stack import ROOT, Json, source

MACHINE = json.loads((ROOT / "statemachines/drill.asl.json").read_text())
MINUTE, HOUR = 60.0, 3600.0
MOST_EVENTS = 25_000
"""Of an execution's history (Step Functions quotas)."""


@dataclass
class Aws:
    """How long everything takes."""

    capacity: float = 0
    restore: float = 20 * MINUTE
    exportable: float = 0
    export: float = 11 * MINUTE
    removal: float = 30
    rounds: int = 1
    exports: tuple[int, ...] = (1, 1, 1, 1)
    wait_seconds: int = 20
    exports_at_once: bool = True
    kind: str = "full"
    since: dict[str, float] = field(default_factory=dict)

    def __call__(self, function: str, payload: Json, execution: Execution) -> Any:
        return getattr(self, "_" + function.removesuffix("FunctionArn").lower())(
            payload, execution.now
        )

    def _is_over(self, what: str, now: float, takes: float) -> bool:
        return now - self.since.setdefault(what, now) >= takes

    def _greet(self, _: Json, now: float) -> Json:
        return {"kind": self.kind}

    def _restore(self, _: Json, now: float) -> Json:
        if not self._is_over("turn", now, self.capacity):
            raise TaskFailure("AtCapacityError", "50 restores")
        self.since["restore"] = now
        return {"restoredTo": "2026-11-25T10:00:00Z", "tableId": "t-2"}

    def _check(self, _: Json, now: float) -> Json:
        return {
            "progress": "active" if self._is_over("restore", now, self.restore) else "restoring"
        }

    def _start(self, payload: Json, now: float) -> Json:
        number = payload["round"]
        if not self._is_over(f"start {number}", now, self.exportable):
            if self.exports_at_once:
                return {"started": False, "waitSeconds": self.wait_seconds, "why": "too new"}
            raise TaskFailure("TooManyExportsError", "300 exports")
        self.since[f"export {number}"] = now
        exports = [{"name": f"{number}-{n:03}", "arn": "x"} for n in range(self.exports[number])]
        return {"started": True, "exports": exports}

    def _exported(self, payload: Json, now: float) -> Json:
        if not self._is_over(f"export {payload['round']}", now, self.export):
            return {"done": False}
        manifests = [{"name": each["name"], "key": "x"} for each in payload["exports"]]
        return {"done": True, "manifests": manifests, "exportedBytes": 1}

    def _sample(self, _: Json, now: float) -> Json:
        return {"shards": 1, "shardNumbers": [0], "segments": [0, 1]}

    def _settle(self, payload: Json, now: float) -> Json:
        if payload["round"] + 1 < self.rounds:
            return {"again": True, "shardNumbers": [0]}
        return {"again": False}

    def _structure(self, _: Json, now: float) -> Json:
        return {}

    def _remove(self, _: Json, now: float) -> Json:
        return {"gone": self._is_over("removal", now, self.removal)}

    def _conclude(self, _: Json, now: float) -> Json:
        return {}

    def _fail(self, _: Json, now: float) -> Json:
        return {}


def drilled(aws: Aws, poll: int = 20, hours: int = 24) -> Execution:
    substitutions = {"RestorePollSeconds": str(poll), "RestoreTimeoutHours": str(hours)}
    execution = Execution(MACHINE, substitutions, aws)
    execution.run()
    return execution


def outages() -> int:
    """Events where each task is tried again as often as it may, once in a drill."""
    tries: list[int] = [
        max(retry["MaxAttempts"] for retry in state["Retry"])
        for state in MACHINE["States"].values()
        if state["Type"] == "Task"
    ]
    return sum(tries) * EVENTS_OF_A_TRY


def test_the_longest_drill_stays_far_below_what_ends_an_execution() -> None:
    """Everything takes as long as it may, and every task fails as often as it may once."""
    longest = source()["Parameters"]["RestoreTimeoutHours"]["MaxValue"]
    limit = longest * HOUR * 0.98
    aws = Aws(
        capacity=limit,
        restore=limit,
        exportable=5.8 * HOUR,
        export=29 * HOUR,
        removal=limit,
        rounds=MOST_ROUNDS + 1,
        exports=(36, 2, 2, MOST_EXACT),
    )
    execution = drilled(aws, poll=1, hours=longest)
    assert execution.visited.count("Search the history") == 36 + 2 + 2 + MOST_EXACT
    assert execution.visited[-1] == "Done"
    assert execution.events + outages() < 0.6 * MOST_EVENTS


def test_a_usual_drill_takes_a_few_hundred() -> None:
    execution = drilled(Aws(rounds=2))
    assert execution.visited[-1] == "Done"
    assert execution.events < 700
    assert len(execution.visited) <= _STEPS + 2 * _STEPS_A_ROUND  # which are counted as its cost


def test_the_restore_is_asked_for_first_and_the_exports_beside_it() -> None:
    execution = drilled(Aws())
    assert [name for _, name in execution.calls[:3]] == [
        "GreetFunctionArn",
        "RestoreFunctionArn",
        "StartFunctionArn",
    ]
    assert execution.called("StartFunctionArn") == [0]


def test_exports_that_have_to_wait_for_the_clock_begin_beside_the_restore() -> None:
    """Of the latest instant, say, whose history has to be 15 minutes long first."""
    execution = drilled(Aws(restore=2 * HOUR, exportable=15 * MINUTE, wait_seconds=300))
    begun = execution.called("StartFunctionArn")[-1]
    assert 15 * MINUTE <= begun <= 16 * MINUTE
    assert execution.called("ExportedFunctionArn")[0] <= 2.2 * HOUR
    assert execution.visited[-1] == "Done"


def test_300_exports_of_others_hold_up_no_restore() -> None:
    aws = Aws(restore=2 * HOUR, exportable=HOUR, exports_at_once=False)
    execution = drilled(aws)
    active = execution.called("CheckFunctionArn")[-1]
    assert 2 * HOUR <= active <= 2 * HOUR * 1.11
    assert HOUR <= execution.called("StartFunctionArn")[-1] <= 1.2 * HOUR
    assert execution.visited[-1] == "Done"


def test_50_restores_of_others_hold_up_no_export() -> None:
    execution = drilled(Aws(capacity=3 * HOUR))
    assert execution.called("StartFunctionArn") == [0]
    assert 3 * HOUR <= execution.called("RestoreFunctionArn")[-1] <= 3.4 * HOUR
    assert execution.visited[-1] == "Done"


@pytest.mark.parametrize("minutes", [5, 20, 60, 240, 1000])
def test_the_time_of_recovery_is_known_to_a_tenth(minutes: int) -> None:
    execution = drilled(Aws(restore=minutes * MINUTE))
    looked = execution.called("CheckFunctionArn")[-1]
    assert looked - minutes * MINUTE <= max(20, 0.11 * minutes * MINUTE)


@pytest.mark.parametrize("minutes", [11, 60, 600])
def test_exports_are_looked_at_soon_after_they_are_there(minutes: int) -> None:
    execution = drilled(Aws(export=minutes * MINUTE, restore=MINUTE))
    looked = execution.called("ExportedFunctionArn")[-1]
    assert looked - minutes * MINUTE <= max(60, 0.21 * minutes * MINUTE)


@pytest.mark.parametrize(
    ("aws", "error"),
    [
        (Aws(exportable=7 * HOUR), "HistoryTimeout"),
        (Aws(exportable=7 * HOUR, exports_at_once=False), "HistoryTimeout"),
        (Aws(capacity=30 * HOUR), "TurnTimeout"),
        (Aws(restore=30 * HOUR), "RestoreTimeout"),
        (Aws(export=40 * HOUR), "ExportTimeout"),
    ],
)
def test_what_takes_too_long_fails_by_its_name_and_the_copy_is_removed(
    aws: Aws, error: str
) -> None:
    execution = drilled(aws)
    assert execution.variables["error"] == error
    assert execution.variables["gone"] is True
    assert execution.visited[-1] == "Failed"


def test_a_copy_that_never_goes_is_left_to_the_guardian() -> None:
    execution = drilled(Aws(removal=100 * HOUR))
    assert execution.variables["gone"] is False
    assert execution.visited[-3:] == ["Write the evidence", "Did it come to its end?", "Done"]
    assert 24 * HOUR <= execution.now <= 30 * HOUR


def test_a_small_drill_has_no_copy_to_wait_for() -> None:
    execution = drilled(Aws(kind="small"))
    assert execution.called("RestoreFunctionArn") == []
    assert execution.visited[-1] == "Done"
