"""Jobs on threads: side by side, not more than allowed, and no failure unseen."""

from __future__ import annotations

from functools import partial
from threading import Barrier, Lock

import pytest

from pitr_guardian.sweep.team import Threads


def fail() -> None:
    raise OSError("disk")


def test_threads_work_side_by_side() -> None:
    everybody = Barrier(3, timeout=10)

    def meet() -> None:
        everybody.wait()

    with Threads(3) as team:
        for _ in range(3):
            team.wait_for_a_hand()
            team.start(meet)
        team.wait_for_all()


def test_no_more_of_them_work_than_allowed() -> None:
    at_work, most, lock = set(), 0, Lock()

    def job(number: int) -> None:
        nonlocal most
        with lock:
            at_work.add(number)
            most = max(most, len(at_work))
        with lock:
            at_work.remove(number)

    with Threads(3) as team:
        for number in range(50):
            team.wait_for_a_hand()
            team.start(partial(job, number))
        team.wait_for_all()
    assert 1 <= most <= 3


def test_whoever_waits_for_a_hand_learns_what_went_wrong() -> None:
    with Threads(1) as team:
        team.start(fail)
        with pytest.raises(OSError, match="disk"):
            team.wait_for_a_hand()


def test_whoever_waits_for_all_learns_what_went_wrong() -> None:
    with Threads(2) as team:
        team.start(fail)
        with pytest.raises(OSError, match="disk"):
            team.wait_for_all()
