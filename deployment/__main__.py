"""`python -m deployment --architecture arm64 …`: all that follows goes to `sam deploy`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from .arguments import Deployment, WrongArgumentsError, read_arguments
from .built import faults_of_build
from .names import fault_of_name, longest_stack_name

ROOT = Path(__file__).resolve().parents[1]
SAM = ROOT / ".sam-venv/bin/sam"
BUILT = ROOT / ".aws-sam/build"


def main(arguments: Sequence[str]) -> int:
    _, architecture, *given = arguments
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    try:
        deployment = read_arguments(given, settings, architecture)
    except WrongArgumentsError as error:
        return _refuse(str(error))
    templates = [ROOT / "template.yaml", *(ROOT / "stacks").glob("*.yaml")]
    longest = longest_stack_name(*(yaml_parse(each.read_text()) for each in templates))
    if fault := fault_of_name(deployment.stack_name, longest):
        return _refuse(fault)

    print(f"Building for {deployment.architecture}", flush=True)
    if (failed := _build(deployment)) != 0:
        return failed
    if faults := faults_of_build(ROOT, BUILT, deployment.architecture, Path(sys.executable)):
        return _refuse(f"What was built into {BUILT} is not deployed:", *faults)

    print(f"Deploying {deployment.stack_name}", flush=True)
    template = f"--template-file={BUILT / 'template.yaml'}"
    config = f"--config-file={ROOT / 'samconfig.toml'}"
    return _sam("deploy", template, config, *deployment.arguments)


def _build(deployment: Deployment) -> int:
    # Not cached: what goes to an account is built from what is here now.
    architecture = f"Architecture={deployment.architecture}"
    options = ("--no-cached", f"--build-dir={BUILT}", "--parameter-overrides", architecture)
    log = ROOT / ".make/deploy-build.log"
    with log.open("w") as output:
        failed = _sam("build", *options, output=output.fileno(), machine=deployment.machine)
    if failed:
        _refuse(log.read_text())
    return failed


def _sam(command: str, *options: str, output: int | None = None, machine: str = "") -> int:
    # `sam build` takes the python3.13 and the pip that come first: the project's, beside this one.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    # The layer's Makefile builds for what this names, in Linux's words.
    environment = {**os.environ, "PATH": path} | ({"ARCHITECTURES": machine} if machine else {})
    if region := environment.get("AWS_REGION"):  # SAM reads the other one alone
        environment.setdefault("AWS_DEFAULT_REGION", region)
    called = [str(SAM), command, *options]
    if output is None:
        print("sam", shlex.join(called[1:]), flush=True)
    error = subprocess.STDOUT if output is not None else None
    done = subprocess.run(called, env=environment, cwd=ROOT, stdout=output, stderr=error)  # noqa: PLW1510
    return done.returncode


def _refuse(*lines: str) -> int:
    print(*lines, sep="\n  ", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
