"""What the story plays on: the embedded AWS, the deployed stack, and who is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localcloud import LocalCloud
from localcloud.deploy import (
    Stack,
    deploy,
)
from localcloud.stack_resources import stack_resources

from .catalog import TABLE
from .inbox import Inbox
from .narration import Narrator
from .waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

POLL_SECONDS = 2
"""`RestorePollSeconds`: the template's default of 20 is meant for restores that take minutes."""


@dataclass(frozen=True)
class World:
    """The account after the stack was deployed."""

    cloud: LocalCloud
    stack: Stack
    inbox: Inbox
    dynamodb: DynamoDBClient

    @classmethod
    def build(cls, cloud: LocalCloud) -> World:
        """Deploy the stack with the SAM CLI and subscribe to its alerts.

        Raises:
            DeploymentFailedError: with what SAM and CloudFormation said.
        """
        parameters = {"RestorePollSeconds": str(POLL_SECONDS), "UndoTablePattern": TABLE}
        stack = deploy(cloud, parameters=parameters)
        topic = stack.outputs["AlertTopicArn"]
        inbox = Inbox.subscribe(cloud.client("sqs"), cloud.client("sns"), topic)
        return cls(cloud, stack, inbox, cloud.client("dynamodb"))

    def table(self, name: str) -> Table:
        """A table whose items are plain Python values."""
        table: Table = self.cloud.session().resource("dynamodb").Table(name)
        return table

    def items(self, name: str) -> list[dict[str, Any]]:
        return list(self.table(name).scan(ConsistentRead=True)["Items"])

    def resources(self) -> int:
        """How many resources the stack has."""
        found = stack_resources(self.cloud.client("cloudformation"), self.stack.name)
        return sum(each["ResourceType"] != "AWS::CloudFormation::Stack" for each in found)

    def describe(self, name: str) -> TableDescriptionTypeDef | None:
        """A table's description; None where there is no such table."""
        try:
            return self.dynamodb.describe_table(TableName=name)["Table"]
        except self.dynamodb.exceptions.ResourceNotFoundException:
            return None

    def queued(self) -> dict[str, int]:
        """How many messages each queue of the stack holds, in flight or delayed ones too."""
        sqs, kinds = self.cloud.client("sqs"), ("", "NotVisible", "Delayed")
        held = {}
        for url in sqs.list_queues(QueueNamePrefix=f"{self.stack.name}-")["QueueUrls"]:
            about = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            name = url.rpartition("/")[2].removeprefix(f"{self.stack.name}-")
            held[name] = sum(int(about[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)
        return held

    def calm_down(self, tell: Narrator, within: float) -> None:
        """Return when the guardian has nothing left to look at.

        Raises:
            DeadlineError: it has.
        """
        with tell.waiting("waiting for the guardian to have nothing left to do"):
            wait_for(
                "the queue of tables to look at to be empty",
                self.queued,
                lambda queued: queued["enforcement"] == 0,
                within,
            )

    def errors_logged(self, most: int = 5) -> list[str]:
        """The last errors in the log groups of the stack's functions."""
        logs = self.cloud.client("logs")
        prefix = f"/aws/lambda/{self.stack.name}-"
        groups = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
        events = [
            event
            for group in groups
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            if "ERROR" in event["message"]
        ]
        events.sort(key=lambda event: event["timestamp"])
        return [event["message"].strip()[:1000] for event in events[-most:]]


@dataclass(frozen=True)
class Intern:
    """An IAM user with a key of its own, and more rights on the table than is wise."""

    arn: str
    dynamodb: DynamoDBClient
    table: Table


_RIGHTS = ("UpdateContinuousBackups", "PutItem", "UpdateItem", "BatchWriteItem")


def hire_intern(cloud: LocalCloud) -> Intern:
    """Create the user, its policy and its access key."""
    iam = cloud.client("iam")
    arn = iam.create_user(UserName="intern")["User"]["Arn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": [f"dynamodb:{right}" for right in _RIGHTS],
            "Resource": f"arn:aws:dynamodb:*:{cloud.account_id}:table/{TABLE}",
        },
    }
    iam.put_user_policy(
        UserName="intern", PolicyName="catalogue", PolicyDocument=json.dumps(policy)
    )
    key = iam.create_access_key(UserName="intern")["AccessKey"]
    session = cloud.session(access_key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    return Intern(arn, session.client("dynamodb"), session.resource("dynamodb").Table(TABLE))
