"""Heartbeats: who sends one is a member from then on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from pitr_guardian.basics.instants import Clock, Instant, iso, spoken
from pitr_guardian.facts.facts import Fact, MemberHeardAgain, MemberJoined, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.members.member import SILENT_AFTER, Member
from pitr_guardian.members.ports import Register
from pitr_guardian.tables.reference import Home

_RULE = re.compile(r"arn:[a-z-]+:events:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):rule/")


class UnreadableHeartbeatError(ValueError):
    """What came isn't a heartbeat; the text says what is wrong with it."""


class Heartbeat(BaseModel):
    """EventBridge's event of a rule that goes by the clock, as far as it is read.

    Source: EventBridge user guide, "Scheduled Event". Account, region and time are EventBridge's
    own words, and those of an event that it forwarded from another account are that account's.
    """

    source: Literal["aws.events"]
    detail_type: Literal["Scheduled Event"] = Field(alias="detail-type")
    account: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$")]
    time: Instant
    resources: list[str]


def heartbeat_from(event: Mapping[str, Any]) -> Heartbeat:
    """Read a heartbeat.

    Raises:
        UnreadableHeartbeatError: it isn't one.
    """
    try:
        heartbeat = Heartbeat.model_validate(event)
    except ValidationError as problem:
        raise UnreadableHeartbeatError(str(problem)) from problem
    for rule in heartbeat.resources:
        found = _RULE.match(rule)
        if found and (found["account"], found["region"]) == (heartbeat.account, heartbeat.region):
            return heartbeat
    raise UnreadableHeartbeatError(
        f"resources: {heartbeat.resources!r:.300} has no rule of {heartbeat.account} in "
        f"{heartbeat.region}"
    )


@dataclass(frozen=True, slots=True)
class Hearing:
    """Takes heartbeats."""

    register: Register
    facts: Facts
    home: Home
    clock: Clock

    def hear(self, heartbeat: Heartbeat) -> None:
        """Take a heartbeat; doing it again tells nothing twice.

        The stack's own region is no member: it is looked after without any heartbeat.

        Raises:
            TryLaterError: it can't be told, or remembered, now.
        """
        account, region = heartbeat.account, heartbeat.region
        if (account, region) == (self.home.account, self.home.region):
            return
        now = self.clock()
        at = min(heartbeat.time, now)
        before = self.register.member(account, region)
        told: Fact | None = None
        if before is None:
            told = _joined(account, region, at, now)
        elif before.silence_told and at > before.heard_at and not _is_old(at, now):
            told = _heard_again(before, now)
        # Told first and noted then: dying in between means to tell again, under the same id.
        if told is not None:
            self.facts.publish(told)
            self.register.keep(told)
        self.register.note_heard(account, region, at, ends_silence=not _is_old(at, now))


def _is_old(at: datetime, now: datetime) -> bool:
    """Whether a heartbeat was so long on its way that it says nothing of now."""
    return now - at >= SILENT_AFTER


def _joined(account: str, region: str, first: datetime, now: datetime) -> MemberJoined:
    return MemberJoined(
        id=fact_id(account, region, "member-joined", iso(first)),
        time=now,
        severity=severity_of("Member Joined"),
        reason=f"Account {account} is a member in {region} from now on: its tables there are "
        "looked after.",
        account=account,
        region=region,
    )


def _heard_again(silent: Member, now: datetime) -> MemberHeardAgain:
    account, region = silent.account, silent.region
    return MemberHeardAgain(
        id=fact_id(account, region, "heard-again", iso(silent.heard_at)),
        time=now,
        severity=severity_of("Member Heard Again"),
        reason=f"Account {account} is heard again in {region}, for the first time since "
        f"{spoken(silent.heard_at)}: its tables there are protected in real time again.",
        account=account,
        region=region,
        last_heard_at=silent.heard_at,
        seconds=(now - silent.heard_at).total_seconds(),
    )
