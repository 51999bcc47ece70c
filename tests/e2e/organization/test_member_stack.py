"""organization/member.yaml on accounts that no guardian knows: a bus stands in for its inbox."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.embedded_aws import Caller, EmbeddedAws, Json
from tests.e2e.guardian import fresh
from tests.e2e.organization.conftest import ELSEWHERE, HOME
from tests.e2e.organization.member import Member, policy
from tests.e2e.waiting import eventually

STACK = "stand-in"
_numbers = itertools.count()
INTO_MEMBERS = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Resource": "arn:aws:iam::*:role/PitrGuardianMember",
}


@dataclass
class StandIn:
    """A bus that is called like a guardian's inbox, and what arrived there."""

    aws: EmbeddedAws
    bus: str
    queue: str

    def seen(self) -> list[Json]:
        found = self.aws.client("sqs", HOME).receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def session(self, job: str, account: str | None = None, stack: str = STACK) -> Caller:
        """Credentials of a role with the path of a guardian's job, which may go into members."""
        owner = account or self.aws.account_id
        root = Caller(owner, "local")
        iam, name = self.aws.client("iam", HOME, root), fresh("job")
        role = iam.create_role(
            RoleName=name,
            Path=f"/pitr-guardian/{stack}/{HOME}/{job}/",
            AssumeRolePolicyDocument=policy(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{owner}:root"},
                    "Action": "sts:AssumeRole",
                }
            ),
        )["Role"]
        iam.put_role_policy(
            RoleName=name, PolicyName="members", PolicyDocument=policy(INTO_MEMBERS)
        )
        return assumed(self.aws, role["Arn"], root)


