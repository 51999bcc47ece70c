"""Gathering what is known of a run, from all that can be seen of the stack."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from localcloud.faults.buses import BusFault
from localcloud.faults.calls import CallFault
from localcloud.faults.events import EventFault
from localcloud.faults.exports import ExportFault
from tests.chaos.faults import Kind
from tests.chaos.record import ApiCall, Asked, Fact, Hit, Json, Record, Remembered, TableState
from tests.chaos.stage import Stage

type Handle = CallFault | EventFault | ExportFault | BusFault
"""A fault that was set."""

_PATIENCE_SECONDS, _PAUSE_SECONDS = 30, 0.2


class Evidence:
    """What concerns one run: all that its prefix is in, from when this is made on."""

    def __init__(self, stage: Stage, prefix: str) -> None:
        self._stage = stage
        self._prefix = prefix
        self._first_call = len(stage.cloud.trail.calls)
        self._first_refusal = len(stage.cloud.refusals.so_far())
        self._facts: list[Fact] = []
        self._alerts: list[str] = []
        for queue in (stage.facts, stage.alerts):
            stage.take_all(queue)

    def tables(self, *before: str) -> list[str]:
        """Names of the run's tables that there are, or of those with one of these before them."""
        beginnings = tuple(each + self._prefix for each in before or ("",))
        pages = self._stage.client("dynamodb").get_paginator("list_tables").paginate()
        names = [name for page in pages for name in page["TableNames"]]
        return [name for name in names if name.startswith(beginnings)]

    def has_told(self, sweep: str) -> bool:
        """Whether a sweep said that it is completed."""
        self._take()
        return any(fact.detail.get("sweepId") == sweep for fact in self._facts)

    def told_of(self, plan: str) -> list[Fact]:
        """What was told of an undo so far."""
        self._take()
        return [fact for fact in self._facts if fact.detail.get("planId") == plan]

    def record(
        self,
        asked: Sequence[Asked],
        aged: Sequence[ApiCall],
        faults: Sequence[tuple[Kind, Handle]],
        unrest: str | None,
    ) -> Record:
        """All that is known now, with the digests that wait for their ten minutes."""
        self._let_digests_come()
        self._take()
        names = self.tables()
        return Record(
            calls=tuple(sorted([*self.calls(), *aged], key=lambda call: call.at)),
            facts=tuple(fact for fact in self._facts if self._prefix in json.dumps(fact.detail)),
            alerts=(*self._alerts, *self._listed()),
            requests=tuple(asked),
            hits=tuple(hit for kind, fault in faults for hit in self._hits(kind, fault)),
            tables={name: self._state(name) for name in names},
            ledger=self._ledger(),
            waiting=self._on(self._stage.output("EnforcementQueueUrl")),
            dead_letters=self._on(self._stage.output("EnforcementDeadLetterQueueUrl")),
            undelivered=self._on(self._stage.undelivered),
            missing_rights=self._missing_rights(),
            unrest=unrest,
        )

    def _take(self) -> None:
        for body in self._stage.take_all(self._stage.facts):
            event = json.loads(body)
            self._facts.append(Fact(event["detail-type"], event["detail"]))
        self._alerts += [
            str(json.loads(body).get("id")) for body in self._stage.take_all(self._stage.alerts)
        ]

    def _let_digests_come(self) -> None:
        cloud, deadline = self._stage.cloud, time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            cloud.queues.run_out(self._stage.digests)
            time.sleep(_PAUSE_SECONDS)
            if not cloud.queues.bodies(self._stage.digests) and not cloud.is_working:
                return

    def _listed(self) -> list[str]:
        """The facts that are in the lists of digests, whichever run they are of."""
        s3, where = self._stage.client("s3"), {"Bucket": self._stage.output("ReportBucketName")}
        pages = s3.get_paginator("list_objects_v2").paginate(**where, Prefix="digests/")
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        texts = [s3.get_object(**where, Key=key)["Body"].read().decode() for key in keys]
        return [line.rpartition("fact ")[2] for text in texts for line in text.splitlines()[2:]]

    def _on(self, queue: str) -> tuple[str, ...]:
        bodies = self._stage.cloud.queues.bodies(queue)
        return tuple(body for body in bodies if self._prefix in body)

    def _missing_rights(self) -> tuple[str, ...]:
        return tuple(
            f"{refusal.role} may not {refusal.action} on {refusal.resource}"
            for refusal in self._stage.cloud.refusals.so_far()[self._first_refusal :]
            if (refusal.role or "").startswith(self._stage.stack.name)
        )

    def calls(self, *before: str) -> list[ApiCall]:
        """The calls on the run's tables, or on those with one of these before their names."""
        beginnings = tuple(each + self._prefix for each in before or ("",))
        calls = []
        for at, record in self._stage.cloud.trail.calls[self._first_call :]:
            parameters = record["requestParameters"] or {}
            named = parameters.get("targetTableName") or parameters.get("tableName")
            table = str(named or parameters.get("resourceArn") or "").rpartition("/")[2]
            if table.startswith(beginnings):
                refused = "errorCode" in record
                caller = self._stage.called(_caller(record))
                calls.append(ApiCall(at, record["eventName"], table, caller, parameters, refused))
        return calls

    def _state(self, table: str) -> TableState:
        dynamodb = self._stage.client("dynamodb")
        described = dynamodb.describe_continuous_backups(TableName=table)
        switch = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        tags = dynamodb.list_tags_of_resource(ResourceArn=self._stage.arn(table))["Tags"]
        return TableState(
            on=switch["PointInTimeRecoveryStatus"] == "ENABLED",
            period=switch.get("RecoveryPeriodInDays"),
            tags={tag["Key"]: tag["Value"] for tag in tags},
        )

    def _ledger(self) -> dict[str, Remembered]:
        pages = self._stage.client("dynamodb").get_paginator("scan")
        periods: dict[str, int] = {}
        incidents: dict[str, list[Fact]] = {}
        for page in pages.paginate(TableName=self._stage.output("LedgerTableName")):
            for item in page["Items"]:
                table = item["pk"]["S"].rpartition("/")[2]
                if not table.startswith(self._prefix):
                    continue
                told = incidents.setdefault(table, [])
                if item["sk"]["S"] == "memory" and "period" in item:
                    periods[table] = int(item["period"]["N"])
                if "detail" in item:
                    detail = json.loads(item["detail"]["S"])
                    told.append(Fact(item["detailType"]["S"], detail))
        return {
            table: Remembered(periods.get(table), tuple(told)) for table, told in incidents.items()
        }

    def _hits(self, kind: Kind, fault: Handle) -> list[Hit]:
        if isinstance(fault, ExportFault):
            return [Hit(at, kind, "dynamodb", "(export)", "", arn) for at, arn in fault.struck]
        if isinstance(fault, BusFault):
            return [Hit(at, kind, "events", "(delivery)", "", event) for at, event in fault.struck]
        if isinstance(fault, CallFault):
            return [
                Hit(
                    hit.at,
                    kind,
                    hit.call.service,
                    hit.call.operation,
                    self._stage.called(hit.caller),
                    json.dumps(hit.call.parameters, default=str),
                )
                for hit in fault.struck
            ]
        return [
            Hit(
                at, kind, "cloudtrail", each["eventName"], "", json.dumps(each["requestParameters"])
            )
            for at, each in fault.struck
        ]


def _caller(record: Json) -> str:
    identity = record["userIdentity"]
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return str(issuer.get("userName") or identity.get("userName") or identity.get("arn", ""))
