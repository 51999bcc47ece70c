"""Drift, from the event to PITR on: the deployed guardian beside ten lines of boto3.

Both are deployed on one embedded AWS, in a region each, behind the same kind of rule, queue and
trigger, and are warm. The clock is the embedded AWS's own: from the disabling call carried out to
the enabling call carried out.
"""

import io
import json
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import ROOT
from benchmarks.words import seconds, times
from localcloud import (
    LocalCloud,
    Settings,
)
from localcloud.deploy import deploy

_HOME, _BARE_HOME = "eu-central-1", "us-west-2"
_ANSWER_SECONDS = 0.01
_CALLS = {
    "dynamodb": (
        *("DescribeTable", "DescribeContinuousBackups", "ListTagsOfResource"),
        *("GetItem", "PutItem", "Query", "UpdateItem", "TransactWriteItems"),
        "UpdateContinuousBackups",
    ),
    "events": ("PutEvents",),
    "sqs": ("SendMessage",),
}
_SWITCH = "UpdateContinuousBackups"


@dataclass(frozen=True)
class Side:
    """Somebody who puts PITR back in a region; ``caller`` is a part of its role's ARN."""

    region: str
    caller: str


def run(runs: int = 5) -> list[Figure]:
    settings = Settings(cloudtrail_delay_seconds=0, log_file=ROOT / ".make/benchmark-drift.log")
    with LocalCloud.start(settings) as cloud:
        deploy(cloud, "pitr-guardian", region=_HOME)
        _deploy_ten_lines(cloud)
        sides = {
            "guardian": Side(_HOME, "-EnforceRole-"),
            "ten lines": Side(_BARE_HOME, "ten-lines"),
        }
        for side in sides.values():
            _drift(cloud, side, "warm-up")
        plain = _in_turn(cloud, sides, runs, "plain")
        calls = _calls_before_pitr_is_on(cloud, sides["guardian"])
        with ExitStack() as faults:
            for service, operations in _CALLS.items():
                for operation in operations:
                    faults.enter_context(
                        cloud.faults.delay(operation, _ANSWER_SECONDS, service=service, times=None)
                    )
            slow = _in_turn(cloud, sides, runs, "slow")
    return [_beside(plain), _counted(calls), _beside_slow(slow)]


def _in_turn(
    cloud: LocalCloud, sides: dict[str, Side], runs: int, name: str
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(runs):
        for which, side in sides.items():
            took[which].append(_drift(cloud, side, f"{name}-{number}"))
    return took


def _drift(cloud: LocalCloud, side: Side, table: str) -> float:
    """Switch PITR off on a new table; the seconds until it is on again."""
    _protected_table(cloud, side, table)
    dynamodb = cloud.client("dynamodb", region=side.region)
    _switch(dynamodb, table, on=False)
    _await_switch(cloud, side, table, times_on=2)
    _let_it_finish(cloud)
    # The first was the table's protection; the last two are the drift, and what puts it right.
    _, off, on = (at for at, record in cloud.trail.calls if _switches(record, side.region, table))
    return (on - off).total_seconds()


def _protected_table(cloud: LocalCloud, side: Side, table: str) -> None:
    """A new table with PITR on. The guardian sees to that itself; the ten lines know no births."""
    dynamodb = cloud.client("dynamodb", region=side.region)
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    if side.region == _HOME:
        _await_switch(cloud, side, table, times_on=1)
    else:
        time.sleep(1)  # the embedded AWS's tables are ready by then
        _switch(dynamodb, table, on=True)
    _let_it_finish(cloud)


def _switch(dynamodb: Any, table: str, *, on: bool) -> None:
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
    )


def _await_switch(cloud: LocalCloud, side: Side, table: str, times_on: int) -> None:
    """Wait until PITR was switched on so many times, by whomever."""

    def is_on(_: Any) -> bool:
        return sum(_switches_on(each, side.region, table) for each in cloud.trail.records) >= (
            times_on
        )

    cloud.trail.wait_for(is_on, timeout=60)


def _switches(record: Any, region: str, table: str) -> bool:
    if record["eventName"] != _SWITCH or record["awsRegion"] != region or "errorCode" in record:
        return False
    named: str = record["requestParameters"]["tableName"].rpartition("/")[2]
    return named == table


def _switches_on(record: Any, region: str, table: str) -> bool:
    if not _switches(record, region, table):
        return False
    asked = record["requestParameters"]["pointInTimeRecoverySpecification"]
    return bool(asked["pointInTimeRecoveryEnabled"])


def _let_it_finish(cloud: LocalCloud) -> None:
    """What follows an enabling call is done; it isn't to disturb the next one to be measured."""
    del cloud
    time.sleep(2)


