"""What restores need of the world, as protocols: ``aws`` fulfils them, and so do fakes.

Each protocol is as narrow as the use case that asks for it: what a function may do on AWS follows
from the protocols of its use cases (``aws.rights``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pitr_guardian.basics.ending import Ending
    from pitr_guardian.facts.facts import (
        RestoreFailed,
        RestorePlanned,
        RestoreRejected,
    )
    from pitr_guardian.restore.estimate import Measured
    from pitr_guardian.restore.order import Order
    from pitr_guardian.restore.plan import RestoreCall
    from pitr_guardian.restore.record import RestoreRecord
    from pitr_guardian.restore.request import Setting
    from pitr_guardian.restore.target import (
        Backup,
        Target,
    )
    from pitr_guardian.tables.definition import Definition
    from pitr_guardian.tables.reference import Place, TableRef

    RestoreAnswer = RestoreRejected | RestorePlanned


Kept = dict[str, Any]
"""One setting as it was read from the source, as JSON takes it."""


LEFT_BEHIND = "leftBehind"
"""What a reader tells, in ``Kept``, of what the source has and can't be carried: a name for it, as
settings have, and the reason. The survey makes entries of their own of it."""


BY_NAME = "byName"
"""True in what a writer gets: the request named the setting in a list."""


class AtCapacityError(TryLaterError):
    """As many restores as AWS allows at once are under way."""


class SourceGoneError(RefusedError):
    """What was to be restored, or its PITR, is gone since the request."""


class TargetOccupiedError(RefusedError):
    """The target's name was taken by a table that isn't this restore's."""


class TableQuotaError(RefusedError):
    """The account has as many tables as it may have; waiting doesn't change that."""


class NotUnderWayError(Exception):
    """The ledger doesn't know an order as accepted and unanswered: nothing is done for it."""


class TargetTakenError(Exception):
    """A table of the restore target's name exists; the text is AWS's."""


class CantGoAlongError(Exception):
    """A setting that the target can't have; the text says why."""


class MoreToDoError(Exception):
    """A setting is put back in part: the time was up, and nothing went wrong.

    ``cursor`` is small and what JSON takes; ``put`` is called again with it as ``kept["cursor"]``.
    ``done`` and ``total`` count what was put so far and what there is.
    """

    def __init__(self, cursor: dict[str, Any], done: int, total: int) -> None:
        """Say where to go on, and how far it is."""
        super().__init__(f"{done} of {total} are put back")
        self.cursor = cursor
        self.done = done
        self.total = total


class RequestIdTakenError(Exception):
    """The request id was used before."""


class TableTagger(Protocol):
    """Their tags."""

    def tag(self, table: TableRef, tags: Mapping[str, str]) -> None:
        """Add tags to a table.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """


class CallRecord(Protocol):
    """Restores that are asked of AWS, and the tables that will come of them."""

    def note_call(self, order: Order, now: datetime) -> datetime | None:
        """Note, before the call, that a restore is asked of AWS.

        Returns:
            when it was asked before without the answer being known; None if never.
        """

    def forget_call(self, order: Order) -> None:
        """Take the note back: AWS answered that nothing was done."""

    def expect_no_more(self, table: TableRef) -> None:
        """Forget a table that was expected and hasn't been seen: it isn't coming."""

    def expect(self, table: TableRef, period: int, now: datetime) -> None:
        """Remember the own period, in days, of a table that is about to be born.

        What is remembered of others that had the name stays.
        """


class RestoreRecords(Protocol):
    """What is recorded of restores."""

    def record_of(self, request_id: str) -> RestoreRecord | None:
        """Tell what is recorded of a request; None where it was never accepted."""


class OpenRecords(Protocol):
    """Restores that are about to begin."""

    def open(self, order: Order, *, event_id: str | None = None) -> RestoreRecord:
        """Record an order as accepted and unanswered, unless one of its request's id is recorded.

        Args:
            order: the order.
            event_id: the event that asks for it, which isn't answered otherwise from then on.

        Returns:
            what is recorded now.

        Raises:
            AnsweredMeanwhileError: the event has an answer that started nothing.
            TryLaterError: throttled, or a fault on AWS's side.
        """


class EventAnswers(Protocol):
    """What events with requests were answered; an event may be delivered again."""

    def answer_to(self, event_id: str) -> RestoreAnswer | None:
        """Tell the answer that an event had, if it had one without a restore."""

    def note_answer(
        self, event_id: str, answer: RestoreAnswer, now: datetime
    ) -> RestoreAnswer | None:
        """Record the answer to an event before it is told; an earlier one stands, and is given.

        Returns:
            what is to be told; None where a restore was begun for the event.
        """


