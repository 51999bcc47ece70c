"""Processes that play runs, each on an embedded AWS of its own: a process has one MiniStack.

A run that crashes, or takes its process with it, is a run that failed: the others go on, on a new
embedded AWS.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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
    crashed: bool = False
    """Whether it came to no end, so that its embedded AWS is not to be trusted any more."""

    @classmethod
    def of_crash(cls, seed: int, what: str, told: Iterable[str], seconds: float) -> Self:
        """What came of a run that crashed."""
        return cls(seed, (what,), Counter(), Counter(), tuple(told), seconds, crashed=True)


class Crew:
    """So many processes; leaving the `with` block ends them.

    ``begin`` is called once in each process, with ``logs``; ``run`` plays a seed there. Both must
    be functions that another process can import.
    """

    def __init__(
        self,
        jobs: int,
        logs: Path,
        begin: Callable[[Path], None] | None = None,
        run: Callable[[int], Outcome] | None = None,
    ) -> None:
        self.jobs = jobs
        self._logs = logs
        self._begin, self._run = begin or _begin, run or _play
        # A pool of several would fail all that is left as soon as one of its processes died.
        self._idle: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        for _ in range(jobs):
            self._idle.put(self._process())
        self._threads = ThreadPoolExecutor(jobs)

    def play(self, seeds: Iterable[int]) -> list[Future[Outcome]]:
        """Play the plans of these seeds; what comes of each."""
        return [self._threads.submit(self._outcome, seed) for seed in seeds]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().shutdown()

    def _process(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, context, initializer=self._begin, initargs=(self._logs,))

    def _outcome(self, seed: int) -> Outcome:
        started = time.monotonic()
        process = self._idle.get()
        try:
            outcome = process.submit(self._run, seed).result()
        except BrokenProcessPool as death:
            what = f"the process that played it died: {death}"
            outcome = Outcome.of_crash(seed, what, (), time.monotonic() - started)
        if outcome.crashed:
            process.shutdown()
            process = self._process()
        self._idle.put(process)
        return outcome


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
    try:
        record = play(_stages[0], plan_of(seed))
        told = tuple(_in_words(record))
    except Exception as crash:  # whatever it is, the other seeds are played
        told = tuple(traceback.format_exc().splitlines())
        return Outcome.of_crash(
            seed, f"the run crashed: {crash!r}", told, time.monotonic() - started
        )
    return Outcome(
        seed,
        tuple(violations(record, seed)),
        Counter(str(hit.kind) for hit in record.hits),
        Counter({fact.id: fact.kind for fact in record.facts}.values()),
        told,
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
