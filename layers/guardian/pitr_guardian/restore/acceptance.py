"""Taking a restore request in: one restore per request id, or one refusal that says why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from pitr_guardian.basics.errors import (
    AnsweredMeanwhileError,
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import Clock
from pitr_guardian.basics.legible import legible
from pitr_guardian.facts.facts import (
    RestorePlanned,
    RestoreRejected,
    TableId,
    fact_id,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.members.leave import Deed, Leave
from pitr_guardian.restore import preflight
from pitr_guardian.restore.estimate import estimate_of
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.plan import (
    encryption_of,
    restore_call,
)
from pitr_guardian.restore.ports import (
    Backups,
    Definitions,
    Keys,
    Regions,
    RequestIdTakenError,
    Requests,
    Targets,
    Workflows,
)
from pitr_guardian.restore.request import (
    InvalidRequestError,
    RestoreRequest,
    Setting,
    request_from,
    told_of,
)
from pitr_guardian.restore.target import (
    Backup,
    Source,
)
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.kept_backup import deletion_backup
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
)
from pitr_guardian.tables.ports import (
    KeptBackups,
    TableObserver,
)
from pitr_guardian.tables.reference import (
    Home,
    InvalidTableError,
    TableRef,
)

Log = Callable[[str, str], None]

_LONGEST = 4000
"""Characters of a refusal; it is told twice in a fact, which has a limit of 256 KiB."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One event with its request, complete and well-formed."""

    request: RestoreRequest
    source: TableRef
    target: TableRef
    detail: object
    event_id: str


