"""Rules whose target is a bus elsewhere: who may, and what arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import ELSEWHERE, HOME, NUMBERS, Account

BUS = "inbox"
PATTERN = json.dumps({"source": ["aws.dynamodb"]})


class Hub:
    """An account with a bus whose events end on a queue."""

    def __init__(self, account: Account, *statements: dict[str, Any]) -> None:
        self.account = account
        self._sqs = account.client("sqs")
        events = account.client("events")
        self.bus: str = events.create_event_bus(Name=BUS)["EventBusArn"]
        self.queue = self._sqs.create_queue(QueueName="seen")["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:{HOME}:{account.account_id}:seen"
        events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"version": ["0"]}')
        target = {"Id": "queue", "Arn": self.queue_arn}
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])
        if statements:
            self.allow(*statements)

    def allow(self, *statements: dict[str, Any]) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.account.client("events").put_permission(EventBusName=BUS, Policy=policy)

    def leave(self, **conditions: Any) -> dict[str, Any]:
        """A statement that lets anybody in who meets these conditions."""
        return {
            "Sid": "Members",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "events:PutEvents",
            "Resource": self.bus,
            "Condition": conditions,
        }

    def seen(self) -> list[dict[str, Any]]:
        messages = self._sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in messages.get("Messages", [])]


def forward(member: Account, hub: Hub, region: str = HOME, **role: Any) -> None:
    """Let the member's DynamoDB events, and what is scheduled, go to the hub."""
    events = member.client("events", region)
    events.put_rule(Name="forward", EventPattern=PATTERN)
    events.put_rule(Name="heartbeat", ScheduleExpression="rate(1 hour)")
    arn = forwarder(member, hub, **role)
    for rule in ("forward", "heartbeat"):
        target = {"Id": "inbox", "Arn": hub.bus, "RoleArn": arn}
        events.put_targets(Rule=rule, Targets=[target])


def forwarder(
    member: Account, hub: Hub, *, may: str = "events:PutEvents", trusts: str = "events"
) -> str:
    """ARN of a role that a service may assume, for this account's rules only."""
    iam, name = member.client("iam"), f"forwarder-{next(NUMBERS)}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{trusts}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": member.account_id}},
    }
    allow = {"Effect": "Allow", "Action": may, "Resource": hub.bus}
    document, policy = (
        json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for statement in (trust, allow)
    )
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName=name, PolicyName="forward", PolicyDocument=policy)
    arn: str = created["Role"]["Arn"]
    return arn


def happens(member: Account, region: str = HOME) -> None:
    """An event of DynamoDB, which has been on its bus."""
    before = len(member.records())
    dynamodb = member.client("dynamodb", region)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName="nothing")
    member.cloud.trail.wait_for(lambda _: len(member.records()) > before)


def in_organization(hub: Hub, *sources: str) -> dict[str, Any]:
    listed = list(sources or ("aws.dynamodb", "aws.events"))
    return hub.leave(
        **{
            "StringEquals": {"aws:PrincipalOrgID": hub.account.cloud.organization.id},
            "ForAllValues:StringEquals": {"events:source": listed},
            "Null": {"events:source": "false"},
        }
    )


@pytest.fixture
def hub(aws: Account) -> Hub:
    aws.cloud.organization.join(aws.account_id)
    return Hub(aws)


@pytest.fixture
def member(cloud: LocalCloud) -> Iterator[Account]:
    account = Account(cloud, f"{next(NUMBERS):012d}")
    cloud.organization.join(account.account_id)
    yield account
    cloud.organization.leave(account.account_id)


@pytest.mark.parametrize("region", [HOME, ELSEWHERE])
def test_an_event_arrives_as_it_was_in_its_own_account(
    hub: Hub, member: Account, region: str
) -> None:
    hub.allow(in_organization(hub))
    forward(member, hub, region)
    happens(member, region)
    [event] = hub.seen()
    assert (event["account"], event["region"]) == (member.account_id, region)
    assert (event["source"], event["detail-type"]) == (
        "aws.dynamodb",
        "AWS API Call via CloudTrail",
    )
    assert event["detail"] == member.records()[-1]


