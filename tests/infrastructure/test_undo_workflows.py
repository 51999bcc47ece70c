"""The workflows of undos: every way through them ends in exactly one answer.

What holds for every workflow is in test_statemachines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.infrastructure.stack import ROOT, Json, deployed

MACHINES = {
    name: json.loads((ROOT / f"statemachines/undo_{name}.asl.json").read_text())
    for name in ("plan", "apply")
}
FAILURE = "Tell that it failed"
TOLD_BY = {"plan": "Put the plan together", "apply": "Count what was done"}
every_machine = pytest.mark.parametrize("machine", MACHINES)


def ways_out(state: Json) -> Iterator[str]:
    for way in (state, *state.get("Choices", []), *state.get("Catch", [])):
        if "Next" in way:
            yield way["Next"]
    if "Default" in state:
        yield state["Default"]


def maps(machine: str) -> Iterator[tuple[str, Json]]:
    for name, state in MACHINES[machine]["States"].items():
        if state["Type"] == "Map":
            yield name, state


@every_machine
def test_whatever_fails_on_the_way_is_told(machine: str) -> None:
    for name, state in MACHINES[machine]["States"].items():
        if state["Type"] not in {"Task", "Map"} or name == FAILURE:
            continue
        last = state["Catch"][-1]
        assert last["ErrorEquals"] == ["States.ALL"], name
        assert last["Next"] in {FAILURE, "Recall what failed"}, name


@every_machine
def test_it_is_told_once(machine: str) -> None:
    states = MACHINES[machine]["States"]
    assert list(ways_out(states[FAILURE])) == ["Failed"]
    assert states["Failed"]["Error"] == "UndoFailed"
    before_done = {name for name, state in states.items() if "Done" in ways_out(state)}
    assert before_done == {TOLD_BY[machine]}


@every_machine
def test_nothing_is_taken_from_the_input(machine: str) -> None:
    for name, state in MACHINES[machine]["States"].items():
        outside = {key: value for key, value in state.items() if key != "ItemProcessor"}
        assert "$states.input" not in json.dumps(outside), name


@every_machine
def test_a_child_gives_back_nothing_and_leaves_the_reason_of_its_failure(machine: str) -> None:
    for name, state in maps(machine):
        child = state["ItemProcessor"]["States"]
        ends = [each for each in child.values() if each.get("End")]
        assert [each["Output"] for each in ends] == [{}], name
        [task] = [each for each in child.values() if each.get("Resource", "").endswith(":invoke")]
        remembering = child[task["Catch"][0]["Next"]]
        assert remembering["Arguments"]["UpdateExpression"] == "SET trouble = :trouble"
        assert child[remembering["Next"]]["Type"] == "Fail"


def test_as_many_write_at_once_as_share_the_pace() -> None:
    writers = MACHINES["apply"]["States"]["Write the items"]["MaxConcurrency"]
    variables = deployed()["ApplyPartFunction"].properties["Environment"]["Variables"]
    assert variables["WRITERS_AT_ONCE"] == str(writers)


def test_one_part_that_fails_stops_no_other() -> None:
    """Or functions would still write after the answer."""
    assert MACHINES["apply"]["States"]["Write the items"]["ToleratedFailurePercentage"] == 100
    for machine in MACHINES:
        for name, state in maps(machine):
            assert ("ToleratedFailurePercentage" in state) == (name == "Write the items")
