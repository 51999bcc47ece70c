"""Deploys the stack that `make build` built onto the embedded AWS, with the SAM CLI itself."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from localcloud.server import LocalCloud

_ROOT = Path(__file__).resolve().parents[1]
SAM = _ROOT / ".sam-venv/bin/sam"
BUILT_TEMPLATE = _ROOT / ".aws-sam/local/template.yaml"
DEFAULT_STACK_NAME = "pitr-guardian"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")

# A deployment takes seconds; one that hangs shall say so before a CI job's own limit cuts it off.
_TIMEOUT_SECONDS = 300
# SAM looks at AWS every 5 seconds otherwise, and would take twice as long.
_POLL_SECONDS = "0.1"


class DeploymentFailedError(Exception):
    """The stack could not be deployed. The message holds what SAM and CloudFormation said."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    region: str
    outputs: Mapping[str, str]


def deploy(
    cloud: LocalCloud,
    stack_name: str = DEFAULT_STACK_NAME,
    parameters: Mapping[str, str] | None = None,
    region: str | None = None,
    template: Path = BUILT_TEMPLATE,
) -> Stack:
    """Create or update the stack and return it once it is complete.

    `parameters` are the template's; `Architecture` is this machine's unless it is among them. The
    cloud's own region is taken where none is given.
    """
    for needed in (SAM, template):
        if not needed.exists():
            raise DeploymentFailedError(f"{needed} is missing. Run `make build` first.")

    environment = sam_environment(cloud, region)
    region = environment["AWS_REGION"]
    overrides = {"Architecture": local_architecture(), **(parameters or {})}
    command = [
        str(SAM),
        "deploy",
        f"--template-file={template}",
        f"--stack-name={stack_name}",
        f"--region={region}",
        f"--s3-bucket={_artifact_bucket(cloud, region)}",
        "--language-extensions",
        "--capabilities",
        *CAPABILITIES,
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
        "--parameter-overrides",
        *(f"{name}={json.dumps(value)}" for name, value in overrides.items()),
    ]
    try:
        sam = subprocess.run(
            command,
            env=environment,
            # Not the repository: its samconfig.toml is for deployments to a real account.
            cwd=template.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = (error.output or b"").decode(errors="replace")
        raise DeploymentFailedError(
            f"`sam deploy` of {stack_name} took more than {_TIMEOUT_SECONDS} s and was ended.\n"
            f"{output}\n{failures(cloud, stack_name, region)}"
        ) from None
    if sam.returncode != 0:
        raise DeploymentFailedError(
            f"`sam deploy` of {stack_name} failed.\n"
            f"{sam.stdout}\n{failures(cloud, stack_name, region)}"
        )
    return Stack(stack_name, region, outputs(cloud, stack_name, region))


def sam_environment(cloud: LocalCloud, region: str | None) -> dict[str, str]:
    """Ours, without anything about AWS or SAM that the developer has set, plus the cloud's."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAM_CLI_"))}
    return own | cloud.environment(region) | {"SAM_CLI_POLL_DELAY": _POLL_SECONDS}


def local_architecture() -> str:
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def _artifact_bucket(cloud: LocalCloud, region: str) -> str:
    """A bucket for the packages. `--resolve-s3` would deploy a stack of its own for it first."""
    name = f"sam-artifacts-{cloud.account_id}-{region}"
    s3 = cloud.client("s3", region=region)
    try:
        if region == "us-east-1":  # the one region that must not be named
            s3.create_bucket(Bucket=name)
        else:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    return name


def outputs(cloud: LocalCloud, stack_name: str, region: str) -> dict[str, str]:
    cloudformation = cloud.client("cloudformation", region=region)
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def failures(cloud: LocalCloud, stack_name: str, region: str) -> str:
    """One line for each resource that failed, oldest first."""
    cloudformation = cloud.client("cloudformation", region=region)
    try:
        events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    except ClientError as error:
        return f"The stack has no events: {error}"
    return "\n".join(
        f"{event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    )
