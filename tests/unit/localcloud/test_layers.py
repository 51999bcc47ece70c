"""Unpacked layers: shared by all, each once, and not for ever."""

from __future__ import annotations

import io
import os
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from localcloud.ministack.layers import Layers

DAY = 24 * 3600


def archive(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Layers by their ARN, without MiniStack: it reads its settings when it is imported."""
    layers: dict[str, bytes] = {}
    functions = SimpleNamespace(_resolve_layer_zip=layers.get)
    monkeypatch.setitem(sys.modules, "ministack.services.lambda_svc", functions)
    return layers


def folder_of(layers: Layers, arn: str) -> Path:
    with layers.lent_to(SimpleNamespace(config={"Layers": [arn]})) as [folder]:
        return folder


def test_two_clouds_share_what_is_the_same(tmp_path: Path, known: dict[str, bytes]) -> None:
    known.update(here=archive(module="1"), there=archive(module="1"), other=archive(module="2"))
    one, other = Layers(tmp_path), Layers(tmp_path)
    found = folder_of(one, "here")
    (found / "mark").touch()
    assert folder_of(other, "there") == found
    assert (found / "mark").exists()
    assert (folder_of(other, "other") / "module").read_text() == "2"


def test_who_is_slower_takes_what_is_there(
    tmp_path: Path, known: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    known["here"] = archive(module="1")
    extract = zipfile.ZipFile.extractall

    def extract_second(packed: zipfile.ZipFile, part: Path) -> None:
        monkeypatch.setattr(zipfile.ZipFile, "extractall", extract)
        folder_of(Layers(tmp_path), "here")
        packed.extractall(part)

    monkeypatch.setattr(zipfile.ZipFile, "extractall", extract_second)
    found = folder_of(Layers(tmp_path), "here")
    assert (found / "module").read_text() == "1"
    assert list(tmp_path.iterdir()) == [found]


def test_former_builds_are_removed_when_a_new_one_comes(
    tmp_path: Path, known: dict[str, bytes]
) -> None:
    known.update(old=archive(module="1"), used=archive(module="2"), new=archive(module="3"))
    layers = Layers(tmp_path)
    old, used = folder_of(layers, "old"), folder_of(layers, "used")
    for folder in (old, used):
        os.utime(folder, times=(time.time() - 8 * DAY,) * 2)
    folder_of(layers, "used")
    new = folder_of(layers, "new")
    assert set(tmp_path.iterdir()) == {used, new}


def test_nobody_elses_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user's"):
        Layers(tmp_path)
