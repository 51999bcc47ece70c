"""Application Auto Scaling, as far as a table's settings need it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localcloud.account import ELSEWHERE, HOME, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.functions import make_function
from tests.localcloud.test_tables import BY_CUSTOMER, WITH_INDEX

FIVE = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
READ: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
INDEX_WRITE: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders/index/by-customer",
    "ScalableDimension": "dynamodb:index:WriteCapacityUnits",
}
TRACKING: dict[str, Any] = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    "ScaleInCooldown": 60,
}
POLICY: dict[str, Any] = {
    **READ,
    "PolicyName": "reads",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": TRACKING,
}


@pytest.fixture
def scaled(aws: Account) -> Account:
    aws.active_table(
        BillingMode="PROVISIONED",
        ProvisionedThroughput=FIVE,
        AttributeDefinitions=WITH_INDEX["AttributeDefinitions"],
        GlobalSecondaryIndexes=[{**BY_CUSTOMER, "ProvisionedThroughput": FIVE}],
    )
    return aws


def scaling(aws: Account, region: str = HOME, **credentials: Any) -> Any:
    return aws.client("application-autoscaling", region, **credentials)


def test_targets_of_table_and_index_are_told_as_they_were_registered(scaled: Account) -> None:
    client = scaling(scaled)
    suspended = {"DynamicScalingInSuspended": True}
    arn = client.register_scalable_target(
        **READ, MinCapacity=5, MaxCapacity=50, SuspendedState=suspended
    )["ScalableTargetARN"]
    client.register_scalable_target(**INDEX_WRITE, MinCapacity=1, MaxCapacity=2)
    [target] = client.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=["table/orders"]
    )["ScalableTargets"]
    assert READ.items() <= target.items()
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 50)
    assert target["ScalableTargetARN"] == arn
    assert target["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert target["SuspendedState"]["ScheduledScalingSuspended"] is False
    assert target["RoleARN"] == (
        f"arn:aws:iam::{scaled.account_id}:role/aws-service-role/"
        "dynamodb.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    )
    everything = client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert [each["ResourceId"] for each in everything] == [
        READ["ResourceId"],
        INDEX_WRITE["ResourceId"],
    ]


def test_registering_again_changes_what_is_named_and_keeps_the_rest(scaled: Account) -> None:
    client = scaling(scaled)
    first = client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    assert (
        first["ScalableTargetARN"]
        == (client.register_scalable_target(**READ, MaxCapacity=60)["ScalableTargetARN"])
    )
    [target] = client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 60)


def test_targets_come_in_pages(scaled: Account) -> None:
    client = scaling(scaled)
    for target in (READ, INDEX_WRITE):
        client.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    page = client.describe_scalable_targets(ServiceNamespace="dynamodb", MaxResults=1)
    rest = client.describe_scalable_targets(
        ServiceNamespace="dynamodb", NextToken=page["NextToken"]
    )
    assert [target["ResourceId"] for target in rest["ScalableTargets"]] == [
        INDEX_WRITE["ResourceId"]
    ]
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"ScalableDimension": "dynamodb:table:Items"}, id="unknown dimension"),
        pytest.param({"ResourceId": INDEX_WRITE["ResourceId"]}, id="a table's dimension, an index"),
        pytest.param({"ServiceNamespace": "ecs"}, id="another service's namespace"),
        pytest.param({"MinCapacity": 51}, id="more at least than at most"),
        pytest.param({"ResourceId": "table/nowhere"}, id="no such table"),
    ],
)
def test_targets_that_could_not_be_are_refused(scaled: Account, request_: dict[str, Any]) -> None:
    right = {**READ, "MinCapacity": 5, "MaxCapacity": 50}
    with refused("ValidationException"):
        scaling(scaled).register_scalable_target(**{**right, **request_})


def test_a_new_target_needs_both_its_bounds(scaled: Account) -> None:
    with refused("ValidationException"):
        scaling(scaled).register_scalable_target(**READ, MinCapacity=1)


def test_a_policy_is_told_as_it_was_put_and_keeps_its_arn_when_it_changes(scaled: Account) -> None:
    client = scaling(scaled)
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    first = client.put_scaling_policy(**POLICY)
    changed = {**POLICY, "TargetTrackingScalingPolicyConfiguration": {**TRACKING, "TargetValue": 5}}
    with refused("ValidationException"):
        client.put_scaling_policy(**changed)
    second = client.put_scaling_policy(**POLICY)
    assert (first["PolicyARN"], first["Alarms"]) == (second["PolicyARN"], second["Alarms"])
    [policy] = client.describe_scaling_policies(
        ServiceNamespace="dynamodb", ResourceId="table/orders"
    )["ScalingPolicies"]
    assert POLICY.items() <= policy.items()
    assert (policy["PolicyARN"], policy["Alarms"]) == (first["PolicyARN"], first["Alarms"])
    assert f":resource/dynamodb/{READ['ResourceId']}:policyName/reads" in policy["PolicyARN"]


def test_a_policy_needs_a_target_and_the_metric_of_its_dimension(scaled: Account) -> None:
    client = scaling(scaled)
    with refused("ObjectNotFoundException"):
        client.put_scaling_policy(**POLICY)
    with refused("ObjectNotFoundException"):
        client.delete_scaling_policy(**READ, PolicyName="reads")
    with refused("ObjectNotFoundException"):
        client.deregister_scalable_target(**READ)
    client.register_scalable_target(**INDEX_WRITE, MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException"):
        client.put_scaling_policy(**{**POLICY, **INDEX_WRITE})
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    client.put_scaling_policy(**POLICY)
    with refused("ValidationException"):
        client.put_scaling_policy(**{**POLICY, "PolicyName": "a second one of that metric"})


def test_a_policy_has_alarms_of_its_own_that_go_with_it(scaled: Account) -> None:
    client, alarms = scaling(scaled), scaled.client("cloudwatch")
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    policy = client.put_scaling_policy(**POLICY)
    found = alarms.describe_alarms(AlarmNamePrefix="TargetTracking-table/orders-")["MetricAlarms"]
    assert {alarm["AlarmArn"] for alarm in found} == {
        alarm["AlarmARN"] for alarm in policy["Alarms"]
    }
    assert all(alarm["AlarmActions"] == [policy["PolicyARN"]] for alarm in found)
    assert all({"Name": "TableName", "Value": "orders"} in alarm["Dimensions"] for alarm in found)
    client.deregister_scalable_target(**READ)
    assert alarms.describe_alarms()["MetricAlarms"] == []
    assert client.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"] == []


def test_a_deleted_policy_is_gone_and_its_target_stays(scaled: Account) -> None:
    client = scaling(scaled)
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    client.put_scaling_policy(**POLICY)
    client.delete_scaling_policy(**READ, PolicyName="reads")
    assert client.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"] == []
    assert len(client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"])


def test_accounts_and_regions_have_their_own_targets_and_a_deleted_table_leaves_its(
    scaled: Account,
) -> None:
    scaling(scaled).register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    other = Account(scaled.cloud, "999999999999")
    for client in (scaling(scaled, ELSEWHERE), scaling(other)):
        found = client.describe_scalable_targets(ServiceNamespace="dynamodb")
        assert found["ScalableTargets"] == []
    scaled.dynamodb.delete_table(TableName="orders")
    scaled.advance(SETTINGS.deleting_seconds)
    found = scaling(scaled).describe_scalable_targets(ServiceNamespace="dynamodb")
    assert len(found["ScalableTargets"]) == 1


def test_scaling_needs_rights_on_targets_the_table_and_the_alarms(scaled: Account) -> None:
    region = f"{HOME}:{scaled.account_id}"
    targets: dict[str, Any] = {
        "Action": [
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:PutScalingPolicy",
        ],
        "Resource": f"arn:aws:application-autoscaling:{region}:scalable-target/*",
        "Condition": {"StringEquals": {"application-autoscaling:service-namespace": "dynamodb"}},
    }
    table = {
        "Action": ["dynamodb:DescribeTable", "dynamodb:UpdateTable"],
        "Resource": scaled.arn("orders"),
    }
    alarms = {
        "Action": [
            *("cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
            "cloudwatch:DeleteAlarms",
        ],
        "Resource": f"arn:aws:cloudwatch:{region}:alarm:TargetTracking-table/*",
    }

    def register(*statements: dict[str, Any]) -> Any:
        client = scaling(scaled, **scaled.user(*statements))
        client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
        return client

    with refused("AccessDeniedException"):
        register(table)
    with refused("AccessDeniedException"):
        register(targets)
    with refused("AccessDeniedException"):
        register({**targets, "Resource": targets["Resource"] + "of-nobody"}, table)
    with refused("AccessDeniedException"):
        register(targets, table).put_scaling_policy(**POLICY)
    register(targets, table, alarms).put_scaling_policy(**POLICY)
    reading = {"Action": "application-autoscaling:DescribeScalableTargets"}
    with refused("AccessDeniedException"):
        scaling(
            scaled, **scaled.user({**reading, "Resource": targets["Resource"]})
        ).describe_scalable_targets(ServiceNamespace="dynamodb")
    scaling(scaled, **scaled.user({**reading, "Resource": "*"})).describe_scalable_targets(
        ServiceNamespace="dynamodb"
    )


def test_its_calls_fail_on_demand_too(scaled: Account) -> None:
    scaled.cloud.faults.fail(
        "DescribeScalableTargets", "ThrottlingException", service="application-autoscaling"
    )
    with refused("ThrottlingException"):
        scaling(scaled).describe_scalable_targets(ServiceNamespace="dynamodb")
    scaling(scaled).describe_scalable_targets(ServiceNamespace="dynamodb")


REGISTERS = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    client = boto3.client("application-autoscaling")
    client.register_scalable_target(**event["target"], MinCapacity=5, MaxCapacity=50)
    try:
        client.put_scaling_policy(**event["policy"])
    except ClientError as error:
        return error.response["Error"]
"""


