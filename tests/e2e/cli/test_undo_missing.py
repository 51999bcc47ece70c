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
        (["drill", "Orders"], "has no drills"),
        (["drill", "list"], "has no drills"),
        (["follow", "nobody-asked"], "knows no request nobody-asked"),
    ],
)
def test_what_isnt_deployed_is_said(cli: Cli, words: list[str], told: str) -> None:
    ran = cli(*words)
    assert ran.code == 1
    assert told in ran.err
    assert ran.out == ""
