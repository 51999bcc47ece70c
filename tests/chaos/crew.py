"""Processes that play runs, each on an embedded AWS of its own: a process has one MiniStack."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Self

from tests.chaos.invariants import violations
from tests.chaos.plan import plan_of, warm_up
from tests.chaos.record import Record
from tests.chaos.run import play
from tests.chaos.stage import Stage


@dataclass(frozen=True)
class Outcome:
    """What came of a run: what it broke, how many faults of each kind hit, and what was told.

    ``facts`` counts them by kind, each once; ``story`` is what happened, a line for each thing.
    """

    seed: int
    violations: tuple[str, ...]
    hits: Counter[str]
    facts: Counter[str]
    story: tuple[str, ...]
    seconds: float


class Crew:
    """So many processes; leaving the `with` block ends them."""

    def __init__(self, jobs: int, logs: Path) -> None:
        self.jobs = jobs
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(logs,))

    def play(self, seeds: Iterable[int]) -> list[Future[Outcome]]:
        """Play the plans of these seeds; what comes of each."""
        return [self._pool.submit(_play, seed) for seed in seeds]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def story(outcome: Outcome) -> str:
    """What a person needs to know of a run that broke something."""
    broken = "\n".join(f"  {violation}" for violation in outcome.violations)
    return (
        f"\nSeed {outcome.seed} broke\n{broken}\n"
        f"Its plan:\n{plan_of(outcome.seed)}\nWhat hit:\n  {counted(outcome.hits)}\n"
        f"What happened:\n  {'\n  '.join(outcome.story)}\n"
        f"Replay it: make chaos SEED={outcome.seed}\n"
    )


def counted(hits: Counter[str]) -> str:
    """How many faults of each kind hit."""
    return ", ".join(f"{kind} {count}" for kind, count in sorted(hits.items())) or "nothing hit"


_stages: list[Stage] = []


def _begin(logs: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the crew ends us
    stages = contextlib.ExitStack()
    # A process of a pool leaves by its finalizers.
    Finalize(None, stages.close, exitpriority=100)
    stage = stages.enter_context(Stage.open(logs / f"log-{os.getpid()}"))
    play(stage, warm_up())
    _stages.append(stage)


def _play(seed: int) -> Outcome:
    started = time.monotonic()
    record = play(_stages[0], plan_of(seed))
    return Outcome(
        seed,
        tuple(violations(record)),
        Counter(str(hit.kind) for hit in record.hits),
        Counter({fact.id: fact.kind for fact in record.facts}.values()),
        tuple(_in_words(record)),
        time.monotonic() - started,
    )


def _in_words(record: Record) -> Iterator[str]:
    """What happened to the tables, and what was told, in the order of time."""
    lines = [
        (call.at, f"{call.name} {call.table} by {call.caller}{' (refused)' * call.refused}")
        for call in record.calls
    ]
    lines += [
        (fact.time, f"told: {fact.kind} of {fact.table or fact.detail.get('requestId')}")
        for fact in record.facts
    ]
    lines += [(hit.at, f"fault: {hit.kind}, {hit.operation} {hit.caller}") for hit in record.hits]
    return (f"{at:%H:%M:%S.%f} {words}" for at, words in sorted(lines))
