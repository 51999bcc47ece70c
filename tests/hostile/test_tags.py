"""Tags: whatever is written in them, no table is left unprotected by mistake, and none crashes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.report.sweep import Status
from pitr_guardian.tables.policy import (
    EXEMPT_OWNER_TAG,
    EXEMPT_REASON_TAG,
    Policy,
    exemption,
    own_period,
)
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ORDERS, message, switched_off
from tests.fakes.restores import HOME
from tests.fakes.sweep import OFF, FakeRegion, walk_to_the_end
from tests.fakes.world import World
from tests.hostile.limits import assert_can_be_told
from tests.hostile.strategies import HOSTILE_TEXTS, texts, unicode_texts

POLICY = Policy()
TODAY = date(2026, 10, 5)  # the fake clock's

nearly_dates = st.dates(date(2020, 1, 1), date(2030, 1, 1)).flatmap(
    lambda day: st.sampled_from(
        [
            f" {day}",
            f"{day} ",
            f"{day}\n",
            f"{day}\u200b",
            f"{day}Z",
            f"{day}T23:59:59Z",
            f"+{day}",
            f"{day:%Y%m%d}",
            f"{day:%G-W%V-%u}",
            f"{day:%d.%m.%Y}",
            f"{day}".replace("-", "\u2010"),
            f"{day}".replace("0", "\u0660"),
            f"{day}".replace("2", "\uff12"),
        ]
    )
)
values = unicode_texts | nearly_dates | st.dates().map(str)


@given(values, st.datetimes(timezones=st.just(UTC)))
def test_only_a_date_exempts_and_only_through_its_day(value: str, now: datetime) -> None:
    found = exemption({POLICY.exempt_tag: value}, POLICY)
    if found is None:
        return
    assert re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    assert found.last_day.isoformat() == value
    assert found.covers(now) is (now.date() <= found.last_day)


@given(values | st.integers(-100, 100).map(str))
def test_only_a_number_of_days_that_aws_knows_is_a_period(value: str) -> None:
    period = own_period({POLICY.period_tag: value}, 7, POLICY)
    assert period == (int(value) if re.fullmatch("[1-9]|[12][0-9]|3[0-5]", value) else 7)


@given(exempt=values, period=values, reason=unicode_texts, owner=unicode_texts)
def test_a_table_is_protected_whatever_its_tags_unless_they_exempt_it(
    exempt: str, period: str, reason: str, owner: str
) -> None:
    world = World()
    tags = {
        POLICY.exempt_tag: exempt,
        POLICY.period_tag: period,
        EXEMPT_REASON_TAG: reason[:256],
        EXEMPT_OWNER_TAG: owner[:256],
    }
    world.tables.create(ORDERS)
    world.tables[ORDERS].tags.update({key: value[:256] for key, value in tags.items()})
    world.clock.advance(3600)
    world.deliver(message(switched_off(ORDERS.name)))
    world.let_looks_come_back()
    is_exempt = bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", exempt)) and exempt >= str(TODAY)
    assert world.tables[ORDERS].is_on is not is_exempt or exempt == "9999-12-31"
    assert world.facts.published
    for fact in world.facts.published:
        assert_can_be_told(fact)
        assert all(len(fact.reason) < 500 and fact.reason.isprintable() for fact in [fact])


@given(st.lists(st.tuples(values, values), min_size=1, max_size=5))
def test_a_sweep_judges_every_table_whatever_is_tagged(tags: list[tuple[str, str]]) -> None:
    region = FakeRegion()
    for number, (exempt, period) in enumerate(tags):
        region.tables[f"table-{number}"] = OFF
        region.tagged[f"table-{number}"] = {POLICY.exempt_tag: exempt, POLICY.period_tag: period}
    [tally] = walk_to_the_end(region.audit())
    assert tally.checked == len(tags)
    [rows] = region.parts.values()
    for row, (exempt, _) in zip(rows, tags, strict=True):
        day = exemption({POLICY.exempt_tag: exempt}, POLICY)
        covers = day is not None and day.covers(region.time.clock())
        assert row.status is (Status.EXEMPT if covers else Status.DRIFTED)


class Tagging:
    """The Resource Groups Tagging API, with an answer of one page."""

    def __init__(self, arns: list[str]) -> None:
        self._arns = arns

    def get_paginator(self, operation: str) -> Tagging:
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        tags = [{"Key": POLICY.exempt_tag, "Value": "2026-12-31"}]
        found = [{"ResourceARN": arn, "Tags": tags} for arn in self._arns]
        return [{"ResourceTagMappingList": found}]


@given(st.lists(texts | texts.map(lambda text: ORDERS.arn + text), max_size=3))
def test_what_is_tagged_and_no_table_keeps_no_table_from_being_seen(arns: list[str]) -> None:
    tagging: Any = Tagging([*arns, ORDERS.arn])
    nobody: Any = None
    catalogue = DynamoCatalogue(nobody, lambda _: tagging)
    found = catalogue.tags(HOME, [POLICY.exempt_tag])
    assert found[ORDERS] == {POLICY.exempt_tag: "2026-12-31"}
    assert all(TableRef.from_arn(table.arn) == table for table in found)


@pytest.mark.parametrize("name", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_a_sweep_goes_on_past_a_table_that_it_cannot_look_at(name: str) -> None:
    region = FakeRegion(tables={"a-table": OFF, name: OFF, "z-table": OFF})
    region.tagged[name] = {POLICY.exempt_tag: name}
    tallies = walk_to_the_end(region.audit())
    assert sum(tally.checked for tally in tallies) == 3
    assert {"a-table", "z-table"} <= {look.table.rpartition("/")[2] for look in region.looks}
