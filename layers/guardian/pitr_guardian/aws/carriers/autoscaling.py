"""Auto scaling: the targets and policies of the table and of its indexes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.carriers.table import described
from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs, passes_on
from pitr_guardian.aws.tables import ClientFor
from pitr_guardian.ports import CantGoAlongError, Kept
from pitr_guardian.restore_request import Setting
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_application_autoscaling.literals import ServiceNamespaceType

_DYNAMODB: "ServiceNamespaceType" = "dynamodb"
# Application Auto Scaling user guide, "Identity-based policies", its actions and DynamoDB's.
_BY_HAND = "who registers a target must be allowed what Application Auto Scaling will do"
_ITS_ALARMS = "a scaling policy comes with alarms, which are made and replaced for the caller"

_OF_TARGET = ("ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState")
_OF_POLICY = (
    "PolicyName",
    "ScalableDimension",
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
)


class AutoscalingCarrier:
    """Carries scalable targets and scaling policies; the role stays the service-linked one."""

    setting = Setting.AUTOSCALING

    def __init__(
        self,
        scaling_for: "Callable[[str], ApplicationAutoScalingClient]",
        client_for: ClientFor,
    ) -> None:
        """Take the doors to Application Auto Scaling and DynamoDB."""
        self._scaling_for = scaling_for
        self._client_for = client_for

    @needs(
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        on="everything",
    )
    def read(self, source: TableRef) -> Kept | None:
        """See ``ports.Carrier``. Entries name their index; the table's own is the empty one."""
        client = self._scaling_for(source.region)
        targets, policies = [], []
        for index in ("", *_indexes(self._client_for, source)):
            resource = _resource(source, index)
            with later_if_passing():
                found = client.get_paginator("describe_scalable_targets").paginate(
                    ServiceNamespace=_DYNAMODB, ResourceIds=[resource]
                )
                targets += [
                    _picked(target, _OF_TARGET, index)
                    for page in found
                    for target in page["ScalableTargets"]
                ]
                scaling = client.get_paginator("describe_scaling_policies").paginate(
                    ServiceNamespace=_DYNAMODB, ResourceId=resource
                )
                policies += [
                    _picked(policy, _OF_POLICY, index)
                    for page in scaling
                    for policy in page["ScalingPolicies"]
                ]
        return {"targets": targets, "policies": policies} if targets else None

    @needs(
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
        on="scalable target",
    )
    @passes_on("dynamodb:DescribeTable", "dynamodb:UpdateTable", on="table", why=_BY_HAND)
    @passes_on("cloudwatch:DescribeAlarms", on="alarm", why=_ITS_ALARMS)
    @passes_on(
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DeleteAlarms",
        on="alarm of a scaling policy",
        why=_ITS_ALARMS,
    )
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``ports.Carrier``."""
        billing = described(self._client_for, target).get("BillingModeSummary", {})
        if billing.get("BillingMode") == "PAY_PER_REQUEST":
            raise CantGoAlongError("the new table is billed per request, which needs no scaling")
        client = self._scaling_for(target.region)
        there = {"", *_indexes(self._client_for, target)}
        with later_if_passing():
            for entry in _on(kept["targets"], there, target):
                client.register_scalable_target(ServiceNamespace=_DYNAMODB, **entry)
            for entry in _on(kept["policies"], there, target):
                client.put_scaling_policy(ServiceNamespace=_DYNAMODB, **entry)
        return None


def _indexes(client_for: ClientFor, table: TableRef) -> list[str]:
    found = described(client_for, table).get("GlobalSecondaryIndexes", [])
    return [index["IndexName"] for index in found]


def _resource(table: TableRef, index: str) -> str:
    return f"table/{table.name}/index/{index}" if index else f"table/{table.name}"


def _picked(entry: Mapping[str, Any], fields: tuple[str, ...], index: str) -> dict[str, Any]:
    return {"index": index} | {field: entry[field] for field in fields if field in entry}


def _on(entries: list[dict[str, Any]], there: set[str], target: TableRef) -> list[dict[str, Any]]:
    """Aim entries at the target, leaving out indexes that it hasn't got."""
    return [
        {key: value for key, value in entry.items() if key != "index"}
        | {"ResourceId": _resource(target, entry["index"])}
        for entry in entries
        if entry["index"] in there
    ]
