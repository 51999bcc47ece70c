"""Timestamps as services write them into CloudTrail's records."""

from datetime import UTC, datetime

import pytest

from pitr_guardian.drift.trail_time import instant_of

EVENING = datetime(2016, 11, 4, 19, 32, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "Nov 4, 2016 7:32:24 PM",
        "Nov 4, 2016, 7:32:24 PM",
        "Nov 4, 2016, 7:32:24\u202fPM",
        "2016-11-04T19:32:24Z",
        "2016-11-04T20:32:24+01:00",
        "2016-11-04T19:32:24",
        1478287944,
        1478287944.0,
        1478287944000,
    ],
)
def test_every_writing_of_an_instant_is_read(value: object) -> None:
    assert instant_of(value) == EVENING


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "soon",
        "Nov 31, 2016 7:32:24 PM",
        "1478287944",
        {},
        [],
        0,
        -5,
        1e300,
        float("nan"),
        float("inf"),
        "PM",
        "9999-12-31T23:59:59-14:00",
        "x" * 10_000,
    ],
)
def test_what_is_no_instant_is_none(value: object) -> None:
    assert instant_of(value) is None
