"""docs/organization.md: its commands are such as the AWS CLI takes, and name what is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest
from botocore import xform_name

from tests.infrastructure.stack import ROOT
from tests.infrastructure.test_member import MEMBER, deployed_template, member

PAGE = ROOT / "docs/organization.md"
_GLOBAL = {"query", "output", "region"}
_OF_DEPLOY = {"stack-name", "template-file", "capabilities", "parameter-overrides"}


@cache
def commands() -> list[list[str]]:
    """Every `aws` command of the page, as a shell would take it apart."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [
        shlex.split(f"aws {part}")
        for line in lines
        if "aws " in line
        for part in [re.split(r"(?:^|\$\()\s*(?:\$ )?aws ", line)[-1].rstrip(")")]
    ]


def options(words: list[str]) -> Iterator[str]:
    return (word[2:] for word in words if word.startswith("--"))


def test_the_page_has_commands() -> None:
    assert len(commands()) >= 8


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words[1:3]))
def test_a_command_is_one_that_the_cli_takes(words: list[str]) -> None:
    _, service, operation, *_ = words
    given = set(options(words)) - _GLOBAL
    if (service, operation) == ("cloudformation", "deploy"):  # the CLI's own
        assert given <= _OF_DEPLOY
        return
    model = botocore.session.get_session().get_service_model(service)
    [name] = [each for each in model.operation_names if xform_name(each, "-") == operation]
    shape = model.operation_model(name).input_shape
    taken = set(shape.members) if shape else set()
    required = set(shape.required_members) if shape else set()
    assert given <= {xform_name(each, "-") for each in taken}
    assert given >= {xform_name(each, "-") for each in required}


def test_every_command_that_deploys_gives_the_parameters_that_have_no_default() -> None:
    parameters = deployed_template()["Parameters"]
    required = {name for name, each in parameters.items() if "Default" not in each}
    deploying = [words for words in commands() if words[2] in {"create-stack-set", "deploy"}]
    assert len(deploying) == 2
    for words in deploying:
        text = " ".join(words)
        named = set(re.findall(r"ParameterKey=(\w+)", text)) or set(
            re.findall(r"(\w+)=\$", text.partition("--parameter-overrides")[2])
        )
        assert named == required
        assert "CAPABILITY_NAMED_IAM" in words  # the member's role has a name


def test_the_page_lists_every_parameter_of_a_member() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert set(rows) == deployed_template()["Parameters"].keys()


def test_the_page_shows_the_path_that_members_trust() -> None:
    [trust] = member()["MemberRole"].properties["AssumeRolePolicyDocument"]["Statement"]
    shown = "/pitr-guardian/<stack>/<region>/<job>/"
    assert f"`{shown}`" in PAGE.read_text()
    pattern = re.compile(re.sub(r"<\w+>", "[^/]+", shown))
    for each in trust["Condition"]["ArnLike"]["aws:PrincipalArn"]:
        assert MEMBER not in each
        assert pattern.search(each)