def _calls_before_pitr_is_on(cloud: LocalCloud, guardian: Side) -> dict[str, int]:
    """The guardian's calls for one drift, up to the enabling one, which is held back meanwhile."""
    table = "counted"
    _protected_table(cloud, guardian, table)
    with ExitStack() as faults:
        counters = {
            operation: faults.enter_context(
                cloud.faults.delay(
                    operation, 0, service=service, caller=guardian.caller, times=None
                )
            )
            for service, operations in _CALLS.items()
            for operation in operations
            if operation != _SWITCH
        }
        held = faults.enter_context(cloud.faults.delay(_SWITCH, 2, caller=guardian.caller))
        _switch(cloud.client("dynamodb", region=guardian.region), table, on=False)
        deadline = time.monotonic() + 30
        while not held.hits and time.monotonic() < deadline:
            time.sleep(0.05)
        counted = {name: counter.hits for name, counter in counters.items() if counter.hits}
    if not held.hits:
        raise RuntimeError("no call that switches PITR on was seen")
    _let_it_finish(cloud)
    return counted


def _deploy_ten_lines(cloud: LocalCloud) -> None:
    """The ten lines behind a rule, a queue and a trigger, as the template has them for enforce."""
    region, account = _BARE_HOME, cloud.account_id
    queue = f"arn:aws:sqs:{region}:{account}:ten-lines"
    cloud.client("sqs", region=region).create_queue(
        QueueName="ten-lines",
        Attributes={
            "VisibilityTimeout": "360",
            "Policy": _policy(
                Principal={"Service": "events.amazonaws.com"},
                Action="sqs:SendMessage",
                Resource=queue,
            ),
        },
    )
    events = cloud.client("events", region=region)
    events.put_rule(
        Name="ten-lines",
        EventPattern=json.dumps(
            {
                "source": ["aws.dynamodb"],
                "detail": {
                    "eventName": [_SWITCH],
                    "requestParameters": {
                        "pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": [False]}
                    },
                },
            }
        ),
    )
    events.put_targets(Rule="ten-lines", Targets=[{"Id": "queue", "Arn": queue}])
    functions = cloud.client("lambda", region=region)
    functions.create_function(
        FunctionName="ten-lines",
        Runtime="python3.13",
        Role=_role(cloud, queue),
        Handler="app.handler",
        Code={"ZipFile": _package()},
        MemorySize=512,
        Timeout=60,
    )
    functions.create_event_source_mapping(
        EventSourceArn=queue,
        FunctionName="ten-lines",
        BatchSize=10,
        ScalingConfig={"MaximumConcurrency": 5},
    )


def _role(cloud: LocalCloud, queue: str) -> str:
    iam = cloud.client("iam")
    role: str = iam.create_role(
        RoleName="ten-lines",
        AssumeRolePolicyDocument=_policy(
            Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole"
        ),
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="ten-lines",
        PolicyName="ten-lines",
        PolicyDocument=_policy(
            Action=[
                "dynamodb:UpdateContinuousBackups",
                *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            ],
            Resource=[queue, f"arn:aws:dynamodb:*:{cloud.account_id}:table/*"],
        ),
    )
    return role


def _policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def _package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(ROOT / "benchmarks/ten_lines/app.py", "app.py")
    return packed.getvalue()


def _beside(took: dict[str, list[float]]) -> Figure:
    ratio = median(took["guardian"]) / median(took["ten lines"])
    return Figure(
        what="drift event to PITR on, warm, on the embedded AWS",
        against="ten lines of boto3 that only call UpdateContinuousBackups, behind the same rule, "
        "queue and trigger",
        measured=f"{times(ratio)}: {seconds(took['guardian'])}, {seconds(took['ten lines'])}",
        goal="at most 2 times",
        reached=ratio <= 2,
        note="The way of the event through rule, queue and trigger is in both, as it is on AWS, "
        "but takes the embedded AWS some milliseconds only: few calls can hide behind it. Both "
        "it and the functions run on the same cores.",
    )


def _beside_slow(took: dict[str, list[float]]) -> Figure:
    ratio = median(took["guardian"]) / median(took["ten lines"])
    return Figure(
        what=f"the same, each call to AWS answered {_ANSWER_SECONDS * 1000:.0f} ms later",
        against="the same",
        measured=f"{times(ratio)}: {seconds(took['guardian'])}, {seconds(took['ten lines'])}",
        goal="at most 2.2 times",
        reached=ratio <= 2.2,
        note="The guardian makes five calls in the time of two: side by side what it must know (is "
        "the table going, is PITR off, is it exempt?) and the note in the ledger, so that a crash "
        "loses nothing; then the one that enables. The ten lines ask none of that.",
    )


def _counted(calls: dict[str, int]) -> Figure:
    count = sum(calls.values())
    return Figure(
        what="calls to AWS before the one that switches PITR on",
        against="itself",
        measured=f"{count}: {', '.join(calls)}",
        goal="at most 4",
        reached=count <= 4,
    )
