"""What Application Auto Scaling can scale of DynamoDB, and what it knows of each."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from localcloud.scaling.request import (
    DYNAMODB,
    TargetId,
    in_words,
    invalid,
    known_dimension,
    named,
    target_id,
)
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

_SUSPENDED = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)
_ROLE = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"


@dataclass(eq=False)
class Target:
    """A scalable target with its policies and scheduled actions by name."""

    id: TargetId
    arn: str
    role: str
    created_at: float
    minimum: int
    maximum: int
    suspended: Json = field(default_factory=lambda: dict.fromkeys(_SUSPENDED, False))
    policies: dict[str, Json] = field(default_factory=dict)
    actions: dict[str, Json] = field(default_factory=dict)

    def described(self) -> Json:
        return {
            **named(self.id),
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": self.role,
            "CreationTime": self.created_at,
            "SuspendedState": self.suspended,
            "ScalableTargetARN": self.arn,
        }


class Targets:
    """The scalable targets of all accounts and regions."""

    def __init__(self) -> None:
        self._by_scope: defaultdict[tuple[str, str], dict[TargetId, Target]] = defaultdict(dict)

    def here(self, call: Call) -> dict[TargetId, Target]:
        """Those of the call's account and region."""
        return self._by_scope[call.account, call.region]

    def get(self, call: Call) -> Target:
        """The target that a call names. Raises: AwsError, ObjectNotFoundException."""
        id_ = target_id(call)
        if id_ not in self.here(call):
            raise AwsError(
                "ObjectNotFoundException", f"No scalable target registered for {in_words(id_)}"
            )
        return self.here(call)[id_]

    def named(self, call: Call, resources: list[str] | None) -> list[Target]:
        """The targets that a Describe call asks for."""
        namespace = call.parameters.get("ServiceNamespace")
        dimension = call.parameters.get("ScalableDimension")
        if dimension:
            known_dimension(dimension)
            if not resources:
                raise invalid("A resource id must be given together with a scalable dimension")
        return [
            target
            for id_, target in self.here(call).items()
            if id_[0] == namespace
            and (not resources or id_[1] in resources)
            and dimension in {None, id_[2]}
        ]


def new_target(call: Call, at: float) -> Target:
    """A target as RegisterScalableTarget says. The service-linked role is the one it will have."""
    parameters = call.parameters
    for bound in ("MinCapacity", "MaxCapacity"):
        if not isinstance(parameters.get(bound), int):
            raise invalid(f"{bound} is required for a new scalable target")
    account = f"{call.region}:{call.account}"
    return Target(
        target_id(call),
        f"arn:aws:application-autoscaling:{account}:scalable-target/{uuid.uuid4().hex}",
        f"arn:aws:iam::{call.account}:role/aws-service-role/"
        f"{DYNAMODB}.application-autoscaling.amazonaws.com/{_ROLE}",
        at,
        parameters["MinCapacity"],
        parameters["MaxCapacity"],
    )
