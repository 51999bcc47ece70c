"""What `make deploy ARGS=…` hands to `sam deploy`."""

from typing import Any

import pytest

from deployment.arguments import WrongArgumentsError, read_arguments

SETTINGS: dict[str, Any] = {
    "version": 0.1,
    "default": {"global": {"parameters": {"stack_name": "guardian"}}},
    "prod": {
        "global": {"parameters": {"stack_name": "guardian-prod"}},
        "deploy": {"parameters": {"parameter_overrides": ["LogRetentionInDays=365"]}},
    },
    "old": {"deploy": {"parameters": {"parameter_overrides": 'Mode=notify-only X="a b"'}}},
}


def arguments(*given: str, architecture: str = "arm64") -> list[str]:
    return list(read_arguments(given, SETTINGS, architecture).arguments)


def test_the_architecture_is_always_named() -> None:
    assert arguments() == ["--parameter-overrides", "Architecture=arm64"]
    assert arguments(architecture="x86_64")[-1] == "Architecture=x86_64"


def test_parameters_of_the_command_line_join_those_of_samconfig_and_come_last() -> None:
    assert arguments("--config-env", "prod", "--parameter-overrides", "Mode=notify-only") == [
        "--config-env",
        "prod",
        "--parameter-overrides",
        "LogRetentionInDays=365",
        "Mode=notify-only",
        "Architecture=arm64",
    ]


def test_parameters_end_where_the_next_option_begins() -> None:
    given = ("--parameter-overrides", "A=1", "B=2", "--stack-name", "x", "--no-confirm-changeset")
    assert arguments(*given) == [
        "--stack-name",
        "x",
        "--no-confirm-changeset",
        "--parameter-overrides",
        "A=1",
        "B=2",
        "Architecture=arm64",
    ]


def test_both_ways_to_write_an_option_and_a_list_are_read() -> None:
    given = ("--config-env=old", "--stack-name=x", "--parameter-overrides=Y=1")
    assert arguments(*given)[-4:] == ["Mode=notify-only", "X=a b", "Y=1", "Architecture=arm64"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ((), "guardian"),
        (("--config-env", "prod"), "guardian-prod"),
        (("--config-env", "prod", "--stack-name", "mine"), "mine"),
        (("--stack-name=mine",), "mine"),
    ],
    ids=["default", "environment", "both", "equals"],
)
def test_the_stack_is_the_one_that_sam_would_take(given: tuple[str, ...], name: str) -> None:
    assert read_arguments(given, SETTINGS, "arm64").stack_name == name


@pytest.mark.parametrize(
    ("given", "architecture", "remedy"),
    [
        ((), "arm", "may be arm64 or x86_64"),
        (("--parameter-overrides", "Architecture=x86_64"), "arm64", "ARCHITECTURE=x86_64"),
        (
            ("--parameter-overrides", "ParameterKey=Architecture,ParameterValue=arm64"),
            "arm64",
            "ARCHITECTURE=x86_64",
        ),
        (("--config-env", "test"), "arm64", "has default, prod, old"),
        (("--config-env", "old"), "arm64", "add --stack-name to ARGS"),
        (("Mode=notify-only",), "arm64", "--parameter-overrides Mode=notify-only"),
        (("--template-file", "x"), "arm64", "use `sam deploy` by hand"),
    ],
    ids=["architecture", "parameter", "old-style", "environment", "stack", "bare", "template"],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(
    given: tuple[str, ...], architecture: str, remedy: str
) -> None:
    with pytest.raises(WrongArgumentsError, match=remedy):
        read_arguments(given, SETTINGS, architecture)
