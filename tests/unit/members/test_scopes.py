"""What is swept, and who is told to be silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from pitr_guardian.members.member import Member
from pitr_guardian.members.scopes import Scopes
from pitr_guardian.tables.reference import Home, Scope
from tests.fakes.clock import START, FakeClock
from tests.fakes.facts import FakeFacts
from tests.fakes.members import FakeMembers

ACCOUNT, MEMBER, REGION = "111111111111", "222222222222", "eu-west-1"
HOME = Home("aws", ACCOUNT, "eu-central-1")
OWN, FURTHER = Scope("aws", ACCOUNT, "eu-central-1"), Scope("aws", ACCOUNT, "eu-north-1")
THEIRS = Scope("aws", MEMBER, REGION)


@dataclass
class Guardian:
    members: FakeMembers = field(default_factory=FakeMembers)
    facts: FakeFacts = field(default_factory=FakeFacts)
    clock: FakeClock = field(default_factory=FakeClock)

    def heard(self, ago: timedelta, account: str = MEMBER, region: str = REGION) -> None:
        self.members.note_heard(account, region, self.clock.now - ago)

    def scopes(self, *regions: str, has_members: bool = True) -> list[Scope]:
        scopes = Scopes(self.members, has_members, self.facts, HOME, regions, self.clock)
        return list(scopes.all())


def test_without_members_the_own_regions_are_swept() -> None:
    assert Guardian().scopes("eu-north-1") == [OWN, FURTHER]


def test_who_was_heard_of_is_swept_too() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(minutes=10))
    assert guardian.scopes() == [OWN, THEIRS]


def test_a_region_that_is_named_and_heard_of_is_swept_once() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(minutes=10), ACCOUNT, "eu-north-1")
    assert guardian.scopes("eu-north-1", "eu-central-1") == [OWN, FURTHER]


def test_an_hour_without_heartbeats_tells_nothing_yet_and_three_do_once() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(0))
    for minutes in (70, 130, 179):
        guardian.clock.now = START + timedelta(minutes=minutes)
        guardian.scopes()
    assert guardian.facts.published == []
    for hours in (3, 4, 20):
        guardian.clock.now = START + timedelta(hours=hours)
        assert guardian.scopes() == [OWN, THEIRS], "who is silent is swept all the same"
    [(kind, detail)] = guardian.facts.told
    assert (kind, detail["severity"]) == ("Member Silent", "critical")
    assert (detail["account"], detail["region"]) == (MEMBER, REGION)
    assert detail["lastHeardAt"] == "2026-10-05T09:00:00.123Z"
    assert "2026-10-05 09:00:00 UTC" in detail["reason"]


def test_each_silence_is_told() -> None:
    guardian = Guardian()
    for _ in range(2):
        guardian.heard(timedelta(0))
        guardian.clock.advance(4 * 3600)
        guardian.scopes()
        guardian.scopes()
    assert guardian.facts.kinds == ["Member Silent", "Member Silent"]
    assert len(set(guardian.facts.ids)) == 2


def test_who_was_not_heard_of_for_a_week_is_forgotten() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(days=6, hours=23))
    assert THEIRS in guardian.scopes()
    guardian.clock.advance(3600)
    assert guardian.scopes() == [OWN]


def test_silence_that_could_not_be_remembered_is_told_under_the_same_id() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(hours=4))
    guardian.scopes()
    member = guardian.members.known[MEMBER, REGION]
    guardian.members.known[MEMBER, REGION] = Member(MEMBER, REGION, member.heard_at)
    guardian.scopes()
    assert len(guardian.facts.ids) == 2
    assert len(set(guardian.facts.ids)) == 1


def test_who_was_a_member_before_there_could_be_none_is_let_be() -> None:
    guardian = Guardian()
    guardian.heard(timedelta(hours=4))
    assert guardian.scopes(has_members=False) == [OWN]
    assert guardian.facts.published == []
