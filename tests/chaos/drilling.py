"""Drills in a run: what is asked for, what becomes of their copies, and what they leave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from botocore.exceptions import ClientError

from pitr_guardian_cli.aws.evidence import BrokenChainError, walked
from tests.chaos.drills import AskDrill, DropCopy, Hour, SpendUp, SpoilCopy
from tests.chaos.evidence import Evidence
from tests.chaos.post import Post
from tests.chaos.record import DRILL, Drills, Json, Piece
from tests.chaos.stage import Stage

COPIES = ("pitr-guardian-drill-", "pitr-guardian-drill-due-")
"""What the names of copies begin with, also of drills that were due; an id of the run's follows."""
_PAUSE_SECONDS = 0.1
_SCHEDULES = ("drill-hourly", "drill-due")
_HOURS_AT_ONCE, _TIMES = 8, 4
"""A day, and what is asked for at its end is seen to be gone."""


class Drilling:
    """The drills of one run."""

    def __init__(self, stage: Stage, prefix: str, post: Post, evidence: Evidence) -> None:
        self._stage, self._prefix, self._post, self._evidence = stage, prefix, post, evidence
        self._dynamodb = stage.client("dynamodb")
        self._head_before = self._head()
        self._spent = 0

    def do(self, action: AskDrill | DropCopy | SpoilCopy | Hour | SpendUp) -> None:
        match action:
            case AskDrill(drill, table, more):
                content = {"table": self._prefix + table, **dict(more)}
                self._post.send(DRILL, content | {"requestId": self._prefix + drill})
            case DropCopy(drill, patience):
                copy = self._copy_of(drill)
                self._patiently(patience, lambda: self._dynamodb.delete_table(TableName=copy))
            case SpoilCopy(drill, patience):
                item = {"id": {"S": "apples"}, "price": {"N": "-7"}}
                where = {"TableName": self._copy_of(drill), "Item": item}
                self._patiently(patience, lambda: self._dynamodb.put_item(**where))
            case Hour():
                self._fire(*_SCHEDULES)
            case SpendUp():
                self._spent += 1
                self._stage.spend_on_drills()

    def give_back(self) -> None:
        """Let the next run have the budget that this one has used up."""
        self._stage.spend_on_drills(-self._spent)

    def let_a_day_go_by(self, come_to_rest: Callable[[], str | None]) -> str | None:
        """Let a day go by for what the ledger holds of the drills, and its hours strike; what is
        still going on, if that takes too long."""
        for _ in range(_TIMES):
            self._stage.age_drills(self._prefix, _HOURS_AT_ONCE)
            self._fire(_SCHEDULES[0])
            if unrest := come_to_rest():
                return unrest
        return None

    def left(self) -> Drills:
        """What the drills have left."""
        pieces, broken = list[Piece](), None
        try:
            pieces.extend(self._pieces())
        except BrokenChainError as problem:
            broken = str(problem)
        return Drills(
            copy_calls=tuple(self._evidence.calls(*COPIES)),
            left=tuple(self._left()),
            marks=self._stage.marks_of_drills(self._prefix),
            evidence=tuple(pieces),
            broken=broken,
        )

    # -- inside -------------------------------------------------------------------------------

    def _copy_of(self, drill: str) -> str:
        return f"{COPIES[0]}{self._prefix}{drill}"

    def _fire(self, *schedules: str) -> None:
        for name in schedules:
            self._stage.cloud.fire_rule(f"{self._stage.stack.name}-{name}")

    def _left(self) -> Iterator[str]:
        copies = {call.table for call in self._evidence.calls(*COPIES)}
        yield from self._evidence.tables(*COPIES)
        for copy in sorted(copies):
            backups = self._dynamodb.list_backups(TableName=copy, BackupType="ALL")
            yield from (each["BackupArn"] for each in backups["BackupSummaries"])

    def _pieces(self) -> Iterator[Piece]:
        """The run's own pieces: the chain is walked back to what was its head before."""
        head = self._head()
        if head is None or head == self._head_before:
            return
        bucket = self._stage.output("EvidenceBucketName")
        for piece in walked(self._stage.client("s3"), bucket, *head):
            if (piece.key, piece.sha256) == self._head_before:
                return
            if str(piece.document["drillId"]).removeprefix("due-").startswith(self._prefix):
                yield Piece(piece.key, piece.sha256, piece.document)
        if self._head_before is not None:
            raise BrokenChainError(f"{self._head_before[0]}, once its head, isn't in it any more")

    def _head(self) -> tuple[str, str] | None:
        found: Json = self._dynamodb.get_item(
            TableName=self._stage.output("LedgerTableName"),
            Key={"pk": {"S": "evidence"}, "sk": {"S": "head"}},
            ConsistentRead=True,
        )
        head = found.get("Item")
        return (head["key"]["S"], head["sha256"]["S"]) if head else None

    def _patiently(self, seconds: float, act: Callable[[], object]) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(ClientError):
                act()
                return
            time.sleep(_PAUSE_SECONDS)
