"""A restore: its request, and where it stands by the ledger and by its workflow."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.aws.ledger import RestoreRecord
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import ASKED, ENDED
from pitr_guardian_cli.terminal.progress import Stage
from pitr_guardian_cli.times import duration, parsed
from pitr_guardian_cli.work import RequestedWork

# States of the restore workflow (statemachines/restore.asl.json).
_READS = {"Recall the order", "Is it under way?", "Tell that it was accepted", "Read the settings"}
_WAITS = {"Was it said that it waits?", "Tell that it waits", "Wait for its turn"}
_CARRIES = "Put settings back"

_DEFAULTS: Json = {
    "restoreTo": "latest",
    "targetRegion": None,
    "indexes": "all",
    "encryption": None,
    "billing": None,
    "settings": "all",
    "requestedBy": None,
    "reason": None,
    "dryRun": False,
}


def new_request_id(prefix: str, now: datetime) -> str:
    """A request id that nobody has used, and that a person can read out."""
    return f"{prefix}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def is_same(recorded: Json, asked: Json) -> bool:
    """Whether what is recorded under a request's id is what was asked for now.

    The guardian refuses an id that was used for something else, in words that are awaited then.
    """
    wanted = {**_DEFAULTS, **asked}
    return all(same(recorded.get(name, _DEFAULTS.get(name)), wanted[name]) for name in wanted)


def same(recorded: object, wanted: object) -> bool:
    """Whether two values of a request mean the same; instants are written in several ways."""
    if recorded == wanted:
        return True
    at, asked = parsed(recorded), parsed(wanted)
    if at and asked:  # the guardian takes instants to the beginning or the end of their second
        return at.replace(microsecond=0) == asked.replace(microsecond=0)
    if isinstance(recorded, dict) and isinstance(wanted, dict):
        return all(same(recorded.get(name), value) for name, value in wanted.items())
    return False


def is_as_asked(recorded: Json, asked: Json | None) -> bool:
    """Whether a recorded request has all that was asked for now, where that is known."""
    return asked is None or all(same(recorded.get(name), asked[name]) for name in asked)


@dataclass
class RestoreWork(RequestedWork):
    """A restore that was asked for."""

    what = "restore"

    def _stands(self) -> Stage | Fact:
        record = self.ledger.restore(self.request_id)
        if record is None or (self.asked is not None and not is_same(record.request, self.asked)):
            return Stage(ASKED, f"Asked for (request {self.request_id})")
        self.event_id = None  # it was accepted, and won't be refused any more
        if record.answer is not None:
            return record.answer
        return stage_of(record, self.executions.where(self.execution_arn), self.now())


def stage_of(record: RestoreRecord, where: Where | None, now: datetime) -> Stage:
    """Tell where an accepted restore stands that isn't answered yet."""
    if where is None:
        return Stage("accepted", "Accepted")
    if where.ended is not None:
        return Stage(ENDED, f"The workflow has ended ({where.ended}); waiting for the answer")
    state = where.state or ""
    if state == _CARRIES:
        of = f"{where.done} of {where.items}" if where.items is not None else "under way"
        return Stage(f"settings {where.done}", f"Settings {of}")
    if state in _WAITS:
        since = record.accepted_at or where.since or now
        return Stage(
            "waiting",
            f"Waiting for a turn, for {_so_long(since, now)}: AWS runs 50 restores at once",
        )
    if record.called_at is not None:
        return Stage("restoring", f"Restoring for {_so_long(record.called_at, now)}")
    if state in _READS:
        return Stage("accepted", "Accepted; reading the source's settings")
    return Stage("starting", "Asking DynamoDB for the restore")


def _so_long(since: datetime, now: datetime) -> str:
    return duration((now - since).total_seconds())
