"""The machine's own Chromium, or why there is none.

Playwright could bring a browser of its own, but from a download that no lock file pins and that
many networks refuse. Debian's `chromium`, or whatever Chrome a developer has, is as good.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

MISSING = (
    "no Chromium on this machine, so the report is not tested in a browser. Install it (Debian: "
    "apt install chromium), or name the program in the environment variable CHROMIUM"
)

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Chromium's sandbox refuses to work for root, which is who CI runs as. The page is our own.
    *(["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []),
]


def installed() -> str | None:
    """The path of the program, if there is one."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)]
    found += [str(_MACOS) if _MACOS.exists() else None]
    return next((each for each in found if each), None)


def chromium() -> str:
    """The path of the program.

    A laptop without a browser skips these tests, and says so: `make test` has to pass with nothing
    but Python and make. CI never skips, or nobody would notice that they no longer run.
    """
    program = installed()
    if program is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if program is None:
        pytest.skip(MISSING)
    return program
