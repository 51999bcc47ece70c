"""Workers that are forked from an interpreter which has imported the installed packages already.

A function's process spends most of its start on importing botocore, pydantic and Powertools, and
the suites start some hundreds. A fork has them, from the same folders as the process would import
them from. All else is as in a process of its own: environment, folder, pipes, sudden death.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from localcloud.environment import WORKER_OVERRIDES
from localcloud.ministack.layers import FOLDERS_VARIABLE

_SCRIPT = Path(__file__).with_name("preloaded.py")
_LONGEST_ANSWER = 64


class Forks:
    """Starts workers of one interpreter; one preloaded process for each set of layers.

    Where the system can't watch a process that isn't its child (macOS), each worker is started.
    """

    def __init__(self, interpreter: Path) -> None:
        self._interpreter = str(interpreter)
        self._preloaded: dict[str, _Preloaded] = {}
        self._lock = threading.Lock()

    def start_workers_of(self, runtime: Any) -> None:
        """Let MiniStack's runtime start its workers here."""
        names = vars(subprocess) | {"Popen": self._started}
        runtime.subprocess = SimpleNamespace(**names)

    def stop(self) -> None:
        with self._lock:
            for preloaded in self._preloaded.values():
                preloaded.stop()
            self._preloaded.clear()

    def _started(self, command: Sequence[str], **options: Any) -> Any:
        if command[0] != self._interpreter or not hasattr(os, "pidfd_open"):
            return subprocess.Popen(command, **options)
        environment = options["env"]
        layers = environment.get(FOLDERS_VARIABLE, "")
        with self._lock:
            if layers not in self._preloaded:
                self._preloaded[layers] = _Preloaded(self._interpreter, layers)
            return self._preloaded[layers].fork(command[1], options["cwd"], environment)


class ForkedWorker:
    """What MiniStack asks of a `subprocess.Popen`, for a process that is another one's child.

    How it ended is known to its parent only: a worker that is gone has the code 1.
    """

    def __init__(self, pid: int, descriptors: Sequence[int]) -> None:
        self.pid = pid
        self._watched = os.pidfd_open(pid)
        self.returncode: int | None = None
        stdin, stdout, stderr = descriptors
        self.stdin = os.fdopen(stdin, "w", buffering=1)
        self.stdout = os.fdopen(stdout)
        self.stderr = os.fdopen(stderr)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self._ended_within(0)

    def wait(self, timeout: float | None = None) -> int:
        ended = self._ended_within(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return ended

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            if self.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._watched, number)

    def _ended_within(self, seconds: float | None) -> int | None:
        with self._lock:
            watched = self._watched if self.returncode is None else None
        if watched is not None:
            poll = select.poll()
            poll.register(watched, select.POLLIN)
            ended = poll.poll(None if seconds is None else seconds * 1000)
            with self._lock:
                if ended and self.returncode is None:
                    os.close(self._watched)
                    self.returncode = 1
        return self.returncode


class _Preloaded:
    def __init__(self, interpreter: str, layers: str) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folders = [
            str(path)
            for layer in layers.split(os.pathsep)
            if (path := Path(layer, "python")).is_dir()
        ]
        self._process = subprocess.Popen(
            [interpreter, str(_SCRIPT), str(theirs.fileno()), *folders],
            pass_fds=[theirs.fileno()],
            # Nothing of a function's: what is imported here is every function's.
            env={**os.environ, **WORKER_OVERRIDES},
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def fork(self, script: str, folder: str, environment: Mapping[str, str]) -> ForkedWorker:
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        ours = [pipes[0][1], pipes[1][0], pipes[2][0]]
        order = {"script": script, "folder": folder, "environment": dict(environment)}
        descriptors = array.array("i", theirs)
        try:
            self._orders.sendmsg(
                [json.dumps(order).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)],
            )
            pid = int(self._orders.recv(_LONGEST_ANSWER))
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return ForkedWorker(pid, ours)

    def stop(self) -> None:
        self._orders.close()
        self._process.wait()
