"""Runs the command line as a user does: by its words, in an environment, with its streams."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from pitr_guardian_cli.app import app
from tests.e2e.embedded_aws import Caller
from tests.e2e.guardian import Guardian

_PATIENCE_SECONDS = 60
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Ran:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """`pitr-guardian` for one stack."""

    def __init__(self, guardian: Guardian) -> None:
        self.guardian = guardian
        self.stack = guardian.stack

    def environment(self, caller: Caller | None = None) -> dict[str, str | None]:
        caller = caller or Caller(self.guardian.aws.account_id, "local")
        return {
            "AWS_ENDPOINT_URL": self.guardian.aws.endpoint,
            "AWS_ACCESS_KEY_ID": caller.access_key,
            "AWS_SECRET_ACCESS_KEY": caller.secret,
            "AWS_SESSION_TOKEN": caller.token,
            "AWS_REGION": self.stack.region,
            "AWS_DEFAULT_REGION": self.stack.region,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PROFILE": None,
            "COLUMNS": None,
            "FORCE_COLOR": None,
            "NO_COLOR": None,
            "TZ": "UTC",
        }

    def __call__(
        self, *words: str, caller: Caller | None = None, env: Mapping[str, str | None] | None = None
    ) -> Ran:
        """Run it here, without a terminal."""
        wanted = {**self.environment(caller), **(env or {})}
        result = CliRunner().invoke(app, list(words), env=wanted)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    def started(
        self, *words: str, env: Mapping[str, str | None] | None = None, **streams: Any
    ) -> subprocess.Popen[bytes]:
        """Start it as a process of its own."""
        wanted: dict[str, str | None] = {**os.environ, **self.environment(), **(env or {})}
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "pitr_guardian_cli", *words],
            env={name: value for name, value in wanted.items() if value is not None},
            **streams,
        )

    def on_a_terminal(
        self, *words: str, columns: int = 80, env: Mapping[str, str | None] | None = None
    ) -> tuple[int, str]:
        """Run it on a terminal of that width; gives the exit code and all that was shown."""
        ours, theirs = pty.openpty()
        wanted = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm-256color", **(env or {})}
        process = self.started(*words, env=wanted, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            ready, _, _ = select.select([ours], [], [], 0.1)
            if ready:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # Linux's word for the end of a terminal
                    break
                if not piece:
                    break
                shown += piece
        os.close(ours)
        return process.wait(_PATIENCE_SECONDS), shown.decode()


def lines_of(shown: str) -> list[str]:
    """What a terminal shows, line by line, without colours."""
    return _ESCAPES.sub("", shown).replace("\r", "").split("\n")
