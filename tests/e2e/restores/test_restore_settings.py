"""What AWS's restore leaves behind comes back: the new table is set up as the old one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.guardian import Fact, fresh
from tests.e2e.restores.restorer import ELSEWHERE, HOME, Restorer
from tests.e2e.waiting import eventually

UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
SETTINGS = [
    *("tags", "tableClass", "ttl", "stream", "kinesis", "autoscaling", "alarms"),
    *("contributorInsights", "deletionProtection", "resourcePolicy"),
]
TAGS = {"team": "shop", "cost-centre": "4711"}
TARGETS = [
    ("", "dynamodb:table:ReadCapacityUnits", 5, 50),
    ("/index/by-day", "dynamodb:index:WriteCapacityUnits", 2, 20),
]


def make_source(guardian: Restorer) -> str:
    """A table that has every setting there is."""
    name = guardian.protected_table(
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "day")
        ],
        BillingMode="PROVISIONED",
        ProvisionedThroughput=UNITS,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-day",
                "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "ProvisionedThroughput": UNITS,
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
        Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
    )
    guardian.own_period(name, 11)
    guardian.put(name, only="item")
    dynamodb, arn = guardian.client("dynamodb"), guardian.arn(name)
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy_for(guardian, arn)))
    for index in ({}, {"IndexName": "by-day"}):
        dynamodb.update_contributor_insights(
            TableName=name,
            ContributorInsightsAction="ENABLE",
            ContributorInsightsMode="THROTTLED_KEYS",
            **index,
        )
    _stream_to_kinesis(guardian, name)
    _scale(guardian, name)
    for alarm in alarms_of(guardian, name):
        guardian.client("cloudwatch").put_metric_alarm(**alarm)
    return name


def policy_for(guardian: Restorer, arn: str) -> dict[str, Any]:
    reader = {
        "Sid": "Readers",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{guardian.aws.account_id}:root"},
        "Action": "dynamodb:GetItem",
        "Resource": [arn, f"{arn}/index/by-day", f"{arn}Archive"],
    }
    return {"Version": "2012-10-17", "Statement": [reader]}


def alarms_of(guardian: Restorer, table: str) -> list[dict[str, Any]]:
    """A plain alarm, and one of metric math."""
    metric = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ReadThrottleEvents",
        "Dimensions": [{"Name": "TableName", "Value": table}],
    }
    topic = guardian.stack.outputs["AlertTopicArn"]
    common: dict[str, Any] = {
        "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [topic],
    }
    return [
        {
            **common,
            **metric,
            "AlarmName": f"{table} throttled",
            "AlarmDescription": "Somebody waits.",
            "Statistic": "Sum",
            "Period": 60,
            "Threshold": 5.0,
            "TreatMissingData": "notBreaching",
        },
        {
            **common,
            "AlarmName": f"{table} share",
            "Threshold": 0.5,
            "Metrics": [
                {"Id": "share", "Expression": "m1 / 60", "Label": "Share", "ReturnData": True},
                {
                    "Id": "m1",
                    "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
                    "ReturnData": False,
                },
            ],
        },
    ]


def _stream_to_kinesis(guardian: Restorer, table: str) -> None:
    kinesis, stream = guardian.client("kinesis"), fresh("stream")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    described = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    dynamodb = guardian.client("dynamodb")
    dynamodb.enable_kinesis_streaming_destination(
        TableName=table,
        StreamArn=described["StreamARN"],
        EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"},
    )
    eventually(
        lambda: kinesis_of(guardian, table)[0]["DestinationStatus"] == "ACTIVE",
        f"the stream of {table} is ACTIVE",
    )


def _scale(guardian: Restorer, table: str) -> None:
    scaling = guardian.client("application-autoscaling")
    for resource, dimension, least, most in TARGETS:
        about = {
            "ServiceNamespace": "dynamodb",
            "ResourceId": f"table/{table}{resource}",
            "ScalableDimension": dimension,
        }
        scaling.register_scalable_target(**about, MinCapacity=least, MaxCapacity=most)
        kind = "Read" if "Read" in dimension else "Write"
        scaling.put_scaling_policy(
            **about,
            PolicyName=f"{kind} at 70 %",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0,
                "ScaleInCooldown": 60,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"
                },
            },
        )


# -- each setting, as the API tells it --------------------------------------------------------


def tags_of(guardian: Restorer, table: str, region: str = HOME) -> dict[str, str]:
    answer = guardian.client("dynamodb", region).list_tags_of_resource(
        ResourceArn=guardian.arn(table, region)
    )
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def own_tags_of(guardian: Restorer, table: str, region: str = HOME) -> dict[str, str]:
    tags = tags_of(guardian, table, region)
    return {key: tags[key] for key in tags if not key.startswith("pitr-guardian:")}


def table_class_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    return guardian.table(table, region).get("TableClassSummary", {}).get("TableClass")


def ttl_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    answer = guardian.client("dynamodb", region).describe_time_to_live(TableName=table)
    return answer["TimeToLiveDescription"]


def stream_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    return guardian.table(table, region).get("StreamSpecification")


def resource_policy_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    arn = guardian.arn(table, region)
    dynamodb = guardian.client("dynamodb", region)
    try:
        policy = dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]
    except dynamodb.exceptions.PolicyNotFoundException:
        return None
    assert json.loads(policy) == policy_for(guardian, arn) | {
        "Statement": [
            policy_for(guardian, arn)["Statement"][0]
            | {"Resource": json.loads(policy)["Statement"][0]["Resource"]}
        ]
    }
    return len(json.loads(policy)["Statement"])


def kinesis_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    answer = guardian.client("dynamodb", region).describe_kinesis_streaming_destination(
        TableName=table
    )
    return answer["KinesisDataStreamDestinations"]


def autoscaling_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    scaling = guardian.client("application-autoscaling", region)

    def about(answer: list[dict[str, Any]], *fields: str) -> list[Any]:
        mine = [each for each in answer if each["ResourceId"].split("/")[1] == table]
        told = [
            [each["ResourceId"].replace(table, "-"), *(each[field] for field in fields)]
            for each in mine
        ]
        return sorted(told, key=str)

    return [
        about(
            scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"],
            *("ScalableDimension", "MinCapacity", "MaxCapacity"),
        ),
        about(
            scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"],
            *("PolicyName", "ScalableDimension", "PolicyType"),
            "TargetTrackingScalingPolicyConfiguration",
        ),
    ]


def insights_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    dynamodb = guardian.client("dynamodb", region)
    told = [
        dynamodb.describe_contributor_insights(TableName=table, **index)
        for index in ({}, {"IndexName": "by-day"})
    ]
    return [
        (each["ContributorInsightsStatus"], each.get("ContributorInsightsMode")) for each in told
    ]


def deletion_protection_of(guardian: Restorer, table: str, region: str = HOME) -> Any:
    return guardian.table(table, region).get("DeletionProtectionEnabled")


ALIKE: dict[str, Callable[..., Any]] = {
    "tags": own_tags_of,
    "tableClass": table_class_of,
    "ttl": ttl_of,
    "stream": stream_of,
    "resourcePolicy": resource_policy_of,
    "autoscaling": autoscaling_of,
    "contributorInsights": insights_of,
    "deletionProtection": deletion_protection_of,
}


# -- everything -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(guardian: Restorer) -> str:
    return make_source(guardian)


@pytest.fixture(scope="module")
def completed(guardian: Restorer, source: str) -> Fact:
    return guardian.restore(source)


def test_every_setting_is_put_back_and_told(guardian: Restorer, completed: Fact) -> None:
    settings = completed["settings"]
    assert settings["failed"] == []
    assert settings["skipped"] == []
    assert settings["applied"] == ["pitr", *SETTINGS]
    assert completed["severity"] == "info"
    assert completed["reason"].endswith("with its settings put back.")


@pytest.mark.parametrize("setting", ALIKE)
def test_a_setting_is_the_same_on_both_tables(
    guardian: Restorer, source: str, completed: Fact, setting: str
) -> None:
    told = ALIKE[setting]
    expected = told(guardian, source)
    assert expected
    eventually(
        lambda: told(guardian, completed["targetTable"]) == expected,
        f"{setting} of {completed['targetTable']} is {expected}; "
        f"it is {told(guardian, completed['targetTable'])}",
    )


def test_pitr_is_on_with_the_sources_period(guardian: Restorer, completed: Fact) -> None:
    assert guardian.period(completed["targetTable"]) == 11


def test_lineage_is_on_the_table(guardian: Restorer, source: str, completed: Fact) -> None:
    tags = tags_of(guardian, completed["targetTable"])
    assert {key: tags[key] for key in tags if key.startswith("pitr-guardian:")} == {
        "pitr-guardian:restored-from": guardian.arn(source),
        "pitr-guardian:restored-to": completed["restoredTo"],
        "pitr-guardian:request-id": completed["requestId"],
    }


def test_changes_go_to_the_same_kinesis_stream(
    guardian: Restorer, source: str, completed: Fact
) -> None:
    [old] = kinesis_of(guardian, source)
    [new] = eventually(
        lambda: [
            each
            for each in kinesis_of(guardian, completed["targetTable"])
            if each["DestinationStatus"] == "ACTIVE"
        ],
        "the new table's stream is ACTIVE",
    )
    assert new == old
    assert new["ApproximateCreationDateTimePrecision"] == "MICROSECOND"


def test_the_policy_speaks_of_the_new_table(
    guardian: Restorer, source: str, completed: Fact
) -> None:
    arn = guardian.arn(completed["targetTable"])
    dynamodb = guardian.client("dynamodb")
    policy = json.loads(dynamodb.get_resource_policy(ResourceArn=arn)["Policy"])
    # Another table whose name begins alike keeps its own.
    assert policy["Statement"][0]["Resource"] == [
        arn,
        f"{arn}/index/by-day",
        f"{guardian.arn(source)}Archive",
    ]


def test_alarms_watch_the_new_table_too(guardian: Restorer, source: str, completed: Fact) -> None:
    target = completed["targetTable"]
    described = guardian.client("cloudwatch").describe_alarms()["MetricAlarms"]
    found = {alarm["AlarmName"]: alarm for alarm in described}
    for alarm in alarms_of(guardian, source):
        assert alarm["AlarmName"] in found
        copy = found[f"{alarm['AlarmName']} (restored: {target})"]
        expected = json.loads(
            json.dumps(alarm).replace(f'"Value": "{source}"', f'"Value": "{target}"')
        ) | {"AlarmName": copy["AlarmName"]}
        assert {key: copy[key] for key in expected} == expected


def test_who_reads_the_old_stream_is_told_where_the_new_one_is(
    guardian: Restorer, source: str, completed: Fact
) -> None:
    new = guardian.table(completed["targetTable"])["LatestStreamArn"]
    assert new != guardian.table(source)["LatestStreamArn"]
    note = completed["settings"]["notes"]["stream"]
    assert note == (
        f"the new stream is {new}; event source mappings that read the old one, and don't read "
        "the new one: none was found"
    )


def test_only_the_settings_that_are_asked_for_are_put_back(guardian: Restorer, source: str) -> None:
    completed = guardian.restore(source, settings=["ttl", "tags"])
    target = completed["targetTable"]
    assert completed["settings"]["applied"] == ["pitr", "tags", "ttl"]
    assert completed["settings"]["skipped"] == [
        name for name in SETTINGS if name not in {"tags", "ttl"}
    ]
    assert ttl_of(guardian, target) == ttl_of(guardian, source)
    assert own_tags_of(guardian, target) == TAGS
    assert stream_of(guardian, target) is None
    assert table_class_of(guardian, target) != "STANDARD_INFREQUENT_ACCESS"
    assert not deletion_protection_of(guardian, target)
    assert resource_policy_of(guardian, target) is None
    assert autoscaling_of(guardian, target) == [[], []]
    assert kinesis_of(guardian, target) == []


def test_a_table_billed_per_request_is_not_scaled(guardian: Restorer, source: str) -> None:
    completed = guardian.restore(
        source, billing={"mode": "PAY_PER_REQUEST"}, settings=["autoscaling"]
    )
    assert completed["settings"]["notes"]["autoscaling"] == (
        "the new table is billed per request, which needs no scaling"
    )
    assert autoscaling_of(guardian, completed["targetTable"]) == [[], []]


def test_settings_of_an_index_that_is_not_kept_stay_behind(guardian: Restorer, source: str) -> None:
    completed = guardian.restore(
        source, indexes="none", settings=["autoscaling", "contributorInsights"]
    )
    assert completed["settings"]["applied"] == ["pitr", "autoscaling", "contributorInsights"]
    [targets, _] = autoscaling_of(guardian, completed["targetTable"])
    assert [target[0] for target in targets] == ["table/-"]


# -- another region ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def far(guardian: Restorer, source: str) -> Fact:
    """The same table, restored to another region."""
    return guardian.restore(source, targetRegion=ELSEWHERE)


def test_a_table_is_restored_to_another_region(guardian: Restorer, far: Fact) -> None:
    target = far["targetTable"]
    assert far["targetArn"] == guardian.arn(target, ELSEWHERE)
    assert guardian.describe(target) is None
    assert guardian.items(target, ELSEWHERE) == {"only": "item"}
    assert guardian.period(target, ELSEWHERE) == 11


@pytest.mark.parametrize("setting", ALIKE)
def test_a_setting_is_the_same_in_both_regions(
    guardian: Restorer, source: str, far: Fact, setting: str
) -> None:
    told = ALIKE[setting]
    expected = told(guardian, source)
    eventually(
        lambda: told(guardian, far["targetTable"], ELSEWHERE) == expected,
        f"{setting} of {far['targetTable']} is {expected}; "
        f"it is {told(guardian, far['targetTable'], ELSEWHERE)}",
    )


def test_a_kinesis_stream_stays_in_its_region(guardian: Restorer, source: str, far: Fact) -> None:
    [old] = kinesis_of(guardian, source)
    assert far["settings"]["skipped"] == ["kinesis"]
    assert far["settings"]["notes"]["kinesis"] == (
        f"the Kinesis stream {old['StreamArn']} is in {HOME}; name one of {ELSEWHERE} yourself"
    )
    assert kinesis_of(guardian, far["targetTable"], ELSEWHERE) == []


def test_alarms_of_another_region_have_no_actions_of_this_one(
    guardian: Restorer, source: str, far: Fact
) -> None:
    found = guardian.client("cloudwatch", ELSEWHERE).describe_alarms()["MetricAlarms"]
    copies = [alarm for alarm in found if f"(restored: {far['targetTable']})" in alarm["AlarmName"]]
    assert len(copies) == len(alarms_of(guardian, source))
    assert [alarm.get("AlarmActions", []) for alarm in copies] == [[]] * len(copies)
    topic = guardian.stack.outputs["AlertTopicArn"]
    assert far["settings"]["notes"]["alarms"] == (
        f"actions of another region were left out: {topic}"
    )


def test_a_customers_key_stays_in_its_region_unless_another_is_named(guardian: Restorer) -> None:
    here, there = (
        guardian.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in (HOME, ELSEWHERE)
    )
    source = guardian.protected_table(
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": here}
    )
    named = {"type": "CUSTOMER_MANAGED", "kmsKeyArn": there}
    at_home = guardian.restore(source, settings="none")
    used = guardian.table(at_home["targetTable"])["SSEDescription"]["KMSMasterKeyArn"]
    assert used == here
    left = guardian.restore(source, settings="none", targetRegion=ELSEWHERE)
    assert f"{left['targetTable']} in {ELSEWHERE} is ACTIVE" in left["reason"]
    assert left["settings"]["notes"]["encryption"] == (
        f"the key {here} stays in its region; AWS's own key is used"
    )
    used = guardian.table(left["targetTable"], ELSEWHERE)["SSEDescription"]["KMSMasterKeyArn"]
    managed = guardian.client("kms", ELSEWHERE).describe_key(KeyId=used)["KeyMetadata"]
    assert managed["KeyManager"] == "AWS"
    replaced = guardian.restore(source, settings="none", targetRegion=ELSEWHERE, encryption=named)
    assert "encryption" not in replaced["settings"]["notes"]
    used = guardian.table(replaced["targetTable"], ELSEWHERE)["SSEDescription"]
    assert used["KMSMasterKeyArn"] == there


# -- what TTL would eat -----------------------------------------------------------------------


def expiring(guardian: Restorer, seconds: int) -> str:
    """A table whose one item expires so many seconds from now, with TTL on."""
    name = guardian.protected_table()
    dynamodb = guardian.client("dynamodb")
    at = int(time.time()) + seconds
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "expires": {"N": str(at)}})
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    guardian.next_second(name)
    return name


def test_items_that_have_expired_are_not_eaten_again(guardian: Restorer) -> None:
    source = expiring(guardian, -3600)
    completed = guardian.restore(source)
    target = completed["targetTable"]
    assert completed["settings"]["skipped"] == ["ttl"]
    note = completed["settings"]["notes"]["ttl"]
    assert note.startswith("items have expired already (at least 1) and would be deleted")
    assert f"update-time-to-live --region {HOME} --table-name {target}" in note
    assert ttl_of(guardian, target)["TimeToLiveStatus"] == "DISABLED"
    named = guardian.restore(source, settings=["ttl"])
    assert named["settings"]["applied"] == ["pitr", "ttl"]
    assert ttl_of(guardian, named["targetTable"]) == ttl_of(guardian, source)


def test_ttl_is_put_back_where_nothing_has_expired(guardian: Restorer) -> None:
    source = expiring(guardian, 3600)
    completed = guardian.restore(source)
    assert completed["settings"]["skipped"] == []
    assert ttl_of(guardian, completed["targetTable"]) == ttl_of(guardian, source)


# -- what outlives a table, and what has long names -------------------------------------------


def test_schedules_and_long_alarm_names_are_put_back(guardian: Restorer) -> None:
    source = guardian.protected_table(BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
    scaling = guardian.client("application-autoscaling")
    about = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/{source}",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    nightly = {
        "ScheduledActionName": "nightly",
        "Schedule": "cron(0 22 * * ? *)",
        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 5},
    }
    scaling.register_scalable_target(**about, MinCapacity=1, MaxCapacity=9)
    scaling.put_scheduled_action(**about, **nightly)
    [plain, _] = alarms_of(guardian, source)
    for end in "xy":
        name = f"{source}{'a' * (254 - len(source))}{end}"
        guardian.client("cloudwatch").put_metric_alarm(**plain | {"AlarmName": name})
    completed = guardian.restore(source)
    target = completed["targetTable"]
    assert completed["settings"]["failed"] == []
    assert completed["settings"]["skipped"] == []
    [action] = scaling.describe_scheduled_actions(
        ServiceNamespace="dynamodb", ResourceId=f"table/{target}"
    )["ScheduledActions"]
    assert {key: action[key] for key in nightly} == nightly
    described = guardian.client("cloudwatch").describe_alarms()["MetricAlarms"]
    names = [alarm["AlarmName"] for alarm in described]
    assert len([name for name in names if name.endswith(f" (restored: {target})")]) == 2


def test_alarms_and_scaling_of_a_deleted_table_watch_the_new_one(guardian: Restorer) -> None:
    source = guardian.protected_table(
        BillingMode="PROVISIONED",
        ProvisionedThroughput=UNITS,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    scaling = guardian.client("application-autoscaling")
    resource, dimension, least, most = TARGETS[0]
    scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=f"table/{source}{resource}",
        ScalableDimension=dimension,
        MinCapacity=least,
        MaxCapacity=most,
    )
    for alarm in alarms_of(guardian, source):
        guardian.client("cloudwatch").put_metric_alarm(**alarm)
    guardian.client("dynamodb").delete_table(TableName=source)
    eventually(
        lambda: guardian.client("dynamodb").list_backups(TableName=source, BackupType="SYSTEM")[
            "BackupSummaries"
        ],
        f"the backup of {source} shows",
    )
    completed = guardian.restore(source, restoreTo="deletion")
    target = completed["targetTable"]
    assert completed["settings"]["applied"] == ["pitr", "stream", "autoscaling", "alarms"]
    [targets, _] = autoscaling_of(guardian, target)
    assert targets == [["table/-", dimension, least, most]]
    described = guardian.client("cloudwatch").describe_alarms()["MetricAlarms"]
    copies = [each for each in described if each["AlarmName"].endswith(f"(restored: {target})")]
    assert len(copies) == len(alarms_of(guardian, source))
    assert "none was found" in completed["settings"]["notes"]["stream"]
