"""Who sends a heartbeat is a member; whose it is, EventBridge says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.members.hearing import Hearing, UnreadableHeartbeatError, heartbeat_from
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
