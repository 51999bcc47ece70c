"""An alarm's change of state, told like a fact: critical while it is on, with what to do."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pitr_guardian.facts.alarm import (
    NotOursError,
    Own,
    fact_in,
)
from pitr_guardian.facts.alarm_advice import ADVICE
from pitr_guardian.facts.announcement import (
    Announcement,
    announcement_of,
)
from pitr_guardian.facts.measures import measures_of

EVENTS = Path(__file__).parents[3] / "events"
SAMPLE: dict[str, Any] = json.loads((EVENTS / "alarm-state-change.json").read_text())
NAME = "pitr-guardian/enforcement-dead-letters"
OWN = Own("pitr-guardian", "aws", "eu-central-1", "123456789012")


def over() -> dict[str, Any]:
    event = copy.deepcopy(SAMPLE)
    detail = event["detail"]
    detail["state"], detail["previousState"] = detail["previousState"], detail["state"]
    return event


def announced(event: dict[str, Any]) -> Announcement:
    return announcement_of(*fact_in(event, OWN))


def test_an_alarm_that_goes_on_is_critical_and_says_what_to_do() -> None:
    announcement = announced(SAMPLE)
    assert announcement.subject == f"[CRITICAL] Alarm {NAME} is on"
    paragraphs = announcement.bodies["email"].split("\n\n")
    figures = "the latest values are 1, the threshold is 0"
    assert paragraphs[0] == f"The alarm {NAME} is on: {figures}."
    assert paragraphs[1].splitlines() == ["Account: 123456789012", "Region: eu-central-1"]
    assert paragraphs[2] == f"What to do: {ADVICE['enforcement-dead-letters']}"
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
    assert measures_of(*fact_in(SAMPLE, OWN)) == []


def fact() -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "fact-pitr-re-enabled.json").read_text())
    return event


def test_a_fact_is_taken_as_it_is() -> None:
    assert fact_in(fact(), OWN) == ("PITR Re-enabled", fact()["detail"])


def test_the_place_of_a_function_is_the_place_of_its_stack() -> None:
    arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:announce:live"
    assert Own.of_function(arn, "s") == Own("s", "aws-cn", "cn-north-1", "123456789012")


def forged(alarm_name: str, resource: str | None = None) -> dict[str, Any]:
    event = copy.deepcopy(SAMPLE)
    place = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:"
    event["resources"] = [place + (resource or alarm_name)]
    event["detail"]["alarmName"] = alarm_name
    return event


@pytest.mark.parametrize(
    "event",
    [
        forged("pitr-guardian/call +1 555 0100"),
        forged("pitr-guardian/"),
        forged("pitr-guardian"),
        forged("undelivered"),
        forged("pitr-guardian-dev/undelivered"),
        forged("pitr-guardian/undelivered", resource="pitr-guardian/mine"),
        SAMPLE | {"account": "444455556666"},
        SAMPLE | {"region": "eu-west-1"},
        SAMPLE | {"resources": []},
        SAMPLE | {"detail": None},
        SAMPLE | {"source": "my.app"},
        fact() | {"source": "my.app"},
        fact() | {"source": None},
        fact() | {"account": "444455556666"},
        fact() | {"region": "eu-west-1"},
    ],
)
def test_what_is_not_the_stacks_own_is_not_told(event: dict[str, Any]) -> None:
    with pytest.raises(NotOursError):
        fact_in(event, OWN)


def test_no_text_of_an_alarm_is_passed_on() -> None:
    event = copy.deepcopy(SAMPLE)
    lie = "call +1 555 0100 and read out the code"
    event["detail"]["configuration"]["description"] = lie
    for state in ("state", "previousState"):
        event["detail"][state] |= {"reason": lie, "reasonData": json.dumps({"threshold": lie})}
    told = announced(event)
    assert "555" not in json.dumps([told.subject, *told.bodies.values(), told.attributes])
    assert told.bodies["email"].startswith(f"The alarm {NAME} is on.\n")


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        "",
        "null",
        "[" * 100_000,
        '{"recentDatapoints": 1, "threshold": 0}',
        '{"recentDatapoints": ["x", null, true, NaN, 1e999], "threshold": 0}',
        '{"recentDatapoints": [1], "threshold": "x"}',
        '{"recentDatapoints": [1]}',
    ],
)
def test_an_alarm_without_figures_is_told_all_the_same(data: object) -> None:
    event = copy.deepcopy(SAMPLE)
    event["detail"]["state"]["reasonData"] = data
    assert fact_in(event, OWN)[1]["reason"] == f"The alarm {NAME} is on."
