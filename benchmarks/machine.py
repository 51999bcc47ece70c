"""What the figures were measured on. No name of a host, no path."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import CUSTODIAN_PYTHON


def surroundings() -> list[tuple[str, str]]:
    """Name and value of each, in the order in which they are told."""
    return [
        ("Date", datetime.now(UTC).date().isoformat()),
        ("Processor", f"{os.cpu_count()} cores, {_processor()}"),
        ("Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("System", f"{platform.system()} {platform.machine()}"),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in ("boto3", "moto", "ministack")),
        ("Cloud Custodian", _custodian()),
    ]


def _processor() -> str:
    try:
        told = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        told = None
    return told.group(1) if told else platform.processor() or "of an unknown model"


def _custodian() -> str:
    if not CUSTODIAN_PYTHON.exists():
        return "not installed"
    program = "from importlib.metadata import version; print('c7n', version('c7n'))"
    command = [str(CUSTODIAN_PYTHON), "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
