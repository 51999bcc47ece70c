"""Which scalable target a call of Application Auto Scaling names, and which page of an answer."""

from __future__ import annotations

from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

DYNAMODB = "dynamodb"
_PAGE = 50
CAPACITIES = {
    f"{DYNAMODB}:{kind}:{capacity}Units": f"{capacity}Units"
    for kind in ("table", "index")
    for capacity in ("ReadCapacity", "WriteCapacity")
}

type TargetId = tuple[str, str, str]
"""Namespace, resource id and scalable dimension."""


def target_id(call: Call) -> TargetId:
    """The target that a call names.

    Raises:
        AwsError: ValidationException, where it could be none of DynamoDB's.
    """
    parameters = call.parameters
    namespace, resource, dimension = (
        str(parameters.get(name, ""))
        for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")
    )
    known_dimension(dimension)
    kind = dimension.split(":")[1]
    parts = resource.split("/")
    fits = (
        parts[0] == "table"
        and all(parts)
        and (len(parts) == 2 if kind == "table" else len(parts) == 4 and parts[2] == "index")
    )
    if namespace != DYNAMODB or not fits:
        raise invalid("Unsupported service namespace, resource type or scalable dimension")
    return namespace, resource, dimension


def known_dimension(dimension: str) -> None:
    """Raises: AwsError, ValidationException for what is no dimension of DynamoDB's."""
    if dimension not in CAPACITIES:
        raise invalid(
            f"1 validation error detected: Value '{dimension}' at 'scalableDimension' failed to "
            f"satisfy constraint: Member must satisfy enum value set: {sorted(CAPACITIES)}"
        )


def page(call: Call, member: str, found: list[Json]) -> Json:
    """One page of a Describe call's answer."""
    token = str(call.parameters.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidNextTokenException", f"Invalid token: {token}")
    first = int(token)
    last = first + min(int(call.parameters.get("MaxResults", _PAGE)), _PAGE)
    more = {"NextToken": str(last)} if last < len(found) else {}
    return {member: found[first:last], **more}


def named(target: TargetId) -> Json:
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    return dict(zip(names, target, strict=True))


def in_words(target: TargetId) -> str:
    namespace, resource, dimension = target
    return (
        f"service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"
    )


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
