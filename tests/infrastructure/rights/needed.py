"""What each role needs: for its code or workflow, and for what AWS does in its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.infrastructure.rights.granted import STACKS_KEY, kind_of
from tests.infrastructure.rights.source import noted
from tests.infrastructure.rights.wired import Right, Rights, rights_of_handler, united
from tests.infrastructure.stack import ROOT, Json, Resource, Stack, written

_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
_TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
# Step Functions developer guide, "Using CloudWatch Logs to log execution history".
_WORKFLOW_LOGS = tuple(
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery"),
        *("ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies"),
        "DescribeLogGroups",
    )
)
# The same, "Trace request data with AWS X-Ray".
_WORKFLOW_TRACES = (*_TRACES, "xray:GetSamplingRules", "xray:GetSamplingTargets")

# What uses something that is encrypted with the stack's key asks of KMS (guides of SQS, SNS,
# DynamoDB and S3; SQS and SNS want both rights of who sends).
_USES_OF_THE_KEY = {
    "ledger": ("kms:Decrypt", "kms:GenerateDataKey"),
    "enforcement queue": ("kms:Decrypt", "kms:GenerateDataKey"),
    "undelivered queue": ("kms:Decrypt", "kms:GenerateDataKey"),
    "alert topic": ("kms:Decrypt", "kms:GenerateDataKey"),
    "chat topic": ("kms:Decrypt", "kms:GenerateDataKey"),
    "digest queue": ("kms:Decrypt", "kms:GenerateDataKey"),
    "digests": ("kms:Decrypt", "kms:GenerateDataKey"),
    "sweeps' parts": ("kms:Decrypt", "kms:GenerateDataKey"),
    "reports": ("kms:Decrypt", "kms:GenerateDataKey"),
    "undos": ("kms:Decrypt", "kms:GenerateDataKey"),
    "evidence": ("kms:Decrypt", "kms:GenerateDataKey"),
}

# What is where the tables are, in whichever account.
_OF_A_PLACE = {"table", "backup", "export", "index", "trail"}

# The arguments by which a workflow's integrations name their resource.
_NAMED_BY = {
    "lambda:invoke": ("FunctionName", "lambda:InvokeFunction"),
    "dynamodb:getItem": ("TableName", "dynamodb:GetItem"),
    "dynamodb:putItem": ("TableName", "dynamodb:PutItem"),
    "dynamodb:updateItem": ("TableName", "dynamodb:UpdateItem"),
    "dynamodb:deleteItem": ("TableName", "dynamodb:DeleteItem"),
    "events:putEvents": ("EventBusName", "events:PutEvents"),
    "sns:publish": ("TopicArn", "sns:Publish"),
    "sqs:sendMessage": ("QueueUrl", "sqs:SendMessage"),
}
# Step Functions developer guide, "IAM policies for using Distributed Map states".
_CHILDREN = {
    "{} workflow": ("states:StartExecution",),
    "{}'s execution": ("states:DescribeExecution", "states:StopExecution"),
    "{}'s child": ("states:DescribeExecution", "states:StopExecution"),
}
_READS = {
    "${UndoBucket}": "undos",
    "${EvidenceBucket}": "undos",
    "${ReportBucket}": "sweeps' parts",
}
_INTEGRATION = re.compile(r"arn:\$\{Partition\}:states:::(\w+:\w+)$")


def needed_by_role(stack: Stack) -> dict[str, Rights]:
    """Role to what it needs, for every role of the stack."""
    found: dict[str, Rights] = {}
    for role, rights in (*_functions(stack), *_workflows(stack), *_schedules(stack)):
        found[role] = united(found.get(role, {}), rights)
    if any(STACKS_KEY in json.dumps(each.properties) for each in stack.resources.values()):
        found = {role: united(rights, _of_the_key(rights)) for role, rights in found.items()}
    return found


def _rights(actions: tuple[str, ...], on: str, why: str) -> Rights:
    return {Right(action, on): frozenset({why}) for action in actions}


def _functions(stack: Stack) -> Iterator[tuple[str, Rights]]:
    for name, body in written().items():
        if body["Type"] != "AWS::Serverless::Function" or name not in stack.resources:
            continue
        function = stack[name]
        properties = function.properties
        role = properties["Role"].removesuffix(".Arn")
        environment = properties["Environment"]["Variables"]
        code, handler = body["Properties"]["CodeUri"], body["Properties"]["Handler"]
        # What the role of a member needs in its account isn't the function's own role's to have.
        reached = _reached(code, handler, tuple(sorted(environment.items())))
        rights = {right: why for right, why in reached.items() if right.on != "member role"}
        yield role, rights
        if works_in_members(rights) and stack.has("InboxBus", "AWS::Events::EventBus"):
            yield role, _of_the_door()
        yield role, united(*_of_the_runtime(stack, function))


@cache
def _reached(code: str, handler: str, environment: tuple[tuple[str, str], ...]) -> Rights:
    """A function is wired alike in most of the stacks that tests ask for."""
    return rights_of_handler(code, handler, dict(environment))


def works_in_members(rights: Rights) -> bool:
    """Whether it works in the accounts that tables are in."""
    return any(right.on in _OF_A_PLACE for right in rights)


def _of_the_door() -> Rights:
    """What it takes to have a client of another account."""
    enter = "pitr_guardian.aws.members", "_Member._assume_role"
    return {Right(action, on): frozenset({why}) for action, on, why in noted(enter)}


def _of_the_runtime(stack: Stack, function: Resource) -> Iterator[Rights]:
    """What Lambda does under the function's role."""
    group = function.properties["LoggingConfig"]["LogGroup"]
    yield _rights(_LOGS, f"{group}.Arn", "Lambda: writes the function's log")
    if function.properties["TracingConfig"]["Mode"] == "Active":
        yield _rights(_TRACES, "everything", "Lambda: traces invocations")
    for each in stack.resources.values():
        properties = each.properties
        if properties.get("FunctionName") != function.id:
            continue
        if each.type == "AWS::Lambda::EventSourceMapping":
            queue = kind_of(properties["EventSourceArn"])
            yield _rights(_QUEUE, queue, "Lambda: reads the queue for the function")
        if each.type == "AWS::Lambda::EventInvokeConfig":
            failed = properties["DestinationConfig"]["OnFailure"]["Destination"]
            queue = kind_of(failed)
            why = "Lambda: keeps events that the function could not handle"
            yield _rights(("sqs:SendMessage",), queue, why)


