"""The page: whole without its script, and deaf to whatever is written in a tag."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from pitr_guardian.report import sections
from pitr_guardian.report.content import document
from pitr_guardian.report.page import (
    AT_ONCE,
    page,
)
from tests.fakes.reports import (
    HOSTILE,
    drifted,
    exempt,
    failed,
    incident,
    report,
    restore,
    row,
)


class Page(HTMLParser):
    """The tags of a page, and the text outside script, style and template."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.inside.setdefault(self._open, []).append(data)
        if self._open not in {"script", "style"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.inside["script"][0])
        return data


def everywhere(text: str) -> str:
    """A page in which everything that others write says this."""
    actor = {"arn": text, "tool": None, "userAgent": text, "sourceIp": text}
    table = {"arn": text, "name": text, "account": text, "region": text}
    return page(
        report(
            exempt(text, "2026-11-25", exemptReason=text, exemptOwner=text, region=text),
            failed(text, error=text, account=text),
            incidents=[incident(actor=actor, table=table)],
            restores=[
                restore(target=text, outcome="failed", failure=text),
                restore(settings=json.dumps({"failed": [{"setting": text}]})),
            ],
            regions=[{"region": text, "error": text}],
        )
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    harmless, hostile = Page(everywhere("harmless")), Page(everywhere(text))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    assert [sorted(attrs) for _, attrs in hostile.tags] == [
        sorted(attrs) for _, attrs in harmless.tags
    ]
    assert any(text in "".join(map(str, table)) for table in hostile.data["tables"]) or not (
        text.isprintable()
    )


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_no_text_changes_the_pages_structure(text: str) -> None:
    found = Page(page(report(failed("Orders", error=text))))
    assert [tag for tag, _ in found.tags] == [
        tag for tag, _ in Page(page(report(failed("Orders")))).tags
    ]


@pytest.mark.parametrize("kind", ["style", "script"])
def test_the_policy_allows_what_the_page_brings_and_nothing_else(kind: str) -> None:
    html = page(report(row()))
    found = Page(html)
    [policy] = [
        attrs["content"] or ""
        for tag, attrs in found.tags
        if "http-equiv" in attrs and tag == "meta"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    own = found.inside[kind][-1]
    digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
    assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert not any("style" in attrs or "onclick" in attrs for _, attrs in found.tags)


def test_the_page_names_no_other_place() -> None:
    html = everywhere("harmless")
    for _, attrs in Page(html).tags:
        for name in ("src", "href", "action", "data", "poster"):
            assert (attrs.get(name) or "#").startswith(("#", "data:,")), attrs
    assert "url(" not in html
    assert "@import" not in html


def test_without_its_script_the_page_has_the_numbers_and_what_needs_a_person() -> None:
    tables = [row(f"Orders-{number:03}") for number in range(200)]
    text = Page(page(report(*tables, drifted("Carts"), failed("Ledger-old")))).text
    assert "99 %" in text
    assert "200 of 202 tables protected" in text
    assert "1 could not be checked · 1 has drifted" in text
    assert text.index("Ledger-old") < text.index("Carts") < text.index("Orders-000")
    assert "Orders-047" in text
    assert "Orders-048" not in text
    assert f"The first {AT_ONCE} of 202 tables" in text
    assert "report.csv" in text


def test_every_table_is_in_the_pages_data() -> None:
    data = Page(page(report(*(row(f"Orders-{number:03}") for number in range(200))))).data
    assert len(data["tables"]) == 200


def test_a_house_in_order_says_so() -> None:
    assert "Nothing needs a person." in Page(page(report(row()))).text


def test_a_house_that_was_not_read_to_its_end_does_not() -> None:
    text = Page(page(report(row(), regions=[{"region": "eu-south-1", "error": "Denied"}]))).text
    assert "Nothing needs a person." not in text
    assert "eu-south-1 could not be read: Denied" in text


def test_a_house_without_tables_has_a_page() -> None:
    assert "No tables were found" in Page(page(report())).text


def test_exposures_say_who_how_long_and_what_was_lost() -> None:
    shortened = incident(
        "Recovery Period Restored", exposure=None, lostWindow=None, **{"from": 7, "to": 35}
    )
    unknown = incident(actor=None, lostWindow=None)
    reported = incident("Drift Detected", exposure=None, lostWindow=None, drift="pitr-off")
    tolerated = incident("Drift Tolerated", exposure=None, exemptUntil="2026-11-30")
    text = Page(page(report(incidents=[incident(), shortened, unknown, reported, tolerated]))).text
    for said in (
        "5 exposures in the last 90 days, 3 min in all without protection",
        "assumed-role/deploy/alice Terraform · 203.0.113.7",
        "1 min 30 s unprotected",
        "34 d 23 h back to 2026-10-18 10:00",
        "what is older than 7 days grows back to 35 days",
        "all until then",
        "not put right the guardian only notifies",
        "tolerated exempt through 2026-11-30",
    ):
        assert said in text


def test_restores_say_how_long_they_took_and_how_they_ended() -> None:
    unfinished = restore(settings=json.dumps({"failed": [{"setting": "alarms", "error": "no"}]}))
    gone = restore(
        outcome="failed", failure="TargetDeleted: somebody deleted it", restoredTo="null"
    )
    text = Page(page(report(restores=[restore(), unfinished, gone]))).text
    assert "3 restores in the last 90 days, 1 failed" in text
    assert "12 min" in text
    assert "but not put back: alarms" in text
    assert "TargetDeleted: somebody deleted it" in text
    assert "latest" in text


def test_a_list_without_end_has_one_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "LONGEST", 2)
    text = Page(page(report(incidents=[incident()] * 5))).text
    assert "5 exposures" in text
    assert "3 more are in report.json." in text


def test_of_an_organizations_regions_those_with_trouble_are_listed() -> None:
    regions = [
        {"region": name, "account": f"{number:012d}", "checked": 20, "compliant": 20}
        for number in range(500)
        for name in ("eu-central-1", "us-east-1")
    ]
    regions[700] |= {"error": "it is closed"}
    found = page(report(row(), regions=regions))
    text = Page(found).text
    assert f"{regions[700]['region']} of account {regions[700]['account']}" in text
    assert "960 more are in report.json." in text
    assert len(found) < 60_000


def test_trouble_that_is_everywhere_is_told_in_few_lines() -> None:
    regions = [
        {"region": "us-east-1", "account": f"{number:012d}", "error": "it is closed"}
        for number in range(500)
    ]
    text = Page(page(report(row(), regions=regions))).text
    assert text.count("could not be read: it is closed") == 40
    assert "460 more are in report.json, by region." in text


def test_accounts_are_shown_with_their_names_where_these_are_known() -> None:
    found = report(row("Orders"), row("Carts", account="222222222222"))
    named = found.sweep.model_copy(update={"account_names": {"222222222222": "<shop>"}})
    text = page(replace(found, sweep=named))
    assert "&lt;shop&gt; (222222222222)" in text
    assert "<shop>" not in text
    assert document(replace(found, sweep=named))["accounts"] == {"222222222222": "<shop>"}
