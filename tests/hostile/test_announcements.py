"""What goes out to people and machines, whatever a fact holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.facts import announce
from pitr_guardian.facts.alarm import (
    NotOursError,
    Own,
    fact_in,
)
from pitr_guardian.facts.announcement import (
    Announcement,
    announcement_of,
)
from pitr_guardian.facts.wording import _HEADINGS
from tests.fakes.alerts import Newsroom
from tests.hostile.limits import assert_can_be_announced, strict
from tests.hostile.strategies import (
    HOSTILE_TEXTS,
    Place,
    json_values,
    objects,
    put,
    sample,
    texts,
    twisted,
)
from tests.integration.lambda_context import lambda_context

TABLE = {
    "arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
    "name": "orders",
    "account": "111122223333",
    "region": "eu-central-1",
}
EVERYTHING: dict[str, Any] = {
    "version": "1",
    "id": "f-1",
    "time": "2026-10-05T09:00:00.987Z",
    "severity": "warning",
    "reason": "PITR was off; it is on now, with 35 days.",
    "table": TABLE,
    "account": "111122223333",
    "region": "eu-central-1",
    "actor": {
        "arn": "arn:aws:iam::111122223333:user/alice",
        "type": "IAMUser",
        "sourceIp": "203.0.113.7",
        "userAgent": "aws-cli/2",
        "tool": "CLI",
        "invokedBy": "x",
    },
    "exposure": {"from": "A", "to": "B", "seconds": 64.987},
    "lostWindow": {"earliest": "A", "latest": "B"},
    "createdBy": "CreateTable",
    "exemptUntil": "2026-12-31",
    "exemptReason": "load test",
    "exemptOwner": "anna",
    "advice": "Call Anna.",
    "error": "Boom",
    "alarm": {"name": "dead-letters", "isOn": True},
    "sourceTable": "orders",
    "targetTable": "orders-copy",
    "restoreTo": "latest",
    "restoredTo": "2026-10-05T09:00:00.000Z",
    "requestedBy": "anna",
    "requestReason": "a bad deployment",
    "requestId": "r-1",
    "seconds": 720.5,
    "settings": {
        "applied": ["pitr", "tags"],
        "skipped": [{"setting": "ttl", "reason": "none"}],
        "failed": [{"setting": "alarms", "error": "AccessDenied"}],
        "notes": {"kinesis": "in its region"},
    },
    "checked": 5,
    "compliant": 4,
    "drifted": 1,
    "exempt": 0,
    "failed": 0,
    "reportUri": "s3://bucket/report.html",
    "planId": "u-1",
    "phase": "apply",
    "fingerprint": "ab",
    "expiresAt": "2026-10-06T11:00:00.000Z",
    "counts": {"revert": 3, "reverted": 3, "conflict": 1, "failed": 1},
    "estimate": {"costInUsd": 0.5, "writeUnits": 12, "seconds": 61},
    "verified": 3,
    "planUri": "s3://bucket/page.html",
    "itemsUri": "s3://bucket/items.jsonl",
}
ALARM = sample("alarm-state-change")
UNDOS = sorted(
    f"Undo {what}" for what in ("Accepted", "Planned", "Completed", "Rejected", "Failed")
)
kinds = st.sampled_from([*sorted(_HEADINGS), *UNDOS]) | texts


@given(kinds, twisted(EVERYTHING))
def test_whatever_a_field_holds_the_fact_is_announced(kind: str, detail: dict[str, Any]) -> None:
    assert_can_be_announced(kind, detail)


@given(kinds, objects)
def test_any_detail_is_announced(kind: str, detail: dict[str, Any]) -> None:
    assert_can_be_announced(kind, detail)


def filled_with(text: str, shape: Any = None) -> Any:
    """Everything there is to tell, with this text wherever there is one."""
    match EVERYTHING if shape is None else shape:
        case dict() as entries:
            return {name: filled_with(text, value) for name, value in entries.items()}
        case list() as entries:
            return [filled_with(text, value) for value in entries]
        case str():
            return text
        case other:
            return other


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
@pytest.mark.parametrize(
    "kind", ["PITR Re-enabled", "Restore Completed", "Undo Planned", "Undo Completed", "Alarm"]
)
def test_a_hostile_text_everywhere_is_announced(kind: str, text: str) -> None:
    assert_can_be_announced(kind, filled_with(text))


def test_a_fact_that_fits_reaches_machines_whole() -> None:
    received = strict(announcement_of("Restore Completed", EVERYTHING).bodies["default"])
    del received["text"]
    assert received == EVERYTHING | {"detailType": "Restore Completed"}


def test_of_a_fact_too_large_for_sns_the_texts_are_cut_and_all_else_is_told() -> None:
    detail = EVERYTHING | {"error": "x" * 260_000, "requestReason": "y" * 200}
    received = strict(announcement_of("Restore Failed", detail).bodies["default"])
    assert received["error"] == "x" * 1999 + "…"
    del received["text"], received["error"]
    assert received | {"error": None} == detail | {"detailType": "Restore Failed", "error": None}


def test_of_a_fact_too_large_in_every_way_it_is_told_which_it_is() -> None:
    detail = EVERYTHING | {"settings": {"applied": list(range(60_000))}}
    received = strict(announcement_of("Restore Completed", detail).bodies["default"])
    del received["text"]
    told = {name: EVERYTHING[name] for name in ("version", "id", "time", "severity")}
    assert received == told | {"detailType": "Restore Completed"}


def test_nobody_writes_a_paragraph_into_somebody_elses_mail() -> None:
    forged = "fine\r\n\r\nWhat to do: send your keys to mallory@example.com"
    text = announcement_of("Restore Rejected", EVERYTHING | {"requestReason": forged}).bodies[
        "email"
    ]
    assert "\nAsked for because: fine  What to do: send your keys" in text


OWN = Own("pitr-guardian", "aws", "eu-central-1", "123456789012")
OURS = (("source",), ("account",), ("region",), ("resources", 0), ("detail", "alarmName"))


@given(twisted(ALARM, keep=OURS))
def test_an_alarm_of_ours_is_announced_whatever_else_is_said_of_it(event: dict[str, Any]) -> None:
    assert_can_be_announced(*fact_in(event, OWN))


@given(json_values, json_values)
def test_an_alarm_of_any_other_shape_is_not_ours(detail: Any, time: Any) -> None:
    ours = {"source": "aws.cloudwatch", "account": OWN.account, "region": OWN.region}
    with pytest.raises(NotOursError) as refused:
        fact_in(ours | {"detail": detail, "time": time}, OWN)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000


@given(texts)
def test_no_text_in_an_alarm_reaches_a_reader(lie: str) -> None:
    event = put(put(ALARM, ("detail", "state", "reason"), lie), ("detail", "configuration"), {})
    event = put(event, ("detail", "configuration"), {"description": lie})
    honest = fact_in(ALARM, OWN)
    assert fact_in(event, OWN) == honest


OF_THE_BUS = (("source",), ("account",), ("region",))
FACT = sample("fact-pitr-re-enabled")


def announced(event: dict[str, Any]) -> list[Announcement]:
    news = Newsroom()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STACK_NAME", "pitr-guardian")
        patch.setenv("OBSERVABILITY", "full")
        patch.setattr(announce, "announcer", lambda: news.announcer)
        announce.handler(event, lambda_context())
    return news.topic.announced


@given(
    twisted(FACT, keep=OF_THE_BUS)
    | twisted(ALARM, keep=OURS)
    | st.just(FACT | {"detail-type": "Restore Completed", "detail": EVERYTHING})
)
def test_the_function_announces_and_counts_whatever_comes(event: dict[str, Any]) -> None:
    [announcement] = announced(event)
    assert json.loads(announcement.bodies["default"])


@given(st.sampled_from([FACT, ALARM]), st.sampled_from(OF_THE_BUS), json_values)
def test_what_is_not_of_the_guardians_bus_is_told_to_nobody(
    event: dict[str, Any], where: Place, otherwise: Any
) -> None:
    assert announced(put(event, where, otherwise)) == []
