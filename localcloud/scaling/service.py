"""Application Auto Scaling of DynamoDB, which MiniStack hasn't got. It keeps and tells; nothing is
ever scaled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.clock import Clock
from localcloud.ministack import rights
from localcloud.ministack.authorisation import AUTO_SCALING
from localcloud.ministack.internals import Engine
from localcloud.scaling.policies import (
    ALARMS,
    alarms_of,
    policy_of,
)
from localcloud.scaling.request import (
    CAPACITIES,
    TargetId,
    in_words,
    invalid,
    page,
    target_id,
)
from localcloud.scaling.scheduled_actions import ScheduledActions
from localcloud.scaling.targets import (
    Targets,
    new_target,
)
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    HttpAnswer,
    Json,
    received,
)

TARGET_PREFIX = "AnyScaleFrontendService"
_RIGHTS_ON_TABLE = ("dynamodb:DescribeTable", "dynamodb:UpdateTable")
_RIGHTS_ON_ALARMS = tuple(
    f"cloudwatch:{action}Alarm{plural}"
    for action, plural in (("Describe", "s"), ("PutMetric", ""), ("Delete", "s"))
)


class AutoScaling:
    """Answers one call at a time, on the thread that serves."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._targets = Targets()
        scheduled = ScheduledActions(self._targets, clock)
        self._operations: Mapping[str, Callable[[Call], Json]] = {
            "DeleteScalingPolicy": self._delete_policy,
            "DeleteScheduledAction": scheduled.delete,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScheduledActions": scheduled.describe,
            "PutScalingPolicy": self._put_policy,
            "PutScheduledAction": scheduled.put,
            "RegisterScalableTarget": self._register,
        }

    async def handle(
        self,
        _method: str,
        _path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, Any],
    ) -> HttpAnswer:
        """A handler as MiniStack calls it."""
        call = received(AUTO_SCALING, self._engine.scope(), headers, body, query)
        try:
            operation = self._operations.get(call.operation, _unknown)
            return Answer(200, operation(call)).http()
        except AwsError as error:
            return Answer.refused(error).http()

    def _register(self, call: Call) -> Json:
        id_ = target_id(call)
        self._check_rights(call, id_)
        self._capacity(id_)
        known = self._targets.here(call).get(id_)
        target = known or new_target(call, round(self._clock.now().timestamp(), 3))
        minimum = call.parameters.get("MinCapacity", target.minimum)
        maximum = call.parameters.get("MaxCapacity", target.maximum)
        if minimum > maximum:
            raise invalid("Maximum capacity cannot be less than minimum capacity")
        if minimum < 1:
            raise invalid("Minimum capacity of a DynamoDB table or index must be at least 1")
        target.minimum, target.maximum = minimum, maximum
        target.suspended |= call.parameters.get("SuspendedState") or {}
        self._targets.here(call)[id_] = target
        return {"ScalableTargetARN": target.arn}

    def _deregister(self, call: Call) -> Json:
        target = self._targets.get(call)
        for policy in target.policies.values():
            self._delete_alarms(policy)
        del self._targets.here(call)[target.id]
        return {}

    def _describe_targets(self, call: Call) -> Json:
        wanted = call.parameters.get("ResourceIds")
        found = [target.described() for target in self._targets.named(call, wanted)]
        return page(call, "ScalableTargets", found)

    def _put_policy(self, call: Call) -> Json:
        target = self._targets.get(call)
        self._check_rights(call, target.id)
        for kind in ALARMS:
            name = f"TargetTracking-{target.id[1]}-{kind}-*"
            arn = f"arn:aws:cloudwatch:{call.region}:{call.account}:alarm:{name}"
            rights.require(self._engine, call, _RIGHTS_ON_ALARMS, arn)
        policy = policy_of(call, target, round(self._clock.now().timestamp(), 3))
        target.policies[policy["PolicyName"]] = policy
        for alarm in alarms_of(policy, self._capacity(target.id)):
            self._engine.alarms.put(alarm)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}

    def _delete_policy(self, call: Call) -> Json:
        id_, name = target_id(call), str(call.parameters.get("PolicyName", ""))
        target = self._targets.here(call).get(id_)
        if target is None or name not in target.policies:
            raise AwsError(
                "ObjectNotFoundException",
                f"No scaling policy found for {in_words(id_)}, policy name: {name}",
            )
        self._delete_alarms(target.policies.pop(name))
        return {}

    def _describe_policies(self, call: Call) -> Json:
        resource, names = call.parameters.get("ResourceId"), call.parameters.get("PolicyNames")
        found = [
            policy
            for target in self._targets.named(call, [resource] if resource else None)
            for name, policy in target.policies.items()
            if not names or name in names
        ]
        return page(call, "ScalingPolicies", found)

    def _check_rights(self, call: Call, id_: TargetId) -> None:
        """Auto Scaling refuses a caller who couldn't do by hand what it will do in its place."""
        table = id_[1].removeprefix("table/").partition("/")[0]
        arn = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{table}"
        rights.require(self._engine, call, _RIGHTS_ON_TABLE, arn)

    def _capacity(self, id_: TargetId) -> int:
        """Units provisioned now. Raises: AwsError, where there is no such table or index."""
        table, _, index = id_[1].removeprefix("table/").partition("/index/")
        found: Json | None = self._engine.table(table)
        if found and index:
            indexes = found.get("GlobalSecondaryIndexes") or []
            found = next((each for each in indexes if each["IndexName"] == index), None)
        if found is None:
            kind = "index" if index else "table"
            raise invalid(f"DynamoDB {kind} does not exist: {id_[1]}")
        return int(found["ProvisionedThroughput"][CAPACITIES[id_[2]]])

    def _delete_alarms(self, policy: Json) -> None:
        self._engine.alarms.delete([alarm["AlarmName"] for alarm in policy["Alarms"]])


def _unknown(call: Call) -> Json:
    raise AwsError("UnknownOperationException", f"The embedded AWS has no {call.operation}")
