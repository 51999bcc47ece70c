"""Carriers on moto: what the source has is read, and put on the target; twice is once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers import (
    carriers,
    outliving,
)
from pitr_guardian.aws.carriers.alarms import AlarmsCarrier
from pitr_guardian.aws.carriers.autoscaling import AutoscalingCarrier
from pitr_guardian.aws.carriers.stream import StreamCarrier
from pitr_guardian.aws.carriers.ttl import TtlCarrier
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.restore.ports import (
    CantGoAlongError,
    Carrier,
    MoreToDoError,
)
from pitr_guardian.restore.request import (
    OPTIONAL,
    Setting,
)
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient

FAR = "us-east-1"
SOURCE = TableRef("aws", ACCOUNT, REGION, "orders")
TARGET = TableRef("aws", ACCOUNT, REGION, "orders-copy")
FAR_TARGET = TableRef("aws", ACCOUNT, FAR, "orders-copy")
TARGETS = pytest.mark.parametrize("target", [TARGET, FAR_TARGET], ids=["here", "far"])
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
STOP = f"arn:aws:automate:{FAR}:ec2:stop"


def create(table: TableRef, **more: Any) -> DynamoDBClient:
    client = boto3.client("dynamodb", region_name=table.region)
    client.create_table(
        **{
            "TableName": table.name,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", "day")
            ],
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": UNITS,
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-day",
                    "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": UNITS,
                }
            ],
            **more,
        }
    )
    return client


@pytest.fixture
def all_carriers() -> Mapping[Setting, Carrier]:
    return carriers()


def carry(carrier: Carrier, target: TableRef) -> str | None:
    """Read from the source and put on the target, twice, as the workflow may."""
    kept = carrier.read(SOURCE)
    assert kept is not None
    kept = json.loads(json.dumps(kept))  # it travels through the workflow
    first = carrier.put(kept, SOURCE, target)
    assert carrier.put(kept, SOURCE, target) == first
    return first


def test_every_setting_has_its_carrier(all_carriers: Mapping[Setting, Carrier]) -> None:
    assert all_carriers.keys() == OPTIONAL
    for setting, carrier in all_carriers.items():
        assert carrier.setting is setting


@pytest.mark.parametrize(
    "setting",
    sorted(OPTIONAL - {Setting.KINESIS, Setting.CONTRIBUTOR_INSIGHTS}),  # moto has neither
)
def test_a_plain_table_has_nothing_to_carry(
    all_carriers: Mapping[Setting, Carrier], setting: Setting
) -> None:
    create(SOURCE)
    assert all_carriers[setting].read(SOURCE) is None


# -- on the table -----------------------------------------------------------------------------


def tags_of(table: TableRef) -> dict[str, str]:
    client = boto3.client("dynamodb", region_name=table.region)
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=table.arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


@TARGETS
def test_tags_are_carried_and_those_of_an_earlier_restore_are_not(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    own = {"team": "shop", "cost-centre": "4711"}
    lineage = {"pitr-guardian:restored-from": "x", "pitr-guardian:recovery-days": "7"}
    create(SOURCE, Tags=[{"Key": key, "Value": own[key]} for key in own]).tag_resource(
        ResourceArn=SOURCE.arn, Tags=[{"Key": key, "Value": lineage[key]} for key in lineage]
    )
    create(target, Tags=[{"Key": "pitr-guardian:request-id", "Value": "r-1"}])
    assert carry(all_carriers[Setting.TAGS], target) is None
    assert tags_of(target) == own | {
        "pitr-guardian:recovery-days": "7",
        "pitr-guardian:request-id": "r-1",
    }


def test_more_tags_than_a_page_are_read(all_carriers: Mapping[Setting, Carrier]) -> None:
    tags = {f"tag-{number:02}": str(number) for number in range(25)}
    create(SOURCE, Tags=[{"Key": key, "Value": tags[key]} for key in tags])
    assert all_carriers[Setting.TAGS].read(SOURCE) == {"tags": tags}


def test_a_table_with_nothing_but_lineage_has_no_tags_to_carry(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    create(SOURCE, Tags=[{"Key": "pitr-guardian:restored-to", "Value": "2026"}])
    assert all_carriers[Setting.TAGS].read(SOURCE) is None


@TARGETS
def test_the_attribute_that_items_expire_by_is_carried(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    create(SOURCE).update_time_to_live(
        TableName=SOURCE.name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
    )
    there = create(target)
    carry(all_carriers[Setting.TTL], target)
    assert there.describe_time_to_live(TableName=target.name)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires",
    }


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def expiring(*instants: datetime | str) -> TtlCarrier:
    """A source that items expire on, and its copy with an item for each of these instants."""
    create(SOURCE).update_time_to_live(
        TableName=SOURCE.name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
    )
    there = create(TARGET)
    for number, at in enumerate(instants):
        value = {"S": at} if isinstance(at, str) else {"N": str(int(at.timestamp()))}
        there.put_item(TableName=TARGET.name, Item={"id": {"S": str(number)}, "expires": value})
    return TtlCarrier(clients.dynamodb, lambda: NOW)


def ttl_status() -> str:
    client = boto3.client("dynamodb", region_name=REGION)
    answer = client.describe_time_to_live(TableName=TARGET.name)["TimeToLiveDescription"]
    return answer["TimeToLiveStatus"]


def test_ttl_is_not_put_on_items_that_it_would_delete() -> None:
    carrier = expiring(NOW - timedelta(hours=1), NOW + timedelta(days=1))
    with pytest.raises(CantGoAlongError) as refusal:
        carrier.put({"attribute": "expires"}, SOURCE, TARGET)
    assert str(refusal.value) == (
        "items have expired already (at least 1) and would be deleted within days; to put it back: "
        "aws dynamodb update-time-to-live --region eu-central-1 --table-name orders-copy "
        """--time-to-live-specification '{"Enabled": true, "AttributeName": "expires"}'; """
        'or name it in the request ("settings": ["ttl", ...]) next time'
    )
    assert ttl_status() == "DISABLED"


def test_ttl_that_was_named_is_put_whatever_it_deletes() -> None:
    carrier = expiring(NOW - timedelta(hours=1))
    carrier.put({"attribute": "expires", "byName": True}, SOURCE, TARGET)
    assert ttl_status() == "ENABLED"


def test_ttl_is_put_where_it_deletes_nothing_that_is_there() -> None:
    """What expires later, what DynamoDB lets alone for its age, and what is no time at all."""
    carrier = expiring(NOW + timedelta(seconds=1), NOW - timedelta(days=6 * 365), "1764000000")
    carrier.put({"attribute": "expires"}, SOURCE, TARGET)
    assert ttl_status() == "ENABLED"


class Pages:
    """DynamoDB with a table of many pages, none of which has an expired item."""

    def __init__(self, pages: int, busy_at: int | None = None) -> None:
        self.pages, self.busy_at = pages, busy_at
        self.starts: list[Any] = []
        self.put = False

    def describe_time_to_live(self, **_: Any) -> Any:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}

    def scan(self, **parameters: Any) -> Any:
        if len(self.starts) == self.busy_at:
            self.busy_at = None
            code = "ProvisionedThroughputExceededException"
            raise ClientError({"Error": {"Code": code, "Message": "slower"}}, "Scan")
        self.starts.append(parameters.get("ExclusiveStartKey"))
        more = {"LastEvaluatedKey": {"id": {"S": str(len(self.starts))}}}
        return {"Count": 0} | (more if len(self.starts) < self.pages else {})

    def update_time_to_live(self, **_: Any) -> None:
        self.put = True


def test_of_a_large_table_only_the_beginning_is_read() -> None:
    pages: Any = Pages(11)
    with pytest.raises(CantGoAlongError, match=r"too large to be sure .* update-time-to-live"):
        TtlCarrier(lambda _: pages, lambda: NOW).put({"attribute": "at"}, SOURCE, TARGET)
    assert len(pages.starts) == 10
    assert not pages.put


def test_a_table_that_is_read_in_part_is_read_on() -> None:
    pages: Any = Pages(4, busy_at=2)
    carrier = TtlCarrier(lambda _: pages, lambda: NOW)
    with pytest.raises(MoreToDoError) as more:
        carrier.put({"attribute": "at"}, SOURCE, TARGET)
    cursor = json.loads(json.dumps(more.value.cursor))
    carrier.put({"attribute": "at", "cursor": cursor}, SOURCE, TARGET)
    assert pages.starts == [None, *({"id": {"S": number}} for number in "123")]
    assert pages.put


def test_a_table_that_is_busy_at_once_is_read_later() -> None:
    pages: Any = Pages(4, busy_at=0)
    with pytest.raises(TryLaterError):
        TtlCarrier(lambda _: pages, lambda: NOW).put({"attribute": "at"}, SOURCE, TARGET)


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
@TARGETS
def test_a_stream_is_carried_and_the_new_one_named(
    all_carriers: Mapping[Setting, Carrier], target: TableRef, view: str
) -> None:
    create(SOURCE, StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    there = create(target)
    note = carry(all_carriers[Setting.STREAM], target)
    table = there.describe_table(TableName=target.name)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": view}
    assert note == (
        f"the new stream is {table['LatestStreamArn']}; event source mappings that read the old "
        "one, and don't read the new one: none was found"
    )


def test_a_stream_that_a_backup_remembers_is_put_like_any_other(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    there = create(TARGET)
    all_carriers[Setting.STREAM].put({"viewType": "KEYS_ONLY"}, SOURCE, TARGET)
    table = there.describe_table(TableName=TARGET.name)["Table"]
    assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"


@TARGETS
def test_deletion_protection_is_carried(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    create(SOURCE, DeletionProtectionEnabled=True)
    there = create(target)
    carry(all_carriers[Setting.DELETION_PROTECTION], target)
    assert there.describe_table(TableName=target.name)["Table"]["DeletionProtectionEnabled"]


@TARGETS
def test_a_resource_policy_is_carried_and_speaks_of_the_new_table(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    def policy(arn: str) -> dict[str, Any]:
        resources = [arn, f"{arn}/index/by-day", f"{arn}/stream/*", f"{SOURCE.arn}-archive"]
        principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "dynamodb:GetItem"}
        return {"Version": "2012-10-17", "Statement": [statement | {"Resource": resources}]}

    create(SOURCE).put_resource_policy(
        ResourceArn=SOURCE.arn, Policy=json.dumps(policy(SOURCE.arn))
    )
    there = create(target)
    carry(all_carriers[Setting.RESOURCE_POLICY], target)
    found = there.get_resource_policy(ResourceArn=target.arn)["Policy"]
    assert json.loads(found) == policy(target.arn)


# -- around the table -------------------------------------------------------------------------

ON_TABLE: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
ON_INDEX: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders/index/by-day",
    "ScalableDimension": "dynamodb:index:WriteCapacityUnits",
}
TRACKING: Any = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    "ScaleInCooldown": 60,
}


@pytest.fixture
def scaling() -> ApplicationAutoScalingClient:
    """Auto Scaling in the source's region, where the source and its namesake are scaled."""
    client = boto3.client("application-autoscaling", region_name=REGION)
    client.register_scalable_target(**ON_TABLE, MinCapacity=5, MaxCapacity=50)
    client.register_scalable_target(**ON_INDEX, MinCapacity=2, MaxCapacity=20)
    client.register_scalable_target(
        **ON_TABLE | {"ResourceId": "table/orders-archive"}, MinCapacity=1, MaxCapacity=2
    )
    for about in (ON_TABLE, ON_INDEX):
        client.put_scaling_policy(
            **about,
            PolicyName="reads",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING,
        )
    return client


