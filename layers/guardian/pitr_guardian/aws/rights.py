"""What the adapters' calls need of IAM, said beside the calls.

At run time this only writes a note on the function. The tests read it: they compare it with the
calls that the function makes, and each role's rights with the notes of what its function can reach.
"""

from collections.abc import Callable
from typing import Any, Literal

type Kind = Literal[
    "alarm",
    "alarm of a restored table",
    "alarm of a scaling policy",
    "alert topic",
    "backup",
    "chat topic",
    "digest queue",
    "digests",
    "drill workflow",
    "drill's execution",
    "enforcement queue",
    "evidence",
    "export",
    "everything",  # IAM knows no resources for the action
    "fact bus",
    "index",
    "key",
    "Kinesis stream",
    "ledger",
    "member role",
    "report bucket",
    "reports",
    "restore's execution",
    "restore workflow",
    "scalable target",
    "surveys",
    "sweeps' parts",
    "table",
    "trail",
    "undo bucket",
    "undo workflow",
    "undo's execution",
    "undos",
]
"""What an action is allowed on; the template knows which of them."""


def needs[F: Callable[..., Any]](*actions: str, on: Kind) -> Callable[[F], F]:
    """Say which actions a function's own calls need; what other functions call is theirs to say."""
    return _noting(actions, on, "")


def passes_on[F: Callable[..., Any]](*actions: str, on: Kind, why: str) -> Callable[[F], F]:
    """Say what AWS does in the caller's name during a call of the function, and how that is known.

    No call is named like these actions, so a reader can't see why they are needed.
    """
    return _noting(actions, on, why)


def _noting[F: Callable[..., Any]](actions: tuple[str, ...], on: str, why: str) -> Callable[[F], F]:
    def note(function: F) -> F:
        noted = getattr(function, "rights", ())
        function.rights = (*noted, *((action, on, why) for action in actions))  # type: ignore[attr-defined]
        return function

    return note
