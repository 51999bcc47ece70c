"""Values are compared as DynamoDB means them."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.exports.record import Value
from pitr_guardian.exports.values import differing, key_text, number_text, ordered, same, same_item


def b(text: bytes) -> str:
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"N": "1.0"}),
        ({"N": "0"}, {"N": "-0"}),
        ({"N": "100"}, {"N": "1E2"}),
        ({"N": "1.2e-130"}, {"N": "0.12E-129"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2.50"]}, {"NS": ["2.5", "1.0"]}),
        ({"BS": [b(b"x"), b(b"y")]}, {"BS": [b(b"y"), b(b"x")]}),
        ({"M": {"a": {"L": [{"N": "1"}]}}}, {"M": {"a": {"L": [{"N": "1.00"}]}}}),
        ({"M": {"a": {"N": "1"}, "b": {"S": ""}}}, {"M": {"b": {"S": ""}, "a": {"N": "1"}}}),
        ({"NULL": True}, {"NULL": True}),
        ({"B": ""}, {"B": ""}),
    ],
)
def test_what_is_written_differently_may_be_the_same(one: Value, other: Value) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"S": b(b"x")}, {"B": b(b"x")}),
        ({"BOOL": True}, {"N": "1"}),
        ({"NULL": True}, {"BOOL": True}),
        ({"NULL": True}, None),
        ({"S": ""}, None),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}),
        ({"L": [{"S": "a"}]}, {"SS": ["a"]}),
        ({"L": []}, {"M": {}}),
        ({"M": {"a": {"NULL": True}}}, {"M": {}}),
        # 38 digits: the last one counts, which a float would have lost.
        (
            {"N": "1234567890123456789012345678901234567.8"},
            {"N": "1234567890123456789012345678901234567.9"},
        ),
        ({"N": "9.9E+125"}, {"N": "9.9E+124"}),
    ],
)
def test_what_looks_alike_may_differ(one: Value, other: Value | None) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_an_item_equals_no_item_only_if_there_is_none() -> None:
    assert same_item(None, None)
    assert not same_item({}, None)
    assert not same_item(None, {"id": {"S": "1"}})
    assert same_item({"a": {"N": "1"}}, {"a": {"N": "1.0"}})
    assert not same_item({"a": {"N": "1"}}, {"a": {"N": "1"}, "b": {"N": "1"}})


def test_the_attributes_in_which_items_differ_are_named() -> None:
    one: dict[str, Value] = {"a": {"N": "1"}, "b": {"S": "x"}, "c": {"S": "only here"}}
    other: dict[str, Value] = {"a": {"N": "1.0"}, "b": {"S": "y"}, "d": {"S": "only there"}}
    assert differing(one, other) == ["b", "c", "d"]


@pytest.mark.parametrize("value", [{}, {"S": "a", "N": "1"}, {"X": "1"}])
def test_what_is_no_value_is_refused(value: Value) -> None:
    with pytest.raises(ValueError, match="no attribute value"):
        same(value, {"S": "a"})


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda number: len(number.as_tuple().digits) <= 38
)


@given(numbers, numbers)
def test_numbers_have_one_writing_each(one: Decimal, other: Decimal) -> None:
    assert Decimal(number_text(str(one))) == one
    assert (number_text(str(one)) == number_text(str(other))) == (one == other)


def test_keys_are_the_same_however_they_are_written() -> None:
    names = ("p", "s")
    one = {"p": {"N": "10"}, "s": {"B": b(b"\x00\xff")}, "more": {"S": "x"}}
    assert key_text(one, names) == key_text({"s": {"B": b(b"\x00\xff")}, "p": {"N": "1E1"}}, names)
    assert key_text({"p": {"S": "10"}}, ("p",)) != key_text({"p": {"N": "10"}}, ("p",))


def test_only_texts_numbers_and_binaries_have_an_order() -> None:
    def less(one: Value, other: Value) -> bool:
        first, second = ordered(one), ordered(other)
        assert first is not None
        assert second is not None
        return bool(first < second)

    assert less({"N": "9"}, {"N": "10"})
    assert less({"S": "Z"}, {"S": "a"})  # by bytes, not by alphabet
    assert less({"S": "\uffff"}, {"S": "\U00010000"})  # UTF-8, not UTF-16
    assert less({"B": b(b"\x7f")}, {"B": b(b"\x80")})
    without: list[Value] = [{"BOOL": True}, {"NULL": True}, {"L": []}, {"M": {}}, {"SS": ["a"]}]
    assert [ordered(value) for value in without] == [None] * 5
