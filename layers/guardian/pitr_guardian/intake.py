"""Taking messages off the enforcement queue: each table in a message is tried."""

from dataclasses import dataclass

from pitr_guardian.enforcement import Enforcer
from pitr_guardian.look import Look, looks_from


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS delivers it. ``id`` stays the same on each of its ``receives``."""

    id: str
    body: str
    receives: int


def take(message: Message, enforcer: Enforcer, max_receives: int) -> None:
    """Handle one message; it may be deleted when this returns.

    Args:
        message: the message.
        enforcer: who looks at the tables.
        max_receives: the receives after which SQS moves a message to the dead-letter queue.

    Raises:
        UnreadableEventError: the message can't be understood; it never will be.
        ExceptionGroup: tables that couldn't be handled; the message should be delivered again.
    """
    is_last = message.receives >= max_receives
    problems = []
    for look in looks_from(message.body, enforcer.clock()):
        try:
            enforcer.handle(look, message.id)
        except Exception as problem:  # the message's other tables go on; then it fails
            problems.append(problem)
            if is_last:
                _give_up(enforcer, look, problem)
    if problems:
        raise ExceptionGroup(f"message {message.id}", problems)


def _give_up(enforcer: Enforcer, look: Look, problem: Exception) -> None:
    enforcer.give_up(look, f"{type(problem).__name__}: {problem}")
