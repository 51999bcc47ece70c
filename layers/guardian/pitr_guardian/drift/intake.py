"""Taking messages off the enforcement queue: each table in a message is tried."""

from collections.abc import Sequence
from dataclasses import dataclass

from pitr_guardian.basics.errors import MemberClosedError, TryLaterError
from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.drift.change import UnreadableEventError
from pitr_guardian.drift.decision import (
    Action,
    Decision,
)
from pitr_guardian.drift.deletion import DeletionWatch
from pitr_guardian.drift.enforcement import (
    Enforcer,
    GaveUpError,
)
from pitr_guardian.drift.failing import Failures
from pitr_guardian.drift.look import (
    Look,
    looks_from,
)
from pitr_guardian.drift.memory import Failing

_LONGEST = 2000
"""Characters of what went wrong with a table; an error may repeat what it couldn't read."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS delivers it. ``id`` stays the same on each of its ``receives``.

    ``account`` and ``partition`` are the queue's, and so the guardian's own. ``members`` says
    whether other accounts of the organization are looked after, too.
    """

    id: str
    body: str
    receives: int
    account: str
    partition: str
    members: bool = False


def take(message: Message, enforcer: Enforcer, deletions: DeletionWatch, max_receives: int) -> None:
    """Handle one message; it may be deleted when this returns.

    A fault that passes, wherever it was met, puts the look back: to be unable to remember or to
    tell is no reason to give a table up. A table that fails, as it did within the last day, when a
    person was told, is done with: the next sweep tries it again. So is one whose account doesn't
    let the guardian in, which is told of the account.

    Args:
        message: the message.
        enforcer: who looks at tables that are there.
        deletions: who looks at tables that were deleted.
        max_receives: the receives after which SQS moves a message to the dead-letter queue.

    Raises:
        UnreadableEventError: the message can't be understood; it never will be.
        ExceptionGroup: tables that couldn't be handled; the message should be delivered again.
    """
    is_last = message.receives >= max_receives
    failures = Failures(enforcer.ledger, enforcer.facts, enforcer.clock)
    problems: list[tuple[str, Exception]] = []
    for look in _looks_in(message, enforcer):
        try:
            _handle(look, enforcer, deletions)
        except Exception as problem:  # the message's other tables go on; then it fails
            if told := failures.told_of(look):
                enforcer.log(look.ref, _as_before(told, problem))
                continue
            problems.append((look.table, problem))
            if is_last:
                try:
                    failures.tell(look, _words(problem))
                except Exception as untold:  # it will be in the log, and a dead letter
                    problems.append((look.table, untold))
    if problems:
        what = "; ".join(f"{table}: {_words(problem)}" for table, problem in problems)
        raise ExceptionGroup(what, [problem for _, problem in problems])


def leave(messages: Sequence[Message], enforcer: Enforcer) -> Sequence[Message]:
    """Put messages back that there is no time for.

    As messages of their own, since each receive of the old ones counts towards the dead-letter
    queue, and nobody has tried. The queue has taken them before the old ones go.

    Returns:
        those that can't be understood, which are to be delivered again: the next try says why.

    Raises:
        Exception: the queue didn't take all; they should all be delivered again.
    """
    looks, unreadable = [], []
    for message in messages:
        try:
            looks += _looks_in(message, enforcer)
        except UnreadableEventError:
            unreadable.append(message)
    enforcer.looks.put_all(looks)
    return unreadable


def _looks_in(message: Message, enforcer: Enforcer) -> list[Look]:
    looks = looks_from(
        message.body,
        enforcer.clock(),
        message.account,
        message.partition,
        members=message.members,
    )
    return [look.by(message.id) for look in looks]


def _handle(look: Look, enforcer: Enforcer, deletions: DeletionWatch) -> None:
    is_deletion = look.cause is not None and look.cause.is_deletion
    handler = deletions if is_deletion else enforcer
    try:
        try:
            handler.handle(look, str(look.claimant))
        except MemberClosedError as closed:
            enforcer.closed.tell(closed)
            if is_deletion:  # no sweep would find it
                raise TryLaterError(str(closed)) from closed
            enforcer.log(look.ref, Decision(Action.NOTHING, str(closed)))
    except TryLaterError as reason:
        if look.is_overdue(enforcer.clock()):
            raise GaveUpError(f"not within 24 hours: {reason}") from reason
        enforcer.looks.put_back(look.again())


def _as_before(told: Failing, problem: Exception) -> Decision:
    since, told_at = spoken(told.since), spoken(told.told_at)
    reason = f"It can't be protected since {since}, as was told {told_at}: {_words(problem)}"
    return Decision(Action.NOTHING, reason)


def _words(problem: Exception) -> str:
    return legible(f"{type(problem).__name__}: {problem}", _LONGEST)
