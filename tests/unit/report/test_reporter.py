"""A sweep's report is written in every form, twice: under the sweep's name, and as the latest."""

from __future__ import annotations

import json
from datetime import timedelta

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.history import Past
from pitr_guardian.report.reporter import Reporter
from tests.fakes.reports import (
    NOW,
    MemoryArchive,
    MemoryHistory,
    drifted,
    incident,
    part,
    restore,
    row,
    sweep,
)


def reporter(archive: MemoryArchive, past: Past | None = None) -> tuple[Reporter, list[str]]:
    logged: list[str] = []
    told = Reporter(
        archive=archive,
        history=MemoryHistory(past),
        page=lambda report: f"page of {len(report.tables)}",
        clock=lambda: NOW,
        log=logged.append,
    )
    return told, logged


def test_each_form_is_kept_under_the_sweeps_name_and_as_the_latest() -> None:
    archive = MemoryArchive()
    archive.parts = [part(row()), part(drifted("Carts"), number=1)]
    uri = reporter(archive)[0].write(sweep())
    assert uri == "s3://bucket/reports/sweep-1/report.html"
    assert archive.files["latest/report.html"] == (b"page of 2", "text/html; charset=utf-8")
    assert archive.files["latest/report.json"][1] == "application/json"
    assert archive.files["latest/report.csv"][1].startswith("text/csv; charset=utf-8")
    for name in ("report.html", "report.json", "report.csv"):
        assert archive.files[f"latest/{name}"] == archive.files[f"reports/sweep-1/{name}"]
    assert len(archive.files) == 6


def test_another_sweeps_parts_are_left_alone() -> None:
    archive = MemoryArchive()
    archive.parts = [part(row())._replace(key="sweeps/sweep-10/eu-west-1/0000.json")]
    reporter(archive)[0].write(sweep())
    assert json.loads(archive.files["latest/report.json"][0])["tables"] == []


def test_the_past_is_that_of_ninety_days_and_of_exposures() -> None:
    archive = MemoryArchive()
    incidents = [
        incident(id="recent"),
        incident(id="old", time=iso(NOW - timedelta(days=91))),
        incident("Table Protected", id="birth"),
    ]
    reporter(archive, Past(incidents, [restore()]))[0].write(sweep())
    report = json.loads(archive.files["latest/report.json"][0])
    assert [each["id"] for each in report["exposures"]] == ["recent"]
    assert len(report["restores"]) == 1


def test_what_had_to_be_left_out_is_logged() -> None:
    archive = MemoryArchive()
    archive.parts = [part(row())._replace(body=b"{")]
    told, logged = reporter(archive)
    told.write(sweep())
    [note] = logged
    assert "could not be read" in note


def test_the_same_sweep_again_writes_the_same_again() -> None:
    archive = MemoryArchive()
    archive.parts = [part(row())]
    told, _ = reporter(archive)
    told.write(sweep())
    first = dict(archive.files)
    told.write(sweep())
    assert archive.files == first
