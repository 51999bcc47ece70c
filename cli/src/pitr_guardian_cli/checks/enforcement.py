"""Whether the guardian can act: its queues, its trigger, its rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pitr_guardian_cli.aws import health
from pitr_guardian_cli.aws.stack import Stack
from pitr_guardian_cli.checks.finding import Finding, Level, fine, wrong
from pitr_guardian_cli.here import Here

_SWITCH = "dynamodb:UpdateContinuousBackups"


def queues(here: Here) -> Iterator[Finding]:
    """Whether something was given up."""
    found = health.queues(here.door, here.stack)
    if found.dead_letters:
        yield wrong(
            "dead letters",
            f"{found.dead_letters} messages could not be handled: those tables may be unprotected",
            "docs/operations.md, `Dead letters`: read them, put the cause right, then redrive",
        )
    if found.undelivered:
        yield wrong(
            "dead letters",
            f"{found.undelivered} events could not be told or handled: somebody waits, or wasn't "
            "told",
            "docs/operations.md, `Undelivered events`",
        )
    if not found.dead_letters and not found.undelivered:
        yield fine("dead letters", f"none; {found.waiting} tables wait to be looked at")


def trigger(here: Here) -> Iterator[Finding]:
    """Whether the enforcing function takes what is on its queue."""
    mappings = _mappings(here)
    for mapping in mappings:
        if mapping["State"] not in ("Enabled", "Enabling", "Updating", "Creating"):
            yield wrong(
                "trigger",
                f"enforcing is paused: its trigger is {mapping['State']}",
                f"aws lambda update-event-source-mapping --uuid {mapping['UUID']} --enabled "
                f"--region {here.stack.region}",
            )
            return
    if not mappings:
        yield wrong(
            "trigger",
            "nothing takes what is on the enforcement queue: its trigger is gone",
            "deploy the stack again (make deploy)",
        )
    else:
        yield fine("trigger", "the enforcing function takes what is on its queue")


def rights(here: Here) -> Iterator[Finding]:
    """Whether a policy of the organization keeps the guardian from switching PITR on."""
    mappings = _mappings(here)
    if here.stack.parameter("Mode", "remediate") != "remediate" or not mappings:
        return
    function = here.door.functions.get_function_configuration(
        FunctionName=mappings[0]["FunctionArn"]
    )
    role = function["Role"]
    [result] = here.door.iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=[_SWITCH],
        ResourceArns=[here.stack.table_arn("any-table")],
    )["EvaluationResults"]
    by_organization = result.get("OrganizationsDecisionDetail", {}).get(
        "AllowedByOrganizations", True
    )
    by_boundary = result.get("PermissionsBoundaryDecisionDetail", {}).get(
        "AllowedByPermissionsBoundary", True
    )
    if not by_organization:
        yield wrong(
            "rights",
            f"a service control policy of the organization denies {_SWITCH} to {role}",
            "except the guardian's roles from it, as docs/policies/scp-keep-pitr.json does",
        )
    elif not by_boundary:
        yield wrong(
            "rights",
            f"the permissions boundary of {role} doesn't allow {_SWITCH}",
            "add it to the boundary (parameter PermissionsBoundaryArn)",
        )
    elif result["EvalDecision"] != "allowed":
        yield Finding(
            "rights",
            Level.PROBLEM,
            f"{role} may not {_SWITCH} ({result['EvalDecision']})",
            "deploy the stack again (make deploy): its policies were changed",
        )
    else:
        yield fine("rights", "the guardian may switch PITR on")


def _mappings(here: Here) -> list[Any]:
    pages = here.door.functions.get_paginator("list_event_source_mappings").paginate(
        EventSourceArn=_queue_arn(here.stack)
    )
    return [each for page in pages for each in page["EventSourceMappings"]]


def _queue_arn(stack: Stack) -> str:
    name = stack.output("EnforcementQueueUrl").rpartition("/")[2]
    return f"arn:{stack.partition}:sqs:{stack.region}:{stack.account}:{name}"
