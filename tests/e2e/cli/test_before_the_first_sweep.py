"""A guardian that has never swept: the first module of this suite, whose stack is just deployed."""

from __future__ import annotations

from tests.e2e.cli.terminal import Cli


def test_a_guardian_that_never_swept_says_so(cli: Cli) -> None:
    ran = cli("status")
    assert ran.code == 3
    assert "No sweep has written a report yet" in ran.out
    for command in ("tables", "report"):
        refused = cli(command)
        assert refused.code == 1
        assert "no sweep has written a report yet" in refused.err
