"""What AWS would bill for a birth, a drift, a restore, a sweep, a scope more and a stretch more of
one, counted on the stack as it is deployed on the embedded AWS.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud import (
    LocalCloud,
    Settings,
)
from localcloud.deploy import (
    Stack,
    deploy,
)
from localcloud.stack_resources import physical_id

TABLES = int(sys.argv[1])  # so many births and drifts; enough for several stretches
RESTORES = 2
FURTHER = ("eu-west-1", "eu-north-1", "us-east-2", "us-west-2")
_PATIENCE_SECONDS = 240
_QUIET_SECONDS = 3
_OURS = b"pitr-guardian"  # in the user agent of the guardian's clients
_SERVICE = re.compile(rb"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")


_OF_CHILD = Counter({"express execution": 1, "task dynamodb:updateItem": 2})
"""A stretch of a sweep: it keeps the lock and notes what came of it. An Express execution has no
history to count in; what its functions do is counted as theirs."""


class CountingCloud(LocalCloud):
    """The embedded AWS, with a count of the guardian's own calls in front of it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.calls: Counter[str] = Counter()
        behind = self._gateway

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            headers = dict(scope.get("headers", []))
            if _OURS in headers.get(b"user-agent", b""):
                self.calls[f"call {_operation(scope, headers)}"] += 1
            await behind(scope, receive, send)

        self._gateway = counted  # type: ignore[assignment]  # any ASGI application will do


def _operation(scope: Any, headers: dict[bytes, bytes]) -> str:
    target = headers.get(b"x-amz-target", b"").decode().rpartition(".")[2]
    service = _SERVICE.search(headers.get(b"authorization", b""))
    named = service.group(1).decode() if service else "unknown"
    return f"{named}:{target or scope['method']}"


