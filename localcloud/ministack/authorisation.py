"""Repairs of what MiniStack asks IAM: which action, which resource, and which condition keys."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.ministack.event_buses import (
    PUT_EVENTS,
    conditions_of,
)
from localcloud.ministack.leading_keys import leading_keys
from localcloud.ministack.multivalued_keys import ask_for_set_operators
from localcloud.wire import (
    Json,
    decoded,
)

AUTO_SCALING = "application-autoscaling"
# Operations that IAM knows without a resource: a policy must name "*" for them.
_WITHOUT_RESOURCE = frozenset(
    {"DescribeEndpoints", "DescribeLimits", "ListBackups", "ListExports", "ListImports"}
    | {"ListContributorInsights", "ListGlobalTables", "ListTables"}
)
_RESOURCE_PARAMETERS = ("ResourceArn", "SourceTableArn", "BackupArn", "TableArn", "ExportArn")
_TARGET_CHANGES = frozenset(
    {"RegisterScalableTarget", "DeregisterScalableTarget"}
    | {"PutScalingPolicy", "DeleteScalingPolicy", "PutScheduledAction", "DeleteScheduledAction"}
)


def repair_authorisation(key_arn: Callable[[str], str | None]) -> None:
    """Make MiniStack check calls against the resource that IAM checks them against.

    MiniStack knows a DynamoDB call's resource only from `TableName`. TagResource, restores and
    backups name theirs otherwise and were checked against "*", so a least-privilege policy was
    denied; ListBackups, which IAM only knows with "*", was checked against the table. Its denials
    are called "AccessDenied"; DynamoDB says AccessDeniedException. Of CloudWatch it knows only
    `AlarmName`. A role was checked without its path, and a KMS key named by an alias as the alias;
    IAM knows keys. A rule of the default bus had the bus's name in its ARN. IAM knows no batch
    actions of SQS either: who may send a message may send ten.

    Args:
        key_arn: the ARN of the key that an id, ARN or alias of the current scope means.
    """
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    by_table_name, by_service = actions.dynamodb_resource_arns, actions.extract_resource_arn
    tag_context, extract_action = actions.request_tag_context, actions.extract_iam_action

    def iam_action(*request: Any) -> str | None:
        action: str | None = extract_action(*request)
        if action and action.startswith("sqs:"):
            return action.removesuffix("Batch")
        return action

    def resource_arns(body: bytes, region: str, account_id: str) -> list[str]:
        parameters = decoded(body)
        for name in _RESOURCE_PARAMETERS:
            if isinstance(arn := parameters.get(name), str) and arn:
                return [arn]
        if source := parameters.get("SourceTableName"):
            return [f"arn:aws:dynamodb:{region}:{account_id}:table/{source}"]
        if creation := parameters.get("TableCreationParameters"):
            name = creation.get("TableName", "")
            return [f"arn:aws:dynamodb:{region}:{account_id}:table/{name}"]
        found: list[str] = by_table_name(body, region, account_id)
        return found

    def resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "dynamodb" and operation in _WITHOUT_RESOURCE:
            return "*"
        if service == AUTO_SCALING:
            targets = f"arn:aws:{AUTO_SCALING}:{region}:{account_id}:scalable-target/*"
            return targets if operation in _TARGET_CHANGES else "*"
        if service == "monitoring" and (
            alarm := _alarm_arn(operation, decoded(body), region, account_id)
        ):
            return alarm
        found: str = by_service(service, method, path, headers, body, query, region, account_id)
        if service == "iam" and ":role/" in found:
            return _role_arn(found, account_id)
        if service == "events":  # a rule of the default bus has no bus in its ARN
            return found.replace(":rule/default/", ":rule/")
        return (key_arn(found) or found) if service == "kms" and ":alias/" in found else found

    def context(service: str, action: str, body: bytes, params: Mapping[str, Any]) -> Json:
        found: Json = tag_context(service, action, body, params)
        if service == AUTO_SCALING:
            parameters = decoded(body)
            found |= {
                f"{AUTO_SCALING}:{key}": parameters[field]
                for key, field in (
                    ("service-namespace", "ServiceNamespace"),
                    ("scalable-dimension", "ScalableDimension"),
                )
                if field in parameters
            }
        if action == PUT_EVENTS:
            found |= conditions_of(body)
        if service == "dynamodb" and (keys := leading_keys(decoded(body))):
            found["dynamodb:LeadingKeys"] = keys
        return found

    actions.extract_iam_action = iam_action
    actions.dynamodb_resource_arns = resource_arns
    actions.extract_resource_arn = resource_arn
    actions.request_tag_context = context
    for service in ("dynamodb", AUTO_SCALING):
        actions._DENIED_CODES[service] = "AccessDeniedException"
    _name_roles_by_their_arn()
    ask_for_set_operators()


def _name_roles_by_their_arn() -> None:
    """`aws:PrincipalArn` is the ARN of the role, path and all; MiniStack took the session's.

    Nor did it know `aws:PrincipalIsAWSService`: whoever comes with an access key is no service
    (IAM user guide, global condition keys).
    """
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    iam: Any = importlib.import_module("ministack.services.iam")
    resolve = evaluator._resolve_condition_key

    def resolve_key(key: str, context: Any) -> Any:
        if key.lower() == "aws:principalisawsservice":
            return "false"
        _, session, name = context.principal_arn.partition(":assumed-role/")
        if session and key.lower() == "aws:principalarn":
            account = context.principal_arn.split(":")[4]
            role = iam._roles.get_scoped(account, None, name.partition("/")[0])
            if role:
                return role["Arn"]
        return resolve(key, context)

    evaluator._resolve_condition_key = resolve_key
    by_name = evaluator._gather_role_policies

    # SimulatePrincipalPolicy looked for a role of the name "path/name".
    def policies_of(role_name: str, account_id: str) -> Any:
        return by_name(role_name.rpartition("/")[2], account_id)

    evaluator._gather_role_policies = policies_of


def _role_arn(named: str, account_id: str) -> str:
    """The ARN of a role that is there, with its path, of which MiniStack knows the name."""
    iam: Any = importlib.import_module("ministack.services.iam")
    role: Json | None = iam._roles.get_scoped(account_id, None, named.rpartition("/")[2])
    return str(role["Arn"]) if role else named


def add_to_routes(service: str, target_prefix: str) -> None:
    """Tell MiniStack of a service it hasn't got: its target header, and its name in policies."""
    router: Any = importlib.import_module("ministack.core.router")
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    router.SERVICE_PATTERNS[service] = {"target_prefixes": [target_prefix]}
    actions.SERVICE_TO_IAM_NAMESPACE[service] = service


def _alarm_arn(operation: str, parameters: Json, region: str, account_id: str) -> str | None:
    """The alarm that a CloudWatch call is about; None: MiniStack knows better, or nobody does."""
    alarms = f"arn:aws:cloudwatch:{region}:{account_id}:alarm:"
    if operation == "DescribeAlarms":
        return alarms + "*"
    if arn := parameters.get("ResourceARN"):
        return str(arn)
    if name := parameters.get("AlarmName"):
        return alarms + str(name)
    names = parameters.get("AlarmNames")
    return alarms + str(names[0]) if isinstance(names, list) and names else None
