"""Instants are aware, in UTC, and written with milliseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from pitr_guardian.basics.instants import (
    Instant,
    iso,
    spoken,
)

INDIA = timezone(timedelta(hours=5, minutes=30))
READ: TypeAdapter[datetime] = TypeAdapter(Instant)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    assert iso(datetime(2026, 10, 5, 9, 0, 0, 987654, UTC)) == "2026-10-05T09:00:00.987Z"
    assert iso(datetime(2026, 10, 5, 14, 30, tzinfo=INDIA)) == "2026-10-05T09:00:00.000Z"


def test_an_instant_is_spoken_to_the_second() -> None:
    assert spoken(datetime(2026, 10, 5, 14, 30, 7, tzinfo=INDIA)) == "2026-10-05 09:00:07 UTC"


def test_an_instant_is_read_into_utc() -> None:
    instant = READ.validate_python("2026-10-05T14:30:00+05:30")
    assert instant.isoformat() == "2026-10-05T09:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    ["2026-10-05T09:00:00", "2026-10-05", "soon", "0001-01-01T00:00:00+01:00"],
)
def test_anything_else_is_no_instant(text: str) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(text)