def assumed(aws: EmbeddedAws, role: str, caller: Caller) -> Caller:
    answer = aws.client("sts", HOME, caller).assume_role(RoleArn=role, RoleSessionName="job")
    found = answer["Credentials"]
    return Caller(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


@pytest.fixture(scope="module")
def inbox(aws: EmbeddedAws) -> StandIn:
    events, sqs = aws.client("events", HOME), aws.client("sqs", HOME)
    bus = events.create_event_bus(Name=f"{STACK}-inbox")["EventBusArn"]
    members = {
        "Sid": "Members",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-localcloud"}},
    }
    events.put_permission(EventBusName=f"{STACK}-inbox", Policy=policy(members))
    queue = sqs.create_queue(QueueName=fresh("stand-in"))["QueueUrl"]
    arn = f"arn:aws:sqs:{HOME}:{aws.account_id}:{queue.rpartition('/')[2]}"
    rule = {"Name": "all", "EventBusName": f"{STACK}-inbox"}
    events.put_rule(**rule, EventPattern='{"version": ["0"]}')
    events.put_targets(
        Rule="all", EventBusName=f"{STACK}-inbox", Targets=[{"Id": "queue", "Arn": arn}]
    )
    return StandIn(aws, bus, queue)


type Deploy = Callable[..., Member]


@pytest.fixture
def member(aws: EmbeddedAws, inbox: StandIn) -> Iterator[Deploy]:
    """Deploys the template to a new account of the organization, and removes it again."""
    deployed: list[tuple[Member, str]] = []

    def deploy(account: str = "", region: str = HOME, **parameters: str) -> Member:
        made = Member(aws, account or f"5{next(_numbers):011d}", region)
        if made.account != aws.account_id:
            aws.join(made.account, "of the test")
        given = {"main_region": HOME, **parameters}
        deployed.append((made, made.deploy(inbox.bus, given.pop("main_region"), **given)))
        return made

    yield deploy
    for made, stack in deployed:
        made.remove(stack)


def refused(call: Callable[..., Any], **parameters: Any) -> bool:
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False


@pytest.mark.parametrize("region", [HOME, ELSEWHERE])
def test_what_happens_to_tables_and_the_heartbeat_arrive(
    inbox: StandIn, member: Deploy, region: str
) -> None:
    here = member(region=region)
    table = here.create_table()

    def arrived() -> set[tuple[str, str, str]]:
        return {(each["account"], each["region"], each["detail-type"]) for each in inbox.seen()}

    born = (here.account, region, "AWS API Call via CloudTrail")
    eventually(lambda: born in arrived(), f"the birth of {table}")
    here.beat(inbox.bus)
    assert (here.account, region, "Scheduled Event") in arrived()
    [beat] = [each for each in inbox.seen() if each["source"] == "aws.events"][-1:]
    rule = f"arn:aws:events:{region}:{here.account}:rule/{STACK}-inbox-heartbeat"
    assert beat["resources"] == [rule]


def test_the_guardians_jobs_may_look_and_switch_and_no_more(inbox: StandIn, member: Deploy) -> None:
    here = member()
    table = here.create_table()
    job = assumed(inbox.aws, here.role_arn, inbox.session("enforce"))
    dynamodb = here.client("dynamodb", job)
    eventually(
        lambda: dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE",
        f"{table} is ACTIVE",
    )
    eventually(lambda: switched_on(here, table, job), f"{table} is protected by the guardian")
    assert here.pitr(table) == "ENABLED"
    assert dynamodb.list_tables()["TableNames"] == [table]
    assert refused(dynamodb.delete_table, TableName=table)
    assert refused(dynamodb.get_item, TableName=table, Key={"id": {"S": "1"}})
    assert refused(
        dynamodb.restore_table_to_point_in_time,
        SourceTableName=table,
        TargetTableName=f"{table}-copy",
        UseLatestRestorableTime=True,
    )


def switched_on(here: Member, table: str, job: Caller) -> bool:
    try:
        here.switch(table, on=True, days=35, caller=job)
    except here.client("dynamodb").exceptions.TableNotFoundException:
        return False  # for a moment after its birth
    except here.client("dynamodb").exceptions.ContinuousBackupsUnavailableException:
        return False
    return True


@pytest.mark.parametrize(
    ("parameters", "let_in"),
    [
        ({}, set()),
        ({"AllowRestores": "true"}, {"restore"}),
        ({"AllowUndo": "true"}, {"undo"}),
    ],
)
def test_only_jobs_that_are_allowed_are_let_in(
    inbox: StandIn, member: Deploy, parameters: dict[str, str], let_in: set[str]
) -> None:
    here = member(**parameters)

    def refuses(job: Caller) -> bool:
        return refused(assumed, aws=inbox.aws, role=here.role_arn, caller=job)

    jobs = ("enforce", "audit", "check-trail", "accept", "restore", "undo", "report")
    found = {job for job in jobs if not refuses(inbox.session(job))}
    assert found == {"enforce", "audit", "check-trail", "accept", *let_in}


def test_nobody_else_is_let_in(inbox: StandIn, member: Deploy) -> None:
    here, another = member(), member()
    of_another_stack = inbox.session("enforce", stack="somebody-elses")
    of_another_account = inbox.session("enforce", account=another.account)
    for caller in (of_another_stack, of_another_account, Caller(another.account, "local")):
        assert refused(assumed, aws=inbox.aws, role=here.role_arn, caller=caller)
    job = inbox.session("enforce")
    assumed(inbox.aws, here.role_arn, job)
    inbox.aws.leave(here.account)  # whoever left the organization is no member
    assert refused(assumed, aws=inbox.aws, role=here.role_arn, caller=job)


def test_its_tags_say_what_is_allowed(inbox: StandIn, member: Deploy) -> None:
    here = member(AllowRestores="true")
    job = assumed(inbox.aws, here.role_arn, inbox.session("accept"))
    iam = here.client("iam", job)
    tags = {
        each["Key"]: each["Value"]
        for each in iam.list_role_tags(RoleName="PitrGuardianMember")["Tags"]
        if not each["Key"].startswith("aws:")
    }
    assert tags == {"pitr-guardian:allow-restores": "true", "pitr-guardian:allow-undo": "false"}
    assert refused(iam.list_roles)


def test_a_further_region_and_the_guardians_own_account_get_no_role(
    inbox: StandIn, member: Deploy
) -> None:
    of_home = member(account=inbox.aws.account_id, region=ELSEWHERE, main_region=ELSEWHERE)
    further = member(region=ELSEWHERE)
    for here in (of_home, further):
        with pytest.raises(ClientError, match="NoSuchEntity"):
            here.client("iam").get_role(RoleName="PitrGuardianMember")
    of_home.beat(inbox.bus)
    assert (inbox.aws.account_id, ELSEWHERE) in {
        (each["account"], each["region"]) for each in inbox.seen()
    }


def test_whoever_is_in_no_organization_is_not_heard(
    inbox: StandIn, member: Deploy, stranger: Member
) -> None:
    stack = stranger.deploy(inbox.bus, HOME)
    stranger.beat(inbox.bus)
    assert stranger.account not in {each["account"] for each in inbox.seen()}
    stranger.remove(stack)
