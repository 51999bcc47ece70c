"""`python -m demo`: tell the story; the exit code is 0 where every claim held."""

import signal
import sys
from types import FrameType

from rich.console import Console

from .scenario import run


def main() -> int:
    # SIGTERM ends like Ctrl-C: through every `with`.
    signal.signal(signal.SIGTERM, _interrupt)
    # A character that the terminal lacks is no reason to stop.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return run(Console(highlight=False))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
