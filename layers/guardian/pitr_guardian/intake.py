"""Taking messages off the enforcement queue: each table in a message is tried."""

from dataclasses import dataclass

from pitr_guardian.deletion import DeletionWatch
from pitr_guardian.enforcement import Enforcer
from pitr_guardian.legible import legible
from pitr_guardian.look import Look, looks_from

_LONGEST = 2000
"""Characters of what went wrong with a table; an error may repeat what it couldn't read."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS delivers it. ``id`` stays the same on each of its ``receives``.

    ``account`` and ``partition`` are the queue's, and so the guardian's own.
    """

    id: str
    body: str
    receives: int
    account: str
    partition: str


def take(message: Message, enforcer: Enforcer, deletions: DeletionWatch, max_receives: int) -> None:
    """Handle one message; it may be deleted when this returns.

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
    problems: dict[str, Exception] = {}
    for look in looks_from(message.body, enforcer.clock(), message.account, message.partition):
        try:
            _handler(look, enforcer, deletions).handle(look, message.id)
        except Exception as problem:  # the message's other tables go on; then it fails
            problems[look.table] = problem
            if is_last:
                _give_up(enforcer, look, problem)
    if problems:
        what = "; ".join(f"{table}: {_words(problem)}" for table, problem in problems.items())
        raise ExceptionGroup(what, list(problems.values()))


def _handler(look: Look, enforcer: Enforcer, deletions: DeletionWatch) -> Enforcer | DeletionWatch:
    return deletions if look.cause is not None and look.cause.is_deletion else enforcer


def _give_up(enforcer: Enforcer, look: Look, problem: Exception) -> None:
    enforcer.give_up(look, _words(problem))


def _words(problem: Exception) -> str:
    return legible(f"{type(problem).__name__}: {problem}", _LONGEST)
