"""The page of an undo: written as a stream, and deaf to whatever an item holds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pitr_guardian.undo import page
from pitr_guardian.undo.line import Line, Planned
from pitr_guardian.undo.shape import Audience
from tests.fakes.undo_pages import FINGERPRINT, line, plan_of, report_of, spoilt_night

HOSTILE = '</script><script>alert(1)</script>"\'@items@"@left@\u202e'


def data(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_page_has_every_item_with_its_kind() -> None:
    items = data(plan_of(spoilt_night()))["items"]
    assert len(items) == 66
    assert {kind for kind, *_ in items} == {kind.value for kind in Planned}


def test_it_says_what_is_asked_for_what_it_costs_and_how_to_approve_it() -> None:
    html = plan_of(spoilt_night())
    for told in ("ada", "INC-4711", "$1.25", "64 write units", FINGERPRINT, "2026-11-26 04:00 UTC"):
        assert told in html
    assert "63 items would be put right" in html
    assert "1 conflict: what others wrote since stays as it is" in html


def test_after_applying_it_says_what_was_done_and_by_whose_leave() -> None:
    html = report_of(spoilt_night())
    for told in ("63 items put right", "grace", "read and approved", "63 of 63", "Reverted"):
        assert told in html
    assert "Undo Approved" not in html


def test_who_else_will_see_the_writes_is_told() -> None:
    audience = Audience(replicas=("eu-west-1",), triggers=("arn:aws:lambda:x:1:function:mail",))
    html = plan_of([], audience=audience)
    assert "Replicas get each write: eu-west-1." in html
    assert "function:mail" in html


def test_no_item_can_write_markup_or_move_the_data() -> None:
    spoilt = Line(
        key={"Id": {"S": HOSTILE}},
        planned=Planned.REVERT,
        old={"Id": {"S": HOSTILE}, HOSTILE: {"S": HOSTILE}},
        new={"Id": {"S": HOSTILE}},
        live={"Id": {"S": HOSTILE}},
    )
    html = plan_of([spoilt], requested_by=HOSTILE, reason=HOSTILE)
    assert html.count("<script") == 2  # the data and our own
    assert len(data(html)["items"]) == 1
    assert "\u202e" not in html


def test_what_a_browser_cannot_carry_is_counted_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST", 10)
    told = data(plan_of(spoilt_night()))
    assert (len(told["items"]), told["leftOut"]) == (10, 56)


def test_large_items_do_not_make_a_page_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LARGEST", 2_000)
    html = plan_of([line(Planned.REVERT, "x" * 200) for _ in range(100)])
    told = data(html)
    assert 0 < len(told["items"]) < 10
    assert len(told["items"]) + told["leftOut"] == 100


def test_a_plan_of_nothing_is_a_page_as_well() -> None:
    html = plan_of([])
    assert "0 items would be put right" in html
    assert data(html)["items"] == []