class Restorable(Regions, Definitions, Backups, Targets, Protocol):
    """What can be restored, and what is in the way."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes restore requests in. That one was accepted is the workflow's first word, not ours."""

    tables: TableObserver
    restores: Restorable
    kept: KeptBackups
    keys: Keys
    workflows: Workflows
    ledger: Requests
    facts: Facts
    home: Home
    leave: Leave
    bounds: Bounds
    clock: Clock
    log: Log

    def receive(self, detail: object, event_id: str) -> None:
        """Take a request in.

        Args:
            detail: the event's detail, whatever it is.
            event_id: the event's id.

        Raises:
            TryLaterError: AWS couldn't be asked; the event will be delivered again.
        """
        try:
            request = request_from(detail, event_id, self.home, members=self.leave.has_members)
        except InvalidRequestError as problem:
            self._reject(detail, event_id, str(problem))
            return
        source, target = request.source(self.home), request.target(self.home)
        asked = _Asked(request, source, target, detail, event_id)
        # Whoever was killed after the answer comes again, when the answer may be another.
        if self._was_answered(event_id):
            return
        if self._was_handled(asked):
            return
        # Both before anything is looked at: the role reaches no other tables.
        elsewhere = self._unknown_region(asked) or preflight.out_of_bounds(
            source, target, self.bounds
        )
        if elsewhere is not None:
            self._reject(detail, event_id, elsewhere, asked)
            return
        try:
            why_not = self._take_up(asked)
        except RefusedError as refusal:
            why_not = (
                "sourceTable, targetTable: AWS doesn't let the guardian do what this takes. See "
                "that their regions are enabled for the account, and that no policy denies it to "
                f"the guardian's roles. AWS says: {refusal}"
            )
        # The same request, delivered twice at once: its twin may have made the target just now.
        if why_not is not None and not self._was_handled(asked):
            self._reject(detail, event_id, why_not, asked)

    def _take_up(self, asked: _Asked) -> str | None:
        """Plan or start what was asked for; tell why not, where that can't be."""
        if why_not := self.leave.why_not(asked.source, Deed.RESTORE):
            return f"sourceTable: {why_not}"
        found = self._look_at(asked)
        why_not = next(filter(None, self._refusals(asked, found)), None)
        if why_not is None:
            self._plan(asked, found) if asked.request.dry_run else self._start(asked, found)
        return why_not

    def _unknown_region(self, asked: _Asked) -> str | None:
        for field, region in (
            ("sourceTable", asked.source.region),
            ("targetRegion", asked.target.region),
        ):
            if region == self.home.region:
                continue
            partition = self.restores.partition_of(region)
            if partition is None:
                return f"{field}: there is no region {region} with DynamoDB; check its name"
            if partition != self.home.partition:
                return (
                    f"{field}: {region} is not a region of {self.home.partition}; "
                    "AWS restores within a partition only"
                )
        return None

    def _look_at(self, asked: _Asked) -> Source:
        """See what there is to restore from; a backup, where one is wanted or all that is left."""
        request, source = asked.request, asked.source
        observed = self.tables.observe(source)
        if request.backup_arn is not None:
            return _from(observed, self.restores.backup_of(source, request.backup_arn))
        gone = observed.presence in (Presence.GONE, Presence.GOING)
        backup = None
        if gone or request.is_of_a_deleted_table:
            backups = self.kept.backups_of(source)
            kept = deletion_backup(backups, None)
            if kept is None and not request.is_of_a_deleted_table:
                kept = next(iter(backups), None)
            backup = self.restores.backup_of(source, kept.arn) if kept else None
        if request.is_of_a_deleted_table:
            return _from(observed, backup)
        return Source(observed, self.restores.definition_of(source), backup)

    def _refusals(self, asked: _Asked, found: Source) -> Iterator[str | None]:
        """Everything that speaks against a restore, in AWS's order; later checks cost calls."""
        request, target = asked.request, asked.target
        yield preflight.unusable_source(request, asked.source, found)
        if request.is_of_a_backup and target.region != asked.source.region:
            yield "targetRegion: a backup is restored in its own region; leave it out"
        yield preflight.unusable_target(target, self.restores.target_of(target) is not None)
        yield preflight.unknown_indexes(request, found)
        yield preflight.misplaced_key(request.encryption, target)
        yield self._unusable_key(request, target)

    def _unusable_key(self, request: RestoreRequest, target: TableRef) -> str | None:
        if request.encryption is None or request.encryption.kms_key_arn is None:
            return None
        problem = self.keys.problem_with(request.encryption.kms_key_arn, target)
        return f"encryption: {problem}" if problem else None

    def _start(self, asked: _Asked, found: Source) -> None:
        order = Order(
            request=asked.request,
            source=TableId.of(asked.source),
            target=TableId.of(asked.target),
            accepted_at=self.clock(),
            backup_arn=found.backup.arn if found.backup else None,
            backup_created_at=found.backup.created_at if found.backup else None,
        )
        # First, for the workflow and its functions act for nothing else.
        try:
            record = self.ledger.open(order, event_id=asked.event_id)
        except AnsweredMeanwhileError:
            self._was_answered(asked.event_id)
            return
        if record.order.request.content() != asked.request.content():
            self._reject_as_used(asked)
        elif record.outcome is not None:
            self.log(asked.request.request_id, "known already")
        else:
            self._start_workflow(asked, record.order)

    def _start_workflow(self, asked: _Asked, order: Order) -> None:
        try:
            self.workflows.start(order)
        except RequestIdTakenError as taken:
            if not self._was_handled(asked):  # an execution is seen a moment after its start
                raise TryLaterError("the request's twin can't be seen yet") from taken
        else:
            self.log(asked.request.request_id, "accepted")

    def _was_answered(self, event_id: str) -> bool:
        """Tell the answer that an event had without a restore, if it had one."""
        given = self.ledger.answer_to(event_id)
        if given is not None:
            self.facts.publish(given)
        return given is not None

    def _was_handled(self, asked: _Asked) -> bool:
        """Tell whether the request's id was used; reject it where that was another request."""
        used_for = self.workflows.request_of(asked.request.request_id)
        if used_for is None:
            return False
        if used_for == asked.request.content():
            self.log(asked.request.request_id, "known already")
        else:
            self._reject_as_used(asked)
        return True

    def _reject_as_used(self, asked: _Asked) -> None:
        self._reject(
            asked.detail,
            asked.event_id,
            f"requestId: {asked.request.request_id} was used for another request; choose a new one",
            asked,
        )

    def _plan(self, asked: _Asked, found: Source) -> None:
        request = asked.request
        if found.definition is None:
            raise ValueError("a request that passed has a source")
        encryption = encryption_of(request, asked.source, asked.target, found.definition)
        backup_arn = found.backup.arn if found.backup else None
        call = restore_call(request, asked.source, asked.target, found.definition, backup_arn)
        self.log(request.request_id, "planned")
        self._answer(
            asked.event_id,
            RestorePlanned(
                id=fact_id("restore-planned", asked.event_id),
                time=self.clock(),
                severity="info",
                reason=f"{asked.source} can be restored to {asked.target}; nothing was started.",
                table=TableId.of(asked.source),
                plan={
                    "call": call.told(),
                    "encryption": encryption.type if encryption else "as the source",
                    "settings": [item.value for item in Setting if request.asks_for(item)],
                    "estimate": estimate_of(found.definition, self.ledger.measured(asked.source)),
                },
                **_told(asked.detail, asked.event_id),
            ),
        )

    def _answer(self, event_id: str, answer: RestorePlanned | RestoreRejected) -> None:
        """Tell an answer; it is recorded by the event's id, too, for whoever has asked."""
        if (noted := self.ledger.note_answer(event_id, answer, self.clock())) is not None:
            self.facts.publish(noted)

    def _reject(
        self, detail: object, event_id: str, error: str, asked: _Asked | None = None
    ) -> None:
        told = _told(detail, event_id)
        error = legible(error, _LONGEST)
        self.log(told["request_id"], f"rejected: {error}")
        source = self._source(told["source_table"])
        answer = RestoreRejected(
            id=fact_id("restore-rejected", event_id),
            time=self.clock(),
            severity="warning",
            reason=f"The restore{_elsewhere(asked)} was not started. {error}.",
            table=TableId.of(source) if source else None,
            error=error,
            **told,
        )
        self._answer(event_id, answer)

    def _source(self, name: str | None) -> TableRef | None:
        try:
            return TableRef.parse(name, self.home) if name else None
        except InvalidTableError:
            return None


def _elsewhere(asked: _Asked | None) -> str:
    """Name the region that was asked for, where it isn't the source's."""
    if asked is None or asked.target.region == asked.source.region:
        return ""
    return f" to {asked.target.region}"


def _from(observed: Observed, backup: Backup | None) -> Source:
    return Source(observed, backup.definition if backup else None, backup)


def _told(detail: object, event_id: str) -> dict[str, Any]:
    told = told_of(detail, event_id)
    return {
        "request_id": told["requestId"],
        "requested_by": told["requestedBy"],
        "request_reason": told["reason"],
        "source_table": told["sourceTable"],
        "target_table": told["targetTable"],
        "restore_to": told["restoreTo"],
    }
