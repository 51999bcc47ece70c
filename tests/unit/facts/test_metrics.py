"""How measures are written: as lines that CloudWatch takes metrics from."""

import json
from typing import Any

import pytest

from pitr_guardian.facts.measures import Measure
from pitr_guardian.facts.metrics import emit


@pytest.fixture(autouse=True)
def _in_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_NAME", "pitr-guardian-dev")
    monkeypatch.setenv("OBSERVABILITY", "full")


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_measures_of_a_fact_are_one_line_with_one_dimension(
    capsys: pytest.CaptureFixture[str],
) -> None:
    emit([Measure("ReEnabled", "Count", 1), Measure("SecondsToReEnable", "Seconds", 2.4)], "f-1")
    [line] = written(capsys)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "PitrGuardian",
            "Dimensions": [["stack"]],
            "Metrics": [
                {"Name": "ReEnabled", "Unit": "Count"},
                {"Name": "SecondsToReEnable", "Unit": "Seconds"},
            ],
        }
    ]
    assert line["stack"] == "pitr-guardian-dev"
    assert line["ReEnabled"] == [1]
    assert line["SecondsToReEnable"] == [2.4]
    assert line["fact"] == "f-1"


def test_one_facts_measures_do_not_get_into_the_next_ones_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    emit([Measure("ReEnabled", "Count", 1)], "f-1")
    emit([Measure("TablesDeleted", "Count", 1)], "f-2")
    _, line = written(capsys)
    assert line["TablesDeleted"] == [1]
    assert line["fact"] == "f-2"
    assert "ReEnabled" not in line
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stack"]]


def test_of_no_measures_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    emit([], "f-1")
    assert written(capsys) == []


SWEPT = [Measure("TablesChecked", "Count", 9), Measure("TablesDrifted", "Count", 1)]


def test_the_essential_metric_is_written_alone_where_no_more_is_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVABILITY", "essential")
    emit([*SWEPT, Measure("ReEnabled", "Count", 1)], "f-1")
    [line] = written(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [
        {"Name": "TablesDrifted", "Unit": "Count"}
    ]
    assert line["TablesDrifted"] == [1]


def test_nothing_is_written_where_nothing_is_to_be_paid_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVABILITY", "none")
    emit(SWEPT, "f-1")
    assert written(capsys) == []
