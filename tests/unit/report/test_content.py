"""What a report says: counts, shares, the past, and what is missing from it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.content import document
from pitr_guardian.report.history import Item
from tests.fakes.reports import (
    NOW,
    drifted,
    exempt,
    failed,
    incident,
    report,
    restore,
    row,
    under_way,
)


def test_the_share_is_of_all_tables() -> None:
    found = report(row("A"), row("B"), drifted("C"), exempt("D", "2026-12-31"), failed("E"))
    assert document(found)["summary"] == {
        "tables": 5,
        "protected": 2,
        "drifted": 1,
        "exempt": 1,
        "failed": 1,
        "protectedShare": 0.4,
    }


def test_without_tables_there_is_no_share() -> None:
    assert document(report())["summary"]["protectedShare"] is None


def test_a_region_that_could_not_be_read_is_told_with_the_reason() -> None:
    regions: list[dict[str, Any]] = [
        {"region": "eu-west-1", "checked": 3, "error": "Throttled"},
        {"region": "eu-south-1", "error": "Denied"},
    ]
    found = report(regions=regions)
    assert found.warnings == [
        "eu-west-1 could not be read to its end: Throttled",
        "eu-south-1 could not be read: Denied",
    ]
    assert [each["error"] for each in document(found)["regions"]] == ["Throttled", "Denied"]


def test_a_region_that_no_trail_watches_is_told() -> None:
    regions = [
        {"region": "eu-west-1", "trail": "recording"},
        {"region": "eu-west-2", "trail": "missing"},
        {"region": "eu-west-3", "trail": "unknown", "trailError": "AccessDenied"},
    ]
    missing, unknown = report(regions=regions).warnings
    assert "No trail records what happens in eu-west-2" in missing
    assert unknown.endswith("in eu-west-3 could not be told: AccessDenied")


def test_the_data_has_all_of_a_table() -> None:
    [table] = document(report(exempt("Load", "2026-11-30", exemptOwner="perf")))["tables"]
    assert table["exemptUntil"] == "2026-11-30"
    assert table["exemptOwner"] == "perf"
    assert table["attention"] == "exemptionEnds"
    assert table["arn"].endswith(":table/Load")


def test_an_exposure_tells_who_how_long_and_what_was_lost() -> None:
    [exposure] = document(report(incidents=[incident()]))["exposures"]
    assert exposure["detailType"] == "PITR Re-enabled"
    assert exposure["actor"]["tool"] == "Terraform"
    assert exposure["exposure"]["seconds"] == 90
    assert exposure["lostWindow"]["earliest"] == iso(NOW - timedelta(days=35))
    assert exposure["table"]["name"] == "Orders"


def test_exposures_and_restores_come_newest_first() -> None:
    ages = [3, 1, 2]
    incidents = [incident(id=str(age), time=iso(NOW - timedelta(days=age))) for age in ages]
    restores = [
        restore(target=f"T-{age}", order={"acceptedAt": iso(NOW - timedelta(days=age))})
        for age in ages
    ]
    found = report(incidents=incidents, restores=restores)
    assert [each.id for each in found.incidents] == ["1", "2", "3"]
    assert [each.order.accepted_at for each in found.restores] == [
        NOW - timedelta(days=age) for age in sorted(ages)
    ]


def test_a_restore_tells_how_long_it_took_and_how_it_ended() -> None:
    [told] = document(report(restores=[restore()]))["restores"]
    assert told["seconds"] == 720
    assert told["outcome"] == "completed"
    assert told["settings"]["applied"] == ["pitr", "tags"]


def test_a_restore_under_way_is_told_of() -> None:
    [told] = document(report(restores=[under_way()]))["restores"]
    assert told["outcome"] is None
    assert told["seconds"] is None


@pytest.mark.parametrize("nothing", ["null", ""])
def test_an_instant_that_the_workflow_did_not_know_is_not_known(nothing: str) -> None:
    [told] = report(restores=[restore(restoredTo=nothing)]).restores
    assert told.restored_to is None


def test_a_restore_that_ended_long_ago_is_left_out() -> None:
    old = restore(finishedAt=iso(NOW - timedelta(days=91)))
    assert report(restores=[old, restore("r-2")]).restores[0].outcome == "completed"
    assert len(report(restores=[old]).restores) == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"detailType": "PITR Re-enabled", "detail": "{"},
        {"detailType": "PITR Re-enabled"},
        {"detailType": "PITR Re-enabled", "detail": "[]"},
        {"detailType": "PITR Re-enabled", "detail": '{"id": "x"}'},
    ],
)
def test_an_incident_that_cannot_be_read_is_counted_and_stops_nothing(broken: Item) -> None:
    found = report(incidents=[broken, incident()])
    assert len(found.incidents) == 1
    assert found.notes == ("1 of the ledger's incidents could not be read and are missing here.",)


def test_a_restore_that_cannot_be_read_is_counted_and_stops_nothing() -> None:
    found = report(restores=[{"order": "{}"}, restore()])
    assert len(found.restores) == 1
    assert document(found)["notes"][0].startswith("1 of the ledger's restores")


def test_what_a_later_version_recorded_besides_is_let_pass() -> None:
    actor: dict[str, Any] = {"arn": "arn:aws:iam::1:user/a", "mfa": True}
    found = report(incidents=[incident(actor=actor, folded=3)])
    assert found.incidents[0].actor is not None
    assert json.dumps(document(found))
