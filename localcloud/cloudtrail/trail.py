"""What an account's trails of management events do: record calls, and deliver them."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from localcloud.clock import Clock
from localcloud.cloudtrail import records as cloudtrail
from localcloud.cloudtrail.identity import user_identity
from localcloud.cloudtrail.trails import Trails
from localcloud.faults.events import EventFaults
from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Answer,
    Call,
    Json,
)

DETAIL_TYPE = "AWS API Call via CloudTrail"


class Trail:
    """Delivers each recorded call, late, to the default bus of its account and region."""

    def __init__(self, engine: Engine, clock: Clock, delay_seconds: float, trails: Trails) -> None:
        self.records: list[Json] = []
        """The records delivered so far, newest last."""
        self.calls: list[tuple[datetime, Json]] = []
        """Every record with its exact time, oldest first, be it delivered or not."""
        self.faults = EventFaults(self._schedule)
        self._engine = engine
        self._trails = trails
        self._clock = clock
        self._delay = timedelta(seconds=delay_seconds)
        self._waiting: list[tuple[datetime, int, Json]] = []
        self._sequence = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._deliver, daemon=True, name="cloudtrail")
        clock.on_advance(self._wake)

    @property
    def logging(self) -> bool:
        """False: the trail that each account begins with doesn't log, and what is called now will
        never be events. CloudTrail's own StopLogging does so for one account."""
        return self._trails.logging

    @logging.setter
    def logging(self, on: bool) -> None:
        self._trails.logging = on

    @property
    def waiting(self) -> int:
        """How many records are yet to be delivered."""
        with self._changed:
            return len(self._waiting)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def observe(self, call: Call, answer: Answer) -> None:
        """Record a call that was answered, if it is one that a trail has."""
        if not (cloudtrail.is_recorded(call, answer) and self._trails.record(call)):
            return
        now = self._clock.now()
        record = cloudtrail.record(call, answer, user_identity(self._engine, call), now)
        self.calls.append((now, record))
        for extra_seconds in self.faults.deliveries(record):
            self._schedule(record, extra_seconds)

    def wait_for(self, matches: Callable[[Json], bool], timeout: float = 5.0) -> Json:
        """The first delivered record that matches; waits at most `timeout` real seconds."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: next((record for record in self.records if matches(record)), None), timeout
            )
        if found is None:
            seen = [f"{record['eventName']} in {record['awsRegion']}" for record in self.records]
            raise TimeoutError(f"no such record within {timeout} s; delivered: {seen[-20:]}")
        return found

    def of_table(self, name: str) -> list[Json]:
        """The delivered records that name a table, oldest first."""
        with self._changed:
            return [
                record
                for record in self.records
                if any(
                    resource["ARN"].endswith(f":table/{name}") for resource in record["resources"]
                )
            ]

    def _schedule(self, record: Json, extra_seconds: float) -> None:
        due = self._clock.now() + self._delay + timedelta(seconds=extra_seconds)
        with self._changed:
            heapq.heappush(self._waiting, (due, next(self._sequence), record))
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _deliver(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = self._clock.now()
                if not self._waiting or self._waiting[0][0] > now:
                    pause = (self._waiting[0][0] - now).total_seconds() if self._waiting else None
                    self._changed.wait(pause)
                    continue
                _, _, record = heapq.heappop(self._waiting)
            with self._engine.in_scope(record["recipientAccountId"], record["awsRegion"]):
                self._engine.put_aws_event(DETAIL_TYPE, "aws.dynamodb", json.dumps(record))
            with self._changed:
                self.records.append(record)
                self._changed.notify_all()