def test_a_function_scales_with_the_rights_of_its_role(scaled: Account) -> None:
    make_function(
        scaled,
        REGISTERS,
        {"Action": "application-autoscaling:*", "Resource": "*"},
        {
            "Action": ["dynamodb:DescribeTable", "dynamodb:UpdateTable"],
            "Resource": scaled.arn("orders"),
        },
    )
    answer = scaled.client("lambda").invoke(
        FunctionName="function", Payload=json.dumps({"target": READ, "policy": POLICY}).encode()
    )
    error = json.loads(answer["Payload"].read())
    assert error["Code"] == "AccessDeniedException", error
    assert "cloudwatch:DescribeAlarms" in error["Message"]
    assert scaling(scaled).describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]


# -- scheduled actions ------------------------------------------------------------------------

NIGHTLY: dict[str, Any] = {
    **READ,
    "ScheduledActionName": "nightly",
    "Schedule": "cron(0 22 * * ? *)",
    "Timezone": "Europe/Berlin",
    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 5},
}


def test_a_scheduled_action_is_told_as_it_was_put_and_changed_by_its_name(scaled: Account) -> None:
    client = scaling(scaled)
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    client.put_scheduled_action(**NIGHTLY)
    client.put_scheduled_action(**NIGHTLY | {"Schedule": "rate(1 day)"})
    [told] = client.describe_scheduled_actions(
        ServiceNamespace="dynamodb", ResourceId="table/orders"
    )["ScheduledActions"]
    assert {key: told[key] for key in NIGHTLY} == NIGHTLY | {"Schedule": "rate(1 day)"}
    client.delete_scheduled_action(**{key: NIGHTLY[key] for key in (*READ, "ScheduledActionName")})
    assert not client.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"]


def test_a_scheduled_action_needs_a_target_and_a_time_to_come(scaled: Account) -> None:
    client = scaling(scaled)
    with refused("ObjectNotFoundException"):
        client.put_scheduled_action(**NIGHTLY)
    client.register_scalable_target(**READ, MinCapacity=5, MaxCapacity=50)
    for wrong in ({"Schedule": "at(2020-01-01T00:00:00)"}, {"EndTime": "2020-01-01T00:00:00Z"}):
        plain = {key: NIGHTLY[key] for key in NIGHTLY if key != "Timezone"}
        with refused("ValidationException"):
            client.put_scheduled_action(**plain | wrong)
