"""The workflow of drills: whatever becomes of one, its copy is removed and one answer told.

What holds for every workflow is in test_statemachines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.infrastructure.stack import ROOT, Json

MACHINE = json.loads((ROOT / "statemachines/drill.asl.json").read_text())
STATES: dict[str, Json] = MACHINE["States"]
REMOVAL, EVIDENCE, WITHOUT = "Remove the copy", "Write the evidence", "Tell that it failed"
AFTER_THE_REMOVAL = {REMOVAL, EVIDENCE, WITHOUT}


def ways_out(state: Json) -> Iterator[str]:
    for way in (state, *state.get("Choices", []), *state.get("Catch", [])):
        if "Next" in way:
            yield way["Next"]
    if "Default" in state:
        yield state["Default"]


def reached_from(start: str, without: set[str]) -> set[str]:
    reached, ahead = set[str](), [start]
    while ahead:
        name = ahead.pop()
        if name not in reached | without:
            reached.add(name)
            ahead += ways_out(STATES[name])
    return reached


def test_whatever_fails_once_a_drill_has_begun_ends_with_the_removal() -> None:
    for name, state in STATES.items():
        if state["Type"] not in {"Task", "Map"} or name in {MACHINE["StartAt"], *AFTER_THE_REMOVAL}:
            continue
        last = state["Catch"][-1]
        assert last["ErrorEquals"] == ["States.ALL"], name
        assert last["Next"] in {REMOVAL, "Recall what failed"}, name


def test_no_way_leads_past_the_removal_to_the_end() -> None:
    begun = next(iter(ways_out(STATES[MACHINE["StartAt"]])))
    ends = {name for name, state in STATES.items() if state["Type"] in {"Succeed", "Fail"}}
    past = reached_from("Start the exports", {REMOVAL})
    assert begun in STATES
    assert not past & ends
    assert not past & {EVIDENCE, WITHOUT}


def test_one_answer_is_told() -> None:
    before_the_end = {
        name for name, state in STATES.items() if {"Done", "Failed"} & set(ways_out(state))
    }
    assert before_the_end == {"Did it come to its end?", WITHOUT}
    assert [name for name, state in STATES.items() if EVIDENCE in ways_out(state)] == [
        REMOVAL,
        "Is it gone?",
    ]
    assert {name for name, state in STATES.items() if WITHOUT in ways_out(state)} == {
        MACHINE["StartAt"],
        EVIDENCE,
    }
    assert STATES["Failed"]["Error"] == "DrillFailed"


def test_the_first_thing_that_went_wrong_is_told() -> None:
    """What fails afterwards is of less interest: a removal, or the evidence."""
    for name in (REMOVAL, EVIDENCE):
        assert STATES[name]["Catch"][-1]["Assign"]["error"].startswith("{% $error ? $error :")


def test_nothing_is_taken_from_the_input() -> None:
    for name, state in STATES.items():
        outside = {key: value for key, value in state.items() if key != "ItemProcessor"}
        assert "$states.input" not in json.dumps(outside), name


def test_a_child_gives_back_nothing_and_leaves_the_reason_of_its_failure() -> None:
    maps = [state for state in STATES.values() if state["Type"] == "Map"]
    assert len(maps) == 3
    for state in maps:
        child = state["ItemProcessor"]["States"]
        ends = [each for each in child.values() if each.get("End")]
        assert [each["Output"] for each in ends] == [{}]
        [task] = [each for each in child.values() if each.get("Resource", "").endswith(":invoke")]
        remembering = child[task["Catch"][0]["Next"]]
        assert remembering["Arguments"]["UpdateExpression"] == "SET trouble = :trouble"
        assert child[remembering["Next"]]["Type"] == "Fail"


def test_no_payload_has_an_item() -> None:
    for state in STATES.values():
        if state["Type"] == "Task" and state["Resource"].endswith(":invoke"):
            assert set(state["Arguments"]["Payload"]) <= {
                *("drillId", "round", "exports", "manifests", "shards", "tableId"),
                *("removed", "error", "cause"),
            }
