"""One line for a telephone: the worst first, and not more than one message."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.facts.text_message import text_message_of

# GSM 03.38's basic alphabet, as far as it is ASCII: one septet each.
GSM = re.compile(r"[A-Za-z0-9 @$!\"#%&'()*+,./:;<=>?_\n\r-]*")

TABLE = {"name": "orders", "account": "111122223333", "region": "eu-central-1"}
ALICE = {"arn": "arn:aws:sts::111122223333:assumed-role/Admin/alice"}


@pytest.mark.parametrize(
    ("detail_type", "detail", "line"),
    [
        (
            "Table Deleted",
            {"severity": "critical", "table": TABLE, "actor": ALICE},
            "CRITICAL: orders was deleted, with NO backup left. eu-central-1 111122223333. "
            "By assumed-role/Admin/alice",
        ),
        (
            "Drift Detected",
            {"severity": "critical", "table": TABLE, "actor": None, "drift": "pitr-off"},
            "CRITICAL: PITR is OFF on orders. eu-central-1 111122223333",
        ),
        (
            "Alerts Folded",
            {
                "severity": "info",
                "event": "table-protected",
                "count": 295,
                "region": "eu-central-1",
                "account": "111122223333",
            },
            "INFO: 295 more tables are protected now. eu-central-1 111122223333",
        ),
        ("Something New", {}, "INFO: Something New on a table"),
    ],
)
def test_one_line_says_how_bad_it_is_what_happened_and_where(
    detail_type: str, detail: dict[str, Any], line: str
) -> None:
    assert text_message_of(detail_type, detail) == line


def test_a_long_name_leaves_no_room_for_who_did_it() -> None:
    table = TABLE | {"name": "x" * 255}
    line = text_message_of("Table Deleted", {"severity": "critical", "table": table})
    assert len(line) == 140
    assert line.startswith("CRITICAL: xxx")
    assert line.endswith("...")


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_fact_holds_it_is_one_message_that_every_phone_shows(
    kind: str, name: str, who: str
) -> None:
    line = text_message_of(
        kind, {"severity": who, "table": {"name": name, "region": who}, "actor": {"arn": who}}
    )
    assert 0 < len(line) <= 140
    assert GSM.fullmatch(line)
    assert "\n" not in line
