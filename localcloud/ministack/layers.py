"""Layers as functions see them: unpacked once, for all who have them.

MiniStack unpacks every layer anew for each process that runs a function, which costs more than all
that the process imports. On AWS their folder, /opt, is read-only (Lambda developer guide, "Working
with layers"): sharing it changes nothing for a function that keeps to that.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localcloud.wire import Json

# What MiniStack's worker looks for layers in, first the first layer's.
FOLDERS_VARIABLE = "_LAMBDA_LAYERS_DIRS"


class Layers:
    """A folder with each layer's content; `remove` it when no function runs any more."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lambda-layers-"))
        self._unpacking = threading.Lock()

    @contextlib.contextmanager
    def lent_to(self, worker: Any) -> Iterator[list[Path]]:
        """A block in which MiniStack's worker may be started, which finds no layers to unpack.
        It must be told the folders."""
        config: Json = worker.config
        folders = [
            folder for layer in config.get("Layers") or [] if (folder := self._unpacked(layer))
        ]
        worker.config = {**config, "Layers": []}
        try:
            yield folders
        finally:
            worker.config = config

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _unpacked(self, layer: str | Json) -> Path | None:
        functions: Any = importlib.import_module("ministack.services.lambda_svc")
        resolve: Callable[[str | Json], bytes | None] = functions._resolve_layer_zip
        content = resolve(layer)
        if not content:
            return None
        folder = self._folder / hashlib.sha256(content).hexdigest()
        with self._unpacking:
            if not folder.exists():
                # A part of it is no layer: it gets its name when it is whole.
                part = folder.with_suffix(".part")
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    archive.extractall(part)
                part.rename(folder)
        return folder
