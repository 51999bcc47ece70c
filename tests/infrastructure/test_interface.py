"""The stack's parameters and outputs are those of the public contract."""

from __future__ import annotations

import re

import pytest

from pitr_guardian.facts.facts import Fact
from tests.infrastructure.stack import ROOT, deployed, source

PARAMETERS = {
    "Mode": "remediate",
    "RecoveryPeriodInDays": 35,
    "ExemptTagKey": "pitr-guardian:exempt",
    "RecoveryPeriodTagKey": "pitr-guardian:recovery-days",
    "AlertEmail": "",
    "ChatAlerts": "false",
    "BirthGraceMinutes": 60,
    "MinimumRecoveryPeriodInDays": 1,
    "MaximumExemptionDays": 0,
    "SweepSchedule": "rate(1 hour)",
    "SweepRegions": "",
    "SweepCallsPerSecond": 8,
    "RestoreTimeoutHours": 24,
    "RestorePollSeconds": 20,
    "RestoreSourcePattern": "*",
    "RestoreTargetPattern": "*",
    "AllowedRequesterAccounts": "",
    "Observability": "essential",
    "OrganizationId": "",
    "ReserveEnforcement": "false",
    "MemberRoleName": "PitrGuardianMember",
    "UndoTablePattern": "",
    "UndoPlanHours": 24,
    "UndoWriteUnitsPerSecond": 500,
    "DrillTagKey": "pitr-guardian:drill",
    "DrillMonthlyBudgetUsd": 0,
    "EvidenceRetentionYears": 0,
    "KmsKeyArn": "",
    "LogRetentionInDays": 30,
    "RedriveRoleArn": "",
    "PermissionsBoundaryArn": "",
    "Architecture": "arm64",
}
OUTPUTS = {
    "RequestBusName": "RequestBus",
    "FactBusName": "FactBus",
    "AlertTopicArn": "AlertTopic",
    "RestoreStateMachineArn": "RestoreStateMachine",
    "SweepStateMachineArn": "SweepStateMachine",
    "LedgerTableName": "Ledger",
    "ReportBucketName": "ReportBucket",
    "UndoBucketName": "UndoBucket",
    "InboxBusArn": "InboxBus.Arn",
    "EvidenceBucketName": "EvidenceBucket",
    "EnforcementQueueUrl": "EnforcementQueue",
    "EnforcementDeadLetterQueueUrl": "EnforcementDeadLetterQueue",
}
VALID = {
    "ExemptTagKey": ["pitr-guardian:exempt", "NoBackup"],
    "AlertEmail": ["", "ops@example.com"],
    "SweepSchedule": ["rate(1 hour)", "rate(30 minutes)", "cron(0 3 * * ? *)"],
    "SweepRegions": ["", "us-east-1"],
    "RestoreSourcePattern": ["*", "prod-*", "Orders"],
    "RestoreTargetPattern": ["*", "restored-*"],
    "UndoTablePattern": ["", "*", "prod-*", "Orders"],
    "DrillTagKey": ["", "pitr-guardian:drill", "Drill"],
    "AllowedRequesterAccounts": ["", "111111111111"],
    "OrganizationId": ["", "o-a1b2c3d4e5"],
    "MemberRoleName": ["PitrGuardianMember", "pitr_guardian.member@x"],
    "KmsKeyArn": ["", "arn:aws:kms:eu-central-1:123456789012:key/3c1c2b8e-0f4a"],
    "RedriveRoleArn": ["", "arn:aws:iam::123456789012:role/ops/on-call"],
    "PermissionsBoundaryArn": [
        "",
        "arn:aws:iam::123456789012:policy/boundary",
        "arn:aws-cn:iam::aws:policy/path/boundary",
    ],
}
INVALID = {
    "ExemptTagKey": ["", "a" * 129, "semi;colon"],
    "AlertEmail": ["ops", "ops@", "two words@example.com"],
    "SweepSchedule": ["", "hourly", "rate()"],
    "SweepRegions": ["*", "Frankfurt"],
    "RestoreSourcePattern": ["", "prod/*", "a table"],
    "RestoreTargetPattern": ["", "*,*"],
    "UndoTablePattern": ["prod/*", "a table", "*,*"],
    "DrillTagKey": ["a" * 129, "semi;colon"],
    "AllowedRequesterAccounts": ["*", "12345678901", "arn:aws:iam::111111111111:root"],
    "OrganizationId": ["o-short", "ou-ab12-cd34ef56", "*", "a1b2c3d4e5"],
    "MemberRoleName": ["", "a/path", "*", "r" * 65],
    "KmsKeyArn": ["alias/key", "arn:aws:kms:eu-central-1:123456789012:alias/key"],
    "RedriveRoleArn": ["on-call", "arn:aws:iam::123456789012:user/anna"],
    "PermissionsBoundaryArn": ["boundary", "arn:aws:iam::123456789012:role/boundary"],
}


def test_the_parameters_are_the_contracts() -> None:
    declared = source()["Parameters"]
    assert {name: body.get("Default") for name, body in declared.items()} == PARAMETERS


def test_the_outputs_are_the_contracts() -> None:
    assert deployed().outputs == OUTPUTS
    off = OUTPUTS.keys() - {"UndoBucketName", "InboxBusArn", "EvidenceBucketName"}
    less = deployed(UndoTablePattern="", OrganizationId="", DrillTagKey="")
    assert less.outputs.keys() == off


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_says_what_it_is_for_and_refuses_nonsense(name: str) -> None:
    parameter = source()["Parameters"][name]
    assert parameter["Description"]
    bounds = {"AllowedPattern", "AllowedValues", "MinValue", "MaxValue"} & parameter.keys()
    assert bounds, f"{name} takes anything"
    if parameter["Type"] == "Number" and "AllowedValues" not in parameter:
        assert bounds == {"MinValue", "MaxValue"}


def test_a_parameter_is_found_in_the_console_where_it_belongs() -> None:
    groups = source()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(source()["Parameters"])


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in VALID.items() for value in values]
)
def test_a_pattern_takes_what_is_meant(name: str, value: str) -> None:
    assert re.fullmatch(source()["Parameters"][name]["AllowedPattern"], value)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in INVALID.items() for value in values]
)
def test_a_pattern_refuses_what_is_not_meant(name: str, value: str) -> None:
    assert not re.fullmatch(source()["Parameters"][name]["AllowedPattern"], value)


def test_every_output_says_what_it_is() -> None:
    assert all(output["Description"] for output in source()["Outputs"].values())


def parameters_in(document: str) -> dict[str, str]:
    """The parameters that a document's tables list, with their defaults."""
    text = (ROOT / document).read_text()
    return {
        name: default
        for names, default in re.findall(r"^\| (`[A-Z].*?) \| (.+?) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
        if name in PARAMETERS
    }


def test_the_parameters_are_told_with_their_defaults() -> None:
    defaults = {
        name: f"`{default}`" if default != "" else "empty" for name, default in PARAMETERS.items()
    }
    assert parameters_in("docs/deploying.md") == defaults
    first = parameters_in("README.md")
    assert first
    assert first.items() <= defaults.items()


def kinds(fact: type[Fact] = Fact) -> set[str]:
    """Every detail-type that the code words."""
    own = {fact.detail_type} if hasattr(fact, "detail_type") else set()
    return own.union(*(kinds(below) for below in fact.__subclasses__()))


def test_every_fact_is_in_the_tables() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", (ROOT / "docs/facts.md").read_text(), re.MULTILINE)
    assert kinds() <= {name for row in rows for name in re.findall(r"`(.+?)`", row)}


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 250