@TARGETS
@pytest.mark.usefixtures("scaling")
def test_auto_scaling_is_carried_for_the_table_and_its_indexes(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    create(SOURCE)
    create(target)
    carry(all_carriers[Setting.AUTOSCALING], target)
    there = boto3.client("application-autoscaling", region_name=target.region)
    ids = ["table/orders-copy", "table/orders-copy/index/by-day"]
    found = there.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=ids)
    assert {
        (
            entry["ResourceId"],
            entry["ScalableDimension"],
            entry["MinCapacity"],
            entry["MaxCapacity"],
        )
        for entry in found["ScalableTargets"]
    } == {
        (ids[0], "dynamodb:table:ReadCapacityUnits", 5, 50),
        (ids[1], "dynamodb:index:WriteCapacityUnits", 2, 20),
    }
    # Each by its dimension: moto finds the table's policies for its indexes, too.
    for id_, about in zip(ids, (ON_TABLE, ON_INDEX), strict=True):
        policies = there.describe_scaling_policies(
            ServiceNamespace="dynamodb",
            ResourceId=id_,
            ScalableDimension=about["ScalableDimension"],
        )["ScalingPolicies"]
        [policy] = [policy for policy in policies if policy["ResourceId"] == id_]
        assert policy["PolicyName"] == "reads"
        assert policy["TargetTrackingScalingPolicyConfiguration"] == TRACKING


