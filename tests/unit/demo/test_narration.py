"""The story is readable wherever it is told, and forgets no claim."""

import re
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.console import Console

from demo.narration import Narrator
from demo.summary import summarise

ROOT = Path(__file__).parents[3]
ARN = "arn:aws:sns:eu-central-1:123456789012:" + "a-very-long-name" * 5


def told(width: int = 80) -> tuple[Narrator, StringIO]:
    output = StringIO()
    return Narrator(Console(file=output, width=width, highlight=False), clock=lambda: 0.0), output


def test_a_line_has_the_time_in_its_margin() -> None:
    tell, output = told()
    tell.say("The stack is deployed.")
    assert output.getvalue().rstrip() == "  0.0 s  The stack is deployed."


def test_brackets_of_the_stack_are_no_markup() -> None:
    tell, output = told()
    tell.say("Alert: [INFO] [bold]Orders[/bold] is protected now")
    assert "[INFO] [bold]Orders[/bold]" in output.getvalue()


def test_a_claim_that_fails_says_what_was_seen_and_is_remembered() -> None:
    tell, output = told()
    assert tell.claim("PITR is on", holds=True, detail="ENABLED")
    assert not tell.claim("PITR is back", holds=False, detail="DISABLED")
    assert "\N{BALLOT X} PITR is back Seen instead: DISABLED" in output.getvalue()
    assert [claim.text for claim in tell.failures] == ["PITR is back"]

    summarise(tell)
    assert "1 of 2 claims held" in output.getvalue()
    assert "Where to go next" not in output.getvalue()


@pytest.mark.parametrize("width", [30, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(width: int) -> None:
    tell, output = told(width)
    tell.chapter("An empty account")
    tell.say(f"A queue subscribes to {ARN}.")
    tell.claim("It is subscribed", holds=True, detail=ARN)
    summarise(tell)
    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "".join(output.getvalue().split()).count(ARN) == 2


def test_it_can_be_told_in_ascii() -> None:
    raw = BytesIO()
    output = TextIOWrapper(raw, encoding="ascii")
    tell = Narrator(Console(file=output, width=80))
    tell.chapter("An empty account")
    tell.claim("PITR is on", holds=True)
    tell.claim("PITR is back", holds=False, detail="DISABLED")
    summarise(tell)
    output.flush()
    assert "ok PITR is on" in raw.getvalue().decode("ascii")


def test_what_the_end_sends_to_is_there() -> None:
    tell, output = told()
    tell.claim("PITR is on", holds=True)
    summarise(tell)
    steps = output.getvalue().partition("Where to go next")[2]
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"make ([a-z]+)", steps)
    assert commands == ["up", "test", "deploy"]
    assert all(f"\n{command}:" in makefile for command in commands)
