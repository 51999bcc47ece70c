"""What CloudFormation made of a stack and its nested stacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def stack_resources(cloudformation: Any, stack_name: str) -> Iterator[dict[str, Any]]:
    """Every resource as `ListStackResources` tells of it, those of nested stacks too."""
    pages = cloudformation.get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack_name):
        for resource in page["StackResourceSummaries"]:
            yield resource
            if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                # Of a nested stack it's the ARN: arn:…:stack/<name>/<id>
                nested = resource["PhysicalResourceId"].split("/")[1]
                yield from stack_resources(cloudformation, nested)


def physical_id(cloudformation: Any, stack_name: str, logical_id: str) -> str:
    """Name, URL or ARN of a resource, whichever part of the stack has it.

    Raises:
        LookupError: no part has it.
    """
    for resource in stack_resources(cloudformation, stack_name):
        if resource["LogicalResourceId"] == logical_id:
            found: str = resource["PhysicalResourceId"]
            return found
    raise LookupError(f"{stack_name} and its parts have no {logical_id}")