NIGHTLY: dict[str, Any] = {
    "ScheduledActionName": "nightly",
    "Schedule": "cron(0 22 * * ? *)",
    "Timezone": "Europe/Berlin",
    "StartTime": datetime(2030, 1, 1, tzinfo=UTC),
    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 5},
}


@TARGETS
def test_schedules_are_carried_for_the_table_and_its_indexes(
    all_carriers: Mapping[Setting, Carrier],
    scaling: ApplicationAutoScalingClient,
    target: TableRef,
) -> None:
    for about in (ON_TABLE, ON_INDEX):
        scaling.put_scheduled_action(**about, **NIGHTLY)
    create(SOURCE)
    create(target)
    assert carry(all_carriers[Setting.AUTOSCALING], target) is None
    there = boto3.client("application-autoscaling", region_name=target.region)
    found = there.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"]
    mine = [each for each in found if each["ResourceId"].startswith("table/orders-copy")]
    assert sorted(each["ResourceId"] for each in mine) == [
        "table/orders-copy",
        "table/orders-copy/index/by-day",
    ]
    for each in mine:
        assert each["Schedule"] == NIGHTLY["Schedule"]
        assert each["ScalableTargetAction"] == NIGHTLY["ScalableTargetAction"]


@pytest.mark.parametrize(
    ("dimension", "expected", "told"),
    [
        ({"Name": "TableName", "Value": "orders"}, "orders-copy", None),
        (
            {"Name": "Shop", "Value": "orders"},
            "orders",
            "these policies go by metrics of their own, which may still be the old table's: custom",
        ),
    ],
)
def test_a_policy_by_a_custom_metric_watches_the_new_table_or_is_told(
    dimension: dict[str, str], expected: str, told: str | None
) -> None:
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "m", "Dimensions": [dimension]}
    policy = {
        "index": "",
        "PolicyName": "custom",
        "PolicyType": "TargetTrackingScaling",
        "ScalableDimension": ON_TABLE["ScalableDimension"],
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 3.0,
            "CustomizedMetricSpecification": metric | {"Statistic": "Average"},
        },
    }
    put: list[dict[str, Any]] = []

    class Scaling:  # moto forgets customized metrics
        def put_scaling_policy(self, **entry: Any) -> None:
            put.append(entry)

    create(TARGET)
    client: Any = Scaling()
    carrier = AutoscalingCarrier(lambda _: client, clients.dynamodb)
    assert carrier.put({"targets": [], "policies": [policy]}, SOURCE, TARGET) == told
    [entry] = put
    custom = entry["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert custom["Dimensions"] == [dimension | {"Value": expected}]
    assert entry["ResourceId"] == "table/orders-copy"


# -- what outlives a table --------------------------------------------------------------------


@pytest.mark.usefixtures("scaling", "cloudwatch")
def test_alarms_and_scaling_of_a_table_that_is_gone_are_found_by_its_name(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    """Nothing of it is described: there is no table to describe."""
    readers = outliving()
    scaled = readers[Setting.AUTOSCALING].read_after_deletion(SOURCE, ["by-day"])
    create(SOURCE)
    assert scaled == all_carriers[Setting.AUTOSCALING].read(SOURCE)
    watched = readers[Setting.ALARMS].read_after_deletion(SOURCE, [])
    assert watched == all_carriers[Setting.ALARMS].read(SOURCE)
    assert watched is not None


def test_readers_of_any_stream_of_a_table_are_found_by_its_name() -> None:
    streams = [
        f"{SOURCE.arn}/stream/2026-11-01T00:00:00.000",
        f"{SOURCE.arn}-archive/stream/2026-11-01T00:00:00.000",
    ]

    class Mappings:
        def get_paginator(self, name: str) -> Mappings:
            assert name == "list_event_source_mappings"
            return self

        def paginate(self, **parameters: Any) -> Any:
            assert not parameters  # Lambda can't be asked for a part of an ARN
            yield {
                "EventSourceMappings": [
                    {"UUID": f"m-{number}", "FunctionArn": "f", "EventSourceArn": stream}
                    for number, stream in enumerate(streams)
                ]
            }

    functions: Any = Mappings()
    reader = StreamCarrier(clients.dynamodb, lambda _: functions)
    assert reader.read_after_deletion(SOURCE, []) == {"readers": "m-0 to f"}


@pytest.mark.usefixtures("scaling")
def test_auto_scaling_of_an_index_that_was_not_kept_stays_behind(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    create(SOURCE)
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName=TARGET.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    carry(all_carriers[Setting.AUTOSCALING], TARGET)
    found = boto3.client("application-autoscaling", region_name=REGION).describe_scalable_targets(
        ServiceNamespace="dynamodb"
    )
    ids = {entry["ResourceId"] for entry in found["ScalableTargets"]}
    assert "table/orders-copy" in ids
    assert "table/orders-copy/index/by-day" not in ids


@pytest.mark.usefixtures("scaling")
def test_a_table_billed_per_request_is_not_scaled(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    create(SOURCE)
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName=TARGET.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    carrier = all_carriers[Setting.AUTOSCALING]
    kept = carrier.read(SOURCE)
    assert kept is not None
    with pytest.raises(CantGoAlongError, match="billed per request, which needs no scaling"):
        carrier.put(kept, SOURCE, TARGET)


METRIC: dict[str, Any] = {"Namespace": "AWS/DynamoDB", "MetricName": "ReadThrottleEvents"}
BASICS: dict[str, Any] = {
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5.0,
}


def of(table: str, **more: str) -> dict[str, Any]:
    dimensions = {"TableName": table, **more}
    return METRIC | {
        "Dimensions": [{"Name": name, "Value": dimensions[name]} for name in dimensions]
    }


def plain(name: str, **more: Any) -> dict[str, Any]:
    return {"AlarmName": name, **BASICS, "Statistic": "Sum", "Period": 60, **more}


def math(name: str, table: str) -> dict[str, Any]:
    stat = {"Metric": of(table), "Period": 60, "Stat": "Sum"}
    return {
        "AlarmName": name,
        **BASICS,
        "Metrics": [
            {"Id": "share", "Expression": "m1 / 60", "Label": "Share", "ReturnData": True},
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        ],
    }


@pytest.fixture
def cloudwatch() -> CloudWatchClient:
    """Alarms of the source, and of others."""
    client = boto3.client("cloudwatch", region_name=REGION)
    actions = {"AlarmActions": [TOPIC, STOP], "OKActions": [TOPIC], "ActionsEnabled": False}
    client.put_metric_alarm(**plain("throttled", **of("orders"), **actions))
    client.put_metric_alarm(
        **plain("by-day", **of("orders", GlobalSecondaryIndexName="by-day"), Unit="Count")
    )
    client.put_metric_alarm(**math("share", "orders"))
    client.put_metric_alarm(**plain("of-a-namesake", **of("orders-archive")))
    client.put_metric_alarm(**math("share-of-a-namesake", "orders-archive"))
    client.put_metric_alarm(**plain("TargetTracking-table/orders-AlarmHigh-1", **of("orders")))
    client.put_metric_alarm(**plain("of-an-application", **of("orders") | {"Namespace": "Shop"}))
    return client


@TARGETS
@pytest.mark.usefixtures("cloudwatch")
def test_the_tables_alarms_are_copied_and_nobody_elses(
    all_carriers: Mapping[Setting, Carrier], target: TableRef
) -> None:
    note = carry(all_carriers[Setting.ALARMS], target)
    found = boto3.client("cloudwatch", region_name=target.region).describe_alarms()["MetricAlarms"]
    suffix = " (restored: orders-copy)"
    copies = {
        alarm["AlarmName"].removesuffix(suffix): alarm
        for alarm in found
        if alarm["AlarmName"].endswith(suffix)
    }
    assert copies.keys() == {"throttled", "by-day", "share"}
    assert copies["throttled"]["Dimensions"] == of("orders-copy")["Dimensions"]
    assert copies["throttled"]["ActionsEnabled"] is False
    assert (
        copies["by-day"]["Dimensions"]
        == of("orders-copy", GlobalSecondaryIndexName="by-day")["Dimensions"]
    )
    stat = copies["share"]["Metrics"][1]["MetricStat"]
    assert stat["Metric"]["Dimensions"] == of("orders-copy")["Dimensions"]
    assert copies["share"]["Metrics"][0]["Expression"] == "m1 / 60"
    kept, left = ([TOPIC], STOP) if target.region == REGION else ([STOP], TOPIC)
    assert copies["throttled"]["AlarmActions"] == kept
    assert copies["throttled"]["OKActions"] == (kept if kept == [TOPIC] else [])
    assert note == f"actions of another region were left out: {left}"


@pytest.mark.usefixtures("cloudwatch")
def test_the_original_alarms_stay_as_they_are(all_carriers: Mapping[Setting, Carrier]) -> None:
    client = boto3.client("cloudwatch", region_name=REGION)
    before = client.describe_alarms(AlarmNames=["throttled", "share"])["MetricAlarms"]
    carry(all_carriers[Setting.ALARMS], TARGET)
    after = client.describe_alarms(AlarmNames=["throttled", "share"])["MetricAlarms"]
    assert before == after


def copies_in(region: str = REGION) -> list[str]:
    client = boto3.client("cloudwatch", region_name=region)
    names = [alarm["AlarmName"] for alarm in client.describe_alarms()["MetricAlarms"]]
    return sorted(name for name in names if "(restored: " in name)


def test_long_names_are_cut_and_stay_different(all_carriers: Mapping[Setting, Carrier]) -> None:
    client = boto3.client("cloudwatch", region_name=REGION)
    for end in "xy":
        client.put_metric_alarm(**plain("a" * 254 + end, **of("orders")))
    carry(all_carriers[Setting.ALARMS], TARGET)
    found = copies_in()
    assert len(found) == 2
    for name in found:
        assert len(name) == 255
        assert name.endswith(" (restored: orders-copy)")


def by_query(name: str, table: str) -> dict[str, Any]:
    query = f"""SELECT SUM(Reads) FROM "AWS/DynamoDB" WHERE TableName = '{table}'"""  # noqa: S608
    metric = {"Id": "q", "Expression": query, "Period": 60, "ReturnData": True}
    return {"AlarmName": name, **BASICS, "Metrics": [metric]}


def test_alarms_that_a_copy_would_not_do_for_are_told() -> None:
    class Described:
        """CloudWatch with composite alarms, which moto hasn't got."""

        def get_paginator(self, name: str) -> Described:
            return self

        def paginate(self, **parameters: Any) -> Any:
            assert set(parameters["AlarmTypes"]) == {"MetricAlarm", "CompositeAlarm"}
            yield {"MetricAlarms": [plain("throttled", **of("orders"))], "CompositeAlarms": []}
            yield {
                "MetricAlarms": [
                    by_query("query", "orders"),
                    by_query("query-of-a-namesake", "orders-archive"),
                ]
            }
            rules = {"both": 'ALARM("throttled") OR ALARM(other)', "neither": "OK(unthrottled)"}
            composites = [{"AlarmName": name, "AlarmRule": rules[name]} for name in rules]
            yield {"MetricAlarms": [], "CompositeAlarms": composites}

    client: Any = Described()
    kept = AlarmsCarrier(lambda _: client).read(SOURCE)
    assert kept is not None
    assert [alarm["AlarmName"] for alarm in kept["alarms"]] == ["throttled"]
    assert kept["leftBehind"] == {
        "alarmsNotCopied": "a query names the table, and stays as it is: query; composite alarms "
        "go by the original alarms, not by their copies: both; make them for the new table yourself"
    }


def test_an_alarm_that_watches_another_table_too_is_copied_and_told(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    alarm = math("share", "orders")
    stat = {"Metric": of("customers"), "Period": 60, "Stat": "Sum"}
    alarm["Metrics"].append({"Id": "m2", "MetricStat": stat, "ReturnData": False})
    boto3.client("cloudwatch", region_name=REGION).put_metric_alarm(**alarm)
    note = carry(all_carriers[Setting.ALARMS], TARGET)
    assert note == "copies of share watch other tables, too: customers"


class Watch:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_many_alarms_are_put_at_cloudwatchs_pace_and_in_several_goes() -> None:
    watch = Watch()
    put: list[tuple[float, str]] = []

    class Counting:
        def put_metric_alarm(self, **alarm: Any) -> None:
            put.append((watch.now, alarm["AlarmName"]))

    client: Any = Counting()
    carrier = AlarmsCarrier(lambda _: client, watch, watch.sleep)
    kept = {"alarms": [plain(f"alarm-{number}", **of("orders")) for number in range(200)]}
    goes = []
    while True:
        began = watch.now
        try:
            assert carrier.put(kept, SOURCE, TARGET) is None
            break
        except MoreToDoError as more:
            assert watch.now - began < 45
            goes.append((more.done, more.total))
            kept["cursor"] = json.loads(json.dumps(more.cursor))
    assert [name for _, name in put] == [
        f"alarm-{number} (restored: orders-copy)" for number in range(200)
    ]
    assert goes == [(115, 200)]
    times = [at for at, _ in put]
    assert all(later - earlier > 1 for earlier, later in zip(times, times[3:], strict=False))


def test_what_was_put_before_cloudwatch_was_busy_is_not_put_again() -> None:
    watch = Watch()
    put: list[str] = []
    busy = ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "Put")

    class Busy:
        def put_metric_alarm(self, **alarm: Any) -> None:
            if len(put) == 2:
                raise busy
            put.append(alarm["AlarmName"])

    client: Any = Busy()
    carrier = AlarmsCarrier(lambda _: client, watch, watch.sleep)
    kept = {"alarms": [plain(f"alarm-{number}", **of("orders")) for number in range(5)]}
    with pytest.raises(MoreToDoError) as more:
        carrier.put(kept, SOURCE, TARGET)
    assert more.value.cursor == {"done": 2}
    with pytest.raises(TryLaterError):  # nothing done this time: wait, and longer each time
        carrier.put(kept | {"cursor": more.value.cursor}, SOURCE, TARGET)


def test_a_fresh_metric_alarm_says_nothing_that_goes_with_no_metric_math(
    all_carriers: Mapping[Setting, Carrier],
) -> None:
    """PutMetricAlarm refuses Dimensions and the like beside Metrics, even empty ones."""
    boto3.client("cloudwatch", region_name=REGION).put_metric_alarm(**math("share", "orders"))
    kept = all_carriers[Setting.ALARMS].read(SOURCE)
    assert kept is not None
    [alarm] = kept["alarms"]
    assert not {"Dimensions", "MetricName", "Namespace", "Statistic", "Period"} & alarm.keys()
