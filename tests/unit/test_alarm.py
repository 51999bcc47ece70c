"""An alarm's change of state, told like a fact: critical while it is on, with what to do."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pitr_guardian.alarm import fact_in
from pitr_guardian.announcement import Announcement, announcement_of
from pitr_guardian.measures import measures_of

EVENTS = Path(__file__).parents[2] / "events"
SAMPLE: dict[str, Any] = json.loads((EVENTS / "alarm-state-change.json").read_text())
NAME = "pitr-guardian/enforcement-dead-letters"


def over() -> dict[str, Any]:
    event = copy.deepcopy(SAMPLE)
    detail = event["detail"]
    detail["state"], detail["previousState"] = detail["previousState"], detail["state"]
    return event


def announced(event: dict[str, Any]) -> Announcement:
    return announcement_of(*fact_in(event))


def test_an_alarm_that_goes_on_is_critical_and_says_what_to_do() -> None:
    announcement = announced(SAMPLE)
    assert announcement.subject == f"[CRITICAL] Alarm {NAME} is on"
    paragraphs = announcement.bodies["email"].split("\n\n")
    assert paragraphs[0] == f"The alarm {NAME} is on: {SAMPLE['detail']['state']['reason']}"
    assert paragraphs[1].splitlines() == ["Account: 123456789012", "Region: eu-central-1"]
    assert paragraphs[2] == f"What to do: {SAMPLE['detail']['configuration']['description']}"
    assert paragraphs[3].endswith(f"fact {SAMPLE['id']}")


def test_an_alarm_that_is_over_is_told_too_and_asks_for_nothing() -> None:
    announcement = announced(over())
    assert announcement.subject == f"[INFO] Alarm {NAME} is over"
    assert "What to do: Nothing; it is over." in announcement.bodies["email"]


@pytest.mark.parametrize(("event", "severity"), [(SAMPLE, "critical"), (over(), "info")])
def test_subscribers_filter_alarms_like_facts(event: dict[str, Any], severity: str) -> None:
    assert announced(event).attributes == {
        "event": "alarm",
        "severity": severity,
        "account": "123456789012",
        "region": "eu-central-1",
    }


def test_machines_get_the_alarm_as_json() -> None:
    announcement = announced(SAMPLE)
    received = json.loads(announcement.bodies["default"])
    assert received["detailType"] == "Alarm"
    assert received["alarm"] == {"name": NAME, "isOn": True}
    assert received["id"] == SAMPLE["id"]
    assert received["text"] == announcement.bodies["email"]


def test_an_alarm_is_no_measure() -> None:
    assert measures_of(*fact_in(SAMPLE)) == []


def test_a_fact_is_taken_as_it_is() -> None:
    fact = json.loads((EVENTS / "fact-pitr-re-enabled.json").read_text())
    assert fact_in(fact) == ("PITR Re-enabled", fact["detail"])


@pytest.mark.parametrize("detail", [None, {}, [], {"state": None, "configuration": None}])
def test_an_alarm_of_which_nothing_is_known_is_told_all_the_same(detail: Any) -> None:
    announcement = announced({"source": "aws.cloudwatch", "detail": detail})
    assert announcement.subject == "[INFO] Alarm without a name is over"
    assert announcement.bodies["email"].startswith("The alarm without a name is over: CloudWatch")


def test_an_alarm_without_a_description_sends_the_reader_to_the_runbook() -> None:
    event = copy.deepcopy(SAMPLE)
    del event["detail"]["configuration"]["description"]
    assert "What to do: See docs/operations.md." in announced(event).bodies["email"]
