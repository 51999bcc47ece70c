"""A message on the enforcement queue: look at this table, and here is why.

Two shapes arrive: EventBridge's envelope around a CloudTrail record, and a look that was put
back because the table wasn't ready (or that the guardian asked for itself).
"""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, NonNegativeInt, StringConstraints, ValidationError

from pitr_guardian.basics.instants import (
    Instant,
    iso,
)
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drift.change import (
    Cause,
    UnreadableEventError,
    change_from,
    could_be_recorded,
)
from pitr_guardian.tables.reference import TableRef

PATIENCE = timedelta(hours=24)
"""How long a table may stay unready before the guardian gives up on it."""

HEARING = timedelta(seconds=15)
"""How long an incident whose author isn't known waits for the event that names him."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the guardian's clock another of AWS's may be."""

_LONGEST_DELAY = 900  # seconds; SQS takes no longer DelaySeconds (SQS API reference)


class Look(StoredModel):
    """One table to look at; first tried at ``since``, and ``attempt`` times in vain."""

    table: str
    since: Instant
    cause: Cause | None = None
    attempt: NonNegativeInt = 0
    last_on_at: Instant | None = None
    """When the table's PITR was last known to be on, where a sweep knows."""
    hears: Instant | None = None
    """When the drift was noticed that waits to be explained until this look comes, if one does."""
    mended: Instant | None = None
    """When the drift was noticed that this look has put right, while another one was telling of it:
    if that one left the table alone, and told so, this look tells what it did."""
    claimant: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,100}$")] | None = None
    """The message that the look first came with, where it was put back: what that one has claimed
    in the ledger, before it met a fault, is this look's to tell."""

    @property
    def ref(self) -> TableRef:
        """The table's reference."""
        return TableRef.from_arn(self.table)

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the guardian's patience with this table is over."""
        return now - self.since > PATIENCE

    @property
    def delay(self) -> int:
        """Seconds to wait before this attempt: 1, 2, 4 … 900."""
        if self.attempt:
            return min(1 << min(self.attempt - 1, 10), _LONGEST_DELAY)
        return 0 if self.hears is None else int(HEARING.total_seconds())

    def again(self, mended: datetime | None = None) -> Self:
        """The same look, one attempt later; ``mended`` is the drift that it has put right."""
        return self.model_copy(update={"attempt": self.attempt + 1, "mended": mended})

    def by(self, message_id: str) -> Self:
        """The same look, which claims in this message's name unless it has one already."""
        return self if self.claimant else self.model_copy(update={"claimant": message_id})

    def hearing(self, noticed_at: datetime) -> "Look":
        """Another look at the table, when the drift of that time was waited with long enough."""
        return Look(table=self.table, since=noticed_at, hears=noticed_at)


class _Envelope(BaseModel):
    """EventBridge's envelope, as far as it is read.

    Not Powertools' ``EventBridgeModel``: its package imports every model it has, and costs each
    cold start more than all of the guardian's own code.

    It must be what the stack's rules let pass: whatever else is on the queue, none of them sent.
    """

    source: Literal["aws.dynamodb"]
    detail_type: Literal["AWS API Call via CloudTrail"] = Field(alias="detail-type")
    account: str
    detail: dict[str, Any]


def looks_from(
    body: str, now: datetime, account: str, partition: str, *, members: bool = False
) -> list[Look]:
    """Read a message's body; a refused call gives no looks, nor does one to another's table.

    Whose tables an event can be about is said by its envelope, which EventBridge writes, also where
    it is forwarded, and nobody else: it takes no events of AWS's services from users (API
    reference, PutEvents). What the record says is good for that account alone.

    Args:
        body: the message's.
        now: the time; nothing that happened lies after it.
        account: the guardian's own. A call across accounts is recorded in the caller's account as
            well as in the table's.
        members: whether other accounts of the organization are looked after as well.
        partition: that of the guardian, and of every table that it gets to hear of.

    Raises:
        UnreadableEventError: the message is neither shape, or nothing that a rule or the guardian
            could have sent; the text says what is wrong.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise UnreadableEventError(f"the message is not JSON: {problem}") from problem
    if not isinstance(message, dict):
        raise UnreadableEventError("the message is not a JSON object")
    try:
        if "look" in message:
            its_own = None if members else account
            return [_put_back(Look.model_validate(message["look"]), now, its_own)]
        envelope = _Envelope.model_validate(message)
        change = change_from(envelope.detail, envelope.account, partition)
    except ValidationError as problem:
        raise UnreadableEventError(_sentence(problem)) from problem
    except UnreadableEventError:
        raise
    except ValueError as problem:
        raise UnreadableEventError(str(problem)) from problem
    if envelope.account != account and not members:
        theirs = legible(envelope.account, 20)
        raise UnreadableEventError(
            f"account: the event is of {theirs!r}, the guardian's is {account}"
        )
    if change is None:
        return []
    _refuse_the_future(now, eventTime=change.cause.time)
    looks = [Look(table=table, since=now, cause=cause) for table, cause in change.by_table()]
    return [look for look in looks if look.ref.account == envelope.account]


def body_of(look: Look) -> str:
    """Write a look as a message's body; ``looks_from`` reads it back."""
    return json.dumps({"look": look.model_dump(by_alias=True, mode="json")})


def _put_back(look: Look, now: datetime, account: str | None) -> Look:
    """Give a look that the guardian can have put on the queue itself; None: of any account."""
    if account is not None and look.ref.account != account:
        raise UnreadableEventError(
            f"table: {look.table} is not of the guardian's account {account}"
        )
    cause = look.cause
    if cause is not None and not could_be_recorded(cause):
        call = legible(cause.call, 100)
        raise UnreadableEventError(f"cause: no record of the call {call} says that")
    _refuse_the_future(
        now,
        since=look.since,
        hears=look.hears,
        mended=look.mended,
        lastOnAt=look.last_on_at,
        **{"cause.time": cause.time if cause is not None else None},
    )
    return look


def _refuse_the_future(now: datetime, **times: datetime | None) -> None:
    """Refuse times that are yet to come.

    The ledger lets what is later win: a time of the year 2199 would outlive all that is true.
    """
    for field, time in times.items():
        if time is not None and time - now > CLOCK_SKEW:
            raise UnreadableEventError(
                f"{field}: {iso(time)} is yet to come, it is {iso(now)}; neither AWS nor "
                "the guardian sent this message"
            )


def _sentence(problem: ValidationError) -> str:
    faults = (
        f"{'.'.join(map(str, error['loc'])) or 'message'}: {error['msg']}"
        for error in problem.errors(include_url=False, include_input=False)
    )
    return legible("; ".join(faults), 1000)
