"""Calls side by side, so that the answer to one is not what the next waits for."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Protocol, Self

type Job = Callable[[], None]


class Team(Protocol):
    """So many hands, each doing one job at a time. A context manager: leaving it ends them."""

    def wait_for_a_hand(self) -> None:
        """Return when somebody is free.

        Raises:
            Exception: that of a job that failed.
        """

    def start(self, job: Job) -> None:
        """Start a job; somebody is free."""

    def wait_for_all(self) -> None:
        """Return when every job is done.

        Raises:
            Exception: that of a job that failed.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Threads:
    """``Team`` on threads."""

    def __init__(self, size: int) -> None:
        """Take how many work side by side."""
        self._size = size
        self._pool = ThreadPoolExecutor(size, "audit")
        self._at_work: set[Future[None]] = set()

    def wait_for_a_hand(self) -> None:
        """See ``Team``."""
        if len(self._at_work) >= self._size:
            done, self._at_work = wait(self._at_work, return_when=FIRST_COMPLETED)
            for job in done:
                job.result()

    def start(self, job: Job) -> None:
        """See ``Team``."""
        self._at_work.add(self._pool.submit(job))

    def wait_for_all(self) -> None:
        """See ``Team``."""
        for job in self._at_work:
            job.result()
        self._at_work.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
