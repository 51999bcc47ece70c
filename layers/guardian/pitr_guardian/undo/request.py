"""What an undo request and an approval may say."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.tables.reference import Home, TableRef

_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Text = Annotated[str | None, Field(max_length=1000)]

ChangeKind = Literal["inserted", "updated", "deleted"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "begins_with", "contains", "exists", "missing"]


class InvalidUndoError(ValueError):
    """A request can't be understood; the text names each field at fault and the remedy."""


class Condition(WireModel):
    """One condition on an item; ``value`` is JSON, left out for ``exists`` and ``missing``."""

    attribute: Annotated[str, Field(min_length=1, max_length=255)]
    is_: Operator
    value: Any = None
    image: Literal["old", "new", "live"] = "new"


class UndoRequest(WireModel):
    """A request, complete and well-formed: ``table``, ``from_`` and the rest, or ``revert``."""

    table: str | None = None
    from_: Instant | None = None
    to: Instant | None = None
    partition: str | int | float | None = None
    changes: Literal["all"] | tuple[ChangeKind, ...] = "all"
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


def undo_request_from(detail: object, event_id: str, home: Home) -> UndoRequest:
    """Read a request.

    Args:
        detail: the event's detail.
        event_id: the event's id, which is the request's where it names none.
        home: where a bare table name is looked for.

    Raises:
        InvalidUndoError: it is malformed.
    """
    raise NotImplementedError


def approval_from(detail: object) -> UndoApproval:
    """Read an approval.

    Raises:
        InvalidUndoError: it is malformed.
    """
    raise NotImplementedError


def told_of_undo(detail: object, event_id: str) -> Mapping[str, str | None]:
    """What a fact can tell of a request or an approval that may be malformed."""
    raise NotImplementedError


def table_of(request: UndoRequest, home: Home) -> TableRef:
    """The table of a request that isn't a ``revert``."""
    raise NotImplementedError
