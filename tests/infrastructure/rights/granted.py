"""What the template grants each role, by kinds of resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass

from tests.infrastructure.rights.wired import Right
from tests.infrastructure.stack import ACCOUNT, REGION, Json, Resource, Stack, listed, statements

EVERYTHING = "*"
STACKS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/of-the-stack"

# Resources of the template by their logical ids, and others by their ARNs; the first that fits.
_KINDS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "everything": r"\*",
        "ledger": r"Ledger(\.Arn)?",
        "fact bus": r"FactBus(\.Arn)?",
        "enforcement queue": r"EnforcementQueue\.Arn",
        "undelivered queue": r"UndeliveredQueue\.Arn",
        "alert topic": r"AlertTopic",
        "chat topic": r"ChatTopic",
        "digest queue": r"DigestQueue\.Arn",
        "digests": r"ReportBucket\.Arn/digests/\*",
        "restore workflow": r"RestoreStateMachine",
        "report bucket": r"ReportBucket\.Arn",
        "sweeps' parts": r"ReportBucket\.Arn/sweeps/\*",
        "reports": r"ReportBucket\.Arn/(reports|latest)/\*",
        "surveys": r"ReportBucket\.Arn/restores/\*",
        "stack's key": re.escape(STACKS_KEY),
        "undo workflow": r"(Plan|Apply)StateMachine|arn:aws:states:.*:stateMachine:.*-undo-\w+",
        "undo's execution": r"arn:aws:states:.*:execution:(ApplyStateMachine\.Name|.*-undo-\w+):\*",
        "undo's child": r"arn:aws:states:.*:execution:.*-undo-\w+/\*",
        "sweep workflow": r"arn:aws:states:.*:stateMachine:.*-sweep",
        "sweep's execution": r"arn:aws:states:.*:execution:.*-sweep:\*",
        "sweep's child": r"arn:aws:states:.*:execution:.*-sweep/\*",
        "drill workflow": r"DrillStateMachine|arn:aws:states:.*:stateMachine:.*-drill",
        "drill's execution": r"arn:aws:states:.*:execution:(DrillStateMachine\.Name|.*-drill):\*",
        "drill's child": r"arn:aws:states:.*:execution:.*-drill/\*",
        # What reads and writes a table's history: each in a bucket of its own.
        "undo bucket": r"(UndoBucket|EvidenceBucket)\.Arn",
        "undos": r"UndoBucket\.Arn/undos/\*|EvidenceBucket\.Arn/work/\*",
        "evidence": r"EvidenceBucket\.Arn/(evidence|years)/\*",
        "member role": r"arn:aws:iam::\*:role/.*",
        "export": r"arn:aws:dynamodb:.*:table/.*/export/\*",
        "backup": r"arn:aws:dynamodb:.*:table/.*/backup/\*",
        "index": r"arn:aws:dynamodb:.*:table/.*/index/\*",
        "table": r"arn:aws:dynamodb:.*:table/.*",
        "key": r"arn:aws:kms:.*:key/\*",
        "alarm of a scaling policy": r"arn:aws:cloudwatch:.*:alarm:TargetTracking-table/.*",
        "alarm of a restored table": r"arn:aws:cloudwatch:.*:alarm:.*restored:.*",
        "alarm": r"arn:aws:cloudwatch:.*:alarm:\*",
        "scalable target": r"arn:aws:application-autoscaling:.*:scalable-target/\*",
        "Kinesis stream": r"arn:aws:kinesis:.*:stream/\*",
        "restore's execution": r"arn:aws:states:.*:execution:RestoreStateMachine\.Name:\*",
        "trail": r"arn:aws:cloudtrail:.*:trail/\*",
    }.items()
}


@dataclass(frozen=True)
class Grant:
    """One action on one resource, as a statement allows it."""

    action: str
    resource: str
    condition: Json

    @property
    def right(self) -> Right:
        return Right(self.action, kind_of(self.resource))


def kind_of(resource: str) -> str:
    """The kind of a resource; one of the template's that has no kind is its own."""
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(resource):
            return kind
    assert not resource.startswith("arn:"), f"what kind of resource is {resource}?"
    return resource


def grants_of(statement: Json) -> Iterator[Grant]:
    """Everything that one statement allows."""
    assert statement["Effect"] == "Allow"
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    for action in listed(statement["Action"]):
        for resource in listed(statement["Resource"]):
            yield Grant(action, resource, statement.get("Condition", {}))


def grants(role: Resource) -> list[Grant]:
    """Everything that a role's statements allow."""
    return [grant for statement in statements(role) for grant in grants_of(statement)]


def granted_by_role(stack: Stack) -> dict[str, set[Right]]:
    """Role to what it may do."""
    return {
        role.id: {grant.right for grant in grants(role)} for role in stack.of_type("AWS::IAM::Role")
    }


def differences(needed: AbstractSet[Right], granted: AbstractSet[Right]) -> list[str]:
    """What is needed and not granted, and what is granted and not needed, in words."""
    return sorted(
        [f"{right.action} on {right.on} is needed, and not granted" for right in needed - granted]
        + [f"{right.action} on {right.on} is granted, and not needed" for right in granted - needed]
    )