def _workflows(stack: Stack) -> Iterator[tuple[str, Rights]]:
    for workflow in stack.of_type("AWS::StepFunctions::StateMachine"):
        properties = workflow.properties
        role = properties["RoleArn"].removesuffix(".Arn")
        definition = json.loads((ROOT / _definition_of(workflow.id)).read_text())
        yield role, rights_of_definition(definition, properties["DefinitionSubstitutions"])
        if properties["LoggingConfiguration"]["Level"] != "OFF":
            yield role, _rights(_WORKFLOW_LOGS, "everything", "Step Functions: writes its log")
        if properties["TracingConfiguration"]["Enabled"]:
            yield role, _rights(_WORKFLOW_TRACES, "everything", "Step Functions: traces executions")


def _definition_of(workflow: str) -> str:
    uri: str = written()[workflow]["Properties"]["DefinitionUri"]
    return uri


def rights_of_definition(definition: Json, substitutions: Mapping[str, str]) -> Rights:
    """What the tasks of a workflow call.

    Args:
        definition: in the states language.
        substitutions: what stands for the definition's `${...}`.
    """
    return united(
        *(_of_task(name, state, substitutions) for name, state in _states(definition, "Task")),
        *(_of_map(name, state, _kind(substitutions)) for name, state in _states(definition, "Map")),
    )


def _states(definition: Any, type_: str) -> Iterator[tuple[str, Json]]:
    if isinstance(definition, list):
        for each in definition:
            yield from _states(each, type_)
    if isinstance(definition, dict):
        for name, state in definition.get("States", {}).items():
            if state["Type"] == type_:
                yield name, state
        for key, inner in definition.items():
            if key not in {"Arguments", "Assign", "Output"}:
                yield from _states(inner, type_)


def _kind(substitutions: Mapping[str, str]) -> str:
    """What a workflow with Distributed Maps is of."""
    if "EvidenceBucket" in substitutions:
        return "drill"
    return "sweep" if "SumUpFunctionArn" in substitutions else "undo"


def _of_map(name: str, state: Json, kind: str) -> Rights:
    """What Step Functions does for a Distributed Map."""
    if state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED":
        return {}
    purpose = f"“{name}”: each of its items has an execution"
    found = united(
        *(_rights(actions, on.format(kind), purpose) for on, actions in _CHILDREN.items())
    )
    if "ItemReader" in state:
        reader = state["ItemReader"]
        assert reader["Resource"] == "arn:${Partition}:states:::s3:getObject"
        on = _READS[reader["Arguments"]["Bucket"]]
        found = united(found, _rights(("s3:GetObject",), on, f"“{name}”: reads what its items are"))
    return found


def _of_task(name: str, state: Json, substitutions: Mapping[str, str]) -> Rights:
    integration = _INTEGRATION.match(state["Resource"])
    assert integration, f"{name}: {state['Resource']} is no integration that is known here"
    argument, action = _NAMED_BY[integration[1]]
    arguments = state["Arguments"]
    entries = arguments.get("Entries", [arguments])
    named = {entry[argument] for entry in entries}
    resources = {substitutions[each.removeprefix("${").removesuffix("}")] for each in named}
    on = {kind_of(resource) for resource in resources}
    return {Right(action, each): frozenset({f"“{name}”"}) for each in on}


def _schedules(stack: Stack) -> Iterator[tuple[str, Rights]]:
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        target = schedule.properties["Target"]
        role = target["RoleArn"].removesuffix(".Arn")
        assert stack.has(target["Arn"], "AWS::StepFunctions::StateMachine")
        yield role, _rights(("states:StartExecution",), target["Arn"], "Scheduler: starts sweeps")
        queue = kind_of(target["DeadLetterConfig"]["Arn"])
        why = "Scheduler: keeps what it could not start"
        yield role, _rights(("sqs:SendMessage",), queue, why)


def _of_the_key(rights: Rights) -> Rights:
    kept = [right.on for right in rights if right.on in _USES_OF_THE_KEY]
    return united(
        *(
            _rights(_USES_OF_THE_KEY[on], "stack's key", f"encrypts what the {on} holds")
            for on in kept
        )
    )
