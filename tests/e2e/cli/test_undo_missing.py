"""What the deployed stack can't do is told plainly, and nothing is asked for."""

from __future__ import annotations

import pytest

from tests.e2e.cli.terminal import Cli


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["undo", "Orders", "--from", "-15m"], "UndoTablePattern"),
        (["undo", "show", "some-plan"], "UndoTablePattern"),
        (["undo", "approve", "some-plan"], "UndoTablePattern"),
        (["undo", "revert", "some-plan"], "UndoTablePattern"),
        (["follow", "nobody-asked"], "knows no request nobody-asked"),
    ],
)
def test_what_isnt_deployed_is_said(cli: Cli, words: list[str], told: str) -> None:
    ran = cli(*words)
    assert ran.code == 1
    assert told in ran.err
    assert ran.out == ""


def test_a_drill_that_is_refused_is_told_in_the_guardians_words(cli: Cli) -> None:
    ran = cli("drill", "Nowhere")
    assert ran.code == 1
    assert "Nowhere" in ran.err
    assert ran.out == ""


def test_nothing_was_drilled_and_nothing_is_evidence_yet(cli: Cli) -> None:
    listed = cli("drill", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "No drill began in the last 90 days." in listed.err
    verified = cli("verify-evidence")
    assert verified.code == 0
    assert "There is no evidence yet." in verified.out
