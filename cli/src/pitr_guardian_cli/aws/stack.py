"""The guardian's stack: found by its name, known by its outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian_cli.problems import Problem

if TYPE_CHECKING:
    from pitr_guardian_cli.aws.door import Door

# Every version of the guardian has these.
_ITS_OUTPUTS = {"RequestBusName", "FactBusName", "LedgerTableName"}
_VERSION = re.compile(r"PITR Guardian (\d+\.\d+\.\d+)")


@dataclass(frozen=True)
class Stack:
    """A deployed guardian."""

    name: str
    region: str
    account: str
    partition: str
    status: str
    version: str | None
    """None where the stack is older than the habit of telling it."""
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    def output(self, name: str) -> str:
        """An output that the command can't do without.

        Raises:
            Problem: the deployed version has none of that name.
        """
        try:
            return self.outputs[name]
        except KeyError:
            raise Problem(
                f"the stack {self.name} in {self.region} has no output {name}: what it does isn't "
                "deployed there, or the stack is older than this command line",
                remedy="upgrade the stack, or deploy it with the parameter that it takes "
                "(docs/deploying.md)",
            ) from None

    def parameter(self, name: str, default: str = "") -> str:
        """A parameter's value; the default where the deployed version has none of that name."""
        return self.parameters.get(name, default)

    def table_arn(self, table: str) -> str:
        """The ARN of a table that was named, by its name or its ARN."""
        if table.startswith("arn:"):
            return table
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{table}"

    def machine_arn(self, name: str) -> str:
        """The ARN of a workflow that the stack names after itself, such as ``undo-plan``."""
        place = f"{self.region}:{self.account}"
        return f"arn:{self.partition}:states:{place}:stateMachine:{self.name}-{name}"

    def execution_arn(self, machine_arn: str, name: str) -> str:
        """The ARN of a workflow's execution."""
        return f"{machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def find(door: Door, name: str) -> Stack:
    """Find the guardian's stack in the door's account and region.

    Raises:
        Problem: there is none of that name, or it isn't the guardian's.
    """
    try:
        [found] = door.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise Problem(
            f"there is no stack {name} in {door.region} of account {door.account}",
            remedy=_another(door),
        ) from None
    outputs = _outputs(found)
    if not outputs.keys() >= _ITS_OUTPUTS:
        raise Problem(
            f"the stack {name} in {door.region} is {found['StackStatus']}, and no guardian that "
            "one could speak to",
            remedy="look at its events in CloudFormation, or name another with --stack",
        )
    version = _VERSION.search(found.get("Description", ""))
    _, partition, _, _, account, _ = found.get("StackId", "").split(":", 5)
    return Stack(
        name=found["StackName"],
        region=door.region,
        account=account,
        partition=partition,
        status=found["StackStatus"],
        version=version[1] if version else None,
        outputs=outputs,
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in found.get("Parameters", [])
        },
    )


def _outputs(stack: Any) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def _another(door: Door) -> str:
    """Name the guardians that there are; who may not list stacks is told less."""
    try:
        pages = door.cloudformation.get_paginator("describe_stacks").paginate()
        names = [
            stack["StackName"]
            for page in pages
            for stack in page["Stacks"]
            if _outputs(stack).keys() >= _ITS_OUTPUTS
        ]
    except ClientError:
        names = []
    if names:
        return f"there is a guardian called {' and one called '.join(names)}: --stack {names[0]}"
    return "name its region with --region and its name with --stack, or another --profile"
