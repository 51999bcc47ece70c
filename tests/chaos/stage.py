"""The stack, deployed on an embedded AWS in this process, on which plans are played."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.config import Config

from localcloud import (
    LocalCloud,
    Settings,
)
from localcloud.packages import deploy_packaged
from localcloud.stack_resources import physical_id, stack_resources
from tests.chaos.goods import PATTERN
from tests.chaos.ways import ROLES

REGION = "eu-central-1"
BUDGET_IN_USD = 100
_WORKFLOWS = ("restore", "sweep", "undo-plan", "undo-apply", "drill")
# Every table is past its birth grace at once: a period that is shortened is drift.
PARAMETERS = {
    "RestorePollSeconds": "1",
    "BirthGraceMinutes": "0",
    "UndoTablePattern": PATTERN,
    "DrillMonthlyBudgetUsd": str(BUDGET_IN_USD),
}
_NO_RETRIES = Config(retries={"total_max_attempts": 1})


def quick_settings(log_file: Path) -> Settings:
    """Statuses last a tenth of a second, and workflows wait fifty times shorter."""
    return Settings(
        region=REGION,
        state_machine_wait_scale=0.02,
        event_retry_seconds=0.2,
        creating_seconds=0.1,
        not_found_seconds=0.02,
        backups_enabling_seconds=0.1,
        updating_seconds=0.1,
        restore_seconds=0.3,
        export_seconds=0.2,
        index_seconds=0.05,
        deleting_seconds=0.2,
        deleting_accepts_pitr_seconds=0.1,
        deletion_backup_seconds=0.1,
        latest_lag_seconds=0.2,
        cloudtrail_delay_seconds=0.02,
        log_file=log_file,
    )


class Stage:
    """One stack for many runs, one after the other; each has tables of its own."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.stack = deploy_packaged(cloud, "pitr-guardian", PARAMETERS, REGION)
        self._clients: dict[str, Any] = {}
        self._runs = itertools.count(1)
        self._roles: dict[str, str] = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in stack_resources(self.client("cloudformation"), self.stack.name)
            if resource["ResourceType"] == "AWS::IAM::Role"
        }
        for called in ROLES:  # a fault that waits for nobody would prove nothing
            self.role(called)
        self.undelivered = self._resource("UndeliveredQueue")
        self.digests = self._resource("DigestQueue")
        self.facts = self._queue("facts-of-the-run", "events.amazonaws.com")
        self.alerts = self._queue("alerts-of-the-run", "sns.amazonaws.com")
        self._subscribe()

    @classmethod
    @contextlib.contextmanager
    def open(cls, log_file: Path) -> Iterator[Stage]:
        with LocalCloud.start(quick_settings(log_file)) as cloud:
            yield cls(cloud)

    def client(self, service: str) -> Any:
        """A client of the account's root without retries: nobody whom a fault is meant for."""
        if service not in self._clients:
            self._clients[service] = self.cloud.client(service, config=_NO_RETRIES)
        return self._clients[service]

    def next_prefix(self, seed: int) -> str:
        """What a new run puts before the names of all that is its own."""
        return f"s{seed}r{next(self._runs)}-"

    def output(self, name: str) -> str:
        return self.stack.outputs[name]

    def arn(self, table: str) -> str:
        return f"arn:aws:dynamodb:{REGION}:{self.cloud.account_id}:table/{table}"

    def role(self, called: str) -> str:
        """The name of a role of the stack that is called so: ``-EnforceRole-``. CloudFormation cuts
        long ones short.

        Raises:
            KeyError: the stack has no such role.
        """
        return self._roles[called.strip("-")]

    def called(self, caller: str) -> str:
        """An ARN or a name of a role, with what the stack calls the role in place of its name."""
        found = (logical for logical, physical in self._roles.items() if physical in caller)
        return next((f"{self.stack.name}-{logical}-" for logical in found), caller)

    def ask(self, kind: str, content: dict[str, Any]) -> str:
        """Put an event on the request bus; its id."""
        entry = {
            "EventBusName": self.output("RequestBusName"),
            "Source": "chaos",
            "DetailType": kind,
            "Detail": json.dumps(content),
        }
        answer = self.client("events").put_events(Entries=[entry])
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    def running(self) -> list[str]:
        """Names of the executions that run, of all workflows."""
        workflows = self.client("stepfunctions")
        return [
            execution["name"]
            for workflow in _WORKFLOWS
            for execution in workflows.list_executions(
                stateMachineArn=self._workflow(workflow), statusFilter="RUNNING"
            )["executions"]
        ]

    def stop(self, workflow: str, execution: str) -> None:
        """Stop an execution of a workflow."""
        machine = self._workflow(workflow).replace(":stateMachine:", ":execution:")
        self.client("stepfunctions").stop_execution(executionArn=f"{machine}:{execution}")

    # -- the ledger ---------------------------------------------------------------------------

    def age_in_ledger(self, table_arn: str, days: int) -> None:
        """What the ledger remembers of a table was seen on a table that is older now."""
        key = {"pk": {"S": table_arn}, "sk": {"S": "memory"}}
        memory = self.client("dynamodb").get_item(**self._ledger, Key=key, ConsistentRead=True)
        self._make_older(memory.get("Item", {}) | key, ("earliest", "bornAt"), timedelta(days=days))

    def age_drills(self, prefix: str, hours: int) -> None:
        """What the ledger holds of a run's drills happened so much earlier."""
        by = timedelta(hours=hours)
        for item in self._of_drills(prefix):
            self._make_older(item, _INSTANTS_OF_DRILLS, by)
            for attribute in {"order", "answer"} & item.keys():
                told = json.loads(item[attribute]["S"])
                whose, name = (
                    (told, "acceptedAt") if attribute == "order" else (told["detail"], "time")
                )
                whose[name] = _earlier(whose[name], by)
                self._set(item, attribute, json.dumps(told))

    def marks_of_drills(self, prefix: str) -> tuple[str, ...]:
        """By which the ledger knows the drills of a run that are open, or whose copy is left."""
        marks = [item["sk"]["S"] for item in self._of_drills(prefix)]
        return tuple(mark for mark in marks if mark.startswith(("open#", "copy#")))

    def spend_on_drills(self, times: int = 1) -> None:
        """Spend a month's budget for drills, or give it back (-1)."""
        self.client("dynamodb").update_item(
            **self._ledger,
            Key={"pk": {"S": "drills"}, "sk": {"S": f"month#{datetime.now(UTC):%Y-%m}"}},
            UpdateExpression="ADD spent :micros",
            ExpressionAttributeValues={":micros": {"N": str(times * BUDGET_IN_USD * 10**6)}},
        )

    @property
    def _ledger(self) -> dict[str, str]:
        return {"TableName": self.output("LedgerTableName")}

    def _of_drills(self, prefix: str) -> list[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(**self._ledger)
        return [
            item
            for page in pages
            for item in page["Items"]
            if (pk := item["pk"]["S"]).startswith("drill")
            and prefix in (pk if pk != "drills" else item["sk"]["S"])
            and not item["sk"]["S"].startswith(("table#", "told#"))
        ]

    def _make_older(self, item: dict[str, Any], attributes: Iterable[str], by: timedelta) -> None:
        for attribute in attributes:
            if seen := item.get(attribute):
                self._set(item, attribute, _earlier(seen["S"], by))

    def _set(self, item: dict[str, Any], attribute: str, value: str) -> None:
        self.client("dynamodb").update_item(
            **self._ledger,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET #attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues={":value": {"S": value}},
        )

    # -- queues -------------------------------------------------------------------------------

    def take_all(self, queue: str) -> list[str]:
        """Take all messages off a queue."""
        sqs, bodies = self.client("sqs"), list[str]()
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                bodies.append(message["Body"])
        return bodies

    def _queue(self, name: str, sender: str) -> str:
        arn = self._queue_arn(name)
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": sender},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        url: str = self.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})[
            "QueueUrl"
        ]
        return url

    def _queue_arn(self, name: str) -> str:
        return f"arn:aws:sqs:{REGION}:{self.cloud.account_id}:{name}"

    def _subscribe(self) -> None:
        rule = {"Name": "facts-of-the-run", "EventBusName": self.output("FactBusName")}
        events = self.client("events")
        events.put_rule(**rule, EventPattern='{"source": ["pitr-guardian"]}')
        events.put_targets(
            Rule=rule["Name"],
            EventBusName=rule["EventBusName"],
            Targets=[{"Id": "queue", "Arn": self._queue_arn("facts-of-the-run")}],
        )
        self.client("sns").subscribe(
            TopicArn=self.output("AlertTopicArn"),
            Protocol="sqs",
            Endpoint=self._queue_arn("alerts-of-the-run"),
            Attributes={"RawMessageDelivery": "true"},
        )

    def _workflow(self, name: str) -> str:
        place = f"{REGION}:{self.cloud.account_id}"
        return f"arn:aws:states:{place}:stateMachine:{self.stack.name}-{name}"

    def _resource(self, logical_id: str) -> str:
        return physical_id(self.client("cloudformation"), self.stack.name, logical_id)


_INSTANTS_OF_DRILLS = (
    "since",
    "acceptedAt",
    "calledAt",
    "activeAt",
    "verifiedAt",
    "removedAt",
)


def _earlier(instant: str, by: timedelta) -> str:
    earlier = datetime.fromisoformat(instant) - by
    return earlier.isoformat(timespec="milliseconds").replace("+00:00", "Z")
