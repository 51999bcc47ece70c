"""Attribute values as people give them in a request."""

import base64
import json
import re
from decimal import Context, Decimal

from pitr_guardian.exports.record import Value
from pitr_guardian.exports.values import canonical
from pitr_guardian.tables.keys import Key

LONGEST_KEY = 2048
"""Bytes of a partition key, of which there is at least one (developer guide, "Quotas and limits in
Amazon DynamoDB")."""
_MOST_DIGITS, _SMALLEST, _LARGEST = 38, -130, 125
"""Digits of a number, and its powers of ten (the same, "Supported data types and naming rules")."""
_EXACT = Context(prec=3000)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


class NoValueError(ValueError):
    """What was given stands for no attribute value; the text says what to give."""


def value_of(given: object) -> Value:
    """Make an attribute value of what a request gives.

    Text, number, true, false and null are what they are in JSON; whatever else there is, and
    numbers of more digits than JSON readers keep, are given as DynamoDB writes them, such as
    ``{"B": "AQI="}``.

    Raises:
        NoValueError: it stands for none.
    """
    match given:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": given}
        case str():
            return {"S": given}
        case int() | float():
            return {"N": _number(str(given))}
        case dict():
            try:
                canonical(given)
            except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
                pass
            else:
                if _is_typed(given):
                    return given
    raise NoValueError('give a text, a number, true, false, null, or such as {"B": "AQI="}')


def partition_value(given: str | float, key: Key) -> Value:
    """Make the partition key's value of what a request gives; the key's type decides.

    Raises:
        NoValueError: it can't be one.
    """
    text = given if isinstance(given, str) else json.dumps(given)
    name = key.partition.name
    match key.partition.type:
        case "S":
            try:
                _check_length(name, text.encode())
            except UnicodeEncodeError:
                raise NoValueError(f"the key {name} is text; half a character isn't") from None
            return {"S": text}
        case "N":
            try:
                number = _number(text)
            except NoValueError:
                raise NoValueError(f"the key {name} is a number; give one") from None
            _check_range(name, Decimal(number))
            return {"N": number}
        case "B":
            try:
                _check_length(name, base64.b64decode(text, validate=True))
            except ValueError as problem:
                if isinstance(problem, NoValueError):
                    raise
                raise NoValueError(f"the key {name} is binary; give it in base64") from None
            return {"B": text}


def _check_length(name: str, content: bytes) -> None:
    if not 1 <= len(content) <= LONGEST_KEY:
        raise NoValueError(
            f"the key {name} has 1 to {LONGEST_KEY} bytes, and this {len(content)}; give an item's"
        )


def _check_range(name: str, number: Decimal) -> None:
    digits = number.normalize(_EXACT)
    if number and not (
        len(digits.as_tuple().digits) <= _MOST_DIGITS and _SMALLEST <= digits.adjusted() <= _LARGEST
    ):
        raise NoValueError(
            f"the key {name} is a number of at most {_MOST_DIGITS} digits, from 1E{_SMALLEST} to "
            f"9.9E{_LARGEST} or as far below zero; give an item's"
        )


def _is_typed(value: Value) -> bool:
    """Whether each content is of its type's kind; ``canonical`` takes whatever it can convert."""
    [(kind, content)] = value.items()
    match kind:
        case "S" | "B":
            return isinstance(content, str)
        case "N":
            return isinstance(content, str) and bool(_NUMBER.fullmatch(content))
        case "BOOL":
            return isinstance(content, bool)
        case "NULL":
            return content is True
        case "M":
            return all(map(_is_typed, content.values()))
    is_list = isinstance(content, list)
    if kind == "L":
        return is_list and all(map(_is_typed, content))
    # A set has members, each once (developer guide, "Supported data types and naming rules").
    return (
        is_list
        and bool(content)
        and all(_is_typed({kind[0]: member}) for member in content)
        and len({canonical({kind[0]: member}) for member in content}) == len(content)
    )


def _number(text: str) -> str:
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        raise NoValueError("give a number")
    return number