class MeasuredTimes(Protocol):
    """How long restores took, by drills."""

    def measured(self, source: TableRef) -> Measured | None:
        """Tell how long a table's last drill took to restore it; None where none was measured."""


class Requests(OpenRecords, EventAnswers, MeasuredTimes, Protocol):
    """What is recorded of requests, and of times that were measured."""


class ProgressRecord(Protocol):
    """How far restores are."""

    def note_progress(self, order: Order, setting: str, done: int, total: int) -> None:
        """Record how much of a setting is put back, of a restore without an outcome."""


class Answers(RestoreRecords, Protocol):
    """Restores' answers."""

    def note_failure(self, answer: RestoreFailed, order: Order) -> bool:
        """Record a failure as the outcome; False where there is an outcome."""

    def close(self, request_id: str) -> None:
        """Record that the answer was told."""

    def unanswered(self, before: datetime) -> Sequence[str]:
        """List requests that were accepted before an instant and aren't known to be answered."""


class Executions(Protocol):
    """Executions of the restore workflow."""

    def ending_of(self, request_id: str) -> Ending | None:
        """Tell how a request's execution ended; None while it runs."""


class Regions(Protocol):
    """The regions of AWS."""

    def partition_of(self, region: str) -> str | None:
        """Tell the partition of a region with DynamoDB; None where none such is known."""


class Definitions(Protocol):
    """What tables are made of."""

    def definition_of(self, source: TableRef) -> Definition | None:
        """Tell what a table is made of; None where it is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class Backups(Protocol):
    """Backups, to look into."""

    def backup_of(self, source: TableRef, arn: str) -> Backup | None:
        """Describe a backup; None where it is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class Targets(Protocol):
    """The tables that come of restores."""

    def target_of(self, target: TableRef) -> Target | None:
        """Look at a restore's target; None where there is no such table.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class Restores(Targets, Protocol):
    """Restores, to start."""

    def start(self, call: RestoreCall) -> Target:
        """Start a restore, asking AWS once.

        Raises:
            TargetTakenError: a table of the target's name exists.
            AtCapacityError: too many restores at once.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class Keys(Protocol):
    """Keys of KMS."""

    def problem_with(self, key_arn: str, place: Place) -> str | None:
        """Tell why a key can't encrypt a table in a place; None where it can.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """


class SurveyKeeper(Protocol):
    """A place for what is read of restores' sources, where its size doesn't matter."""

    def keep(self, order: Order, survey: Mapping[str, Any]) -> None:
        """Keep what was read for an order."""


class KeptSurveys(Protocol):
    """What was read of restores' sources."""

    def recall(self, order: Order) -> Mapping[str, Any]:
        """Give what was kept.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """


class SettingReader(Protocol):
    """Reads one setting of a restore's source."""

    def read(self, source: TableRef) -> Kept | None:
        """Read the setting, as JSON takes it; None where the source hasn't got it.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """


class OutlivingReader(Protocol):
    """Reads what outlives a deleted table, by the table's name."""

    def read_after_deletion(self, source: TableRef, indexes: Sequence[str]) -> Kept | None:
        """Read the setting of a table that is gone; None where there is nothing of it.

        Args:
            source: the table that was.
            indexes: the names of the global indexes that it had.
        """


class SettingWriter(Protocol):
    """Puts one setting on a restore's target."""

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """Put the setting on the target; putting it twice is putting it once.

        Returns:
            what a person should know about it, if anything.

        Raises:
            CantGoAlongError: it isn't possible on this target, for a reason of the target's.
            MoreToDoError: the time was up; the carrier is asked again, with ``cursor`` added to
                what was kept.
            TryLaterError: the table is busy with another change, or AWS is.
        """


class Carrier(SettingReader, SettingWriter, Protocol):
    """Takes one setting from a restore's source to its target."""

    setting: Setting


class Workflows(Protocol):
    """Executions of the restore workflow, one per request id."""

    def request_of(self, request_id: str) -> Mapping[str, Any] | None:
        """Tell the request that an id was used for; None for a fresh id."""

    def start(self, order: Order) -> None:
        """Start the workflow; the execution is named after the request's id.

        Raises:
            RequestIdTakenError: the id was used before, for whatever request.
            TryLaterError: throttled, or a fault on AWS's side.
        """
