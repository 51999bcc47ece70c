"""What every function has, whatever it does."""

from __future__ import annotations

import re

import pytest

from tests.infrastructure.stack import NAME, ROOT, Resource, deployed, source, sources

STACK = deployed()
FUNCTIONS = STACK.of_type("AWS::Lambda::Function")
every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.id)


@every_function
def test_a_function_runs_on_the_runtime_and_processor_that_it_was_built_for(
    function: Resource,
) -> None:
    assert function.properties["Runtime"] == "python3.13"
    assert function.properties["Architectures"] == ["arm64"]
    on_x86 = deployed(Architecture="x86_64")
    assert on_x86[function.id].properties["Architectures"] == ["x86_64"]


def test_the_layer_is_built_for_the_same_processor() -> None:
    metadata = source()["Resources"]["GuardianLayer"]["Metadata"]
    assert metadata == {
        "BuildMethod": "makefile",
        "BuildArchitecture": {"Ref": "Architecture"},
    }
    for architecture in ("arm64", "x86_64"):
        [layer] = deployed(Architecture=architecture).of_type("AWS::Lambda::LayerVersion")
        assert layer.properties["CompatibleArchitectures"] == [architecture]
        assert layer.properties["CompatibleRuntimes"] == ["python3.13"]


@every_function
def test_a_function_has_the_logic_and_says_what_it_is_for(function: Resource) -> None:
    [layer] = STACK.of_type("AWS::Lambda::LayerVersion")
    assert function.properties["Layers"] == [layer.id]
    assert function.properties["Description"]


@every_function
def test_a_function_is_traced(function: Resource) -> None:
    assert function.properties["TracingConfig"] == {"Mode": "Active"}


@every_function
def test_a_function_has_a_role_of_its_own(function: Resource) -> None:
    role = function.properties["Role"]
    assert STACK[role.removesuffix(".Arn")].type == "AWS::IAM::Role"
    assert [each.id for each in FUNCTIONS if each.properties["Role"] == role] == [function.id]


@every_function
def test_a_function_writes_json_to_a_group_that_the_stack_made(function: Resource) -> None:
    logging = function.properties["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert STACK[logging["LogGroup"]].type == "AWS::Logs::LogGroup"


def test_logs_are_kept_as_long_as_was_asked_and_not_longer_than_the_stack() -> None:
    for days in ("30", "365"):
        parameters = {} if days == "30" else {"LogRetentionInDays": days}
        for group in deployed(**parameters).of_type("AWS::Logs::LogGroup"):
            assert str(group.properties["RetentionInDays"]) == days
            assert group.attributes["DeletionPolicy"] == "Delete"


def test_enforcing_may_have_functions_of_its_own_and_has_none_by_default() -> None:
    # AWS refuses what would leave fewer than 100 to all others: a new account couldn't deploy.
    for stack in (STACK, deployed(ReserveEnforcement="false")):
        for function in stack.of_type("AWS::Lambda::Function"):
            assert "ReservedConcurrentExecutions" not in function.properties, function.id
    reserving = deployed(ReserveEnforcement="true")
    reserved = {
        each.id: each.properties["ReservedConcurrentExecutions"]
        for each in reserving.of_type("AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in each.properties
    }
    assert reserved == {"EnforceFunction": 5}
    [source] = [
        each
        for each in reserving.of_type("AWS::Lambda::EventSourceMapping")
        if each.properties["FunctionName"] == "EnforceFunction"
    ]
    # Fewer than the queue hands out at once would throttle it, and more would never be used.
    assert source.properties["ScalingConfig"] == {"MaximumConcurrency": 5}


def test_every_variable_that_a_function_reads_in_the_enforcement_path_is_set() -> None:
    variables = STACK["EnforceFunction"].properties["Environment"]["Variables"]
    assert {
        "MODE": variables["MODE"],
        "LEDGER_TABLE": variables["LEDGER_TABLE"],
        "FACT_BUS": variables["FACT_BUS"],
        "ENFORCEMENT_QUEUE_URL": variables["ENFORCEMENT_QUEUE_URL"],
    } == {
        "MODE": "remediate",
        "LEDGER_TABLE": "Ledger",
        "FACT_BUS": "FactBus",
        "ENFORCEMENT_QUEUE_URL": "EnforcementQueue",
    }


@pytest.mark.parametrize(
    ("parameter", "value", "variable"),
    [
        ("Mode", "notify-only", "MODE"),
        ("RecoveryPeriodInDays", "14", "RECOVERY_PERIOD_IN_DAYS"),
        ("ExemptTagKey", "exempt", "EXEMPT_TAG_KEY"),
        ("RecoveryPeriodTagKey", "days", "RECOVERY_PERIOD_TAG_KEY"),
        ("BirthGraceMinutes", "0", "BIRTH_GRACE_MINUTES"),
        ("MinimumRecoveryPeriodInDays", "7", "MINIMUM_RECOVERY_PERIOD_IN_DAYS"),
        ("MaximumExemptionDays", "90", "MAXIMUM_EXEMPTION_DAYS"),
    ],
)
def test_the_policy_reaches_the_function_that_enforces_it(
    parameter: str, value: str, variable: str
) -> None:
    function = deployed(**{parameter: value})["EnforceFunction"]
    assert function.properties["Environment"]["Variables"][variable] == value


def test_only_the_function_that_puts_messages_back_on_its_own_queue_may_loop() -> None:
    # Lambda stops any other after 16 rounds, which is what one that loops by mistake needs.
    loops = {each.id: each.properties.get("RecursiveLoop", "Terminate") for each in FUNCTIONS}
    assert {name for name, loop in loops.items() if loop != "Terminate"} == {"EnforceFunction"}
    assert loops["EnforceFunction"] == "Allow"
    queue = STACK["EnforcementQueue"].id
    assert {
        (source.properties["EventSourceArn"], source.properties["FunctionName"])
        for source in STACK.of_type("AWS::Lambda::EventSourceMapping")
    } == {(f"{queue}.Arn", "EnforceFunction"), ("DigestQueue.Arn", "AnnounceFunction")}


@pytest.mark.parametrize("path", sources())
def test_no_template_is_too_long_to_be_read(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= 720


@every_function
def test_a_function_is_named_after_the_stack_in_words_that_a_person_reads(
    function: Resource,
) -> None:
    # With a name of CloudFormation's making, that of its part and random letters would be in it.
    assert re.fullmatch(rf"{NAME}(-[a-z]+)+", function.properties["FunctionName"])
