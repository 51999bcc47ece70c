"""Reading drill requests: complete and well-formed, or refused in sentences."""

from typing import Any

from pydantic import ValidationError

from pitr_guardian.basics.faults import faults_in
from pitr_guardian.basics.fields import NoFieldsError, fields_of
from pitr_guardian.basics.legible import well_formed
from pitr_guardian.basics.model import mapping
from pitr_guardian.drills.request import MOST_ITEMS, DrillRequest
from pitr_guardian.tables.reference import Home, InvalidTableError, TableRef

_LONGEST_TOLD = 1000

_REMEDIES = {
    "table": "give the name or the ARN of the table whose restore is to be proved",
    "at": "give `latest`, `random`, or an ISO 8601 instant with offset such as "
    "2026-11-25T10:15:00Z",
    "targetRegion": "give the name of a region such as eu-west-1, or leave it out",
    "sample": f"give the number of items to compare, 1 to {MOST_ITEMS}, or `all`",
    "requestId": "give 1 to 64 of A-Z a-z 0-9 _ -, or leave it out",
    "requestedBy": "give a text of at most 1000 characters, or leave it out",
    "reason": "give a text of at most 1000 characters, or leave it out",
}


class InvalidDrillError(ValueError):
    """A request can't be understood; the text names each field at fault and the remedy."""


def drill_request_from(detail: object, event_id: str, home: Home, *, members: bool) -> DrillRequest:
    """Read a request.

    Args:
        detail: the event's detail.
        event_id: the event's id, which is the request's where it names none.
        home: where a bare table name is looked for.
        members: whether tables of other accounts may be named, by their ARNs.

    Raises:
        InvalidDrillError: it is malformed.
    """
    try:
        fields = fields_of(detail)
        request = DrillRequest.model_validate({"requestId": event_id, **fields}, by_name=False)
    except NoFieldsError as problem:
        raise InvalidDrillError(str(problem)) from problem
    except ValidationError as problem:
        raise InvalidDrillError(faults_in(problem, _REMEDIES)) from problem
    table = table_of(request, home)
    if table.partition != home.partition or (table.account != home.account and not members):
        raise InvalidDrillError(
            f"table: {table.arn} is not in this account ({home.account}, {home.partition}); send "
            "the request to that account's guardian"
        )
    return request


def table_of(request: DrillRequest, home: Home) -> TableRef:
    """The table of a request.

    Raises:
        InvalidDrillError: it names none.
    """
    try:
        return TableRef.parse(request.table, home)
    except InvalidTableError as problem:
        raise InvalidDrillError(f"table: {problem}; {_REMEDIES['table']}") from problem


def told_of_drill(detail: object, event_id: str) -> dict[str, Any]:
    """What a fact can tell of a request that may be malformed."""
    fields = mapping(detail)

    def text(name: str) -> str | None:
        found = fields.get(name)
        return well_formed(found, _LONGEST_TOLD) if isinstance(found, str) and found else None

    return {
        "drill_id": text("requestId") or event_id,
        "requested_by": text("requestedBy"),
        "request_reason": text("reason"),
    }
