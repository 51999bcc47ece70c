"""A stack whose regions nobody else uses, so that what a sweep counts there is known."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import Fact, Guardian
from tests.e2e.waiting import eventually

HOME, ELSEWHERE = "eu-west-3", "ca-central-1"
TRAIL, TRAILS_HOME = "management-events", "eu-central-1"
_SWEEP_SECONDS = 90.0


class Sweeper(Guardian):
    """A guardian that sweeps on demand; its schedule's hour never comes in a test."""

    def start_sweep(self) -> str:
        """ARN of a new execution of the workflow."""
        execution: str = self.client("stepfunctions").start_execution(
            stateMachineArn=self.stack.outputs["SweepStateMachineArn"]
        )["executionArn"]
        return execution

    def await_end(self, execution: str) -> str:
        """The status in which a sweep has ended."""

        def ended() -> str | None:
            found = self.client("stepfunctions").describe_execution(executionArn=execution)
            return found["status"] if found["status"] != "RUNNING" else None

        return eventually(ended, "the sweep has ended; see the log", _SWEEP_SECONDS)

    def sweep(self) -> Fact:
        """Run one sweep, and what it set off, to the end; what it told."""
        fact = self.sweep_alone()
        self.settle()
        return fact

    def sweep_alone(self) -> Fact:
        """Run one sweep, without waiting for what it set off; what it told."""
        execution = self.start_sweep()
        assert self.await_end(execution) == "SUCCEEDED"
        return eventually(lambda: self.told_by(execution), f"what {execution} told")

    def told_by(self, execution: str) -> Fact | None:
        """The Sweep Completed of one execution."""
        name = execution.rpartition(":")[2]
        found = [fact for fact in self.facts_of_kind("Sweep Completed") if fact["sweepId"] == name]
        assert len(found) <= 1
        return found[0] if found else None

    def rows(self, sweep: Fact) -> dict[str, Json]:
        """What the sweep wrote down, by the tables' names."""
        return {row["name"]: row for part in self.parts(sweep).values() for row in part}

    def parts(self, sweep: Fact) -> dict[str, list[Json]]:
        """The part files of a sweep, by key."""
        s3, bucket = self.client("s3"), self.stack.outputs["ReportBucketName"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"sweeps/{sweep['sweepId']}/parts/")
        return {
            each["Key"]: json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
            for each in listed["Contents"]
        }

    @contextlib.contextmanager
    def trail_stopped(self) -> Iterator[None]:
        """Nothing that happens meanwhile is ever an event."""
        cloudtrail = self.client("cloudtrail", TRAILS_HOME)
        cloudtrail.stop_logging(Name=TRAIL)
        try:
            yield
        finally:
            cloudtrail.start_logging(Name=TRAIL)

    def unseen(self, table: str, *, on: bool, days: int | None = None) -> None:
        """Switch a table's PITR, without an event."""
        with self.trail_stopped():
            self.switch(table, on=on, days=days)

    @contextlib.contextmanager
    def audit_seconds(self, seconds: int) -> Iterator[None]:
        """Fewer tables fit into one invocation of the audit."""
        name = self.physical_id("AuditFunction")
        functions = self.client("lambda")
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]
        fewer = {"Variables": {**variables["Variables"], "AUDIT_SECONDS": str(seconds)}}
        functions.update_function_configuration(FunctionName=name, Environment=fewer)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=name, Environment=variables)
