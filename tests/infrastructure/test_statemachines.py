"""The state machines: sound in themselves, and wired to what the template gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.infrastructure.stack import ROOT, Json, deployed, listed, statements, written

MACHINES = {
    name: resource["Properties"]["DefinitionUri"]
    for name, resource in written().items()
    if resource["Type"] == "AWS::Serverless::StateMachine"
}
every_machine = pytest.mark.parametrize("machine", MACHINES)


def definition(machine: str) -> Json:
    parsed: Json = json.loads((ROOT / MACHINES[machine]).read_text())
    return parsed


def successors(state: Json) -> Iterator[str]:
    for each in (state, *state.get("Choices", []), *state.get("Catch", [])):
        if "Next" in each:
            yield each["Next"]
    if "Default" in state:
        yield state["Default"]


def levels(machine: Json) -> Iterator[Json]:
    """A machine and those inside its Map and Parallel states: each has `StartAt` and `States`."""
    yield machine
    for state in machine["States"].values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                yield from levels(inner)


def tasks(machine: str) -> Iterator[tuple[str, Json]]:
    for level in levels(definition(machine)):
        for name, state in level["States"].items():
            if state["Type"] == "Task":
                yield name, state


@every_machine
def test_every_state_is_reached_and_leads_somewhere(machine: str) -> None:
    for level in levels(definition(machine)):
        states, reached, ahead = level["States"], set(), [level["StartAt"]]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead.extend(successors(states[name]))
        assert reached == states.keys()
        for name, state in states.items():
            ends = state["Type"] in {"Succeed", "Fail"} or state.get("End") is True
            assert ends != ("Next" in state or "Default" in state), name


@every_machine
def test_every_task_is_tried_again_slower_each_time_and_not_all_at_once(machine: str) -> None:
    for name, task in tasks(machine):
        assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name
        for retry in task["Retry"]:
            if retry["MaxAttempts"] == 0:  # what is final is named, so that the rest is not
                continue
            assert retry["JitterStrategy"] == "FULL", name
            assert retry["BackoffRate"] > 1, name
            assert retry["MaxDelaySeconds"] <= 300, name


@every_machine
def test_a_task_that_waits_for_a_function_gives_up_after_the_function_has(machine: str) -> None:
    stack = deployed()
    filled_in = stack[machine].properties["DefinitionSubstitutions"]
    for name, task in tasks(machine):
        if task["Resource"].endswith("lambda:invoke"):
            arn = filled_in[task["Arguments"]["FunctionName"].strip("${}")]
            function = stack[arn.removesuffix(".Arn")]
            assert function.type == "AWS::Lambda::Function", name
            assert function.properties["Timeout"] < task["TimeoutSeconds"], name


@every_machine
def test_the_template_fills_in_what_the_definition_leaves_open_and_no_more(machine: str) -> None:
    open_ = set(re.findall(r"\$\{(\w+)\}", (ROOT / MACHINES[machine]).read_text()))
    assert deployed()[machine].properties["DefinitionSubstitutions"].keys() == open_


@every_machine
def test_a_workflow_is_traced_and_logged(machine: str) -> None:
    properties = deployed()[machine].properties
    assert properties["StateMachineType"] == "STANDARD"
    assert properties["TracingConfiguration"] == {"Enabled": True}
    [destination] = properties["LoggingConfiguration"]["Destinations"]
    group = destination["CloudWatchLogsLogGroup"]["LogGroupArn"].removesuffix(".Arn")
    assert deployed()[group].type == "AWS::Logs::LogGroup"


@every_machine
def test_a_workflow_may_invoke_the_functions_that_it_invokes_and_no_others(machine: str) -> None:
    properties = deployed()[machine].properties
    invoked = {
        value
        for value in properties["DefinitionSubstitutions"].values()
        if deployed().has(str(value).removesuffix(".Arn"), "AWS::Lambda::Function")
    }
    role = deployed()[properties["RoleArn"].removesuffix(".Arn")]
    allowed = {
        resource
        for statement in statements(role)
        if "lambda:InvokeFunction" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert allowed == invoked


# What handles it itself: the one tells of it, the other skips the setting.
_HANDLING_CLOSED_MEMBERS = {"CheckTrailFunction", "CarrySettingsFunction"}


@every_machine
def test_an_account_that_lets_nobody_in_is_not_asked_again(machine: str) -> None:
    """Step Functions knows an error by its very name: that it is a RefusedError doesn't count."""
    stack = deployed(OrganizationId="o-1234567890")
    filled_in = stack[machine].properties["DefinitionSubstitutions"]
    for name, task in tasks(machine):
        final = {
            error
            for retry in task["Retry"]
            if retry["MaxAttempts"] == 0
            for error in retry["ErrorEquals"]
        }
        assert ("RefusedError" in final) <= ("MemberClosedError" in final), name
        if not task["Resource"].endswith("lambda:invoke"):
            continue
        arn = filled_in[task["Arguments"]["FunctionName"].strip("${}")]
        function = stack[arn.removesuffix(".Arn")]
        role = stack[function.properties["Role"].removesuffix(".Arn")]
        enters = any(each.get("Sid") == "EnterMembers" for each in statements(role))
        if enters and function.id not in _HANDLING_CLOSED_MEMBERS:
            assert "MemberClosedError" in final, name
