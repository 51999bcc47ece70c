"""Attribute values as people give them in a request."""

import base64
import json
from decimal import Decimal, InvalidOperation

from pitr_guardian.exports.record import Value
from pitr_guardian.exports.values import canonical
from pitr_guardian.tables.keys import Key


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
            return {"S": text}
        case "N":
            try:
                return {"N": _number(text)}
            except NoValueError:
                raise NoValueError(f"the key {name} is a number; give one") from None
        case "B":
            try:
                base64.b64decode(text, validate=True)
            except ValueError:
                raise NoValueError(f"the key {name} is binary; give it in base64") from None
            return {"B": text}


def _is_typed(value: Value) -> bool:
    """Whether each content is of its type's kind; ``canonical`` takes whatever it can convert."""
    [(kind, content)] = value.items()
    match kind:
        case "S" | "N" | "B":
            return isinstance(content, str)
        case "BOOL":
            return isinstance(content, bool)
        case "NULL":
            return content is True
        case "M":
            return all(map(_is_typed, content.values()))
    is_list = isinstance(content, list)
    if kind == "L":
        return is_list and all(map(_is_typed, content))
    return is_list and all(isinstance(member, str) for member in content)


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NoValueError("give a number") from None
    if not number.is_finite():
        raise NoValueError("give a number")
    return text.strip()
