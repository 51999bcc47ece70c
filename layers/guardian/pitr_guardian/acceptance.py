"""Taking a restore request in: one restore per request id, or one refusal that says why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.facts import RestoreRejected, TableId, fact_id
from pitr_guardian.instants import Clock, iso
from pitr_guardian.ports import Facts, RequestIdTakenError, Restores, Tables, Workflows
from pitr_guardian.preflight import Bounds, refusal
from pitr_guardian.restore_request import (
    InvalidRequestError,
    RestoreRequest,
    request_from,
    told_of,
)
from pitr_guardian.table import Home, InvalidTableError, TableRef

Log = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes restore requests in. That one was accepted is the workflow's first word, not ours."""

    tables: Tables
    restores: Restores
    workflows: Workflows
    facts: Facts
    home: Home
    bounds: Bounds
    clock: Clock
    log: Log

    def receive(self, detail: Mapping[str, Any], event_id: str) -> None:
        """Take a request in.

        Args:
            detail: the event's detail, whatever it holds.
            event_id: the event's id.

        Raises:
            TryLaterError: AWS couldn't be asked; the event will be delivered again.
        """
        try:
            request = request_from(detail, event_id, self.home)
        except InvalidRequestError as problem:
            self._reject(detail, event_id, str(problem))
            return
        used_for = self.workflows.request_of(request.request_id)
        if used_for is not None:
            self._repeat(request, used_for, detail, event_id)
            return
        why_not = self._refusal(request)
        if why_not is None:
            self._start(request, detail, event_id)
            return
        # The same request, delivered twice at once: its twin may have made the target just now.
        used_for = self.workflows.request_of(request.request_id)
        if used_for is None:
            self._reject(detail, event_id, why_not)
        else:
            self._repeat(request, used_for, detail, event_id)

    def _refusal(self, request: RestoreRequest) -> str | None:
        source, target = request.source(self.home), request.target(self.home)
        observed = self.tables.observe(source)
        taken = self.restores.target_of(target) is not None
        return refusal(request, source, target, observed, taken, self.bounds)

    def _start(self, request: RestoreRequest, detail: Mapping[str, Any], event_id: str) -> None:
        source, target = request.source(self.home), request.target(self.home)
        order = {
            "request": request.content(),
            "source": TableId.of(source).model_dump(by_alias=True),
            "target": TableId.of(target).model_dump(by_alias=True),
            "acceptedAt": iso(self.clock()),
        }
        try:
            self.workflows.start(request.request_id, order)
        except RequestIdTakenError:
            used_for = self.workflows.request_of(request.request_id) or {}
            self._repeat(request, used_for, detail, event_id)
        else:
            self.log(request.request_id, "accepted")

    def _repeat(
        self,
        request: RestoreRequest,
        used_for: Mapping[str, Any],
        detail: Mapping[str, Any],
        event_id: str,
    ) -> None:
        if used_for == request.content():
            self.log(request.request_id, "known already")
            return
        self._reject(
            detail,
            event_id,
            f"requestId: {request.request_id} was used for another request; choose a new one",
        )

    def _reject(self, detail: Mapping[str, Any], event_id: str, error: str) -> None:
        told = told_of(detail, event_id)
        self.log(told["requestId"], f"rejected: {error}")
        source = self._source(told["sourceTable"])
        self.facts.publish(
            RestoreRejected(
                id=fact_id("restore-rejected", event_id),
                time=self.clock(),
                severity="warning",
                reason=f"The restore was not started. {error}.",
                table=TableId.of(source) if source else None,
                error=error,
                request_id=told["requestId"],
                requested_by=told["requestedBy"],
                source_table=told["sourceTable"],
                target_table=told["targetTable"],
                restore_to=told["restoreTo"],
            )
        )

    def _source(self, name: str | None) -> TableRef | None:
        try:
            return TableRef.parse(name, self.home) if name else None
        except InvalidTableError:
            return None
