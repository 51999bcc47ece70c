"""The answers for restores whose workflow was ended from outside: one each, and the same again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pitr_guardian.basics.ending import Ending
from pitr_guardian.restore.answers import LastWord
from pitr_guardian.restore.record import (
    RestoreRecord,
)
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.facts import FakeFacts
from tests.fakes.restores import FakeOrders, order

EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:pitr-guardian-restore:r-1"
NOON = datetime.fromisoformat("2026-10-05T12:00:00Z")
OF_THE_REQUEST = (
    *("table", "requestId", "requestedBy", "requestReason"),
    *("sourceTable", "targetTable", "restoreTo"),
)
COMPLETED = {
    "version": "1",
    "id": "restore/r-1/completed",
    "time": "2026-10-05T09:50:00.000Z",
    "severity": "info",
    "reason": "orders-copy is ACTIVE.",
    "table": {"arn": ORDERS.arn, "name": "orders", "account": ACCOUNT, "region": REGION},
    "requestId": "r-1",
    "requestedBy": None,
    "requestReason": None,
    "sourceTable": "orders",
    "targetTable": "orders-copy",
    "restoreTo": "latest",
    "targetArn": "arn:copy",
    "restoredTo": None,
    "seconds": 3000.5,
    "settings": {"applied": ["pitr"], "skipped": [], "failed": [], "notes": {}},
}


class Scene:
    """A ledger that knows one order, and who answers for it."""

    def __init__(self, **fields: Any) -> None:
        self.order = order(**fields)
        self.ledger = FakeOrders()
        self.ledger.open(self.order)
        self.facts = FakeFacts()
        self.clock = FakeClock()
        self.clock.now = NOON
        self.endings: dict[str, Ending | None] = {}
        self.logged: list[str] = []
        self.word = LastWord(
            self.ledger, self, self.facts, self.clock, lambda _, what: self.logged.append(what)
        )

    def ending_of(self, request_id: str) -> Ending | None:
        return self.endings.get(request_id)

    def know(self, **more: Any) -> None:
        self.ledger.records["r-1"] = replace(self.ledger.records["r-1"], **more)

    def speak(self, status: str = "ABORTED", **change: Any) -> None:
        detail = {
            "executionArn": EXECUTION,
            "status": status,
            "input": self.order.model_dump_json(by_alias=True),
            "output": None,
        }
        self.word.speak(detail | change, "2026-10-05T10:00:00Z")


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("ABORTED", "WorkflowAborted"),
        ("TIMED_OUT", "WorkflowTimedOut"),
        ("FAILED", "WorkflowFailed"),
    ],
)
def test_the_failure_tells_the_request_and_how_it_ended(status: str, name: str) -> None:
    scene = Scene(restoreTo="2026-10-05T09:30:00Z", requestedBy="anna", reason="oops")
    scene.speak(status)
    error = f"{name}: the restore workflow {EXECUTION} ended as {status}"
    [(first, accepted), (kind, detail)] = scene.facts.told
    assert (first, kind) == ("Restore Accepted", "Restore Failed")
    assert accepted == {
        "version": "1",
        "id": "restore/r-1/accepted",
        "time": "2026-10-05T09:00:00.000Z",
        "severity": "info",
        "reason": "orders is being restored to orders-copy, as of 2026-10-05T09:30:00.000Z.",
        **{name: detail[name] for name in OF_THE_REQUEST},
    }
    assert detail == {
        "version": "1",
        "id": "restore/r-1/failed",
        "time": "2026-10-05T10:00:00.000Z",
        "severity": "critical",
        "reason": f"The restore of orders was not seen through: {error}. "
        "AWS had not been asked for it: no table comes of it.",
        "table": {"arn": ORDERS.arn, "name": "orders", "account": ACCOUNT, "region": REGION},
        "error": error,
        "requestId": "r-1",
        "requestedBy": "anna",
        "requestReason": "oops",
        "sourceTable": "orders",
        "targetTable": "orders-copy",
        "restoreTo": "2026-10-05T09:30:00.000Z",
    }
    assert scene.ledger.records["r-1"].outcome == "failed"
    assert scene.ledger.records["r-1"].answer == detail
    assert scene.ledger.open_ids == {}


def test_it_is_told_that_the_table_may_come_where_aws_was_asked_for_it() -> None:
    scene = Scene()
    scene.know(called_at=datetime.fromisoformat("2026-10-05T09:01:00Z"))
    scene.speak()
    [(_, detail)] = scene.facts.told
    assert detail["reason"].endswith(
        "AWS was asked for it at 2026-10-05T09:01:00.000Z: orders-copy may be there or may still "
        "come, without the settings of its source but PITR."
    )


def test_what_the_execution_ended_of_is_told_and_cut() -> None:
    scene = Scene()
    scene.speak("FAILED", error="States.DataLimitExceeded", cause="x" * 30_000)
    _, (_, detail) = scene.facts.told
    assert "ended as FAILED (States.DataLimitExceeded: xxx" in detail["error"]
    assert len(detail["error"]) < 1500


@pytest.mark.parametrize("restore_to", ["latest", "deletion"])
def test_a_restore_to_no_named_instant_is_told_as_it_was_asked_for(restore_to: str) -> None:
    scene = Scene(restoreTo=restore_to)
    scene.speak()
    assert scene.facts.told[0][1]["restoreTo"] == restore_to


def test_an_answer_that_was_recorded_is_told_again_and_no_other() -> None:
    scene = Scene()
    scene.know(outcome="completed", answer=COMPLETED)
    scene.speak()
    assert scene.facts.told == [("Restore Completed", COMPLETED)]
    assert scene.ledger.records["r-1"].outcome == "completed"


def test_the_same_end_told_twice_is_the_same_answer() -> None:
    scene = Scene()
    scene.speak("ABORTED")
    scene.speak("FAILED")
    _, first, second = scene.facts.told
    assert first == second


def test_an_outcome_that_is_recorded_meanwhile_is_the_answer() -> None:
    scene = Scene()
    before = scene.ledger.records["r-1"]
    scene.know(outcome="completed", answer=COMPLETED)
    seen = iter([before])
    record_of = scene.ledger.record_of

    def first_as_it_was(request_id: str) -> RestoreRecord | None:
        return next(seen, None) or record_of(request_id)

    scene.ledger.record_of = first_as_it_was  # type: ignore[method-assign]
    scene.speak()
    assert scene.facts.told[1:] == [("Restore Completed", COMPLETED)]


@pytest.mark.parametrize(
    "forged",
    [
        {"input": order(targetTable="orders-other").model_dump_json(by_alias=True)},
        {"input": "{}"},
        {"input": None},
        {"executionArn": EXECUTION.replace(":r-1", ":by-hand")},
    ],
)
def test_an_execution_that_somebody_started_by_hand_is_not_answered_for(
    forged: dict[str, Any],
) -> None:
    scene = Scene()
    scene.speak("FAILED", **forged)
    assert scene.facts.told == []
    assert scene.ledger.records["r-1"] == RestoreRecord(scene.order)
    assert len(scene.logged) == 1


# -- what no event told of --------------------------------------------------------------------


def test_a_sweep_answers_for_what_ended_unheard() -> None:
    scene = Scene()
    scene.endings["r-1"] = Ending(EXECUTION, "ABORTED", NOON)
    assert scene.word.reconcile() == 1
    _, (kind, detail) = scene.facts.told
    assert (kind, detail["error"].partition(":")[0]) == ("Restore Failed", "WorkflowAborted")
    assert scene.word.reconcile() == 0


def test_a_sweep_tells_again_what_was_recorded_and_perhaps_not_told() -> None:
    scene = Scene()
    scene.know(outcome="completed", answer=COMPLETED)
    scene.endings["r-1"] = Ending(EXECUTION, "FAILED", NOON)
    scene.word.reconcile()
    assert scene.facts.told == [("Restore Completed", COMPLETED)]


def test_a_restore_that_goes_on_or_just_began_is_let_be() -> None:
    scene = Scene()
    assert scene.word.reconcile() == 0  # it runs
    scene.endings["r-1"] = Ending(EXECUTION, "NOT STARTED", NOON)
    scene.clock.now = scene.order.accepted_at + timedelta(minutes=14)
    assert scene.word.reconcile() == 0
    assert scene.facts.told == []
    scene.clock.now += timedelta(minutes=2)
    assert scene.word.reconcile() == 1
    assert scene.facts.told[1][1]["error"].startswith("WorkflowNotStarted: ")
