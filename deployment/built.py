"""Whether what `sam build` made can run on Lambda.

A build may end well and leave a layer without its packages, or with another machine's.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# e_machine of the ELF specification's header, two bytes at 18; little-endian on both.
_ELF_MACHINES = {"x86_64": 62, "arm64": 183}
_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
# What the runtime brings, where the layer doesn't.
_OF_THE_RUNTIME = ("boto3", "botocore")

# Imports everything in the folders it is given, with nothing else on the path but Python itself.
_PROGRAM = """
import importlib, pkgutil, sys
folder, allowed = sys.argv[1], sys.argv[2].split(",")
sys.path[:0] = [folder, *sys.argv[3:]]
found = [name for _, name, _ in pkgutil.iter_modules([folder])]
package = importlib.import_module("pitr_guardian")
found += [name for _, name, _ in pkgutil.walk_packages(package.__path__, "pitr_guardian.")]
for name in found:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in allowed:
            raise
"""


def faults_of_build(root: Path, built: Path, architecture: str, python: Path) -> list[str]:
    """What keeps the build from running; empty where nothing does.

    Args:
        root: the project, whose requirements the packages must meet.
        built: what `sam build` made, a folder for each resource, in one for each nested stack.
        architecture: arm64 or x86_64.
        python: the interpreter to import it with, where the architecture is this machine's.
    """
    layer = built / "GuardianLayer/python"
    parts = [(layer, root / "layers/guardian/requirements.txt")]
    parts += [(each.parent, each) for each in sorted(built.glob("**/*Function/requirements.txt"))]
    faults = list(_faults_of_package(layer))
    for folder, requirements in parts:
        faults += _missing(folder, requirements.read_text())
        faults += _of_another_machine(folder, architecture)
    if faults or not _runs_here(architecture):
        return faults
    folders = [folder for folder, _ in parts]
    return [fault for folder in folders for fault in _import_faults(folder, folders, python)]


def _faults_of_package(layer: Path) -> Iterator[str]:
    if not (layer / "pitr_guardian/__init__.py").exists():
        yield f"{layer}: pitr_guardian is missing"


def _missing(folder: Path, requirements: str) -> Iterator[str]:
    there = set()
    for installed in folder.glob("*.dist-info"):
        name, _, version = installed.name.removesuffix(".dist-info").partition("-")
        there.add((canonicalize_name(name), version))
    for line in requirements.splitlines():
        pin = line.partition(" \\")[0].partition(" --hash")[0].strip()
        if not pin or pin.startswith(("#", "--hash")):
            continue
        requirement = Requirement(pin)
        if requirement.marker is not None and not requirement.marker.evaluate(dict(_LINUX)):
            continue
        version = str(requirement.specifier).removeprefix("==")
        if (canonicalize_name(requirement.name), version) not in there:
            yield f"{folder}: {requirement.name} {version} is missing"


def _of_another_machine(folder: Path, architecture: str) -> Iterator[str]:
    for library in sorted(folder.rglob("*.so")):
        with library.open("rb") as file:
            header = file.read(20)
        machine = int.from_bytes(header[18:20], "little") if header[:4] == b"\x7fELF" else None
        if machine != _ELF_MACHINES[architecture]:
            yield f"{library}: is no machine code for {architecture}"


def _runs_here(architecture: str) -> bool:
    here = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return sys.platform == "linux" and here == architecture


def _import_faults(folder: Path, folders: Sequence[Path], python: Path) -> Iterator[str]:
    layer, *functions = folders
    absent = [name for name in _OF_THE_RUNTIME if not (layer / name).exists()]
    if folder == layer:  # what one function ships besides, only that one imports
        absent += [each.name for function in functions for each in function.iterdir()]
    # -I -S: neither the project's environment nor its folder; -B: nothing is added to the build.
    program = [str(python), "-I", "-S", "-B", "-c", _PROGRAM]
    done = subprocess.run(
        [*program, str(folder), ",".join(absent), str(layer)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        yield f"{folder}: can't be imported by itself: {done.stderr.strip().splitlines()[-1]}"
