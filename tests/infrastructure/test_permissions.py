"""What each role may do: all of it, here, so that no change widens it unseen."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from tests.infrastructure.stack import (
    ACCOUNT,
    REGION,
    Json,
    Resource,
    Stack,
    deployed,
    listed,
    statements,
)

ANY_TABLE = f"arn:aws:dynamodb:*:{ACCOUNT}:table/*"
ANY_INDEX = f"{ANY_TABLE}/index/*"
ANY_BACKUP = f"{ANY_TABLE}/backup/*"
ANY_KEY = "arn:aws:kms:*:*:key/*"
ANY_ALARM = f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"
EVERYTHING = "*"

type Grants = dict[str, set[str]]
"""Action to the resources it is allowed on, each with the condition where there is one."""


def grants(*allowed: tuple[str, str]) -> Grants:
    """From pairs of actions (`service:First Second ...`) and the resource they are allowed on."""
    found: Grants = defaultdict(set)
    for actions, resource in allowed:
        service, _, names = actions.partition(":")
        for name in names.split():
            found[f"{service}:{name}"].add(resource)
    return dict(found)


def where(resource: str, condition: Json) -> str:
    return f"{resource} where {json.dumps(condition, sort_keys=True)}"


def of_a_function(group: str) -> tuple[tuple[str, str], ...]:
    return (
        ("logs:CreateLogStream PutLogEvents", f"{group}.Arn"),
        ("xray:PutTraceSegments PutTelemetryRecords", EVERYTHING),
    )


OF_A_WORKFLOW = (
    ("logs:CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery", EVERYTHING),
    ("logs:ListLogDeliveries PutResourcePolicy DescribeResourcePolicies", EVERYTHING),
    ("logs:DescribeLogGroups", EVERYTHING),
    ("xray:PutTraceSegments PutTelemetryRecords", EVERYTHING),
    ("xray:GetSamplingRules GetSamplingTargets", EVERYTHING),
)
THROUGH_DYNAMODB = {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com*"}}
OF_THE_SWEEP = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["sweep"]}}

ENFORCEMENT_AND_ALERTS = {
    "EnforceRole": grants(
        ("dynamodb:DescribeTable DescribeContinuousBackups ListTagsOfResource", ANY_TABLE),
        ("dynamodb:UpdateContinuousBackups", ANY_TABLE),
        ("dynamodb:ListBackups", EVERYTHING),
        ("dynamodb:GetItem PutItem UpdateItem Query DeleteItem", "Ledger.Arn"),
        ("events:PutEvents", "FactBus.Arn"),
        ("sqs:ReceiveMessage DeleteMessage GetQueueAttributes SendMessage", "EnforcementQueue.Arn"),
        *of_a_function("EnforceLogGroup"),
    ),
    "AnnounceRole": grants(
        ("sns:Publish", "AlertTopic"),
        ("sqs:SendMessage", "UndeliveredQueue.Arn"),
        *of_a_function("AnnounceLogGroup"),
    ),
}
RESTORES = {
    "AcceptRestoreRole": grants(
        ("dynamodb:DescribeTable DescribeContinuousBackups ListTagsOfResource", ANY_TABLE),
        ("dynamodb:ListBackups", EVERYTHING),
        ("dynamodb:DescribeBackup", ANY_BACKUP),
        ("kms:DescribeKey", ANY_KEY),
        ("states:StartExecution", "RestoreStateMachine"),
        (
            "states:DescribeExecution",
            f"arn:aws:states:{REGION}:{ACCOUNT}:execution:RestoreStateMachine.Name:*",
        ),
        ("events:PutEvents", "FactBus.Arn"),
        ("sqs:SendMessage", "UndeliveredQueue.Arn"),
        *of_a_function("AcceptRestoreLogGroup"),
    ),
    "RestoreStateMachineRole": grants(
        ("lambda:InvokeFunction", "SurveySettingsFunction.Arn"),
        ("lambda:InvokeFunction", "StartRestoreFunction.Arn"),
        ("lambda:InvokeFunction", "CheckRestoreFunction.Arn"),
        ("lambda:InvokeFunction", "CarrySettingsFunction.Arn"),
        ("dynamodb:UpdateItem", "Ledger.Arn"),
        ("events:PutEvents", "FactBus.Arn"),
        *OF_A_WORKFLOW,
    ),
    "SurveySettingsRole": grants(
        ("dynamodb:DescribeTable DescribeContinuousBackups ListTagsOfResource", ANY_TABLE),
        ("dynamodb:DescribeTimeToLive DescribeKinesisStreamingDestination", ANY_TABLE),
        ("dynamodb:GetResourcePolicy", ANY_TABLE),
        ("dynamodb:DescribeBackup", ANY_BACKUP),
        ("dynamodb:ListContributorInsights", EVERYTHING),
        ("application-autoscaling:DescribeScalableTargets DescribeScalingPolicies", EVERYTHING),
        ("lambda:ListEventSourceMappings", EVERYTHING),
        ("cloudwatch:DescribeAlarms", ANY_ALARM),
        ("kms:DescribeKey", ANY_KEY),
        ("dynamodb:GetItem", "Ledger.Arn"),
        *of_a_function("RestoreFunctionsLogGroup"),
    ),
    "StartRestoreRole": grants(
        ("dynamodb:DescribeTable", ANY_TABLE),
        ("dynamodb:RestoreTableToPointInTime RestoreTableFromBackup", ANY_TABLE),
        ("dynamodb:RestoreTableFromBackup", ANY_BACKUP),
        ("dynamodb:BatchWriteItem DeleteItem GetItem PutItem Query Scan UpdateItem", ANY_TABLE),
        (
            "kms:DescribeKey CreateGrant Encrypt Decrypt ReEncryptFrom ReEncryptTo"
            " GenerateDataKey GenerateDataKeyWithoutPlaintext",
            where(ANY_KEY, THROUGH_DYNAMODB),
        ),
        ("dynamodb:DeleteItem PutItem UpdateItem", "Ledger.Arn"),
        *of_a_function("RestoreFunctionsLogGroup"),
    ),
    "CheckRestoreRole": grants(
        ("dynamodb:DescribeTable", ANY_TABLE),
        *of_a_function("RestoreFunctionsLogGroup"),
    ),
    "CarrySettingsRole": grants(
        ("dynamodb:DescribeTable UpdateTable UpdateContinuousBackups TagResource", ANY_TABLE),
        ("dynamodb:PutResourcePolicy DescribeTimeToLive UpdateTimeToLive", ANY_TABLE),
        ("dynamodb:DescribeKinesisStreamingDestination", ANY_TABLE),
        ("dynamodb:EnableKinesisStreamingDestination", ANY_TABLE),
        ("dynamodb:UpdateContributorInsights", ANY_TABLE),
        ("dynamodb:UpdateContributorInsights", ANY_INDEX),
        ("dynamodb:ListContributorInsights", EVERYTHING),
        ("kinesis:ListStreams", EVERYTHING),
        (
            "kinesis:DescribeStream PutRecord PutRecords",
            f"arn:aws:kinesis:*:{ACCOUNT}:stream/*",
        ),
        (
            "application-autoscaling:RegisterScalableTarget PutScalingPolicy",
            f"arn:aws:application-autoscaling:*:{ACCOUNT}:scalable-target/*",
        ),
        ("cloudwatch:PutMetricAlarm DescribeAlarms", ANY_ALARM),
        ("cloudwatch:DeleteAlarms", f"{ANY_ALARM.removesuffix('*')}TargetTracking-table/*"),
        *of_a_function("RestoreFunctionsLogGroup"),
    ),
    "AbandonedRestoreRole": grants(
        ("events:PutEvents", "FactBus.Arn"),
        ("dynamodb:UpdateItem", "Ledger.Arn"),
        ("sqs:SendMessage", "UndeliveredQueue.Arn"),
        *of_a_function("RestoreFunctionsLogGroup"),
    ),
}
SWEEPS = {
    "SweepScheduleRole": grants(
        ("states:StartExecution", "SweepStateMachine"),
        ("sqs:SendMessage", "UndeliveredQueue.Arn"),
    ),
    "SweepStateMachineRole": grants(
        ("lambda:InvokeFunction", "AuditFunction.Arn"),
        ("lambda:InvokeFunction", "CheckTrailFunction.Arn"),
        ("lambda:InvokeFunction", "ReportFunction.Arn"),
        ("dynamodb:GetItem UpdateItem", where("Ledger.Arn", OF_THE_SWEEP)),
        ("events:PutEvents", "FactBus.Arn"),
        *OF_A_WORKFLOW,
    ),
    "AuditRole": grants(
        ("dynamodb:DescribeContinuousBackups", ANY_TABLE),
        ("dynamodb:ListTables", EVERYTHING),
        ("tag:GetResources", EVERYTHING),
        ("dynamodb:BatchGetItem UpdateItem", "Ledger.Arn"),
        ("sqs:SendMessage", "EnforcementQueue.Arn"),
        ("s3:PutObject", "ReportBucket.Arn/sweeps/*"),
        *of_a_function("AuditLogGroup"),
    ),
    "CheckTrailRole": grants(
        ("cloudtrail:DescribeTrails", EVERYTHING),
        ("cloudtrail:GetTrailStatus GetEventSelectors", "arn:aws:cloudtrail:*:*:trail/*"),
        ("dynamodb:GetItem UpdateItem", "Ledger.Arn"),
        ("events:PutEvents", "FactBus.Arn"),
        *of_a_function("AuditLogGroup"),
    ),
    "ReportRole": grants(
        ("s3:ListBucket", where("ReportBucket.Arn", {"StringLike": {"s3:prefix": "sweeps/*"}})),
        ("s3:GetObject", "ReportBucket.Arn/sweeps/*"),
        ("s3:PutObject", "ReportBucket.Arn/reports/*"),
        ("s3:PutObject", "ReportBucket.Arn/latest/*"),
        ("dynamodb:Scan", "Ledger.Arn"),
        *of_a_function("ReportLogGroup"),
    ),
}
ROLES = ENFORCEMENT_AND_ALERTS | RESTORES | SWEEPS

# Statements about everything, by role and Sid, and why they can't be narrower. (Service
# authorization reference: "actions that don't support resource-level permissions".)
ABOUT_EVERYTHING = {
    **{
        (role, "WriteTraces"): "X-Ray has no resources to name"
        for role in ROLES.keys() - {"SweepScheduleRole"}
    },
    ("EnforceRole", "FindBackupsOfDeletedTables"): "ListBackups knows no resource",
    ("AcceptRestoreRole", "FindBackupsOfDeletedTables"): "ListBackups knows no resource",
    ("RestoreStateMachineRole", "WriteLogs"): "log deliveries have no ARNs",
    ("SurveySettingsRole", "ListWhatHasNoResourcesToName"): "lists know no resource",
    ("CarrySettingsRole", "ListWhatHasNoResourcesToName"): "lists know no resource",
    ("SweepStateMachineRole", "WriteLogs"): "log deliveries have no ARNs",
    ("AuditRole", "ListTablesAndTheirTags"): "lists know no resource",
    ("CheckTrailRole", "ListTrails"): "DescribeTrails knows no resource",
    ("UndeliveredQueuePolicy", "OnlyOverTls"): "a queue's policy is about that queue; it denies",
    ("EnforcementQueuesPolicy", "OnlyOverTls"): "a queue's policy is about that queue; it denies",
}
ASSUMED_BY = {
    "RestoreStateMachineRole": "states.amazonaws.com",
    "SweepStateMachineRole": "states.amazonaws.com",
    "SweepScheduleRole": "scheduler.amazonaws.com",
}


def granted(role: Resource) -> Grants:
    found: Grants = defaultdict(set)
    for statement in statements(role):
        assert statement["Effect"] == "Allow"
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        resources = listed(statement["Resource"])
        if condition := statement.get("Condition"):
            resources = [where(resource, condition) for resource in resources]
        for action in listed(statement["Action"]):
            found[action].update(resources)
    return dict(found)


def roles(stack: Stack) -> dict[str, Resource]:
    return {role.id: role for role in stack.of_type("AWS::IAM::Role")}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_exactly_this(role: str) -> None:
    assert granted(roles(deployed())[role]) == ROLES[role]


def test_every_role_is_accounted_for() -> None:
    assert roles(deployed()).keys() == ROLES.keys()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_rights_but_those_written_out_in_it(role: str) -> None:
    properties = roles(deployed())[role].properties
    assert properties.keys() <= {"AssumeRolePolicyDocument", "PermissionsBoundary", "Policies"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_assumed_by_its_service_only(role: str) -> None:
    [trust] = roles(deployed())[role].properties["AssumeRolePolicyDocument"]["Statement"]
    service = ASSUMED_BY.get(role, "lambda.amazonaws.com")
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }


def test_who_only_notifies_cannot_switch_anything() -> None:
    notifying = roles(deployed(Mode="notify-only"))
    without_the_switch = dict(ROLES["EnforceRole"])
    del without_the_switch["dynamodb:UpdateContinuousBackups"]
    assert granted(notifying["EnforceRole"]) == without_the_switch
    for role in ROLES.keys() - {"EnforceRole"}:
        assert granted(notifying[role]) == ROLES[role]


def test_what_is_about_everything_has_a_reason() -> None:
    found = {
        (resource.id, statement["Sid"])
        for resource in deployed().resources.values()
        if resource.type in {"AWS::IAM::Role", "AWS::SQS::QueuePolicy"}
        for statement in statements(resource)
        if EVERYTHING in listed(statement["Resource"])
    }
    assert found == ABOUT_EVERYTHING.keys()


def test_no_action_is_a_pattern() -> None:
    for role in roles(deployed()).values():
        assert not [action for action in granted(role) if "*" in action]


def test_every_statement_says_what_it_is_for() -> None:
    for role in roles(deployed()).values():
        sids = [statement["Sid"] for statement in statements(role)]
        assert len(sids) == len(set(sids)), role.id


def test_restores_reach_the_tables_that_they_may_reach() -> None:
    stack = deployed(RestoreSourcePattern="prod-*", RestoreTargetPattern="restored-*")
    sources = f"arn:aws:dynamodb:*:{ACCOUNT}:table/prod-*"
    targets = f"arn:aws:dynamodb:*:{ACCOUNT}:table/restored-*"
    start = granted(stack["StartRestoreRole"])
    assert start["dynamodb:RestoreTableToPointInTime"] == {sources, targets}
    assert start["dynamodb:RestoreTableFromBackup"] == {f"{sources}/backup/*", targets}
    for action in ("BatchWriteItem", "GetItem", "Query", "Scan"):
        assert start[f"dynamodb:{action}"] == {targets}
    for action in ("DeleteItem", "PutItem", "UpdateItem"):
        assert start[f"dynamodb:{action}"] == {targets, "Ledger.Arn"}
    carry = granted(stack["CarrySettingsRole"])
    for action in ("UpdateContinuousBackups", "UpdateTable", "TagResource", "PutResourcePolicy"):
        assert carry[f"dynamodb:{action}"] == {targets}
    assert carry["dynamodb:UpdateContributorInsights"] == {targets, f"{targets}/index/*"}
    assert granted(stack["CheckRestoreRole"])["dynamodb:DescribeTable"] == {targets}
    accept = granted(stack["AcceptRestoreRole"])
    assert accept["dynamodb:DescribeTable"] == {sources, targets}
    assert accept["dynamodb:DescribeContinuousBackups"] == {sources}
    for role in (accept, granted(stack["SurveySettingsRole"])):
        assert role["dynamodb:DescribeBackup"] == {f"{sources}/backup/*"}


def test_a_boundary_is_put_on_every_role_where_it_is_given() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    for role in roles(deployed(PermissionsBoundaryArn=boundary)).values():
        assert role.properties["PermissionsBoundary"] == boundary
    for role in roles(deployed()).values():
        assert "PermissionsBoundary" not in role.properties
