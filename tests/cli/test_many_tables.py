"""An organization's hundred thousand tables on a terminal: listed in seconds, told in a screen."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, strategies as st
from rich.text import Text

from pitr_guardian_cli.aws.health import Queues
from pitr_guardian_cli.commands import status, tables
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.report import Report
from pitr_guardian_cli.terminal.console import console
from pitr_guardian_cli.terminal.tables import FOLDED, columns, unfolded

OWN = "111122223333"


class Terminal(io.StringIO):
    """A terminal that somebody watches."""

    def isatty(self) -> bool:
        return True


def report(count: int) -> Report:
    """A report with so many tables of 500 accounts; one in ten is drifted."""
    found = []
    for number in range(count):
        account, is_off = f"{100_000_000_000 + number % 500}", number % 10 == 0
        found.append(
            {
                "arn": f"arn:aws:dynamodb:eu-west-1:{account}:table/Orders-{number}",
                "name": f"Orders-{number}",
                "account": account,
                "region": "eu-west-1",
                "status": "drifted" if is_off else "protected",
                "attention": "drifted" if is_off else "none",
                "periodInDays": None if is_off else 35,
            }
        )
    return Report({"tables": found, "accounts": {"100000000000": "shop"}, "regions": []})


def here(out: io.StringIO) -> Here:
    printer = console(out)
    stack = SimpleNamespace(
        name="guardian", account=OWN, region="eu-west-1", parameter=lambda name: name
    )
    said = {"out": printer, "err": printer, "say": io.StringIO().write, "shown": str}
    found = SimpleNamespace(
        stack=stack, as_json=False, command=lambda text: f"pitr-guardian {text}", **said
    )
    return cast("Here", found)


def test_a_long_list_is_written_in_seconds_a_line_for_each_table() -> None:
    for out in (io.StringIO(), Terminal()):
        begun = time.process_time()
        tables._list(here(out), report(20_000), all_of_them=True)
        assert time.process_time() - begun < 10  # a second and a half; Rich takes half a minute
        lines = out.getvalue().splitlines()
        assert len(lines) == 20_001
        assert lines[1].split() == [
            *("Orders-0", "shop", "(100000000000)", "eu-west-1"),
            *("drifted", "off", "-", "-", "PITR", "is", "off"),
        ]


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17F)
CELLS = st.text(LETTERS, max_size=30) | st.builds(
    Text, st.from_regex(r"[a-z]{0,9}", fullmatch=True)
)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers()), max_size=5))
def test_it_looks_as_a_short_one_does(rows: list[tuple[object, ...]]) -> None:
    headings = ["Table", "Account and region", "Why"]
    short, long = io.StringIO(), io.StringIO()
    columns(console(short), headings, rows)
    unfolded(console(long), headings, rows)
    assert long.getvalue() == short.getvalue()


def found(**others: Any) -> status.Status:
    whole = report(2 * FOLDED)
    known: dict[str, Any] = {
        "report": whole,
        "queues": Queues(0, 0, 0),
        "alarms": [],
        "troubles": [f"trouble {number}" for number in range(500)],
        "tables": [row for row in whole.rows if row.needs_a_person],
        "restores": [],
    }
    return status.Status(**known | others)


def test_status_is_a_screen_and_says_where_the_rest_is() -> None:
    out = io.StringIO()
    status._show(here(out), found())
    text = out.getvalue()
    assert len(text.splitlines()) < 120
    assert "Tables that need a person: 200" in text
    assert "150 more: pitr-guardian tables lists all of them." in text
    assert "450 more: --json has all of them." in text


def test_a_region_of_a_member_is_named_with_its_account() -> None:
    regions = [
        {"region": "eu-west-1", "account": OWN, "error": "throttled"},
        {"region": "eu-west-1", "account": "100000000000", "trail": "missing"},
    ]
    told = [status._place(here(io.StringIO()), report(0), region) for region in regions]
    assert told == ["eu-west-1", "eu-west-1 of account shop (100000000000)"]
