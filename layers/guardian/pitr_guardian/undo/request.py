"""What an undo request and an approval may say."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pitr_guardian.basics.faults import OWN_WORDS
from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.undo.given import NoValueError, value_of

_ID = r"^[A-Za-z0-9_-]{1,64}$"
_Id = Annotated[str, StringConstraints(pattern=_ID)]
_Text = Annotated[str | None, Field(max_length=1000)]
LONGEST_VALUE = 2048
"""Characters of a value as JSON; the longest partition key has as many bytes."""

ChangeKind = Literal["inserted", "updated", "deleted"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "begins_with", "contains", "exists", "missing"]


_ORDERED = ("SNB", "a text, a number or a binary")
_TAKEN: Mapping[str, tuple[str, str]] = {
    "begins_with": ("SB", "a text or a binary"),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDERED),
}
"""The types that DynamoDB takes with an operator, where not all, and how they are called (its own
word: "Incorrect operand type for operator or function")."""


def _written_instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - pydantic takes no TypeError
    return datetime.fromisoformat(value)


def _begun_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def ended_second(instant: datetime) -> datetime:
    """The end of the second that an instant is in; AWS exports whole seconds."""
    try:
        return instant + timedelta(microseconds=-instant.microsecond % 1_000_000)
    except OverflowError:
        raise ValueError("it is outside the calendar") from None


class Condition(WireModel):
    """One condition on an item; ``value`` is JSON, left out for ``exists`` and ``missing``."""

    attribute: Annotated[str, Field(min_length=1, max_length=255)]
    is_: Operator
    value: Any = None
    image: Literal["old", "new", "live"] = "new"

    @model_validator(mode="after")
    def _value_goes_with_the_operator(self) -> Self:
        goes_alone = self.is_ in ("exists", "missing")
        if self.value is not None if goes_alone else "value" not in self.model_fields_set:
            raise ValueError("a value where none goes, or none where one does")
        if len(json.dumps(self.value)) > LONGEST_VALUE:
            why = f"the value of {self.attribute:.100} is longer than {LONGEST_VALUE} characters"
            raise PydanticCustomError(OWN_WORDS, "{why}", {"why": why})
        try:
            [kind] = value_of(self.value)
        except NoValueError as problem:
            why = f"the value of {self.attribute:.100} is none of DynamoDB's; {problem}"
            raise PydanticCustomError(OWN_WORDS, "{why}", {"why": why}) from problem
        kinds, remedy = _TAKEN.get(self.is_, (kind, ""))
        if kind not in kinds:
            why = f"with {self.is_}, the value of {self.attribute:.100} is {remedy}"
            raise PydanticCustomError(OWN_WORDS, "{why}", {"why": why})
        return self


class UndoRequest(WireModel):
    """A request, complete and well-formed: ``table``, ``from_`` and the rest, or ``revert``."""

    table: str | None = None
    from_: (
        Annotated[Instant, BeforeValidator(_written_instant), AfterValidator(_begun_second)] | None
    ) = None
    to: (
        Annotated[Instant, BeforeValidator(_written_instant), AfterValidator(ended_second)] | None
    ) = None
    partition: (
        Annotated[StrictStr, Field(max_length=LONGEST_VALUE)]
        | StrictInt
        | Annotated[StrictFloat, Field(allow_inf_nan=False)]
        | None
    ) = None
    changes: (
        Literal["all"] | Annotated[tuple[ChangeKind, ...], Field(min_length=1, max_length=3)]
    ) = "all"
    where: Annotated[tuple[Condition, ...], Field(max_length=20)] = ()
    conflicts: Literal["keep", "overwrite"] = "keep"
    revert: _Id | None = None
    request_id: _Id
    requested_by: _Text = None
    reason: _Text = None

    def content(self) -> dict[str, Any]:
        """The request in one canonical writing, by which two requests are told to be the same."""
        return self.model_dump(by_alias=True, mode="json")


class UndoApproval(WireModel):
    """An approval, complete and well-formed."""

    plan_id: _Id
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    requested_by: _Text = None
    reason: _Text = None
