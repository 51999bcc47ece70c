"""The package: one version everywhere, and every command explains itself."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pitr_guardian_cli import __version__
from pitr_guardian_cli.app import app

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(name for name in getattr(get_command(app), "commands", {}))


def run(*words: str, columns: int = 100) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": str(columns), "TERM": "dumb"})
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_the_console_script_starts_it() -> None:
    [script] = entry_points(group="console_scripts", name="pitr-guardian")
    assert script.value == "pitr_guardian_cli.__main__:main"


def test_the_stack_and_the_command_line_have_one_version() -> None:
    """By the stack's description, `doctor` tells an old one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    template = (ROOT / "template.yaml").read_text()
    [described] = re.findall(r"^Description: PITR Guardian (\S+) - ", template, re.M)
    assert project["version"] == described == __version__
    assert run("--version") == f"pitr-guardian {__version__}\n"


def test_the_commands_of_the_contract_are_there() -> None:
    assert set(COMMANDS) >= {
        *("status", "tables", "restore", "rescue", "undo", "drill", "exempt", "protect"),
        "verify-evidence",
        *("history", "watch", "sweep", "report", "doctor"),
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_help_begins_with_what_it_does_and_examples(command: str) -> None:
    told = run(command, "--help")
    example, options = told.find(f"  pitr-guardian {command}"), told.find(" Options ")
    assert 0 < example < options
    if command not in ("undo", "drill"):  # groups
        assert {"--profile", "--region", "--stack", "--json"} <= set(re.findall(r"--[a-z]+", told))


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_whole_on_eighty_columns(command: str) -> None:
    """What is there to be copied isn't folded."""
    told = run(command, "--help", columns=80)
    source = run(command, "--help", columns=200)
    examples = [line.strip() for line in source.splitlines() if line.startswith("   pitr-guardian")]
    assert examples
    assert set(examples) <= {line.strip() for line in told.splitlines()}


def test_no_words_show_the_help_and_are_wrong_usage() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert "restore" in result.output


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in run("--help")
    shown = CliRunner().invoke(app, [], env={"_PITR_GUARDIAN_COMPLETE": "source_bash"})
    assert shown.exit_code in (0, 2)
