"""Who sends a heartbeat is a member; whose it is, EventBridge says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.members.hearing import Hearing, UnreadableHeartbeatError, heartbeat_from
from pitr_guardian.members.scopes import Scopes
from pitr_guardian.tables.reference import Home
from tests.fakes.clock import START, FakeClock
from tests.fakes.facts import FakeFacts
from tests.fakes.members import FakeMembers

ACCOUNT, MEMBER, REGION = "111111111111", "222222222222", "eu-west-1"
HOME = Home("aws", ACCOUNT, "eu-central-1")
RULE = "rule/pitr-guardian-inbox-heartbeat"


def event(account: str = MEMBER, region: str = REGION, **others: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": iso(START),
        "region": region,
        "resources": [f"arn:aws:events:{region}:{account}:{RULE}"],
        "detail": {},
    } | others


@dataclass
class Guardian:
    members: FakeMembers = field(default_factory=FakeMembers)
    facts: FakeFacts = field(default_factory=FakeFacts)
    clock: FakeClock = field(default_factory=FakeClock)

    def hear(self, heartbeat: dict[str, Any]) -> None:
        Hearing(self.members, self.facts, HOME, self.clock).hear(heartbeat_from(heartbeat))


def test_the_first_heartbeat_makes_a_member_and_is_told_once() -> None:
    guardian = Guardian()
    for hours in range(3):
        time = START + timedelta(hours=hours)
        guardian.clock.now = time + timedelta(seconds=1)
        guardian.hear(event(time=iso(time)))
    [(kind, detail)] = guardian.facts.told
    assert kind == "Member Joined"
    assert (detail["account"], detail["region"], detail["severity"]) == (MEMBER, REGION, "info")
    assert MEMBER in detail["reason"]
    [member] = guardian.members.members()
    assert member.heard_at == START.replace(microsecond=123000) + timedelta(hours=2)


def test_each_region_of_an_account_is_a_member() -> None:
    guardian = Guardian()
    for region in (REGION, "us-east-1"):
        guardian.hear(event(region=region))
    guardian.hear(event(account=ACCOUNT, region=REGION))
    assert [(each.account, each.region) for each in guardian.members.members()] == [
        (ACCOUNT, REGION),
        (MEMBER, REGION),
        (MEMBER, "us-east-1"),
    ]


def test_the_stacks_own_region_is_no_member() -> None:
    guardian = Guardian()
    guardian.hear(event(account=ACCOUNT, region=HOME.region))
    assert guardian.members.members() == []
    assert guardian.facts.published == []


def test_a_late_heartbeat_makes_nobody_older() -> None:
    guardian = Guardian()
    guardian.clock.advance(10_000)
    guardian.hear(event(time=iso(START + timedelta(hours=2))))
    guardian.hear(event(time=iso(START)))
    [member] = guardian.members.members()
    assert member.heard_at > START + timedelta(hours=1)


def silent(guardian: Guardian, hours: float = 4) -> None:
    """Let a member be heard, be silent for so long, and let that be told by a sweep."""
    guardian.hear(event(time=iso(guardian.clock.now)))
    guardian.clock.advance(hours * 3600)
    Scopes(guardian.members, True, guardian.facts, HOME, (), guardian.clock).all()


def test_who_was_told_to_be_silent_is_told_to_be_heard_again_once() -> None:
    guardian = Guardian()
    silent(guardian)
    for _ in range(3):
        guardian.hear(event(time=iso(guardian.clock.now)))
        guardian.clock.advance(3600)
    assert guardian.facts.kinds == ["Member Joined", "Member Silent", "Member Heard Again"]
    _, detail = guardian.facts.told[-1]
    assert (detail["account"], detail["region"], detail["severity"]) == (MEMBER, REGION, "info")
    assert detail["lastHeardAt"] == "2026-10-05T09:00:00.123Z"
    assert round(detail["seconds"]) == 4 * 3600
    assert "since 2026-10-05 09:00:00 UTC" in detail["reason"]
    assert list(guardian.members.kept) == guardian.facts.ids


def test_a_heartbeat_that_is_delivered_twice_tells_it_once() -> None:
    guardian = Guardian()
    silent(guardian)
    for _ in range(2):
        guardian.hear(event(time=iso(guardian.clock.now)))
    assert guardian.facts.kinds.count("Member Heard Again") == 1


def test_a_silence_that_nobody_was_told_of_ends_untold() -> None:
    guardian = Guardian()
    guardian.hear(event(time=iso(START)))
    guardian.clock.advance(5 * 3600)
    guardian.hear(event(time=iso(guardian.clock.now)))
    assert guardian.facts.kinds == ["Member Joined"]


def test_a_heartbeat_that_was_hours_on_its_way_ends_no_silence() -> None:
    guardian = Guardian()
    silent(guardian, hours=5)
    guardian.hear(event(time=iso(START + timedelta(hours=1))))
    Scopes(guardian.members, True, guardian.facts, HOME, (), guardian.clock).all()
    assert guardian.facts.kinds == ["Member Joined", "Member Silent"]
    guardian.hear(event(time=iso(guardian.clock.now)))
    assert guardian.facts.kinds[2:] == ["Member Heard Again"]


def test_each_silence_has_its_end() -> None:
    guardian = Guardian()
    for _ in range(2):
        silent(guardian)
        guardian.hear(event(time=iso(guardian.clock.now)))
        guardian.clock.advance(1)
    kinds = ["Member Silent", "Member Heard Again"]
    assert guardian.facts.kinds == ["Member Joined", *kinds, *kinds]
    assert len(set(guardian.facts.ids)) == 5


def test_who_dies_before_it_is_noted_tells_it_again_under_the_same_id() -> None:
    guardian = Guardian()
    silent(guardian)
    before = dict(guardian.members.known)
    guardian.hear(event(time=iso(guardian.clock.now)))
    guardian.members.known = before
    guardian.clock.advance(60)
    guardian.hear(event(time=iso(guardian.clock.now)))
    assert guardian.facts.kinds[-2:] == ["Member Heard Again"] * 2
    assert len(set(guardian.facts.ids)) == 3
    assert len(guardian.members.kept) == 3


def test_a_heartbeat_of_tomorrow_counts_as_one_of_now() -> None:
    guardian = Guardian()
    guardian.hear(event(time=iso(START + timedelta(days=400))))
    [member] = guardian.members.members()
    assert member.heard_at <= guardian.clock.now


@pytest.mark.parametrize(
    ("others", "complaint"),
    [
        ({"source": "somebody"}, "source"),
        ({"detail-type": "Heartbeat"}, "detail-type"),
        ({"account": "everybody"}, "account"),
        ({"region": "Frankfurt"}, "region"),
        ({"time": "soon"}, "time"),
        ({"resources": []}, "resources"),
        ({"resources": [f"arn:aws:events:{REGION}:333333333333:{RULE}"]}, "resources"),
        ({"resources": [f"arn:aws:events:us-east-1:{MEMBER}:{RULE}"]}, "resources"),
    ],
)
def test_what_is_no_heartbeat_of_its_account_is_refused(
    others: dict[str, Any], complaint: str
) -> None:
    guardian = Guardian()
    with pytest.raises(UnreadableHeartbeatError, match=complaint):
        guardian.hear(event(**others))
    assert guardian.members.members() == []
