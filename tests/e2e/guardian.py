"""A deployed stack, and what a test does around it, in few words."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.deploy import Stack
from localcloud.stack_resources import physical_id
from tests.e2e.embedded_aws import Caller, EmbeddedAws, Json
from tests.e2e.waiting import PATIENCE_SECONDS, eventually, pause

DESCRIBE = "DescribeContinuousBackups"
UPDATE = "UpdateContinuousBackups"

_QUIET_SECONDS = 5.0

_numbers = itertools.count(1)


def fresh(prefix: str) -> str:
    """A name that nothing else in this run has."""
    return f"{prefix}-{next(_numbers)}"


@dataclass(frozen=True)
class Fact:
    """A fact as a subscriber of the fact bus gets it."""

    detail_type: str
    source: str
    detail: Json

    def __getitem__(self, key: str) -> Any:
        return self.detail[key]


@dataclass
class Guardian:
    """One stack on the embedded AWS, with a queue that collects its facts."""

    aws: EmbeddedAws
    stack: Stack
    _collected: list[Fact] = field(default_factory=list)
    _fact_queue: str = ""

    def __post_init__(self) -> None:
        self._fact_queue = self.new_queue("events.amazonaws.com")
        events, bus = self.client("events"), self.stack.outputs["FactBusName"]
        # Named after its queue: whoever else watches the same stack has another.
        of_its_own = self._fact_queue.rpartition("/")[2]
        rule = {"Name": f"facts-for-{of_its_own}", "EventBusName": bus}
        events.put_rule(**rule, EventPattern='{"source": ["pitr-guardian"]}')
        events.put_targets(
            Rule=rule["Name"],
            EventBusName=bus,
            Targets=[{"Id": "queue", "Arn": self.queue_arn(self._fact_queue)}],
        )

    # -- AWS ----------------------------------------------------------------------------------

    def client(self, service: str, region: str | None = None, caller: Caller | None = None) -> Any:
        return self.aws.client(service, region or self.stack.region, caller)

    def arn(self, table: str, region: str | None = None) -> str:
        place = f"{region or self.stack.region}:{self.aws.account_id}"
        return f"arn:aws:dynamodb:{place}:table/{table}"

    def user(self, *actions: str) -> Caller:
        """A new IAM user with an access key of its own, who may do that to every table."""
        iam, name = self.client("iam"), fresh("user")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        iam.put_user_policy(UserName=name, PolicyName="of-the-test", PolicyDocument=_may(*actions))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Caller(key["AccessKeyId"], key["SecretAccessKey"], arn=arn)

    def session(self, *actions: str, role: str | None = None) -> Caller:
        """A session of a new role, of this name or any, which may do that to every table."""
        iam, name = self.client("iam"), role or fresh("role")
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.aws.account_id}:root"},
            "Action": "sts:AssumeRole",
        }
        created = iam.create_role(
            RoleName=name, Path="/ci/", AssumeRolePolicyDocument=_policy(trust)
        )["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="of-the-test", PolicyDocument=_may(*actions))
        assumed = self.client("sts").assume_role(
            RoleArn=created["Arn"], RoleSessionName="deployment"
        )
        credentials = assumed["Credentials"]
        return Caller(
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials["SessionToken"],
            assumed["AssumedRoleUser"]["Arn"],
        )

    # -- tables -------------------------------------------------------------------------------

    def create_table(
        self, prefix: str = "Orders", caller: Caller | None = None, **more: Any
    ) -> str:
        """Create a table with the key `id`, and return its name; it is CREATING for a moment."""
        name = fresh(prefix)
        self.client("dynamodb", caller=caller).create_table(
            **{
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                **more,
            }
        )
        return name

    def protected_table(self, prefix: str = "Orders", **more: Any) -> str:
        """A new table that the guardian has protected, and said so."""
        name = self.create_table(prefix, **more)
        self.fact(name, "Table Protected")
        self.settle()
        return name

    def protected_tables(self, count: int) -> list[str]:
        """So many of them, in the time that one takes."""
        names = [self.create_table() for _ in range(count)]
        for name in names:
            self.fact(name, "Table Protected")
        self.settle()
        return names

    def own_period(self, table: str, days: int) -> None:
        """Name the table's period, as its owner does soon after its birth."""
        self.switch(table, on=True, days=days)
        self.settle()

    def switch(
        self, table: str, *, on: bool, days: int | None = None, caller: Caller | None = None
    ) -> None:
        specification: Json = {"PointInTimeRecoveryEnabled": on}
        if days:
            specification["RecoveryPeriodInDays"] = days
        self.client("dynamodb", caller=caller).update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=specification
        )

    def pitr(self, table: str, region: str | None = None) -> Json:
        answer = self.client("dynamodb", region).describe_continuous_backups(TableName=table)
        switch: Json = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return switch

    def period(self, table: str, region: str | None = None) -> int | None:
        """The recovery period in days; None while PITR is off."""
        days: int | None = self.pitr(table, region).get("RecoveryPeriodInDays")
        return days

    # -- facts --------------------------------------------------------------------------------

    def facts(self, table: str) -> list[Fact]:
        """What was told of a table so far (of a restore: of its source), oldest first."""
        return [
            fact
            for fact in self._all_facts()
            if (fact.detail.get("table") or {}).get("name") == table
        ]

    def facts_of_kind(self, detail_type: str) -> list[Fact]:
        """What was told so far of this kind, whatever it is about, oldest first."""
        return [fact for fact in self._all_facts() if fact.detail_type == detail_type]

    def _all_facts(self) -> list[Fact]:
        while taken := self.take(self._fact_queue):
            for message in taken:
                event = json.loads(message["Body"])
                self._collected.append(Fact(event["detail-type"], event["source"], event["detail"]))
        return self._collected

    def fact(self, table: str, detail_type: str, within: float = PATIENCE_SECONDS) -> Fact:
        """The newest fact of that kind about a table; waits until there is one."""

        def newest() -> Fact | None:
            found = [fact for fact in self.facts(table) if fact.detail_type == detail_type]
            return found[-1] if found else None

        return eventually(newest, f"{detail_type} of {table}", within)

    def told(self, table: str) -> list[str]:
        """The kinds of all facts about a table, once nothing more can come."""
        self.settle()
        return [fact.detail_type for fact in self.facts(table)]

    def settle(self, within: float = PATIENCE_SECONDS) -> None:
        """Return when everything that was done has been seen and acted on.

        A look at a table that went away right after its birth is put back for a quarter of an
        hour. Where nothing else is on the queue for some seconds, such looks are not waited for.
        """
        self.aws.await_trail()
        begin = time.monotonic()
        quiet_from = math.inf
        while (backlog := self.backlog()) and time.monotonic() < quiet_from + _QUIET_SECONDS:
            waited = time.monotonic() - begin
            if waited > within:
                raise AssertionError(f"{backlog} on the enforcement queue after {within:.0f} s")
            put_back_only = backlog.keys() == {"Delayed"}
            quiet_from = min(quiet_from, time.monotonic()) if put_back_only else math.inf
            pause(waited)

    def backlog(self) -> dict[str, int]:
        """Messages on the enforcement queue, by what they do there; empty where there are none."""
        attributes = self.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["EnforcementQueueUrl"],
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesDelayed",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return {
            name.removeprefix("ApproximateNumberOfMessages"): int(count)
            for name, count in attributes.items()
            if int(count)
        }

    # -- queues -------------------------------------------------------------------------------

    def new_queue(self, sender: str) -> str:
        """URL of a new queue that a service may send to."""
        sqs = self.client("sqs")
        url: str = sqs.create_queue(QueueName=fresh("queue"))["QueueUrl"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": sender},
            "Action": "sqs:SendMessage",
            "Resource": self.queue_arn(url),
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(allow)})
        return url

    def queue_arn(self, url: str) -> str:
        return f"arn:aws:sqs:{self.stack.region}:{self.aws.account_id}:{url.rpartition('/')[2]}"

    def take(self, queue: str) -> list[Json]:
        """Take the messages that wait on a queue now, off it."""
        sqs = self.client("sqs")
        messages: list[Json] = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        if messages:
            sqs.delete_message_batch(
                QueueUrl=queue,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages)
                ],
            )
        return messages

    def subscribe(self, **attributes: str) -> str:
        """URL of a new queue that is subscribed to the alert topic."""
        queue = self.new_queue("sns.amazonaws.com")
        self.client("sns").subscribe(
            TopicArn=self.stack.outputs["AlertTopicArn"],
            Protocol="sqs",
            Endpoint=self.queue_arn(queue),
            Attributes=attributes,
        )
        return queue

    def forget_floods(self) -> None:
        """Let the next alerts be the first of their kind: tests make more than people do."""
        dynamodb, ledger = self.client("dynamodb"), self.stack.outputs["LedgerTableName"]
        pages = dynamodb.get_paginator("scan").paginate(TableName=ledger)
        for item in [item for page in pages for item in page["Items"]]:
            if item["pk"]["S"].startswith("alerts#") and item["sk"]["S"] == "flow":
                key = {"pk": item["pk"], "sk": item["sk"]}
                dynamodb.delete_item(TableName=ledger, Key=key)

    def digests_are_due(self) -> None:
        """Let the ten minutes be over for which digests wait."""
        self.aws.run_out(self.physical_id("DigestQueue"))

    @contextlib.contextmanager
    def impatient_queue(self, seconds: int) -> Iterator[None]:
        """What fails is delivered again after so many seconds, instead of the six minutes that a
        function with a minute's time-out calls for: five receives would take half an hour."""
        sqs, url = self.client("sqs"), self.stack.outputs["EnforcementQueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        try:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=answer["Attributes"])

    def forget_what_failed(self) -> None:
        """Empty the queue of what a test left: it would come back in six minutes."""
        if self.backlog():
            queue = self.stack.outputs["EnforcementQueueUrl"]
            self.client("sqs").purge_queue(QueueUrl=queue)

    # -- inside -------------------------------------------------------------------------------

    def log(self, function: str) -> list[Json]:
        """What a function logged, as far as it is JSON, oldest first."""
        logs, group = self.client("logs"), f"/aws/lambda/{self.stack.name}-{function}"
        lines = []
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                with contextlib.suppress(ValueError):
                    lines.append(json.loads(event["message"]))
        return [line for line in lines if isinstance(line, dict)]

    def role_of(self, function: str) -> str:
        """Name of the role of the function with this logical id."""
        configuration = self.client("lambda").get_function_configuration(
            FunctionName=self.physical_id(function)
        )
        role: str = configuration["Role"].rpartition("/")[2]
        return role

    def physical_id(self, logical_id: str) -> str:
        """What CloudFormation made of a resource of the template, or of a part's."""
        return physical_id(self.client("cloudformation"), self.stack.name, logical_id)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _may(*actions: str) -> str:
    return _policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def _policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
