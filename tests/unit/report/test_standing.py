"""Drift that stands: the report names who brought it about, and since when, and counts it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.content import (
    Report,
    document,
)
from pitr_guardian.report.page import page
from pitr_guardian.report.sections import exposures
from pitr_guardian.report.sheet import sheet
from tests.fakes.reports import NOW, drift, drifted, exempt, incident, report, row

TWO_DAYS_AGO = NOW - timedelta(days=2)


def note(found: Report, name: str) -> str:
    """What the page says beside a table."""
    text = page(found)
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    return next(str(table[-1]) for table in data["tables"] if table[0] == name)


@pytest.mark.parametrize("attribute", ["drift", "tolerated"])
def test_a_drifted_row_names_who_and_since_when(attribute: str) -> None:
    found = report(drifted("Carts"), drifts=[drift(attribute=attribute)])
    assert note(found, "Carts") == (
        "Point-in-time recovery is off, since 2026-11-20 10:00, by assumed-role/deploy/carol"
        " (Pulumi)."
    )
    [told] = document(found)["tables"]
    assert told["since"] == iso(TWO_DAYS_AGO)
    assert told["actor"]["tool"] == "Pulumi"
    [line] = csv.DictReader(io.StringIO(sheet(found)))
    assert line["since"] == iso(TWO_DAYS_AGO)
    assert line["actor"].endswith("carol (Pulumi)")


def test_a_short_period_is_named_likewise() -> None:
    cause = {"eventId": "e", "call": "UpdateContinuousBackups", "namedPeriod": 7}
    noted = drift(period=7, cause=cause | {"time": iso(TWO_DAYS_AGO), "actor": None})
    found = report(row("Carts", "drifted", periodInDays=7), drifts=[noted])
    assert note(found, "Carts").endswith("since 2026-11-20 10:00, by whom is not known.")


def test_an_exempt_table_that_is_off_is_named_likewise() -> None:
    found = report(exempt("Carts", "2026-12-31", exemptReason="tests"), drifts=[drift()])
    assert "tests" in note(found, "Carts")
    assert "Off, since 2026-11-20 10:00, by assumed-role/deploy/carol" in note(found, "Carts")


@pytest.mark.parametrize(
    "also",
    [
        {"cause": {"eventId": "e", "call": "TagResource", "time": iso(TWO_DAYS_AGO)}},
        {"cause": None},
    ],
)
def test_a_call_that_did_something_else_is_not_blamed(also: dict[str, Any]) -> None:
    found = report(drifted("Carts"), drifts=[drift(attribute="drift", **also)])
    standing = found.standing(found.tables[0])
    assert standing.actor is None
    assert standing.since == TWO_DAYS_AGO + timedelta(seconds=9)


def test_where_no_event_came_it_is_since_a_sweep_first_found_it() -> None:
    found_off = {**drift(cause=None, noticedAt=iso(NOW - timedelta(hours=1)))}
    found_off["foundOffAt"] = iso(NOW - timedelta(hours=9))
    found = report(drifted("Carts"), drifts=[found_off])
    assert found.standing(found.tables[0]).since == NOW - timedelta(hours=9)


@pytest.mark.parametrize(
    "noted",
    [
        drift("Another"),
        drift(period=7),
        drift(noticedAt=iso(NOW + timedelta(minutes=1))),
        {**drift(), "tolerated": "{"},
        {**drift(), "tolerated": "null"},
        {"pk": drift()["pk"]},
        {},
    ],
    ids=["another's", "another kind", "later", "no JSON", "nothing", "no note", "no table"],
)
def test_what_isnt_known_of_the_drift_that_was_found_is_not_told(noted: dict[str, str]) -> None:
    found = report(drifted("Carts"), drifts=[noted])
    assert note(found, "Carts") == "Point-in-time recovery is off."
    assert document(found)["tables"][0]["since"] is None


def test_a_note_that_cannot_be_read_is_counted() -> None:
    found = report(drifted("Carts"), drifts=[{**drift(), "tolerated": "{"}])
    assert found.notes == ("Who left 1 of the drifted tables so, and when, could not be read.",)


def test_a_table_that_is_off_now_is_exposed_now() -> None:
    twenty_two_seconds = {"from": iso(NOW - timedelta(seconds=22)), "to": iso(NOW), "seconds": 22}
    found = report(
        drifted("Carts"), incidents=[incident(exposure=twenty_two_seconds)], drifts=[drift()]
    )
    section = exposures(found)
    assert "2 exposures" in section.summary
    assert "1 table is off now, 2 d in all" in section.summary
    began, table, who, how_long, lost = section.lines[0].cells
    assert (began.text, table.text) == ("2026-11-20 10:00", "Carts")
    assert who.text == "assumed-role/deploy/carol"
    assert (how_long.text, how_long.aside) == ("2 d until now", "off")
    assert lost.aside == "nothing can be restored"
    assert section.lines[0].bad
    [now] = document(found)["exposedNow"]
    assert now["seconds"] == 2 * 86_400
    assert now["actor"]["arn"].endswith("carol")


def test_an_exposure_that_goes_on_is_listed_once() -> None:
    told = incident("Drift Tolerated", exposure=None, time=iso(TWO_DAYS_AGO), lostWindow=None)
    detail = json.loads(told["detail"])
    detail["table"] |= {"name": "Carts", "arn": drift()["pk"]}
    told = {**told, "detail": json.dumps(detail)}
    found = report(exempt("Carts", "2026-12-31"), incidents=[told], drifts=[drift()])
    assert exposures(found).count == 1
    assert not exposures(found).lines[0].bad
    assert exposures(report(row("Carts"), incidents=[told], drifts=[drift()])).count == 1


def test_where_nobody_knows_since_when_the_total_says_so() -> None:
    summary = exposures(report(drifted("Carts"), drifted("Orders"), drifts=[drift()])).summary
    assert summary.endswith(
        "2 d in all without protection, and more: since when is not known of each"
    )


def test_no_more_than_the_time_that_the_report_looks_back_on_is_counted() -> None:
    ages = {"time": iso(NOW - timedelta(days=300)), "eventId": "e", "call": "c", "disables": True}
    found = report(
        drifted("Carts"), drifts=[drift(noticedAt=iso(NOW - timedelta(days=300)), cause=ages)]
    )
    assert "90 d in all" in exposures(found).summary


@pytest.mark.parametrize(
    ("how", "words", "bad"),
    [
        ("switched-off-and-on", "off, and on at once", True),
        ("shortened-and-lengthened", "shortened, and put back", True),
        ("by-tag", "shortened", False),
        ("of a later version", "at once", True),
    ],
)
def test_lost_history_is_an_exposure_with_what_was_lost(how: str, words: str, *, bad: bool) -> None:
    section = exposures(report(incidents=[incident("History Lost", how=how, exposure=None)]))
    [line] = section.lines
    assert line.cells[3].text == words
    assert line.cells[4].text == "34 d 23 h"
    assert line.bad is bad
    assert section.summary == "1 exposure in the last 90 days"


def test_a_period_tag_that_cannot_be_read_is_listed_and_is_no_exposure() -> None:
    told = incident(
        "Period Invalid",
        **{"exposure": None, "lostWindow": None, "tagKey": "days", "tagValue": "14 days"},
    )
    section = exposures(report(incidents=[told]))
    assert section.summary.startswith("0 exposures")
    assert section.lines[0].cells[4].aside == "days holds 14 days"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "KMS key can't be used"),
        ("ARCHIVING", "archives it"),
        ("ARCHIVED", "archived it"),
        ("DELETING", "being deleted"),
        ("NEW_<b>", "DynamoDB says NEW_<b>"),
    ],
)
def test_a_table_that_nobody_can_restore_says_what_it_is(status: str, words: str) -> None:
    found = report(row("Carts", "drifted", tableStatus=status))
    assert words in note(found, "Carts")
    assert document(found)["tables"][0]["tableStatus"] == status
