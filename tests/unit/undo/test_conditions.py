"""Which changes a request means."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item, Value
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.undo.conditions import concerns, concerns_live, fulfils
from pitr_guardian.undo.given import NoValueError, partition_value, value_of
from pitr_guardian.undo.request import Condition, UndoRequest

KEY: Item = {"id": {"S": "k"}}
NOTHING = object()


def holds(is_: str, value: Any, found: Value | None) -> bool:
    given = {} if value is NOTHING else {"value": value}
    condition = Condition.model_validate({"attribute": "a", "is": is_, **given})
    return fulfils(condition, {**KEY, "a": found} if found is not None else KEY)


@pytest.mark.parametrize(
    ("is_", "value", "found"),
    [
        ("=", 1, {"N": "1.0"}),
        ("=", "1", {"S": "1"}),
        ("=", "", {"S": ""}),
        ("=", None, {"NULL": True}),
        ("=", True, {"BOOL": True}),
        ("=", {"NS": ["1", "2"]}, {"NS": ["2", "1.0"]}),
        ("=", {"N": "12345678901234567890.5"}, {"N": "12345678901234567890.50"}),
        ("!=", 1, {"N": "2"}),
        ("!=", 1, {"S": "1"}),
        ("!=", 1, None),
        ("<", 10, {"N": "9"}),
        ("<=", 10, {"N": "10.0"}),
        (">", "Z", {"S": "a"}),
        (">=", {"B": "AQ=="}, {"B": "AQ=="}),
        (">", {"B": "fw=="}, {"B": "gA=="}),
        ("begins_with", "ab", {"S": "abc"}),
        ("begins_with", {"B": "AQI="}, {"B": "AQID"}),
        ("contains", "b", {"S": "abc"}),
        ("contains", "b", {"SS": ["a", "b"]}),
        ("contains", 2, {"NS": ["1", "2.0"]}),
        ("contains", None, {"L": [{"S": "x"}, {"NULL": True}]}),
        ("contains", {"B": "Ag=="}, {"B": "AQID"}),
        ("contains", {"B": "Ag=="}, {"BS": ["Ag=="]}),
        ("exists", NOTHING, {"NULL": True}),
        ("missing", NOTHING, None),
    ],
)
def test_it_holds(is_: str, value: Any, found: Value | None) -> None:
    assert holds(is_, value, found)


@pytest.mark.parametrize(
    ("is_", "value", "found"),
    [
        ("=", 1, {"S": "1"}),
        ("=", "1", {"N": "1"}),
        ("=", 1, {"BOOL": True}),
        ("=", None, None),
        ("=", False, {"BOOL": True}),
        ("!=", 1, {"N": "1.0"}),
        ("<", 10, {"S": "9"}),
        ("<", 10, None),
        (">", "a", {"SS": ["b"]}),
        ("begins_with", "a", {"B": "AQ=="}),
        ("contains", "b", {"L": [{"N": "1"}]}),
        ("contains", 1, {"S": "1"}),
        ("contains", 1, {"N": "11"}),
        ("contains", "x", {"M": {"x": {"S": "x"}}}),
        ("exists", NOTHING, None),
        ("missing", NOTHING, {"S": ""}),
    ],
)
def test_it_doesnt_hold(is_: str, value: Any, found: Value | None) -> None:
    assert not holds(is_, value, found)


def asked(**fields: Any) -> UndoRequest:
    return UndoRequest.model_validate({"table": "orders", "requestId": "u-1", **fields})


GOOD, BAD = {**KEY, "a": {"N": "10"}}, {**KEY, "a": {"N": "1"}}


def test_each_kind_of_change_can_be_asked_for() -> None:
    changes = {
        "inserted": Images(KEY, None, BAD),
        "updated": Images(KEY, GOOD, BAD),
        "deleted": Images(KEY, GOOD, None),
    }
    for kind, images in changes.items():
        assert concerns(asked(), images)
        assert concerns(asked(changes=[kind]), images)
        others = [other for other in changes if other != kind]
        assert not concerns(asked(changes=others), images)


def test_what_wasnt_changed_is_nobodys_concern() -> None:
    assert not concerns(asked(), Images(KEY, GOOD, {**KEY, "a": {"N": "10.0"}}))
    assert not concerns(asked(), Images(KEY, None, None))


def test_all_conditions_must_hold_each_on_its_image() -> None:
    images = Images(KEY, GOOD, BAD)
    is_bad = {"attribute": "a", "is": "=", "value": 1}
    was_good = {"attribute": "a", "is": "=", "value": 10, "image": "old"}
    assert concerns(asked(where=[is_bad, was_good]), images)
    assert not concerns(asked(where=[is_bad, {**was_good, "value": 11}]), images)
    still = {**is_bad, "image": "live"}
    assert concerns(asked(where=[still]), images)
    assert concerns_live(asked(where=[is_bad, still]), BAD)
    assert not concerns_live(asked(where=[still]), GOOD)
    assert not concerns_live(asked(where=[still]), None)


def test_an_item_that_isnt_there_has_no_attributes() -> None:
    deleted = Images(KEY, GOOD, None)
    assert not concerns(asked(where=[{"attribute": "a", "is": "=", "value": 1}]), deleted)
    assert concerns(asked(where=[{"attribute": "a", "is": "missing"}]), deleted)


def test_what_isnt_known_excludes_nothing() -> None:
    unknown = Images(KEY, GOOD, None, known=False)
    assert concerns(asked(changes=["updated"]), unknown)
    assert concerns(asked(where=[{"attribute": "a", "is": "=", "value": 1}]), unknown)
    old = {"attribute": "a", "is": "=", "value": 1, "image": "old"}
    assert not concerns(asked(where=[old]), unknown)


def test_the_keys_type_decides_what_a_partition_is() -> None:
    def key(kind: str) -> Key:
        return Key(partition=KeyAttribute(name="id", type=kind))  # type: ignore[arg-type]

    assert partition_value("5", key("S")) == partition_value(5, key("S")) == {"S": "5"}
    assert partition_value("5", key("N")) == partition_value(5, key("N")) == {"N": "5"}
    assert partition_value("AQI=", key("B")) == {"B": "AQI="}
    for number in ("0", "-0.0", "9" * 38, f"{'9' * 38}e87", "-1E-130", "1" + "0" * 60):
        assert partition_value(number, key("N")) == {"N": number}
    assert partition_value("x" * 2048, key("S")) == {"S": "x" * 2048}
    for given, kind, said in (
        ("x", "N", "id is a number"),
        ("inf", "N", "id is a number"),
        ("x", "B", "id is binary; give it in base64"),
        (5, "B", "id is binary"),
        ("", "S", "id has 1 to 2048 bytes, and this 0"),
        ("ä" * 1025, "S", "and this 2050"),
        ("\ud800", "S", "half a character"),
        ("", "B", "and this 0"),
        ("1" * 39, "N", "at most 38 digits"),
        ("1E126", "N", "from 1E-130"),
        (1e-200, "N", "from 1E-130"),
    ):
        with pytest.raises(NoValueError, match=said):
            partition_value(given, key(kind))


@pytest.mark.parametrize(
    "given",
    [
        [],
        [1],
        {},
        {"S": 1},
        {"N": 1},
        {"SS": "a"},
        {"L": [{"S": 1}]},
        {"M": {"a": {"N": 1}}},
        {"NULL": 0},
        {"BOOL": 1},
        {"S": "1", "N": "1"},
        {"X": "1"},
        {"N": "x"},
        {"B": "%"},
    ],
)
def test_what_no_attribute_can_hold_is_no_value(given: object) -> None:
    with pytest.raises(NoValueError, match="give a text, a number"):
        value_of(given)
