"""Each side of a comparison runs in a fresh process, and says in JSON what it measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CUSTODIAN_PYTHON = ROOT / ".custodian-venv/bin/python"
_PATIENCE_SECONDS = 600


def environment(**more: str) -> dict[str, str]:
    """A process's variables: nothing of AWS is the developer's own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | {
        "PYTHONPATH": f"{ROOT / 'layers/guardian'}{os.pathsep}{ROOT}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **more,
    }


def measured(
    program: str,
    *arguments: str,
    variables: Mapping[str, str],
    python: Path | str = sys.executable,
    bare: bool = False,
    folder: Path = ROOT,
) -> Any:
    """Run one of `benchmarks/measured` in a folder and return what its last line of output says.

    A bare Python has no packages but those on `PYTHONPATH`.

    Raises:
        RuntimeError: it failed; the text holds what it said.
    """
    options = ["-S"] if bare else []
    command = [str(python), *options, str(ROOT / "benchmarks/measured" / program), *arguments]
    done = subprocess.run(
        command,
        env=environment(**variables),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])
