"""`make chaos`: play many seeds, or one again."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import as_completed
from pathlib import Path

from tests.chaos.crew import Crew, Outcome, counted, story
from tests.chaos.faults import Kind
from tests.chaos.plan import plan_of


def main() -> int:
    """The exit code: 0 where no invariant was broken, and every kind of fault hit something."""
    options = _options()
    seeds = [options.seed] * options.repeat if options.seed is not None else None
    seeds = seeds or list(range(options.first, options.first + options.runs))
    started, hits, facts = time.monotonic(), Counter[str](), Counter[str]()
    failed: list[Outcome] = []
    logs = Path(tempfile.mkdtemp(prefix="chaos-"))
    if options.seed is not None:
        print(f"The plan of seed {options.seed}:\n{plan_of(options.seed)}", flush=True)
    with Crew(min(options.jobs, len(seeds)), logs) as crew:
        print(f"{len(seeds)} runs on {crew.jobs} stacks; logs in {logs}", flush=True)
        for done, future in enumerate(as_completed(crew.play(seeds)), start=1):
            outcome = future.result()
            hits.update(outcome.hits)
            facts.update(outcome.facts)
            if outcome.violations:
                failed.append(outcome)
                print(story(outcome), flush=True)
            print(
                f"{done:4} of {len(seeds)}, {time.monotonic() - started:5.0f} s,"
                f" {len(failed)} failed: seed {outcome.seed}, {counted(outcome.hits)}",
                flush=True,
            )
    print(f"\nTold: {counted(facts)}")
    return _verdict(len(seeds), hits, failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one alone, and print its plan")
    parser.add_argument("--repeat", type=int, default=1, help="play it so many times")
    parser.add_argument("--jobs", type=int, default=2, help="stacks side by side")
    return parser.parse_args()


def _verdict(runs: int, hits: Counter[str], failed: list[Outcome]) -> int:
    print(f"\n{runs} runs, {len(failed)} failed; {hits.total()} faults hit:")
    for kind in Kind:
        print(f"  {hits[kind]:6}  {kind}")
    if failed:
        print(f"Failed: {sorted(outcome.seed for outcome in failed)}. Timing on this machine isn't "
              "seeded: a replay does the same, but not to the same millisecond.")  # fmt: skip
        return 1
    missed = [kind for kind in Kind if not hits[kind]]
    if runs >= _ENOUGH_FOR_EVERY_KIND and missed:
        print(f"A fault that hits nothing proves nothing: {', '.join(missed)}")
        return 1
    return 0


_ENOUGH_FOR_EVERY_KIND = 100

if __name__ == "__main__":
    sys.exit(main())
