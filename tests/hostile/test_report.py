"""The report: what was written in tags, names and errors stays text, in every form."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given

from pitr_guardian.report.content import (
    Report,
    assemble,
    document,
)
from pitr_guardian.report.history import (
    Item,
    Past,
)
from pitr_guardian.report.page import page
from pitr_guardian.report.reporter import Reporter
from pitr_guardian.report.sheet import sheet
from pitr_guardian.report.sweep import (
    Part,
    Sweep,
)
from tests.fakes.reports import (
    NOW,
    MemoryArchive,
    MemoryHistory,
    drift,
    drifted,
    exempt,
    failed,
    incident,
    report,
    restore,
    row,
    sweep,
)
from tests.hostile.limits import strict
from tests.hostile.strategies import (
    EVERY_TEXT,
    HOSTILE_TEXTS,
    a_share_each,
    deep,
    json_values,
    large,
    texts,
    twisted,
)
from tests.unit.report.test_page import Page

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")  # noqa: RUF001


CAUSE = json.loads(drift()["tolerated"])["cause"]


def everywhere(text: str) -> Report:
    """A report in which everything that others write says this."""
    actor = {"arn": text, "tool": None, "userAgent": text, "sourceIp": text, "invokedBy": text}
    home = {"arn": text, "account": text, "region": text}
    place = home | {"name": text}
    asked = {"requestId": text, "requestedBy": text, "reason": text, "restoreTo": text}
    return report(
        exempt(text, "2026-11-25", exemptReason=text, exemptOwner=text, **home),
        failed(text, **home | {"arn": f"{text}2", "error": text}),
        row("Orders"),
        drifted("Carts", tableStatus=None),
        row("Ledger", "drifted", tableStatus=text or "x"),
        incidents=[
            incident(actor=actor, table=place, reason=text),
            incident("History Lost", actor=actor, table=place, how=text),
            incident("Period Invalid", actor=None, table=place, tagKey=text, tagValue=text),
        ],
        drifts=[drift(cause=CAUSE | {"actor": actor})],
        restores=[
            restore(outcome="failed", failure=text, order={"target": place, "source": place}),
            restore(order={"request": asked}),
            restore(settings=json.dumps({"failed": [{"setting": text, "error": text}]})),
        ],
        regions=[
            {"region": text, "error": text},
            {"region": f"{text}2", "trail": "unknown", "trailError": text},
        ],
    )


@cache
def a_harmless_page() -> Page:
    return Page(page(everywhere("harmless")))


@pytest.fixture(scope="module", autouse=True)
def spreadsheets_take_long_cells() -> Iterator[None]:
    before = csv.field_size_limit(2**24)
    yield
    csv.field_size_limit(before)


@given(texts)
def test_in_no_locales_spreadsheet_a_text_is_a_formula(text: str) -> None:
    written = sheet(everywhere(text)).encode("utf-8", "replace").decode()
    lines = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert len(lines) == 6
    assert {len(line) for line in lines} == {len(lines[0])}
    for separator in ",;\t|":
        for line in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            assert not any(map(FORMULA.match, line)), (separator, line)
    assert written.replace("\r\n", "").isprintable()


@given(texts.filter(bool))
def test_no_text_is_markup(text: str) -> None:
    harmless, hostile = a_harmless_page(), Page(page(everywhere(text)))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    own = {"data-slot", "id", "class", "datetime", "content"}
    for (tag, found), (_, expected) in zip(hostile.tags, harmless.tags, strict=True):
        assert found.keys() == expected.keys()
        for name, value in found.items():
            assert name in own or value == expected[name], (tag, name, value)
            assert not (value or "").lower().startswith("javascript:")
        if tag not in {"time", "meta", "title"}:
            assert found == expected
    said = hostile.text.replace("\n", " ")
    assert said.isprintable()


@given(texts)
def test_the_data_in_the_page_and_beside_it_can_be_read_by_everybody(text: str) -> None:
    found = everywhere(text)
    embedded = Page(page(found)).inside["script"][0]
    assert strict(embedded)["tables"]
    archive = MemoryArchive()
    archive.parts = [
        Part("sweeps/sweep-1/parts/1/eu-central-1/0000.json", json.dumps([row(name=text)]).encode())
    ]
    event = {"sweepId": "sweep-1", "startedAt": NOW.isoformat(), "regions": []}
    history = MemoryHistory(Past([incident(reason=text)], [restore()]))
    Reporter(archive, history, page, lambda: NOW, lambda _: None).write(Sweep.model_validate(event))
    body, _ = archive.files["latest/report.json"]
    assert strict(body.decode())["summary"]["tables"] == 1
    assert len(archive.files) == 6


@pytest.mark.parametrize("text", EVERY_TEXT, ids=range(len(EVERY_TEXT)))
def test_the_page_stays_small_whatever_one_table_says(text: str) -> None:
    assert len(page(everywhere(text))) < 120_000


def assert_can_be_written(found: Report) -> None:
    """All three forms, as the reporter writes them."""
    assert Page(page(found)).data["tables"] is not None
    assert sheet(found)
    written = json.dumps(document(found), ensure_ascii=False)  # as the reporter writes it
    strict(written.encode("utf-8", "replace").decode())


@given(twisted([row("Orders"), exempt("Load", "2026-11-25"), failed("Ledger")]))
def test_a_row_from_another_hand_is_read_or_counted(rows: Any) -> None:
    body = json.dumps(rows).encode()
    found = assemble(sweep(), [Part("sweeps/sweep-1/r/0.json", body)], Past([], []), NOW)
    assert found.notes or len(found.tables) == len({each["arn"] for each in rows})
    assert_can_be_written(found)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        json.dumps(deep(5000)).encode(),
        b"\xed\xa0\x80",
        b"[NaN, 1e999]",
        b"[" + b"9" * 5000 + b"]",
        json.dumps([row(periodInDays=10**400)]).encode(),
        json.dumps([row(ownPeriodInDays=-1)]).encode(),
        json.dumps([row(exemptUntil="9999-12-31") | {"status": "exempt"}]).encode(),
        json.dumps([row(earliest="0001-01-01T00:00:00Z", latest="9999-12-31T00:00:00Z")]).encode(),
        json.dumps([row(error=large("x")) | {"status": "failed"}] * 3).encode(),
    ],
    ids=range(10),
)
def test_a_part_at_the_edges_of_json_leaves_a_note_or_a_row(body: bytes) -> None:
    parts = [Part("sweeps/sweep-1/r/0.json", body)]
    found = assemble(sweep(), parts, Past([], []), NOW)
    assert len(found.notes) + len(found.tables) == 1
    assert_can_be_written(found)


DETAIL = json.loads(incident()["detail"])
ORDER = json.loads(restore()["order"])
SETTINGS = {"applied": ["pitr"], "skipped": [], "failed": [{"setting": "a", "error": "b"}]}


@given(twisted(DETAIL), twisted(ORDER), twisted(SETTINGS), texts)
def test_what_the_ledger_holds_is_read_or_counted(
    detail: Any, order: Any, settings: Any, text: str
) -> None:
    kinds = ("PITR Re-enabled", "Recovery Period Restored", "Drift Tolerated", "Drift Detected")
    incidents = [{"detailType": kind, "detail": json.dumps(detail)} for kind in kinds]
    restores: list[Item] = [
        {**restore(), "order": json.dumps(order)},
        {**restore(), "settings": json.dumps(settings)},
        *({**restore(), field: text} for field in ("outcome", "finishedAt", "settings", "order")),
    ]
    past = Past([*incidents, {"detailType": text, "detail": text}], restores)
    assert_can_be_written(assemble(sweep(), [], past, NOW))


@given(twisted(json.loads(drift()["tolerated"])), texts)
def test_what_is_noted_of_a_drift_is_read_or_counted(noted: Any, text: str) -> None:
    for attributes in (
        {"tolerated": json.dumps(noted)},
        {"drift": text},
        {"drift": json.dumps(noted), "foundOffAt": text},
        {"pk": text, "tolerated": json.dumps(noted)},
    ):
        assert_can_be_written(report(drifted("Carts"), drifts=[{**drift(), **attributes}]))


@pytest.mark.parametrize("field", ["detail", "order", "settings"])
@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{}", "[]", "null", "NaN", "", json.dumps(deep(900))]
)
def test_a_record_that_nobody_can_read_is_counted(field: str, text: str) -> None:
    past = (
        Past([{**incident(), field: text}], [])
        if field == "detail"
        else Past([], [{**restore(), field: text}])
    )
    found = assemble(sweep(), [], past, NOW)
    assert len(found.notes) + len(found.restores) + len(found.incidents) == 1
    assert_can_be_written(found)


@pytest.mark.parametrize("field", ["from", "to", "exposure", "lostWindow", "exemptUntil"])
@a_share_each
@given(value=json_values)
def test_no_number_in_an_incident_stops_the_report(field: str, value: Any) -> None:
    past = Past([incident(**{field: value})], [])
    found = assemble(sweep(), [], past, NOW)
    assert len(found.notes) + len(found.incidents) == 1
    assert_can_be_written(found)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e308, -1, 10**400])
def test_an_exposure_of_no_known_length_stops_nothing(seconds: float) -> None:
    exposure = json.loads(incident()["detail"])["exposure"] | {"seconds": seconds}
    assert_can_be_written(report(incidents=[incident(exposure=exposure), incident()]))


def test_many_hostile_tables_are_as_harmless_as_one() -> None:
    names = [f"{text}{number}" for number in range(3) for text in HOSTILE_TEXTS]
    found = Page(page(report(*(failed(name, error=name) for name in names))))
    assert len(found.data["tables"]) == len(names)
    assert len([tag for tag, _ in found.tags if tag == "script"]) == 2
