"""What the stack says of itself where all is too much: few alarms that stand for all, and what each
choice costs."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

import pytest

from pitr_guardian.facts.alarm_advice import ADVICE
from pitr_guardian.facts.measures import METRICS_OF, Observability
from tests.infrastructure.stack import NAME, ROOT, Resource, Stack, deployed
from tests.infrastructure.test_observability import sections

ALARM, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"
ALARMS = deployed().of_type(ALARM)
every_alarm = pytest.mark.parametrize("alarm", ALARMS, ids=lambda each: each.id)

# What tells of the same trouble where there is no alarm of its own: essential alarms, or facts.
STANDS_IN = {
    # A sweep comes to its end, and tells what it couldn't do and why; or it doesn't.
    "sweep-failed": ["sweep-missing"],
    "sweep-timed-out": ["sweep-missing"],
    "list-scopes-*": ["sweep-missing"],
    "sum-up-*": ["sweep-missing"],
    "audit-*": ["Sweep Completed", "sweep-missing"],
    "check-trail-*": ["Sweep Completed", "sweep-missing"],
    "report-*": ["Sweep Completed", "sweep-missing"],
    # Failing for good ends in the dead letters; failing and being throttled keep the queue waiting.
    "enforce-fails": ["enforcement-dead-letters"],
    "enforce-throttled": ["enforcement-stuck"],
    # Three tries, and the event is in the queue. Throttled events wait for up to six hours before.
    "announce-fails": ["undelivered", "alerts-late"],
    "accept-restore-fails": ["undelivered"],
    "abandoned-restore-fails": ["undelivered"],
    "announce-throttled": ["alerts-late"],
    "accept-restore-throttled": ["alerts-late", "undelivered"],
    "abandoned-restore-throttled": ["alerts-late", "undelivered"],
    # Each rule keeps what it couldn't deliver in the one queue or the other. What a lost event told
    # of a table is found by the next sweep.
    "drift-rule-not-delivered": ["enforcement-dead-letters", "tables-unprotected"],
    "birth-rule-not-delivered": ["enforcement-dead-letters", "tables-unprotected"],
    "replica-rule-not-delivered": ["enforcement-dead-letters", "tables-unprotected"],
    "tag-rule-not-delivered": ["enforcement-dead-letters", "tables-unprotected"],
    "deletion-rule-not-delivered": ["enforcement-dead-letters"],
    "fact-rule-not-delivered": ["undelivered"],
    "alarm-rule-not-delivered": ["undelivered"],
    "request-rule-not-delivered": ["undelivered"],
    "restore-ended-rule-not-delivered": ["undelivered"],
    # Every restore has one answer, however its workflow ends: the fact is an alert itself.
    "restore-aborted": ["Restore Failed"],
    "restore-timed-out": ["Restore Failed"],
    # And so has every undo.
    "undo-*": ["Undo Failed"],
    "survey-settings-*": ["Restore Failed"],
    "start-restore-*": ["Restore Failed"],
    "check-restore-*": ["Restore Failed"],
    "carry-settings-*": ["Restore Failed"],
}


def names(stack: Stack) -> set[str]:
    return {
        each.properties["AlarmName"].removeprefix(f"{NAME}/")
        for each in stack.resources.values()
        if each.type == ALARM
    }


def monthly_dollars(choice: str) -> float:
    """What CloudWatch asks for a choice: an alarm for each of its metrics, each metric of the
    stack's own, the dashboard."""
    prices = tomllib.loads((ROOT / "benchmarks/costs.toml").read_text())["prices"]["cloudwatch"]
    resources = deployed(Observability=choice).resources.values()
    alarms = [each for each in resources if each.type == ALARM]
    assert not [each for each in alarms if "Metrics" in each.properties], "count their metrics"
    boards = [each for each in resources if each.type == DASHBOARD]
    own = METRICS_OF[Observability(choice)]
    dollars: float = (
        len(alarms) * prices["alarm"]
        + len(own) * prices["metric"]
        + len(boards) * prices["dashboard"]
    )
    return round(dollars, 2)


def test_few_alarms_and_no_dashboard_are_the_default() -> None:
    assert deployed().resources.keys() == deployed(Observability="essential").resources.keys()
    assert len(ALARMS) <= 8
    assert not [each for each in deployed().resources.values() if each.type == DASHBOARD]


def test_all_have_the_essential_ones_and_more() -> None:
    """As they are: else a stack could not change from the one to the other."""
    full = deployed(Observability="full")
    assert all(full[alarm.id] == alarm for alarm in ALARMS)


def test_none_has_no_alarm_no_metric_and_no_dashboard() -> None:
    kinds = {each.type for each in deployed(Observability="none").resources.values()}
    assert not kinds & {ALARM, DASHBOARD}
    assert METRICS_OF[Observability.NONE] == frozenset()


def test_every_alarm_of_all_has_something_that_stands_in_for_it() -> None:
    tells = names(deployed()) | {"Restore Failed", "Undo Failed", "Sweep Completed"}
    for name in names(deployed(Observability="full")) - names(deployed()):
        found = [by for pattern, by in STANDS_IN.items() if fnmatch(name, pattern)]
        assert found, f"nothing stands in for {name}"
        assert all(set(by) <= tells for by in found)


def test_no_alarm_stands_for_nothing() -> None:
    # What becomes of alerts behind the topic, nothing else in the stack knows.
    of_their_own = {"alerts-not-delivered"}
    assert {by for each in STANDS_IN.values() for by in each} | of_their_own >= names(deployed())


@every_alarm
def test_an_essential_alarm_gives_the_advice_of_who_announces_it(alarm: Resource) -> None:
    name = alarm.properties["AlarmName"].removeprefix(f"{NAME}/")
    assert alarm.properties["AlarmDescription"] == ADVICE[name]
    named = re.search(r'See docs/operations\.md, "([^"]+)"\.$', ADVICE[name])
    assert named
    assert f"`$STACK/{name}`" in sections()[named[1]]


@every_alarm
def test_an_essential_alarm_watches_something_that_is_there(alarm: Resource) -> None:
    [dimension] = alarm.properties["Dimensions"]
    found = {
        each.properties.get(dimension["Name"], each.id) for each in deployed().resources.values()
    }
    assert dimension["Value"] in found | {NAME}
    if alarm.properties["Namespace"] == "PitrGuardian":
        assert alarm.properties["MetricName"] in METRICS_OF[Observability.ESSENTIAL]


@every_alarm
def test_an_essential_alarm_is_of_cloudwatchs_cheapest_kind(alarm: Resource) -> None:
    assert alarm.properties["Period"] >= 60  # below, it is of high resolution
    assert "AlarmActions" not in alarm.properties


@pytest.mark.parametrize("choice", list(Observability))
def test_the_function_that_counts_is_told(choice: Observability) -> None:
    function = deployed(Observability=choice.value)["AnnounceFunction"]
    assert function.properties["Environment"]["Variables"]["OBSERVABILITY"] == choice


@pytest.mark.parametrize(("choice", "dollars"), [("full", 14.6), ("essential", 1.0), ("none", 0.0)])
def test_what_a_choice_costs_is_told(choice: str, dollars: float) -> None:
    assert monthly_dollars(choice) == dollars
    row = f"| `{choice}` |"
    [told] = [
        line for line in (ROOT / "docs/operations.md").read_text().splitlines() if row in line
    ]
    assert f"${dollars:.2f}" in told
