"""Where no trail records who switches PITR, somebody is told: once a day, and not too late."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.basics.errors import MemberClosedError, RefusedError, TryLaterError
from pitr_guardian.members.closed import ClosedDoors
from pitr_guardian.sweep.trail import (
    TrailCheck,
    Watch,
    select_switching,
)
from pitr_guardian.tables.reference import Place, Scope
from tests.fakes.clock import FakeClock
from tests.fakes.facts import FakeFacts
from tests.fakes.members import FakeMembers

REGION = "eu-west-1"
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
SCOPE = Scope("aws", "123456789012", REGION)
THEIRS = Scope("aws", "222222222222", REGION)


@dataclass
class FakeTrails:
    recording: bool | RefusedError = False
    asked: list[Place] = field(default_factory=list)

    def records_switching(self, place: Place) -> bool:
        self.asked.append(place)
        if isinstance(self.recording, RefusedError):
            raise self.recording
        return self.recording


@dataclass
class FakeWarnings:
    told: dict[Scope, datetime] = field(default_factory=dict)

    swept: dict[Scope, datetime | Exception] = field(default_factory=dict)

    def last_told(self, scope: Scope) -> datetime | None:
        return self.told.get(scope)

    def last_swept(self, scope: Scope) -> datetime | None:
        found = self.swept.get(scope)
        if isinstance(found, Exception):
            raise found
        return found

    def note_told(self, scope: Scope, at: datetime) -> None:
        self.told[scope] = at


@dataclass
class Case:
    trails: FakeTrails = field(default_factory=FakeTrails)
    warnings: FakeWarnings = field(default_factory=FakeWarnings)
    facts: FakeFacts = field(default_factory=FakeFacts)
    clock: FakeClock = field(default_factory=FakeClock)

    members: FakeMembers = field(default_factory=FakeMembers)

    def check(self, scope: Scope = SCOPE) -> Watch:
        closed = ClosedDoors(self.members, self.facts, self.clock)
        check = TrailCheck(self.trails, self.warnings, self.facts, closed, self.clock)
        return check.run(scope)


def test_a_region_with_a_trail_is_no_news() -> None:
    case = Case(FakeTrails(recording=True))
    assert case.check() == Watch(trail="recording")
    assert case.facts.published == []


def test_a_region_without_a_trail_is_told_of() -> None:
    case = Case()
    assert case.check() == Watch(trail="missing")
    [(kind, detail)] = case.facts.told
    assert kind == "Trail Missing"
    assert detail["severity"] == "critical"
    assert (detail["region"], detail["account"]) == (REGION, "123456789012")
    assert REGION in detail["reason"]
    assert "only the sweep protects" in detail["reason"]


def test_it_is_told_again_a_day_later_and_not_before() -> None:
    case = Case()
    for hours, told in ((0, 1), (1, 1), (22, 1), (2, 2), (23, 2), (2, 3)):
        case.clock.advance(3600 * hours)
        case.check()
        assert len(case.facts.published) == told
    assert len(set(case.facts.ids)) == 3


def test_a_trail_that_comes_and_goes_is_told_of_once_a_day_all_the_same() -> None:
    case = Case()
    for recording in (False, True, False, True, False):
        case.trails.recording = recording
        case.check()
    assert len(case.facts.published) == 1


def test_whoever_dies_before_noting_it_tells_the_same_again() -> None:
    case = Case()
    case.check()
    case.warnings.told.clear()
    case.check()
    assert len(set(case.facts.ids)) == 1


def test_what_could_not_be_read_is_not_missing() -> None:
    case = Case(FakeTrails(RefusedError("AccessDeniedException: not you")))
    assert case.check() == Watch(trail="unknown", error="AccessDeniedException: not you")
    assert case.facts.published == []


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": "management",
        "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *fields],
    }


@pytest.mark.parametrize(
    "selector",
    [
        {"ReadWriteType": "All", "IncludeManagementEvents": True},
        {"ReadWriteType": "WriteOnly", "ExcludeManagementEventSources": ["kms.amazonaws.com"]},
        advanced(),
        advanced({"Field": "readOnly", "Equals": ["false"]}),
        advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}),
        advanced({"Field": "eventName", "StartsWith": ["Update", "Create"]}),
        advanced({"Field": "eventName", "NotEndsWith": ["Tags"]}),
        advanced({"Field": "userIdentity.arn", "NotEquals": ["arn:aws:iam::1:role/robot"]}),
    ],
)
def test_selectors_that_let_the_switching_of_pitr_through(selector: dict[str, Any]) -> None:
    assert select_switching([{"ReadWriteType": "ReadOnly"}, selector])


@pytest.mark.parametrize(
    "selector",
    [
        {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},
        {"ReadWriteType": "All", "IncludeManagementEvents": False},
        {"ExcludeManagementEventSources": ["dynamodb.amazonaws.com"]},
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]},
        advanced({"Field": "readOnly", "Equals": ["true"]}),
        advanced({"Field": "eventSource", "NotEquals": ["dynamodb.amazonaws.com"]}),
        advanced({"Field": "eventSource", "NotStartsWith": ["dynamodb"]}),
        advanced({"Field": "eventName", "Equals": ["CreateTable"]}),
        advanced({"Field": "eventName", "EndsWith": ["Table"]}),
        advanced({"Field": "userIdentity.arn", "Equals": ["arn:aws:iam::1:user/alice"]}),
    ],
)
def test_selectors_that_keep_it_out(selector: dict[str, Any]) -> None:
    assert not select_switching([selector])


def test_no_selectors_let_nothing_through() -> None:
    assert not select_switching([])


def test_each_scope_is_told_of_by_itself() -> None:
    case = Case()
    for scope in (SCOPE, THEIRS, SCOPE):
        case.check(scope)
    told = [(detail["account"], detail["region"]) for _, detail in case.facts.told]
    assert told == [("123456789012", REGION), ("222222222222", REGION)]
    assert case.trails.asked == [SCOPE, THEIRS, SCOPE]


def test_an_account_that_lets_nobody_in_is_told_once_for_all_its_regions() -> None:
    case = Case(FakeTrails(MemberClosedError("222222222222", "it is closed")))
    for region in ("eu-west-1", "us-east-1"):
        watch = case.check(replace(THEIRS, region=region))
        assert watch == Watch(trail="unknown", error="it is closed")
    assert case.facts.kinds == ["Member Closed"]


def test_when_the_last_sweep_began_is_recalled_and_not_to_know_it_stops_nothing() -> None:
    case = Case(FakeTrails(recording=True))
    assert case.check().last_swept_at is None
    case.warnings.swept[SCOPE] = NOON
    assert case.check() == Watch(trail="recording", last_swept_at=NOON)
    case.warnings.swept[SCOPE] = TryLaterError("the ledger is away")
    assert case.check() == Watch(trail="recording")


def test_an_account_that_lets_the_guardian_in_again_is_told_at_once_when_it_shuts() -> None:
    shut = MemberClosedError("222222222222", "it is closed")
    case = Case(FakeTrails(shut))
    case.check(THEIRS)
    case.trails.recording = True
    case.check(THEIRS)
    assert case.members.closed == {}
    case.trails.recording = shut
    case.clock.advance(3600)
    case.check(THEIRS)
    assert case.facts.kinds == ["Member Closed", "Member Closed"]
    assert len(set(case.facts.ids)) == 2
