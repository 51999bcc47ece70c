"""The Python that runs functions: an interpreter with what Lambda's runtime brings, and no more.

MiniStack runs functions with the interpreter it runs under itself, whose packages are the whole
development environment: what a built package lacked was found there, and worked. Here is one of its
own. Of Lambda's runtime it has boto3 and what boto3 needs, in this environment's versions (Lambda
developer guide, "Runtime-included SDK versions"; which AWS has today isn't known here). What
a function or a layer brings comes first, as on AWS.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import shutil
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BROUGHT = "boto3"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class LambdaRuntime:
    """A folder with the interpreter; `remove` it when no function runs any more."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lambda-runtime-"))
        venv.EnvBuilder(symlinks=True, with_pip=False).create(self._folder)
        [packages] = self._folder.glob("lib/python*/site-packages")
        for source in set(_files_of(_BROUGHT)):
            (packages / source.name).symlink_to(source)

    @property
    def interpreter(self) -> Path:
        return self._folder / "bin/python"

    def run_functions(self) -> None:
        """Let MiniStack's workers run on this interpreter."""
        runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
        detect = runtime._detect_runtime_binary

        def detect_and_replace(name: str) -> tuple[str, str]:
            binary, script = detect(name)
            return (str(self.interpreter) if name.startswith("python") else binary), script

        runtime._detect_runtime_binary = detect_and_replace

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _files_of(distribution: str) -> Iterator[Path]:
    """What a distribution and those it needs have in the folder of packages, extras left out."""
    found = importlib.metadata.distribution(distribution)
    for name in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
        yield Path(str(found.locate_file(name)))
    for requirement in found.requires or []:
        if "extra ==" not in requirement and (needed := _NAME.match(requirement)):
            yield from _files_of(needed[0])
