"""The front's limit is one of AWS's: so many calls in any second."""

from __future__ import annotations

from benchmarks.front.limit import Limit


def test_in_any_second_so_many_calls_are_let_through_and_no_more() -> None:
    limit = Limit(2)
    assert [limit.takes(at) for at in (0.0, 0.5, 0.9, 1.0, 1.1, 1.5)] == [
        *(True, True, False),
        *(True, False, True),
    ]


def test_without_a_limit_every_call_is_let_through() -> None:
    assert all(Limit(None).takes(0.0) for _ in range(100))
