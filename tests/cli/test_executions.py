"""Where an execution is, by its history, and what that says of a restore."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from pitr_guardian_cli.aws.executions import Where, where_of
from pitr_guardian_cli.aws.ledger import RestoreRecord
from pitr_guardian_cli.restoring import is_same, stage_of

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=12)


def history(*kinds: str | tuple[str, Any]) -> list[dict[str, Any]]:
    """Events as Step Functions gives them, the newest first. A state's is ``("Wait", name)``."""
    numbers = count(1)
    events: list[dict[str, Any]] = []
    for kind in kinds:
        event: dict[str, Any] = {"id": next(numbers), "timestamp": EARLIER, "type": kind}
        if isinstance(kind, tuple):
            event["type"] = kind[0]
            if kind[0].endswith("Entered"):
                event["stateEnteredEventDetails"] = {"name": kind[1]}
            else:
                event["mapStateStartedEventDetails"] = {"length": kind[1]}
        events.append(event)
    return events[::-1]


BEGUN = ("ExecutionStarted", ("TaskStateEntered", "Recall the order"), "TaskStateExited")
IN_THE_MAP = (
    *BEGUN,
    ("MapStateEntered", "Put settings back"),
    ("MapStateStarted", 11),
    "MapIterationStarted",
    ("TaskStateEntered", "Put one setting back"),
    "TaskStateExited",
    "MapIterationSucceeded",
    "MapIterationStarted",
    ("TaskStateEntered", "Put one setting back"),
)


@pytest.mark.parametrize(
    ("events", "where"),
    [
        (history("ExecutionStarted"), Where(None)),
        (history(*BEGUN, ("WaitStateEntered", "Wait")), Where("Wait", EARLIER)),
        (history(*IN_THE_MAP), Where("Put settings back", EARLIER, 1, 11)),
        (
            history(
                *IN_THE_MAP,
                "MapIterationSucceeded",
                "MapStateSucceeded",
                "MapStateExited",
                ("TaskStateEntered", "Record the outcome"),
            ),
            Where("Record the outcome", EARLIER),
        ),
        (
            history(*BEGUN, ("WaitStateEntered", "Wait"), "ExecutionAborted"),
            Where("Wait", EARLIER, ended="Aborted"),
        ),
    ],
    ids=["begun", "in a state", "in a map", "after a map", "ended"],
)
def test_a_history_tells_where_an_execution_is(events: Any, where: Where) -> None:
    found = where_of(events)
    assert (found.state, found.done, found.items, found.ended) == (
        where.state,
        where.done,
        where.items,
        where.ended,
    )


def record(called_at: datetime | None = None) -> RestoreRecord:
    order = {"request": {"requestId": "r-1"}, "acceptedAt": EARLIER.isoformat()}
    return RestoreRecord(order, called_at, None)


@pytest.mark.parametrize(
    ("found", "where", "words"),
    [
        (record(), None, "Accepted"),
        (record(), Where("Read the settings"), "Accepted; reading the source's settings"),
        (record(), Where("Start the restore"), "Asking DynamoDB for the restore"),
        (record(), Where("Wait for its turn"), "Waiting for a turn, for 12 min"),
        (record(EARLIER), Where("Look at the table"), "Restoring for 12 min"),
        (record(EARLIER), Where("Put settings back", done=7, items=11), "Settings 7 of 11"),
        (record(EARLIER), Where("Wait", ended="Aborted"), "The workflow has ended (Aborted)"),
    ],
)
def test_a_restore_is_told_in_words(found: RestoreRecord, where: Where | None, words: str) -> None:
    assert stage_of(found, where, NOW).text.startswith(words)


def test_counting_on_is_no_new_stage_but_a_setting_is() -> None:
    """Where there is no terminal, a stage is a line."""

    def key(called: datetime, where: Where) -> str:
        return stage_of(record(called), where, NOW).key

    assert key(EARLIER, Where("Wait")) == key(NOW, Where("Look at the table"))
    assert key(NOW, Where("Put settings back", done=1, items=3)) != key(
        NOW, Where("Put settings back", done=2, items=3)
    )


ASKED = {"sourceTable": "Orders", "targetTable": "Copy", "restoreTo": "2026-11-22T10:14:59Z"}
RECORDED = {
    **ASKED,
    "restoreTo": "2026-11-22T10:14:59.000Z",
    "targetRegion": None,
    "indexes": "all",
    "encryption": None,
    "billing": None,
    "settings": "all",
    "requestedBy": None,
    "reason": None,
    "dryRun": False,
    "requestId": "r-1",
}


def test_a_request_is_the_one_that_is_recorded_however_it_is_written() -> None:
    assert is_same(RECORDED, ASKED)
    assert is_same({**RECORDED, "restoreTo": "2026-11-22T10:14:59.999999Z"}, ASKED)
    assert is_same(
        {**RECORDED, "encryption": {"type": "AWS_OWNED", "kmsKeyArn": None}},
        {**ASKED, "encryption": {"type": "AWS_OWNED"}},
    )


@pytest.mark.parametrize(
    "other",
    [
        {"restoreTo": "latest"},
        {"restoreTo": "2026-11-22T10:15:00Z"},
        {"targetTable": "Other"},
        {"indexes": ["by-date"]},
        {"encryption": {"type": "AWS_OWNED"}},
    ],
)
def test_another_request_under_the_same_id_isnt_taken_for_it(other: dict[str, Any]) -> None:
    assert not is_same(RECORDED, {**ASKED, **other})
