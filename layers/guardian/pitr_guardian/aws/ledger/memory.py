"""A table's ``memory`` record, read.

Another release may have written it, or somebody's hand. What can't be read in it is as if it
weren't there: it must neither stop a sweep nor leave a table without protection.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.drift.fight import Strife
from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
    PutRight,
)
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    MIN_PERIOD,
)

UNSETTLED = ("drift", "driftNoticedAt", "claimant", "claimedAt", "putRight")
"""The attributes of a drift that is noted; they come and go together."""


def memory_from(item: Mapping[str, Any]) -> Memory:
    """Read a table's ``memory`` record, as DynamoDB gives it."""
    known = _readable(item)
    window = None
    if "earliest" in known and "latest" in known:
        window = Window(known["earliest"], known["latest"])
    return Memory(
        table_id=known.get("tableId"),
        period=known.get("period"),
        window=window,
        seen_on_at=known.get("seenOnAt"),
        drift=known.get("drift"),
        put_right=known.get("putRight"),
        tolerated=known.get("tolerated"),
        failing=known.get("failing"),
        last_event_id=known.get("lastEventId"),
        strife=Strife(
            known.get("incidents", ()), known.get("foldedUntil"), known.get("incidentWeights", ())
        ),
        copy_of=known.get("copyOf"),
        expected=known.get("expected", False),
        seen_period=known.get("seenPeriod"),
        has_key=known.get("hasKey", False),
        born_at=known.get("bornAt"),
        exempt_until=known.get("exemptUntil"),
        found_off_at=known.get("foundOffAt"),
    )


def unreadable_in(item: Mapping[str, Any]) -> list[str]:
    """Tell which of a record's attributes can't be read."""
    known = _readable(item)
    return [name for name in item if name in _READERS and name not in known]


def instant_of(text: object) -> datetime:
    """Read an instant.

    Raises:
        ValueError: it isn't one, or none that DynamoDB can have lived through.
    """
    if not isinstance(text, str):
        raise ValueError("not a text")  # noqa: TRY004 - one error for whatever is wrong
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError("not an instant of this time")
    return instant


_FIRST_YEAR, _LAST_YEAR = 2000, 2200


def _readable(item: Mapping[str, Any]) -> dict[str, Any]:
    known = {}
    for name in _READERS.keys() & item.keys():
        try:
            known[name] = _READERS[name](attribute_values.read(item[name]))
        except (ArithmeticError, RecursionError, TypeError, ValueError):
            continue
    return known


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _period(value: Any) -> int:
    days = 0 if isinstance(value, bool) else int(value)
    if not MIN_PERIOD <= days <= MAX_PERIOD:
        raise ValueError("not a recovery period")
    return days


def _instants(values: Any) -> tuple[datetime, ...]:
    return tuple(instant_of(value) for value in values)


def _numbers(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "tableId": _text,
    "period": _period,
    "earliest": instant_of,
    "latest": instant_of,
    "seenOnAt": instant_of,
    "drift": Drift.model_validate_json,
    "putRight": PutRight.model_validate_json,
    "tolerated": Drift.model_validate_json,
    "failing": Failing.model_validate_json,
    "lastEventId": _text,
    "incidents": _instants,
    "incidentWeights": _numbers,
    "foldedUntil": instant_of,
    "copyOf": _text,
    "expected": bool,
    "seenPeriod": _period,
    "hasKey": bool,
    "bornAt": instant_of,
    "exemptUntil": date.fromisoformat,
    "foundOffAt": instant_of,
}
