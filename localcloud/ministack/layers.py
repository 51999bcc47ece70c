"""Layers as functions see them: unpacked once, for all who have them.

MiniStack unpacks every layer anew for each process that runs a function, which costs more than all
that the process imports. On AWS their folder, /opt, is read-only (Lambda developer guide, "Working
with layers"): sharing it changes nothing for a function that keeps to that. So they are shared by
every embedded AWS of this user, too: to write and remove some thousand files takes seconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localcloud.wire import Json

# What MiniStack's worker looks for layers in, first the first layer's.
FOLDERS_VARIABLE = "_LAMBDA_LAYERS_DIRS"

# A layer that no function started with for so long is one of a former build.
_KEPT_SECONDS = 7 * 24 * 3600


class Layers:
    """A folder with each layer's content, by its hash."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder; without one, that of all who run under this user's name."""
        self._folder = folder or Path(tempfile.gettempdir()) / f"localcloud-layers-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._folder.lstat().st_uid != os.getuid():
            raise PermissionError(f"{self._folder} is another user's: whose code would run?")

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

    def _unpacked(self, layer: str | Json) -> Path | None:
        functions: Any = importlib.import_module("ministack.services.lambda_svc")
        resolve: Callable[[str | Json], bytes | None] = functions._resolve_layer_zip
        content = resolve(layer)
        if not content:
            return None
        folder = self._folder / hashlib.sha256(content).hexdigest()
        if not folder.exists():
            self._remove_old()
            # A part of it is no layer: it gets its name when it is whole.
            part = Path(tempfile.mkdtemp(prefix="part-", dir=self._folder))
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(part)
            try:
                part.rename(folder)
            except OSError:  # somebody was faster
                shutil.rmtree(part)
        os.utime(folder)
        return folder

    def _remove_old(self) -> None:
        for folder in self._folder.iterdir():
            if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
