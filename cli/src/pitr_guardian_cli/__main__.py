"""`pitr-guardian`, and `python -m pitr_guardian_cli`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from pitr_guardian_cli.app import app


def main() -> None:
    # What ends a program politely ends it as Ctrl-C does: through every `with`.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal lacks is no reason to stop.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="pitr-guardian")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
