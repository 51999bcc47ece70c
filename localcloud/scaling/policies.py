"""Target tracking policies: what is allowed of them, and the alarms they make."""

from __future__ import annotations

import uuid

from localcloud.scaling.request import (
    CAPACITIES,
    invalid,
    named,
)
from localcloud.scaling.targets import Target
from localcloud.wire import (
    Call,
    Json,
)

_TRACKING = "TargetTrackingScaling"
_UTILIZATION = {
    "ReadCapacityUnits": "DynamoDBReadCapacityUtilization",
    "WriteCapacityUnits": "DynamoDBWriteCapacityUtilization",
}
ALARMS = ("AlarmHigh", "AlarmLow", "ProvisionedCapacityHigh", "ProvisionedCapacityLow")
_PERIOD = 60


def policy_of(call: Call, target: Target, at: float) -> Json:
    """A ScalingPolicy as PutScalingPolicy says; one of that name keeps its ARN and alarms.

    Raises:
        AwsError: ValidationException, where DynamoDB's targets can have no such policy.
    """
    name = str(call.parameters.get("PolicyName", ""))
    before = target.policies.get(name, {})
    kind = call.parameters.get("PolicyType") or before.get("PolicyType")
    if kind != _TRACKING:
        raise invalid(f"{kind or 'StepScaling'} is not supported for DynamoDB")
    tracking = call.parameters.get(f"{_TRACKING}PolicyConfiguration")
    _check(tracking or {}, target, name)
    arn = before.get("PolicyARN") or (
        f"arn:aws:autoscaling:{call.region}:{call.account}:scalingPolicy:{uuid.uuid4()}"
        f":resource/{target.id[0]}/{target.id[1]}:policyName/{name}"
    )
    names = [f"TargetTracking-{target.id[1]}-{alarm}-{uuid.uuid4()}" for alarm in ALARMS]
    alarms = f"arn:aws:cloudwatch:{call.region}:{call.account}:alarm:"
    return {
        **named(target.id),
        "PolicyARN": arn,
        "PolicyName": name,
        "PolicyType": kind,
        f"{_TRACKING}PolicyConfiguration": tracking,
        "Alarms": before.get("Alarms")
        or [{"AlarmName": alarm, "AlarmARN": alarms + alarm} for alarm in names],
        "CreationTime": before.get("CreationTime", at),
    }


def alarms_of(policy: Json, capacity: int) -> list[Json]:
    """The PutMetricAlarm calls that the service makes for a policy.

    Args:
        policy: as `policy_of` returns it.
        capacity: units provisioned now.
    """
    units = CAPACITIES[policy["ScalableDimension"]]
    table, _, index = policy["ResourceId"].removeprefix("table/").partition("/index/")
    dimensions = [{"Name": "TableName", "Value": table}]
    if index:
        dimensions.append({"Name": "GlobalSecondaryIndexName", "Value": index})
    share = policy[f"{_TRACKING}PolicyConfiguration"]["TargetValue"] / 100
    made = []
    for alarm in policy["Alarms"]:
        provisioned = "ProvisionedCapacity" in alarm["AlarmName"]
        high = "High-" in alarm["AlarmName"]
        made.append(
            {
                "AlarmName": alarm["AlarmName"],
                "AlarmDescription": "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy "
                f"{policy['PolicyARN']}.",
                "AlarmActions": [policy["PolicyARN"]],
                "Namespace": "AWS/DynamoDB",
                "MetricName": f"{'Provisioned' if provisioned else 'Consumed'}{units}",
                "Dimensions": dimensions,
                "Statistic": "Average" if provisioned else "Sum",
                "Period": 5 * _PERIOD if provisioned else _PERIOD,
                "EvaluationPeriods": 3 if provisioned else (2 if high else 15),
                "Threshold": float(capacity if provisioned else capacity * share * _PERIOD),
                "ComparisonOperator": f"{'Greater' if high else 'Less'}ThanThreshold",
            }
        )
    return made


def _check(tracking: Json, target: Target, name: str) -> None:
    predefined = tracking.get("PredefinedMetricSpecification")
    if bool(predefined) == bool(tracking.get("CustomizedMetricSpecification")):
        raise invalid("A target tracking policy needs one metric specification, and only one")
    value = tracking.get("TargetValue")
    if not isinstance(value, int | float):
        raise invalid("TargetValue is required")
    if predefined:
        expected = _UTILIZATION[CAPACITIES[target.id[2]]]
        if (found := predefined.get("PredefinedMetricType")) != expected:
            raise invalid(f"{found} does not go with {target.id[2]}: it takes {expected}")
        if not 20 <= value <= 90:
            raise invalid(f"TargetValue of {expected} must be from 20 to 90, not {value}")
    if any(
        policy[f"{_TRACKING}PolicyConfiguration"].get("PredefinedMetricSpecification") == predefined
        for other, policy in target.policies.items()
        if predefined and other != name
    ):
        raise invalid(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed"
        )
