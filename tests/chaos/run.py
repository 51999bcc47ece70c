"""One plan being played on the stage: its steps, the healing, the last sweep."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, replace

from botocore.exceptions import ClientError

from localcloud.faults.buses import BusFault
from localcloud.faults.events import EventFault
from tests.chaos.actions import (
    Action,
    Age,
    Ask,
    Begin,
    Calm,
    Create,
    Delete,
    End,
    Flicker,
    Redeliver,
    Sweep,
    Switch,
    Tag,
    Untag,
)
from tests.chaos.doing import Stop
from tests.chaos.drilling import COPIES, Drilling
from tests.chaos.drills import AskDrill, DropCopy, Hour, SpendUp, SpoilCopy
from tests.chaos.evidence import Evidence, Handle
from tests.chaos.faults import WORKFLOW, Fault, Kind
from tests.chaos.goods import Approve, AskUndo, Meddle, Spoil, Stock
from tests.chaos.lives import DEFAULT_PERIOD
from tests.chaos.plan import Plan
from tests.chaos.post import Post
from tests.chaos.record import AGED, DRILL, RESTORE, ApiCall, Json, Record
from tests.chaos.shop import KEY, Shop
from tests.chaos.stage import Stage
from tests.chaos.undoing import Undoing

PATIENCE_SECONDS = (
    300.0  # quick where nothing is wrong, and no timed test where the machine is busy
)
_PATIENCE_WITH_A_DELETION = 2.0
_PATIENCE_WITH_AGEING = 20.0
_PAUSE_SECONDS = 0.1


def play(stage: Stage, plan: Plan) -> Record:
    """Play a plan to its end; what is known of it then."""
    run = _Run(stage, stage.next_prefix(plan.seed))
    try:
        for step in plan.steps:
            time.sleep(step.pause)
            run.do(step.action)
        run.heal()
        unrest = run.come_to_rest(PATIENCE_SECONDS)
        run.send_again()
        unrest = unrest or run.come_to_rest(PATIENCE_SECONDS)
        run.approve_the_rest()
        unrest = unrest or run.come_to_rest(PATIENCE_SECONDS) or run.let_a_day_go_by()
        return run.record(unrest or run.sweep_to_the_end())
    finally:
        stage.cloud.faults.clear()
        run.clean_up()


@dataclass
class _Set:
    """A fault that was set."""

    fault: Fault
    handle: Handle


class _Run:
    """One plan being played."""

    def __init__(self, stage: Stage, prefix: str) -> None:
        self._stage = stage
        self._cloud = stage.cloud
        self._prefix = prefix
        self._set: dict[int, _Set] = {}
        self._aged: list[ApiCall] = []
        self._evidence = Evidence(stage, prefix)
        self._post, self._shop = Post(stage), Shop(stage, prefix)
        self._undoing = Undoing(stage, prefix, self._shop, self._post, self._evidence)
        self._drilling = Drilling(stage, prefix, self._post, self._evidence)

    # -- the steps ----------------------------------------------------------------------------

    def do(self, action: Action) -> None:  # noqa: PLR0912 - one for each kind
        """Do it; what AWS refuses its owner (a table that isn't there, say) is refused."""
        dynamodb = self._stage.client("dynamodb")
        with contextlib.suppress(ClientError):
            match action:
                case Create(table, tags):
                    self._await_end_of(table)
                    dynamodb.create_table(
                        TableName=self._name(table),
                        Tags=[{"Key": key, "Value": value} for key, value in tags],
                        **KEY,
                    )
                case Delete(table):
                    self._shop.remember(self._name(table))
                    dynamodb.delete_table(TableName=self._name(table))
                case Switch(table, on, days):
                    self._switch(table, on, days)
                case Flicker(table, days):
                    self._switch(table, days is not None, days)
                    self._switch(table, on=True, days=DEFAULT_PERIOD)
                case Age(table, days):
                    self._age(table, days)
                case Tag() | Untag():
                    self._tag(action)
                case Ask(content):
                    self._ask(dict(content))
                case Sweep():
                    self._start_sweep()
                case Redeliver():
                    self._redeliver()
                case Calm(seconds):
                    self.come_to_rest(seconds)
                case Begin(fault):
                    self._set[fault.number] = _Set(fault, self._begin(fault))
                case End(fault):
                    self._end(fault)
                case Stop(execution, workflow):
                    self._stage.stop(workflow, self._name(execution))
                case Stock() | Meddle():
                    self._shop.do(action)
                case Spoil() | AskUndo() | Approve():
                    self._undoing.do(action)
                case AskDrill() | DropCopy() | SpoilCopy() | Hour() | SpendUp():
                    self._drilling.do(action)

    def _tag(self, action: Tag | Untag) -> None:
        dynamodb, arn = self._stage.client("dynamodb"), self._stage.arn(self._name(action.table))
        if isinstance(action, Tag):
            tags = [{"Key": action.key, "Value": action.value}]
            dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
        else:
            dynamodb.untag_resource(ResourceArn=arn, TagKeys=[action.key])

    def _switch(self, table: str, on: bool, days: int | None) -> None:
        wanted: Json = {"PointInTimeRecoveryEnabled": on}
        self._stage.client("dynamodb").update_continuous_backups(
            TableName=self._name(table),
            PointInTimeRecoverySpecification=wanted
            | ({"RecoveryPeriodInDays": days} if days else {}),
        )

    def _age(self, table: str, days: int) -> None:
        """Let days go by for a table, and for what the guardian remembers of its window."""
        if self.come_to_rest(_PATIENCE_WITH_AGEING):
            return
        arn = self._stage.arn(self._name(table))
        try:
            self._cloud.age(arn, days)
        except LookupError:
            return
        self._aged.append(
            ApiCall(self._cloud.clock.now(), AGED, self._name(table), "", {"days": days})
        )
        self._stage.age_in_ledger(arn, days)

    def _name(self, table: str) -> str:
        return f"{self._prefix}{table}"

    def _await_end_of(self, table: str) -> None:
        """Wait until a table is gone that was deleted; its name is taken as long."""
        deadline = time.monotonic() + _PATIENCE_WITH_A_DELETION
        while self._name(table) in self._evidence.tables() and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)

    def _ask(self, content: Json) -> None:
        for field in {"sourceTable", "targetTable", "requestId"} & content.keys():
            content[field] = self._name(content[field])
        self._post.send(RESTORE, content)

    def _begin(self, fault: Fault) -> Handle:
        faults, operation = self._cloud.faults, fault.operation or ""
        caller = self._caller_of(fault)
        at: Json = {"caller": caller, "times": fault.times}
        match fault.kind:
            case Kind.KILLED_BEFORE | Kind.KILLED_AFTER:
                return faults.kill(
                    caller or "",
                    fault.operation,
                    service=fault.service,
                    spares=fault.spares,
                    times=fault.times,
                    carried_out=fault.kind is Kind.KILLED_AFTER,
                )
            case Kind.ANSWER_LOST:
                return faults.lose_answer(operation, service=fault.service or "", **at)
            case Kind.DELAYED | Kind.TIMED_OUT:
                return faults.delay(operation, fault.seconds, service=fault.service or "", **at)
            case Kind.THROTTLED | Kind.SERVER_ERROR | Kind.REFUSED:
                code, status = fault.code
                return faults.fail(
                    operation, code, status=status, service=fault.service or "", **at
                )
            case Kind.EVENT_LOST:
                return faults.drop_events(fault.operation, times=fault.times)
            case Kind.EVENT_REPEATED:
                return faults.duplicate_events(fault.operation, copies=3, times=fault.times)
            case Kind.EVENT_LATE:
                return faults.delay_events(
                    fault.operation, seconds=fault.seconds, times=fault.times
                )
            case Kind.EVENTS_REVERSED:
                return faults.hold_events(fault.operation, times=fault.times)
            case Kind.REQUEST_LOST:
                return faults.lose_on_bus(operation, text=self._prefix, times=fault.times)
            case Kind.REQUEST_REPEATED:
                return faults.repeat_on_bus(operation, text=self._prefix, times=fault.times)
            case Kind.EXPORT_FAILED:
                match operation:
                    case "missing" | "truncated" | "corrupt" | "short":
                        return faults.damage_export(operation, times=fault.times)
                return faults.fail_export(operation, times=fault.times)

    def _caller_of(self, fault: Fault) -> str | None:
        is_role = fault.caller is not None and fault.caller != WORKFLOW
        return self._stage.role(fault.caller or "") if is_role else fault.caller

    def _end(self, fault: Fault) -> None:
        handle = self._set[fault.number].handle
        if isinstance(handle, EventFault) and handle.held:
            handle.release(newest_first=True)
        handle.end()

    def heal(self) -> None:
        """End all faults."""
        for each in self._set.values():
            self._end(each.fault)

    def send_again(self) -> None:
        """Send once more what the bus has lost, as a sender does who gets no answer."""
        lost = (each for each in self._set.values() if each.fault.kind is Kind.REQUEST_LOST)
        struck = (each.handle.struck for each in lost if isinstance(each.handle, BusFault))
        self._post.send_again({event for events in struck for _, event in events})

    def let_a_day_go_by(self) -> str | None:
        """See `Drilling`."""
        return self._drilling.let_a_day_go_by(lambda: self.come_to_rest(PATIENCE_SECONDS))

    def approve_the_rest(self) -> None:
        """See `Undoing`."""
        self._undoing.approve_the_rest()

    def clean_up(self) -> None:
        """Delete the tables without an event."""
        self._cloud.trail.logging = False
        self._drilling.give_back()
        for table in [*self._evidence.tables(), *self._evidence.tables(*COPIES)]:
            with contextlib.suppress(ClientError):
                self._stage.client("dynamodb").delete_table(TableName=table)
        self._cloud.trail.logging = True

    def record(self, unrest: str | None) -> Record:
        """What is known now."""
        record = self._evidence.record(
            self._post.sent(RESTORE),
            [*self._aged, *self._shop.aged],
            [(each.fault.kind, each.handle) for each in self._set.values()],
            unrest,
        )
        return replace(
            record,
            undo_requests=self._undoing.requests,
            approvals=self._undoing.approvals,
            undos=self._undoing.left(),
            writes=self._shop.writes(),
            drill_requests=self._post.sent(DRILL),
            drills=self._drilling.left(),
        )

    # -- waiting ------------------------------------------------------------------------------

    def come_to_rest(self, seconds: float) -> str | None:
        """Wait until nothing is to be done; what there still is, if that takes too long."""
        deadline = time.monotonic() + seconds
        quiet = 0
        while quiet < 2:  # between two steps of one thing it is quiet, too
            going_on = self._going_on()
            quiet = 0 if going_on else quiet + 1
            if going_on and time.monotonic() > deadline:
                return going_on
            if going_on:
                self._redeliver()
            time.sleep(_PAUSE_SECONDS)
        return None

    def _going_on(self) -> str | None:
        if self._cloud.trail.waiting:
            return "events are on their way"
        if self._cloud.is_working:
            return "functions run"
        if looks := [body for body in self._on_the_queue() if not self._must_wait(body)]:
            return f"on the enforcement queue: {looks}"
        if running := self._stage.running():
            return f"workflows run: {running}"
        return None

    def _on_the_queue(self) -> list[str]:
        bodies = self._cloud.queues.bodies(self._stage.output("EnforcementQueueUrl"))
        return [body for body in bodies if self._prefix in body]

    def _must_wait(self, body: str) -> bool:
        """Whether a look waits for minutes, as it should: for the backup of a deleted table to
        show, or for a new table to be seen, which is gone."""
        look = json.loads(body).get("look")
        if look is None:
            return False
        cause = look.get("cause") or {}
        if cause.get("isDeletion"):
            return True
        gone = look["table"].rpartition("/")[2] not in self._evidence.tables()
        return gone and bool(cause.get("isBirth"))

    def _redeliver(self) -> None:
        self._cloud.queues.run_out(
            self._stage.output("EnforcementQueueUrl"),
            lambda body: self._prefix in body and not self._must_wait(body),
        )

    def _start_sweep(self) -> str:
        execution: str = self._stage.client("stepfunctions").start_execution(
            stateMachineArn=self._stage.output("SweepStateMachineArn")
        )["executionArn"]
        return execution

    def sweep_to_the_end(self) -> str | None:
        """Run one sweep that looks at the tables; what went wrong, if anything did."""
        name = ""
        for _ in range(2):
            name = self._start_sweep().rpartition(":")[2]
            if unrest := self.come_to_rest(PATIENCE_SECONDS):
                return unrest
            if self._evidence.has_told(name):
                return None
            # A sweep of the plan died with the lock in its hand. It is free after half an hour.
            self._stage.client("dynamodb").delete_item(
                TableName=self._stage.output("LedgerTableName"),
                Key={"pk": {"S": "sweep"}, "sk": {"S": "lock"}},
            )
        return f"the sweep {name} told nothing"
