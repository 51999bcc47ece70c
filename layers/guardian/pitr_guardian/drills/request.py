"""What a drill request may say."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictInt,
    StringConstraints,
)

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel

MOST_ITEMS, USUAL_ITEMS = 10_000, 1000
"""Of a sample that is given as a number, and of one that isn't given at all."""

_Text = Annotated[str | None, Field(max_length=1000)]


def _written_instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - pydantic takes no TypeError
    return datetime.fromisoformat(value)


def _begun_second(instant: datetime) -> datetime:
    """AWS restores to, and exports from, whole seconds."""
    return instant.replace(microsecond=0)


class DrillRequest(WireModel):
    """A request, complete and well-formed."""

    table: str
    at: (
        Literal["latest", "random"]
        | Annotated[Instant, BeforeValidator(_written_instant), AfterValidator(_begun_second)]
    ) = "random"
    target_region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")] | None = None
    sample: Literal["all"] | Annotated[StrictInt, Field(ge=1, le=MOST_ITEMS)] = USUAL_ITEMS
    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    requested_by: _Text = None
    reason: _Text = None

    def content(self) -> dict[str, Any]:
        """The request in one canonical writing, by which two requests are told to be the same."""
        return self.model_dump(by_alias=True, mode="json")