def test_a_bus_of_another_region_of_the_own_account_asks_the_role_alone(aws: Account) -> None:
    hub = Hub(aws)
    forward(aws, hub, ELSEWHERE)
    happens(aws, ELSEWHERE)
    [event] = hub.seen()
    assert (event["account"], event["region"]) == (aws.account_id, ELSEWHERE)


def test_another_account_needs_the_buss_leave(hub: Hub, member: Account) -> None:
    forward(member, hub)
    happens(member)
    assert hub.seen() == []


def test_whoever_leaves_the_organization_is_heard_no_more(hub: Hub, member: Account) -> None:
    hub.allow(in_organization(hub))
    forward(member, hub)
    member.cloud.organization.leave(member.account_id)
    happens(member)
    assert hub.seen() == []


def test_leave_may_be_for_some_sources(hub: Hub, member: Account) -> None:
    hub.allow(in_organization(hub, "aws.events"))
    forward(member, hub)
    happens(member)
    assert hub.seen() == []
    member.cloud.fire_rule("heartbeat", account=member.account_id, region=HOME)
    assert [event["source"] for event in hub.seen()] == ["aws.events"]


@pytest.mark.parametrize("lacking", [{"may": "events:PutRule"}, {"trusts": "lambda"}])
def test_the_targets_role_must_be_allowed_and_let_itself_be_assumed(
    hub: Hub, member: Account, lacking: dict[str, str]
) -> None:
    hub.allow(in_organization(hub))
    forward(member, hub, **lacking)
    before = len(member.cloud.refusals.so_far())
    happens(member)
    assert hub.seen() == []
    assert len(member.cloud.refusals.so_far()) == before + 1


def test_a_rule_without_a_role_is_refused(hub: Hub, member: Account) -> None:
    events = member.client("events")
    events.put_rule(Name="forward", EventPattern=PATTERN)
    with pytest.raises(events.exceptions.ClientError, match="RoleArn is required"):
        events.put_targets(Rule="forward", Targets=[{"Id": "inbox", "Arn": hub.bus}])


def test_a_forwarded_event_goes_no_further(hub: Hub, member: Account, cloud: LocalCloud) -> None:
    third = Account(cloud, f"{next(NUMBERS):012d}")
    cloud.organization.join(third.account_id)
    end = Hub(third)
    end.allow(in_organization(end))
    hub.allow(in_organization(hub))
    forward(member, hub)
    events = hub.account.client("events")
    events.put_rule(Name="on", EventBusName=BUS, EventPattern=PATTERN)
    target = {"Id": "third", "Arn": end.bus, "RoleArn": forwarder(hub.account, end)}
    events.put_targets(Rule="on", EventBusName=BUS, Targets=[target])
    happens(member)
    assert len(hub.seen()) == 1
    assert end.seen() == []


def test_a_scheduled_rule_fires_when_it_shall(hub: Hub, member: Account) -> None:
    hub.allow(in_organization(hub))
    forward(member, hub, ELSEWHERE)
    member.cloud.fire_rule("heartbeat", account=member.account_id, region=ELSEWHERE)
    [event] = hub.seen()
    assert (event["source"], event["detail-type"], event["detail"]) == (
        "aws.events",
        "Scheduled Event",
        {},
    )
    assert (event["account"], event["region"]) == (member.account_id, ELSEWHERE)
    rule = f"arn:aws:events:{ELSEWHERE}:{member.account_id}:rule/heartbeat"
    assert event["resources"] == [rule]


def test_only_rules_on_a_schedule_that_are_enabled_fire(hub: Hub, member: Account) -> None:
    forward(member, hub)
    member.client("events").disable_rule(Name="heartbeat")
    for name in ("forward", "heartbeat", "nothing"):
        with pytest.raises(LookupError):
            member.cloud.fire_rule(name, account=member.account_id, region=HOME)


@pytest.mark.parametrize("source", ["aws.dynamodb", "aws.events"])
def test_nobody_puts_events_in_the_name_of_aws(hub: Hub, member: Account, source: str) -> None:
    hub.allow(in_organization(hub))
    entry = {"EventBusName": hub.bus, "Source": source, "DetailType": "Noted", "Detail": "{}"}
    answer = member.client("events").put_events(Entries=[entry])
    assert [each["ErrorCode"] for each in answer["Entries"]] == ["NotAuthorizedForSourceException"]
    assert hub.seen() == []
