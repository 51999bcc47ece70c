"""Enforce's part. It is the one that a table waits for: what it imports, its cold start pays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic

from pitr_guardian.aws import clients
from pitr_guardian.aws.deadline import Deadline
from pitr_guardian.aws.tables.deletion_backups import DynamoDeletionBackups
from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drift.deletion import DeletionWatch
from pitr_guardian.drift.enforcement import Enforcer
from pitr_guardian.logs import decided
from pitr_guardian.settings import (
    policy_from,
    setting,
)
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.wiring.stack import (
    closed_doors,
    fact_bus,
    ledger,
    looks,
)

deadline = Deadline(monotonic)
"""How much time is left; the function says when it begins."""


@cache
def enforcer() -> Enforcer:
    """The enforcer of this environment."""
    clients.hold_to(deadline)
    return Enforcer(
        tables=DynamoTables(clients.dynamodb, _side_by_side),
        ledger=ledger(),
        facts=fact_bus(),
        looks=looks(),
        closed=closed_doors(),
        policy=policy_from(),
        clock=utc_now,
        log=decided,
        ahead=_side_by_side,
    )


@cache
def deletions() -> DeletionWatch:
    """The watch over deletions of this environment."""
    return DeletionWatch(
        kept=DynamoDeletionBackups(clients.dynamodb),
        ledger=ledger(),
        facts=fact_bus(),
        looks=looks(),
        bounds=Bounds(setting("RESTORE_SOURCE_PATTERN"), setting("RESTORE_TARGET_PATTERN")),
        clock=utc_now,
    )


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=3)  # two of three reads, and the note in the ledger


def _side_by_side[Answer](ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Ask at once: a table that is unprotected waits for the slowest read, not for their sum."""
    return _helpers().submit(ask).result
