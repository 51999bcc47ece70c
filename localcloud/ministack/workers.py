"""The processes that run Lambda functions: which one made a call, and its sudden death."""

from __future__ import annotations

import itertools
import os
import re
import threading
from typing import Any

from localcloud.ministack.layers import FOLDERS_VARIABLE, Layers
from localcloud.wire import (
    Call,
    Json,
)

# botocore writes this variable into the user agent of every call (`app/...`), and nowhere else.
_NAME_VARIABLE = "AWS_SDK_UA_APP_ID"
_NAME_IN_USER_AGENT = re.compile(r"\bapp/(environment-\d+)\b")


class Workers:
    """Gives each worker the layers of its function, and a name that its calls carry, so that one
    can be told from its twins."""

    def __init__(self, runtime: Any, layers: Layers) -> None:
        self._by_name: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self._spawning = threading.local()
        credentials, spawn = runtime.execution_credentials, runtime.Worker._spawn

        def named_credentials(config: Json) -> dict[str, str]:
            return {**credentials(config), **getattr(self._spawning, "variables", {})}

        def spawn_named(worker: Any) -> None:
            name = f"environment-{next(self._numbers)}"
            self._by_name = {
                known: other for known, other in self._by_name.items() if other is not worker
            } | {name: worker}
            with layers.lent_to(worker) as folders:
                self._spawning.variables = {
                    _NAME_VARIABLE: name,
                    FOLDERS_VARIABLE: os.pathsep.join(map(str, folders)),
                }
                try:
                    spawn(worker)
                finally:
                    self._spawning.variables = {}

        runtime.execution_credentials = named_credentials
        runtime.Worker._spawn = spawn_named

    def kill(self, call: Call) -> None:
        """End the process that made a call, at once, as if its host had died.

        Raises:
            ValueError: no function made the call.
        """
        found = _NAME_IN_USER_AGENT.search(call.user_agent)
        worker = self._by_name.get(found[1]) if found else None
        process = worker._proc if worker else None
        if process is None:
            raise ValueError(f"no function made the call {call.operation}: nothing to kill")
        process.kill()
