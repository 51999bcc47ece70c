"""The built stack, packaged by the SAM CLI once and deployed to any embedded AWS after that.

`sam deploy` packages the same functions and layer again for each stack, which takes most of its
time. What it does then, CloudFormation does here: creates the stack from the packaged template.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import WaiterError

from localcloud.deploy import (
    BUILT_TEMPLATE,
    CAPABILITIES,
    SAM,
    DeploymentFailedError,
    Stack,
    failures,
    local_architecture,
    outputs,
    sam_environment,
)

if TYPE_CHECKING:
    from localcloud.server import LocalCloud

# A packaged template names its bucket, which must lie in the functions' region, and the URLs of its
# parts. Until it is uploaded, these words stand for bucket and endpoint.
_BUCKET, _ENDPOINT, _REGION = "packaged-once", "http://endpoint.invalid", "us-east-1"
_TEMPLATE = "template.packaged"
_PACKAGING_SECONDS = 300
_LOOK_SECONDS, _LOOKS = 0.1, 3000


def deploy_packaged(
    cloud: LocalCloud, stack_name: str, parameters: Mapping[str, str], region: str
) -> Stack:
    """Create a stack as `localcloud.deploy.deploy` does, and return it once it is complete.

    Raises:
        DeploymentFailedError: it was not built or packaged, or not created.
    """
    url = _uploaded(cloud, _packaged(cloud), region)
    cloudformation = cloud.client("cloudformation", region=region)
    given = {"Architecture": local_architecture(), **parameters}
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateURL=url,
        Capabilities=CAPABILITIES,
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
        ],
    )
    try:
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=stack_name,
            WaiterConfig={"Delay": _LOOK_SECONDS, "MaxAttempts": _LOOKS},
        )
    except WaiterError as error:
        raise DeploymentFailedError(
            f"{stack_name} was not created: {error}\n{failures(cloud, stack_name, region)}"
        ) from error
    return Stack(stack_name, region, outputs(cloud, stack_name, region))


def _packaged(cloud: LocalCloud) -> Path:
    """The folder with all that is to be uploaded, of the newest build.

    Made by the first process that needs it, on whose cloud it is packaged; others wait for it.
    """
    if not BUILT_TEMPLATE.exists():
        raise DeploymentFailedError(f"{BUILT_TEMPLATE} is missing. Run `make build` first.")
    place = BUILT_TEMPLATE.parents[1] / "packaged"
    place.mkdir(exist_ok=True)
    folder = place / str(BUILT_TEMPLATE.stat().st_mtime_ns)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for older in place.iterdir():
                if older.is_dir():
                    shutil.rmtree(older)
            part = place / "part"
            part.mkdir()
            _package(cloud, part)
            part.rename(folder)
    return folder


def _package(cloud: LocalCloud, folder: Path) -> None:
    s3 = cloud.client("s3", region=_REGION)
    s3.create_bucket(Bucket=_BUCKET)
    command = [
        str(SAM),
        "package",
        f"--template-file={BUILT_TEMPLATE}",
        f"--output-template-file={folder / _TEMPLATE}",
        f"--s3-bucket={_BUCKET}",
        f"--region={_REGION}",
        "--language-extensions",
        "--no-progressbar",
    ]
    try:
        subprocess.run(
            command,
            env=sam_environment(cloud, _REGION),
            cwd=BUILT_TEMPLATE.parent,  # not the repository, with its samconfig.toml
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PACKAGING_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise DeploymentFailedError(f"{error}\n{error.output}") from error
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=_BUCKET):
        for found in page.get("Contents", []):
            body = s3.get_object(Bucket=_BUCKET, Key=found["Key"])["Body"]
            (folder / found["Key"]).write_bytes(body.read())
    for template in _templates(folder):
        template.write_text(template.read_text().replace(cloud.endpoint, _ENDPOINT))


def _uploaded(cloud: LocalCloud, folder: Path, region: str) -> str:
    """URL of the packaged template in the cloud's region, beside what it names."""
    s3, bucket = cloud.client("s3", region=region), f"{_BUCKET}-{region}"
    place = {} if region == "us-east-1" else {"LocationConstraint": region}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    templates = _templates(folder)
    for file in folder.iterdir():
        content = file.read_bytes()
        if file in templates:
            content = content.replace(_ENDPOINT.encode(), cloud.endpoint.encode())
            content = content.replace(_BUCKET.encode(), bucket.encode())
        s3.put_object(Bucket=bucket, Key=file.name, Body=content)
    return f"{cloud.endpoint}/{bucket}/{_TEMPLATE}"


def _templates(folder: Path) -> set[Path]:
    """The template and its parts, among the packages."""
    return {folder / _TEMPLATE, *folder.glob("*.template")}
