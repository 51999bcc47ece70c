"""`python -m benchmarks [NAME...] [--runs N]`: all of them, or the named ones alone."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.machine import surroundings
from benchmarks.processes import ROOT
from benchmarks.results import RUNS, page

BENCHMARKS = ("sweep", "limit", "growth", "cold_start", "drift", "storm", "undo", "costs")
RESULTS = Path(__file__).parent / "RESULTS.md"
PARTIAL = ROOT / ".make/benchmarks-partial.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how often ({RUNS})")
    wanted = parser.parse_args()
    names = tuple(name for name in BENCHMARKS if name in wanted.names) or BENCHMARKS
    is_whole = names == BENCHMARKS and wanted.runs >= RUNS

    figures: list[Figure] = []
    failed = []
    for name in names:
        try:
            figures += _run(name, wanted.runs)
        except Exception:  # the others' figures are worth as much without it
            traceback.print_exc()
            failed.append(name)
    done = [name for name in names if name not in failed]
    text = page(figures, surroundings(), wanted.runs, () if len(done) == len(BENCHMARKS) else done)
    # The copy that is kept in the repository is of a whole run.
    written = RESULTS if is_whole and not failed else PARTIAL
    written.parent.mkdir(exist_ok=True)
    written.write_text(text)
    print(f"Written to {written.relative_to(ROOT)}")
    return 1 if failed else 0


def _run(name: str, runs: int) -> list[Figure]:
    print(f"{name} …", flush=True)
    begun = time.monotonic()
    figures: list[Figure] = import_module(f"benchmarks.{name}").run(runs)
    for figure in figures:
        reached = {True: "reached", False: "NOT REACHED", None: "no goal"}[figure.reached]
        print(f"  {figure.what}\n    {figure.measured} ({figure.goal}: {reached})")
    print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
