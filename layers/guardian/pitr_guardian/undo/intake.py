"""Reading undo requests and approvals: complete and well-formed, or refused in sentences."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from pitr_guardian.basics.faults import faults_in
from pitr_guardian.basics.fields import NoFieldsError, fields_of
from pitr_guardian.basics.legible import well_formed
from pitr_guardian.basics.model import mapping
from pitr_guardian.tables.reference import Home, InvalidTableError, TableRef
from pitr_guardian.undo.request import LONGEST_VALUE, UndoApproval, UndoRequest

_LONGEST_TOLD = 1000

_INSTANT = "an ISO 8601 instant with offset such as 2026-11-25T10:15:00Z"
_SAID_BY = {
    "requestedBy": "give a text of at most 1000 characters, or leave it out",
    "reason": "give a text of at most 1000 characters, or leave it out",
}
_REMEDIES = {
    "table": "give the name or the ARN of the table whose items are to be put back",
    "from": f"give {_INSTANT}: the items as they were then are the good ones",
    "to": f"give {_INSTANT}: the damage was done before it; or leave it out",
    "partition": f"give a partition key's value, a text of at most {LONGEST_VALUE} characters or "
    "a number, or leave it out",
    "changes": "give `all`, or a list of inserted, updated, deleted",
    "where": 'give a list of at most 20 conditions such as {"attribute": "Price", "is": "=", '
    '"value": 1, "image": "new"}; `is` is one of = != < <= > >= begins_with contains exists '
    "missing (the last two without `value`), `image` one of old new live",
    "conflicts": "give `keep` or `overwrite`",
    "revert": "give the id of a plan that was carried out, alone",
    "requestId": "give 1 to 64 of A-Z a-z 0-9 _ -, or leave it out",
    **_SAID_BY,
}
_APPROVAL_REMEDIES = {
    "planId": "give the `planId` of `Undo Planned`",
    "fingerprint": "give the `fingerprint` of `Undo Planned`, 64 of 0-9 a-f",
    **_SAID_BY,
}


class InvalidUndoError(ValueError):
    """A request can't be understood; the text names each field at fault and the remedy."""


def undo_request_from(
    detail: object, event_id: str, home: Home, *, members: bool = False
) -> UndoRequest:
    """Read a request.

    Args:
        detail: the event's detail.
        event_id: the event's id, which is the request's where it names none.
        home: where a bare table name is looked for.
        members: whether tables of other accounts may be named, by their ARNs.

    Raises:
        InvalidUndoError: it is malformed.
    """
    fields = _fields(detail)
    try:
        request = UndoRequest.model_validate({"requestId": event_id, **fields}, by_name=False)
    except ValidationError as problem:
        raise InvalidUndoError(faults_in(problem, _REMEDIES)) from problem
    if request.revert is not None:
        more = [name for name in _REMEDIES if name in fields and name not in _WITH_REVERT]
        if more:
            raise InvalidUndoError(
                f"revert: it goes back on all that a plan did, and {', '.join(more)} can't be "
                "given with it; leave them out"
            )
        return request
    missing = [name for name in ("table", "from") if fields.get(name) is None]
    if missing:
        told = [f"{name}: missing; {_REMEDIES[name]}" for name in missing]
        raise InvalidUndoError(". ".join(told))
    table = table_of(request, home)
    if table.partition != home.partition or (table.account != home.account and not members):
        raise InvalidUndoError(
            f"table: {table.arn} is not in this account ({home.account}, {home.partition}); send "
            "the request to that account's guardian"
        )
    return request


_WITH_REVERT = ("revert", "requestId", *_SAID_BY)


def approval_from(detail: object) -> UndoApproval:
    """Read an approval.

    Raises:
        InvalidUndoError: it is malformed.
    """
    try:
        return UndoApproval.model_validate(_fields(detail), by_name=False)
    except ValidationError as problem:
        raise InvalidUndoError(faults_in(problem, _APPROVAL_REMEDIES)) from problem


def table_of(request: UndoRequest, home: Home) -> TableRef:
    """The table of a request that isn't a ``revert``.

    Raises:
        InvalidUndoError: it names none.
    """
    try:
        return TableRef.parse(request.table or "", home)
    except InvalidTableError as problem:
        raise InvalidUndoError(f"table: {problem}; {_REMEDIES['table']}") from problem


def told_of_undo(detail: object, event_id: str) -> dict[str, Any]:
    """What a fact can tell of a request or an approval that may be malformed."""
    fields = mapping(detail)

    def text(name: str) -> str | None:
        found = fields.get(name)
        return well_formed(found, _LONGEST_TOLD) if isinstance(found, str) and found else None

    return {
        "plan_id": text("planId") or text("requestId") or event_id,
        "requested_by": text("requestedBy"),
        "request_reason": text("reason"),
        "from_": _maybe_instant(text("from")),
        "to": _maybe_instant(text("to")),
    }


def _maybe_instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _fields(detail: object) -> dict[str, Any]:
    try:
        return fields_of(detail)
    except NoFieldsError as problem:
        raise InvalidUndoError(str(problem)) from problem