class Account:
    """The deployed stack and what it has used so far."""

    def __init__(self, cloud: CountingCloud, stack: Stack) -> None:
        self._cloud, self.stack = cloud, stack
        self.dynamodb = cloud.client("dynamodb")
        self.states = cloud.client("stepfunctions")
        self.functions = cloud.client("lambda")
        self._logs, self._sqs = cloud.client("logs"), cloud.client("sqs")

    def used(self) -> Counter[str]:
        """Everything that is billed by use, since the beginning."""
        used = Counter(self._cloud.calls)
        prefix = f"/aws/lambda/{self.stack.name}-"
        for group in self._logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
            name = group["logGroupName"]
            pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            for message in (event["message"] for page in pages for event in page["events"]):
                if message.startswith("START RequestId"):
                    used[f"invocation {name.removeprefix(prefix)}"] += 1
                used["log bytes"] += len(message.encode())
        for machine in ("RestoreStateMachineArn", "SweepStateMachineArn"):
            for execution in self._executions(machine):
                used += _of_execution(self._history(execution["executionArn"]))
                for _ in self._children(execution["executionArn"]):
                    used += _OF_CHILD
        return used

    def _history(self, execution: str) -> list[dict[str, Any]]:
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def _children(self, execution: str) -> list[str]:
        """The Express executions that its Distributed Maps began."""
        return [
            child["executionArn"]
            for run in self.states.list_map_runs(executionArn=execution)["mapRuns"]
            for child in self.states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
        ]

    def settle(self, facts: float = 0) -> None:
        """Return when so many facts were told, since the beginning, and nothing is left to do."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        quiet_since = time.monotonic()
        before: object = None
        while time.monotonic() - quiet_since < _QUIET_SECONDS:
            now = (self._is_busy() or self._has_to_tell(facts), Counter(self._cloud.calls))
            if now[0] or now != before:
                quiet_since = time.monotonic()
            if time.monotonic() > deadline:
                raise RuntimeError("the guardian doesn't come to rest; see the log")
            before = now
            time.sleep(0.5)

    def _has_to_tell(self, facts: float) -> bool:
        """Whether there is a fact that nobody has announced or folded, or fewer than so many."""
        used = self.used()
        return used["invocation announce"] < max(told(used), facts)

    def _is_busy(self) -> bool:
        held = self._sqs.get_queue_attributes(
            QueueUrl=self.stack.outputs["EnforcementQueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        kinds = ("", "NotVisible", "Delayed")
        waiting = sum(int(held[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)
        return bool(waiting) or any(
            execution["status"] == "RUNNING"
            for machine in ("RestoreStateMachineArn", "SweepStateMachineArn")
            for execution in self._executions(machine)
        )

    def _executions(self, machine: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.states.list_executions(
            stateMachineArn=self.stack.outputs[machine]
        )["executions"]
        return found


def told(used: Counter[str]) -> float:
    """How many facts there were."""
    return used["call events:PutEvents"] + used["task events:putEvents"]


def _of_execution(events: list[dict[str, Any]]) -> Counter[str]:
    """The embedded AWS has no events of the states inside a Map, but of their tasks. Of these, as
    many again are taken for the other states there.
    """
    used: Counter[str] = Counter()
    for event in events:
        if event["type"].endswith("StateEntered"):
            used["state transition"] += 1
            used["state transition"] -= 2 * (event["type"] == "TaskStateEntered")
        elif scheduled := event.get("taskScheduledEventDetails"):
            used["state transition"] += 2
            used[f"task {scheduled['resource'].rpartition(':::')[2]}"] += 1
    return used


def births(account: Account) -> None:
    for number in range(TABLES):
        account.dynamodb.create_table(
            TableName=f"table-{number:03}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": "team", "Value": "checkout"}],
        )


def drifts(account: Account) -> None:
    for number in range(TABLES):
        account.dynamodb.update_continuous_backups(
            TableName=f"table-{number:03}",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
        )


def restores(account: Account) -> None:
    for number in range(RESTORES):
        request = {"sourceTable": f"table-{number:03}", "targetTable": f"restored-{number}"}
        account._cloud.client("events").put_events(
            Entries=[
                {
                    "EventBusName": account.stack.outputs["RequestBusName"],
                    "Source": "benchmark",
                    "DetailType": "Restore Requested",
                    "Detail": json.dumps(request),
                }
            ]
        )


def sweep(account: Account) -> None:
    machine = account.stack.outputs["SweepStateMachineArn"]
    account.states.start_execution(stateMachineArn=machine)


def with_further_regions(account: Account) -> int:
    """Let sweeps have further regions, without tables: what is done for a region anyhow; so many
    there are then."""
    name = physical_id(
        account._cloud.client("cloudformation"), account.stack.name, "ListScopesFunction"
    )
    variables = account.functions.get_function_configuration(FunctionName=name)["Environment"]
    more = {"Variables": {**variables["Variables"], "SWEEP_REGIONS": ",".join(FURTHER)}}
    account.functions.update_function_configuration(FunctionName=name, Environment=more)
    return len(FURTHER)


def in_short_stretches(account: Account) -> int:
    """Let a stretch have a page of eight tables; so many there are then of the stack's tables."""
    name = physical_id(account._cloud.client("cloudformation"), account.stack.name, "AuditFunction")
    variables = account.functions.get_function_configuration(FunctionName=name)["Environment"]
    fewer = {"Variables": {**variables["Variables"], "AUDIT_SECONDS": "1"}}
    account.functions.update_function_configuration(FunctionName=name, Environment=fewer)
    listed = account.dynamodb.list_tables()["TableNames"]
    return -(-len(listed) // 8)


def count(account: Account, happening: Callable[[Account], None], facts: int) -> Counter[str]:
    """What was used for something that ends with so many facts."""
    before = account.used()
    happening(account)
    account.settle(told(before) + facts)
    return account.used() - before


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with CountingCloud.start(Settings(log_file=log)) as cloud:
            account = Account(cloud, deploy(cloud, parameters={"RestorePollSeconds": "1"}))
            account.settle()
            born = count(account, births, facts=TABLES)
            drifted = count(account, drifts, facts=TABLES)
            restored = count(account, restores, facts=2 * RESTORES)  # accepted, and completed
            count(account, sweep, facts=1)  # to the first, the stack's own table is new
            one = count(account, sweep, facts=1)
            scopes = with_further_regions(account)
            wide = count(account, sweep, facts=1)
            stretches = in_short_stretches(account)
            several = count(account, sweep, facts=1)
    each = {
        "birth": _one_of(born, TABLES),
        "drift": _one_of(drifted, TABLES),
        "restore": _one_of(restored, RESTORES),
        "scope": _one_of(wide - one, scopes),
        "stretch": _one_of(several - wide, stretches - 1),
        "sweep": dict(one),
    }
    print(json.dumps(each))


def _one_of(used: Counter[str], number: int) -> dict[str, float]:
    return {name: count / number for name, count in used.items()}


if __name__ == "__main__":
    main()
