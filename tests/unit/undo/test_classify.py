"""What is planned for an item: the contract's table, and what holds whatever the item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import differing, same, same_item
from pitr_guardian.undo.classify import classify, has_expired
from pitr_guardian.undo.line import Planned
from tests.unit.undo.values import items

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY: Item = {"id": {"S": "k"}}


def item(**numbers: int) -> Item:
    return {**KEY, **{name: {"N": str(number)} for name, number in numbers.items()}}


def planned(old: Item | None, new: Item | None, live: Item | None) -> Planned:
    return classify(Images(KEY, old, new), live, None, NOW).planned


def overwritten(old: Item | None, new: Item | None, live: Item | None) -> Planned:
    return classify(Images(KEY, old, new), live, None, NOW, "overwrite").planned


GOOD, BAD, OTHER = item(price=10, stock=5), item(price=1, stock=5), item(price=7, stock=5)


def test_live_as_before_is_nothing_to_do() -> None:
    assert planned(GOOD, BAD, GOOD) is Planned.AS_BEFORE
    assert planned(None, BAD, None) is Planned.AS_BEFORE
    assert planned(GOOD, None, {**GOOD, "price": {"N": "10.0"}}) is Planned.AS_BEFORE


def test_live_as_damaged_goes_back() -> None:
    assert planned(None, BAD, BAD) is Planned.REMOVE
    assert planned(GOOD, None, None) is Planned.PUT_BACK
    assert planned(GOOD, BAD, BAD) is Planned.REVERT
    assert planned(KEY, BAD, BAD) is Planned.REVERT
    assert planned(None, KEY, KEY) is Planned.REMOVE


def test_others_attributes_stay_and_the_damaged_ones_go_back() -> None:
    assert planned(GOOD, BAD, item(price=1, stock=4)) is Planned.MERGE
    assert planned(GOOD, BAD, item(price=1, stock=5, new=1)) is Planned.MERGE
    assert planned(GOOD, BAD, item(price=1)) is Planned.MERGE  # they removed one
    # One of the damaged attributes is as before already.
    assert planned(item(a=1, b=1), item(a=2, b=2), item(a=1, b=2)) is Planned.MERGE
    # The damage added one, or took one away.
    assert planned(item(a=1), item(a=1, b=2), item(a=9, b=2)) is Planned.MERGE
    assert planned(item(a=1, b=2), item(a=1), item(a=9)) is Planned.MERGE


def test_nothing_is_left_to_do_where_others_put_the_damage_right() -> None:
    assert planned(GOOD, BAD, item(price=10, stock=4)) is Planned.AS_BEFORE


@pytest.mark.parametrize(
    ("old", "new", "live", "why"),
    [
        (GOOD, BAD, OTHER, "of the 1 attributes that were changed in the window, somebody"),
        (GOOD, BAD, item(stock=5), "somebody has written 1 since"),
        (None, BAD, OTHER, "inserted in the window, and somebody has changed it since"),
        (GOOD, None, OTHER, "deleted in the window, and somebody has made another of its key"),
        (GOOD, BAD, None, "updated in the window, and somebody has deleted it since"),
    ],
)
def test_anything_else_is_a_conflict_that_says_why(
    old: Item | None, new: Item | None, live: Item | None, why: str
) -> None:
    verdict = classify(Images(KEY, old, new), live, None, NOW)
    assert verdict.planned is Planned.CONFLICT
    assert why in (verdict.why or "")
    assert overwritten(old, new, live) in (Planned.REMOVE, Planned.PUT_BACK, Planned.REVERT)


def test_to_overwrite_is_for_conflicts_only() -> None:
    assert overwritten(GOOD, BAD, OTHER) is Planned.REVERT
    assert overwritten(None, BAD, OTHER) is Planned.REMOVE
    assert overwritten(GOOD, BAD, None) is Planned.PUT_BACK
    assert overwritten(GOOD, BAD, item(price=1, stock=4)) is Planned.MERGE
    assert overwritten(GOOD, BAD, GOOD) is Planned.AS_BEFORE


@pytest.mark.parametrize("conflicts", ["keep", "overwrite"])
def test_what_isnt_known_to_be_damaged_is_a_conflict_even_then(conflicts: str) -> None:
    images = Images(KEY, GOOD, BAD, known=False)
    for live in (BAD, OTHER, None):
        verdict = classify(images, live, None, NOW, conflicts)  # type: ignore[arg-type]
        assert verdict.planned is Planned.CONFLICT
        assert "isn't known" in (verdict.why or "")
    assert classify(images, GOOD, None, NOW).planned is Planned.AS_BEFORE


def seconds(instant: datetime) -> str:
    return str(int(instant.timestamp()))


@pytest.mark.parametrize("live", [BAD, OTHER, None])
def test_what_has_expired_isnt_brought_back(live: Item | None) -> None:
    old: Item = {**GOOD, "until": {"N": seconds(NOW)}}
    images = Images(KEY, old, BAD)
    assert classify(images, live, "until", NOW).planned is Planned.EXPIRED
    assert classify(images, live, "until", NOW, "overwrite").planned is Planned.EXPIRED
    assert classify(images, live, None, NOW).planned is not Planned.EXPIRED
    assert classify(images, live, "until", NOW - timedelta(seconds=1)).planned is not (
        Planned.EXPIRED
    )


def test_ttl_goes_by_numbers_of_seconds_of_the_last_five_years() -> None:
    assert has_expired({"t": {"N": seconds(NOW - timedelta(days=1))}}, "t", NOW)
    assert has_expired({"t": {"N": "1.7e9"}}, "t", NOW)
    assert not has_expired({"t": {"S": seconds(NOW)}}, "t", NOW)
    assert not has_expired({"t": {"N": seconds(NOW - timedelta(days=6 * 365))}}, "t", NOW)
    assert not has_expired({"t": {"N": str(int(NOW.timestamp() * 1000))}}, "t", NOW)  # milliseconds
    assert not has_expired({"other": {"N": "1"}}, "t", NOW)
    assert not has_expired(None, "t", NOW)


@given(items(KEY), items(KEY), items(KEY))
def test_the_contracts_table_holds_for_every_item(
    old: Item | None, new: Item | None, live: Item | None
) -> None:
    if same_item(old, new):
        return
    is_planned = planned(old, new, live)
    if same_item(live, old):
        assert is_planned is Planned.AS_BEFORE
    elif same_item(live, new):
        assert is_planned in (Planned.REMOVE, Planned.PUT_BACK, Planned.REVERT)
    elif old is None or new is None or live is None:
        assert is_planned is Planned.CONFLICT
    else:
        damaged = differing(old, new)
        untouched = all(
            same(live.get(name), new.get(name)) or same(live.get(name), old.get(name))
            for name in damaged
        )
        assert (is_planned is not Planned.CONFLICT) == untouched


@given(items(KEY), items(KEY), items(KEY), st.sampled_from(["keep", "overwrite"]))
def test_a_verdict_is_the_same_however_values_are_written(
    old: Item | None, new: Item | None, live: Item | None, conflicts: str
) -> None:
    def rewritten(of: Item | None) -> Item | None:
        def other(value: object) -> object:
            match value:
                case {"N": number}:
                    return {"N": f"{number}E0" if "E" not in str(number) else number}
                case {"NS": members}:
                    return {"NS": list(reversed(members))}
                case dict():
                    return {name: other(each) for name, each in reversed(value.items())}
                case list():
                    return [other(each) for each in value]
            return value

        return other(of)  # type: ignore[return-value]

    one = classify(Images(KEY, old, new), live, None, NOW, conflicts)  # type: ignore[arg-type]
    other = classify(
        Images(KEY, rewritten(old), new),
        rewritten(live),
        None,
        NOW,
        conflicts,  # type: ignore[arg-type]
    )
    assert one == other
