"""What a restore request may say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from pitr_guardian.instants import Instant
from pitr_guardian.model import WireModel
from pitr_guardian.table import NAME, Home, InvalidTableError, TableRef

# What to write in a field, told to whoever wrote something else.
_REMEDIES = {
    "sourceTable": "give the name or the ARN of the table to restore from",
    "targetTable": "give the name of the new table, 3 to 255 of A-Z a-z 0-9 _ . -",
    "restoreTo": "give `latest`, or an ISO 8601 instant with offset such as 2026-11-22T10:15:00Z",
    "requestId": "give 1 to 64 of A-Z a-z 0-9 _ -, or leave it out",
    "requestedBy": "give a text, or leave it out",
    "reason": "give a text, or leave it out",
}
_NOT_YET = frozenset({"targetRegion", "indexes", "encryption", "billing", "settings", "dryRun"})


class InvalidRequestError(ValueError):
    """A request can't be understood; the text names each field at fault and the remedy."""


def _instant(value: object) -> object:
    if value == "latest" or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value) if isinstance(value, str) else None


class RestoreRequest(WireModel):
    """A request, complete and well-formed."""

    source_table: str
    target_table: Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
    restore_to: Annotated[Literal["latest"] | Instant, BeforeValidator(_instant)] = "latest"
    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    requested_by: Annotated[str | None, Field(max_length=1000)] = None
    reason: Annotated[str | None, Field(max_length=1000)] = None

    @property
    def instant(self) -> datetime | None:
        """The instant to restore to; None for the latest."""
        return None if self.restore_to == "latest" else self.restore_to

    def source(self, home: Home) -> TableRef:
        """The table to restore from."""
        return TableRef.parse(self.source_table, home)

    def target(self, home: Home) -> TableRef:
        """The table to restore to: beside the source."""
        source = self.source(home)
        return TableRef(source.partition, source.account, source.region, self.target_table)

    def content(self) -> dict[str, Any]:
        """The request in one canonical writing, by which two requests are told to be the same."""
        return self.model_dump(by_alias=True, mode="json")


def request_from(detail: Mapping[str, Any], event_id: str, home: Home) -> RestoreRequest:
    """Read a request.

    Args:
        detail: the event's detail.
        event_id: the event's id, which is the request's where it names none.
        home: where a bare table name is looked for.

    Raises:
        InvalidRequestError: it is malformed.
    """
    not_yet = sorted(_NOT_YET & detail.keys())
    if not_yet:
        raise InvalidRequestError(
            f"{', '.join(not_yet)}: not supported by this version yet; leave it out"
        )
    try:
        request = RestoreRequest.model_validate({"requestId": event_id, **detail})
        source = request.source(home)
    except ValidationError as problem:
        raise InvalidRequestError(_sentence(problem)) from problem
    except InvalidTableError as problem:
        remedy = _REMEDIES["sourceTable"]
        raise InvalidRequestError(f"sourceTable: {problem}; {remedy}") from problem
    if (source.account, source.partition) != (home.account, home.partition):
        raise InvalidRequestError(
            f"sourceTable: {source.arn} is not in this account ({home.account}, {home.partition}); "
            "AWS restores within an account only: send the request to that account's guardian"
        )
    return request


def told_of(detail: Mapping[str, Any], event_id: str) -> dict[str, Any]:
    """What a fact can tell of a request that may be malformed: its fields that are texts."""
    fields = ("sourceTable", "targetTable", "restoreTo", "requestedBy", "requestId")
    told: dict[str, Any] = dict.fromkeys(fields)
    told |= {key: detail[key] for key in fields if isinstance(detail.get(key), str)}
    told["requestId"] = told["requestId"] or event_id
    if "restoreTo" not in detail:
        told["restoreTo"] = "latest"
    return told


def _sentence(problem: ValidationError) -> str:
    faults = {}
    for error in problem.errors(include_url=False):
        field = str(error["loc"][0]) if error["loc"] else "detail"
        if error["type"] == "extra_forbidden":
            faults[field] = f"{field}: no such field; the fields are {', '.join(_REMEDIES)}"
        elif error["type"] == "missing":
            faults[field] = f"{field}: missing; {_REMEDIES[field]}"
        else:
            faults[field] = f"{field}: {error['input']!r:.100} is no good; {_REMEDIES[field]}"
    return ". ".join(faults.values())
