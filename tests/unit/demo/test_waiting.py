"""Every wait has a deadline, with a message that helps."""

import pytest

from demo.waiting import DeadlineError, wait_for


def test_it_returns_what_satisfied() -> None:
    numbers = iter(range(10))
    assert wait_for("3", lambda: next(numbers), lambda n: n == 3, within=5, every=0) == 3


def test_it_looks_once_even_without_time() -> None:
    assert wait_for("it", lambda: "there", lambda _: True, within=0) == "there"


def test_a_deadline_says_what_was_waited_for_and_what_was_seen() -> None:
    with pytest.raises(DeadlineError, match=r"waited 0 s for PITR to be on; last seen: DISABLED"):
        wait_for("PITR to be on", lambda: "DISABLED", lambda _: False, within=0)
