"""The faults that a plan may hold: what goes wrong, where, for how long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

# Parts of the ARNs of the stack's roles, by which the embedded AWS knows who calls.
ENFORCE, ANNOUNCE, AUDIT = "-EnforceRole-", "-AnnounceRole-", "-AuditRole-"
ACCEPT, SURVEY, START = "-AcceptRestoreRole-", "-SurveySettingsRole-", "-StartRestoreRole-"
CHECK, CARRY = "-CheckRestoreRole-", "-CarrySettingsRole-"
WORKFLOW = "states.amazonaws.com"


class Kind(StrEnum):
    """Every kind of fault there is."""

    THROTTLED = "throttled"
    SERVER_ERROR = "server error"
    REFUSED = "permission refused"
    ANSWER_LOST = "answer lost"
    DELAYED = "delayed"
    TIMED_OUT = "timed out"
    KILLED_BEFORE = "killed before the call"
    KILLED_AFTER = "killed after the call"
    EVENT_LOST = "event lost"
    EVENT_REPEATED = "event repeated"
    EVENT_LATE = "event late"
    EVENTS_REVERSED = "events in reverse order"
    EXPORT_FAILED = "export failed"
    REQUEST_LOST = "request lost"
    REQUEST_REPEATED = "request repeated"


EVENT_KINDS = frozenset(
    {Kind.EVENT_LOST, Kind.EVENT_REPEATED, Kind.EVENT_LATE, Kind.EVENTS_REVERSED}
)
KILLS = frozenset({Kind.KILLED_BEFORE, Kind.KILLED_AFTER})

# Each service's own words.
_CODES = {
    Kind.THROTTLED: {
        "dynamodb": ("ThrottlingException", 400),
        "events": ("ThrottlingException", 400),
        "sns": ("Throttled", 429),
        "sqs": ("RequestThrottled", 403),
        "states": ("ThrottlingException", 400),
        "s3": ("SlowDown", 503),
    },
    Kind.SERVER_ERROR: {
        "dynamodb": ("InternalServerError", 500),
        "events": ("InternalException", 500),
        "sns": ("InternalError", 500),
        "sqs": ("ServiceUnavailable", 503),
        "states": ("InternalFailure", 500),
        "s3": ("InternalError", 500),
    },
    Kind.REFUSED: {
        "dynamodb": ("AccessDeniedException", 400),
        "events": ("AccessDeniedException", 400),
        "sns": ("AuthorizationError", 403),
        "sqs": ("AccessDenied", 403),
        "states": ("AccessDeniedException", 400),
        "s3": ("AccessDenied", 403),
    },
}
# Every call of every role on the way of a drift or a restore.
_CALLS: dict[str, tuple[str, ...]] = {
    ENFORCE: (
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
        *("dynamodb:UpdateContinuousBackups",) * 2,
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        *("dynamodb:UpdateItem",) * 2,
        "dynamodb:TransactWriteItems",
        "dynamodb:ListBackups",
        *("events:PutEvents",) * 2,
        "sqs:SendMessage",
    ),
    ANNOUNCE: ("sns:Publish",),
    AUDIT: ("dynamodb:DescribeContinuousBackups", "dynamodb:ListTables"),
    ACCEPT: (
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "states:StartExecution",
        "states:DescribeExecution",
        "events:PutEvents",
    ),
    SURVEY: ("dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"),
    START: ("dynamodb:RestoreTableToPointInTime", "dynamodb:UpdateItem", "dynamodb:PutItem"),
    CHECK: ("dynamodb:DescribeTable",),
    CARRY: ("dynamodb:UpdateContinuousBackups", "dynamodb:TagResource"),
    WORKFLOW: ("events:PutEvents", "dynamodb:UpdateItem"),
}
_ROLES = (*(ENFORCE,) * 6, *(ANNOUNCE,) * 2, AUDIT, *(ACCEPT,) * 2, SURVEY, START, CHECK, CARRY)
ROLES_OF_RESTORES = tuple(role for role in _CALLS if role != WORKFLOW)
"""And of drifts."""
_EVENTS = ("UpdateContinuousBackups", "UpdateContinuousBackups", "CreateTable", None)
SECONDS_TO_TIME_OUT = 11.0  # the functions' clients wait for ten


@dataclass(frozen=True)
class Fault:
    """One fault; ``times`` None: until it is ended."""

    number: int
    kind: Kind
    service: str | None = None
    operation: str | None = None
    caller: str | None = None
    times: int | None = 1
    seconds: float = 0.0
    spares: int = 0

    @property
    def code(self) -> tuple[str, int]:
        """The error that the caller gets, and its HTTP status."""
        return _CODES[self.kind][self.service or ""]

    def __str__(self) -> str:
        what = f"{self.service}:{self.operation}" if self.service else self.operation or "any call"
        words = [f"fault {self.number}: {self.kind}, {what}"]
        if self.caller:
            words.append(f"by {self.caller.strip('-')}")
        if self.seconds:
            words.append(f"by {self.seconds} s")
        if self.spares:
            words.append(f"after {self.spares} calls")
        words.append(f"{self.times} times at most" if self.times else "until it is ended")
        return ", ".join(words)


def some_fault(chance: Random, number: int, kind: Kind) -> Fault:
    """A fault of a kind, somewhere."""
    if kind in EVENT_KINDS:
        event = chance.choice(_EVENTS)
        times = None if kind is Kind.EVENTS_REVERSED else chance.choice((1, 2, None))
        late = round(chance.uniform(0.3, 2.0), 1) if kind is Kind.EVENT_LATE else 0.0
        return Fault(number, kind, operation=event, times=times, seconds=late)
    # A workflow's own calls have no process that could be killed, and wait as long as it takes.
    can_die = kind in KILLS or kind is Kind.TIMED_OUT
    role = chance.choice(_ROLES if can_die else (*_ROLES, WORKFLOW))
    if kind in KILLS and chance.random() < 0.6:
        return Fault(number, kind, caller=role, spares=chance.randrange(9))
    service, operation = chance.choice(_CALLS[role]).split(":")
    match kind:
        case Kind.DELAYED:
            seconds = round(chance.uniform(0.1, 0.8), 1)
            return Fault(number, kind, service, operation, role, chance.choice((1, 3)), seconds)
        case Kind.TIMED_OUT:
            return Fault(number, kind, service, operation, role, 1, SECONDS_TO_TIME_OUT)
        case Kind.ANSWER_LOST:
            return Fault(number, kind, service, operation, role, chance.choice((1, 1, 2)))
        case Kind.KILLED_BEFORE | Kind.KILLED_AFTER:
            return Fault(number, kind, service, operation, role, chance.choice((1, 1, 2)))
        case _:
            times = chance.choice((1, 2, 4, 8, None))
            return Fault(number, kind, service, operation, role, times)
