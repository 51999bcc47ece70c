"""Auto scaling: the targets and policies of the table and of its indexes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.carriers.dimensions import (
    renamed,
    tables_of,
)
from pitr_guardian.aws.carriers.table import described
from pitr_guardian.aws.errors import (
    code_of,
    later_if_passing,
    message_of,
)
from pitr_guardian.aws.rights import (
    needs,
    passes_on,
)
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.restore.ports import (
    CantGoAlongError,
    Kept,
)
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import Place, TableRef

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
_OF_ACTION = (
    "ScheduledActionName",
    "ScalableDimension",
    "Schedule",
    "Timezone",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)


class AutoscalingCarrier:
    """Carries scalable targets, policies and schedules; the role stays the service-linked one."""

    setting = Setting.AUTOSCALING

    def __init__(
        self,
        scaling_for: "Callable[[Place], ApplicationAutoScalingClient]",
        client_for: ClientFor,
    ) -> None:
        """Take the doors to Application Auto Scaling and DynamoDB."""
        self._scaling_for = scaling_for
        self._client_for = client_for

    def read(self, source: TableRef) -> Kept | None:
        """See ``ports.Carrier``. Entries name their index; the table's own is the empty one."""
        return self.read_after_deletion(source, _indexes(self._client_for, source))

    @needs(
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
        on="everything",
    )
    def read_after_deletion(self, source: TableRef, indexes: Sequence[str]) -> Kept | None:
        """See ``restore.ports.OutlivingReader``."""
        client = self._scaling_for(source)
        targets, policies, actions = [], [], []
        for index in ("", *indexes):
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
                scheduled = client.get_paginator("describe_scheduled_actions").paginate(
                    ServiceNamespace=_DYNAMODB, ResourceId=resource
                )
                actions += [
                    _picked(action, _OF_ACTION, index)
                    for page in scheduled
                    for action in page["ScheduledActions"]
                    if action["ResourceId"] == resource
                ]
        kept = {"targets": targets, "policies": policies, "scheduled": actions}
        return kept if targets else None

    @needs(
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:PutScheduledAction",
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
        """See ``restore.ports.Carrier``."""
        billing = described(self._client_for, target).get("BillingModeSummary", {})
        if billing.get("BillingMode") == "PAY_PER_REQUEST":
            raise CantGoAlongError("the new table is billed per request, which needs no scaling")
        client = self._scaling_for(target)
        there = {"", *_indexes(self._client_for, target)}
        with later_if_passing():
            for entry in _on(kept["targets"], there, target):
                client.register_scalable_target(ServiceNamespace=_DYNAMODB, **entry)
            for entry in _on(kept["policies"], there, target):
                policy = renamed(entry, source.name, target.name)
                client.put_scaling_policy(ServiceNamespace=_DYNAMODB, **policy)
        told = _strange_metrics(kept["policies"], source)
        for entry in _on(kept.get("scheduled", []), there, target):
            try:
                with later_if_passing():
                    client.put_scheduled_action(ServiceNamespace=_DYNAMODB, **entry)
            except ClientError as error:
                if code_of(error) != "ValidationException":
                    raise
                # Such as one that was over before the restore was.
                name = entry["ScheduledActionName"]
                told.append(f"the schedule {name} was refused ({message_of(error)})")
        return "; ".join(told) or None


def _strange_metrics(policies: list[dict[str, Any]], source: TableRef) -> list[str]:
    """Tell the policies that go by a metric which isn't DynamoDB's own of the table."""
    names = []
    for policy in policies:
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        custom = tracking.get("CustomizedMetricSpecification")
        if custom and source.name not in tables_of(dict(custom), source.account):
            names.append(policy["PolicyName"])
    told = "these policies go by metrics of their own, which may still be the old table's: "
    return [told + ", ".join(names)] if names else []


def _indexes(client_for: ClientFor, table: TableRef) -> list[str]:
    found = described(client_for, table).get("GlobalSecondaryIndexes", [])
    return [index["IndexName"] for index in found]


def _resource(table: TableRef, index: str) -> str:
    return f"table/{table.name}/index/{index}" if index else f"table/{table.name}"


def _picked(entry: Mapping[str, Any], fields: tuple[str, ...], index: str) -> dict[str, Any]:
    picked = {field: entry[field] for field in fields if field in entry}
    return {"index": index} | {
        field: value.isoformat() if isinstance(value, datetime) else value
        for field, value in picked.items()
    }


def _on(entries: list[dict[str, Any]], there: set[str], target: TableRef) -> list[dict[str, Any]]:
    """Aim entries at the target, leaving out indexes that it hasn't got."""
    return [
        {key: value for key, value in entry.items() if key != "index"}
        | {"ResourceId": _resource(target, entry["index"])}
        for entry in entries
        if entry["index"] in there
    ]
