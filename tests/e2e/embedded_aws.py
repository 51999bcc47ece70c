"""The embedded AWS in a process of its own, and what the tests say to it.

Apart from pytest's process for two reasons. A process has one MiniStack, and that of
tests/localcloud stands in days to come: its clock is moved forward, while the functions deployed
here live in real time. And here statuses last tenths of a second, there minutes.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import signal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from localcloud import (
    LocalCloud,
    Settings,
)
from localcloud.deploy import (
    Stack,
    deploy,
)
from localcloud.faults.calls import CallFault
from localcloud.faults.events import EventFault
from localcloud.faults.exports import ExportFault
from localcloud.ministack.refusals import Refusal
from localcloud.packages import deploy_packaged

type Json = dict[str, Any]

# Tenths of what the embedded AWS takes by itself, and its workflows wait fifty times shorter.
_QUICK = {
    "state_machine_wait_scale": 0.02,
    "creating_seconds": 0.1,
    "not_found_seconds": 0.02,
    "backups_enabling_seconds": 0.1,
    "updating_seconds": 0.1,
    "restore_seconds": 0.5,
    "index_seconds": 0.1,
    "deletion_backup_seconds": 0.2,
    "backup_seconds": 0.1,
    "export_seconds": 0.5,
    "latest_lag_seconds": 0.2,
    "cloudtrail_delay_seconds": 0.02,
}
_START_SECONDS = 60
_STOP_SECONDS = 40
_ANSWER_SECONDS = 600  # a deployment on a busy machine is what takes longest
# What AWS lets a few calls a second do is refused at once to a test that goes too far.
_CONFIG = Config(retries={"total_max_attempts": 1})


class EmbeddedAws:
    """Starts when it is made; `stop` ends it. For one thread.

    `settings` are those of `localcloud.Settings`.
    """

    def __init__(self, log_file: Path, **settings: Any) -> None:
        # A fresh interpreter: a fork of pytest's would have the other suite's MiniStack in it.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, log_file, settings), daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_START_SECONDS):
            raise RuntimeError(f"the embedded AWS did not start; see {log_file}")
        self.endpoint, self.account_id = self._answer()
        self.faults = Faults(self)
        self.stacks: set[str] = set()
        """The names of those that were deployed."""
        self.wanted: set[tuple[str, str]] = set()
        """Role and action, where a test wants that the role lacks the right."""
        self._session = boto3.Session()
        self._clients: dict[tuple[Any, ...], Any] = {}

    def stop(self) -> None:
        self._pipe.close()  # that is what it waits for
        self._process.join(_STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        for client in self._clients.values():
            client.close()

    def client(self, service: str, region: str, caller: Caller | None = None) -> Any:
        """A client without retries; without a caller, the account root's."""
        key = (service, region, caller)
        if key not in self._clients:
            caller = caller or Caller(self.account_id, "local")
            self._clients[key] = self._session.client(  # type: ignore[call-overload]
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id=caller.access_key,
                aws_secret_access_key=caller.secret,
                aws_session_token=caller.token,
                config=_CONFIG,
            )
        return self._clients[key]

    def deploy(
        self, name: str, region: str, parameters: Mapping[str, str], *, by_sam: bool = False
    ) -> Stack:
        """A new stack of what `make build` built; `by_sam` takes the command that a user takes,
        and seconds more."""
        self.stacks.add(name)
        stack: Stack = self.call("deploy", name, region, dict(parameters), by_sam=by_sam)
        return stack

    def await_trail(self) -> None:
        """Return when all calls made so far are events on their bus, but for those held back."""
        self.call("await_trail")

    def refusals(self) -> Sequence[Refusal]:
        """The calls so far that somebody had no right to make."""
        found: Sequence[Refusal] = self.call("refusals")
        return found

    @contextlib.contextmanager
    def refusing(self, role: str, action: str) -> Iterator[None]:
        """A block in which a role is refused what it shall be refused, at least once."""
        before = len(self.refusals())
        self.wanted.add((role, action))
        yield
        since = self.refusals()[before:]
        assert (role, action) in {(refusal.role, refusal.action) for refusal in since}

    def advance(self, seconds: float) -> None:
        """Move the cloud's clock forward."""
        self.call("advance", seconds)

    def run_out(self, queue: str) -> int:
        """Let delays and time-outs of a queue run out now; how many messages that made visible."""
        visible: int = self.call("run_out", queue)
        return visible

    def age(self, arn: str, **by: float) -> None:
        """Make a table older by so many `days`, `hours`, `minutes`, `seconds`, with all that was
        written to it so far."""
        self.call("age", arn, **by)

    def weigh(self, arn: str, size: int) -> None:
        """Let a table be told to have so many bytes."""
        self.call("weigh", arn, size)

    def join(self, account: str, name: str) -> None:
        """Make an account a member of the organization."""
        self.call("join", account, name)

    def delegate(self, account: str) -> None:
        """Let a member of the organization list its accounts."""
        self.call("delegate", account)

    def leave(self, account: str) -> None:
        self.call("leave", account)

    def fire_rule(self, name: str, account: str, region: str) -> None:
        """Let a rule that is on a schedule fire once, now."""
        self.call("fire_rule", name, account=account, region=region)

    def call(self, method: str, *arguments: Any, **named: Any) -> Any:
        self._pipe.send((method, arguments, named))
        return self._answer()

    def _answer(self) -> Any:
        if not self._pipe.poll(_ANSWER_SECONDS):  # or a test that went wrong would hang
            raise RuntimeError(f"the embedded AWS has not answered for {_ANSWER_SECONDS} s")
        done, result = self._pipe.recv()
        if not done:
            raise result
        return result


@dataclass(frozen=True)
class Caller:
    """Credentials, and who they are of."""

    access_key: str
    secret: str
    token: str | None = None
    arn: str = ""


@dataclass(frozen=True)
class Fault:
    """A fault that lies in wait in the embedded AWS. Leaving its `with` block ends it."""

    _aws: EmbeddedAws
    _number: int

    @property
    def hits(self) -> int:
        hits: int = self._aws.call("hits", self._number)
        return hits

    def release(self, *, newest_first: bool = False) -> None:
        """Deliver the events that were held back."""
        self._aws.call("release", self._number, newest_first=newest_first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._aws.call("end", self._number)


@dataclass(frozen=True)
class Faults:
    """The faults of `localcloud.faults.Faults`, with the same arguments."""

    _aws: EmbeddedAws

    def fail(self, operation: str, code: str, **where: Any) -> Fault:
        return self._set("fail", operation, code, **where)

    def lose_answer(self, operation: str, **where: Any) -> Fault:
        return self._set("lose_answer", operation, **where)

    def delay(self, operation: str, seconds: float, **where: Any) -> Fault:
        return self._set("delay", operation, seconds, **where)

    def kill(self, caller: str, operation: str | None = None, **where: Any) -> Fault:
        return self._set("kill", caller, operation, **where)

    def duplicate_events(self, event_name: str, **where: Any) -> Fault:
        return self._set("duplicate_events", event_name, **where)

    def delay_events(self, event_name: str, seconds: float, **where: Any) -> Fault:
        return self._set("delay_events", event_name, seconds=seconds, **where)

    def hold_events(self, event_name: str, **where: Any) -> Fault:
        return self._set("hold_events", event_name, **where)

    def fail_export(self, code: str, message: str, **where: Any) -> Fault:
        return self._set("fail_export", code, message, **where)

    def damage_export(self, damage: str, **where: Any) -> Fault:
        return self._set("damage_export", damage, **where)

    def clear(self) -> None:
        self._aws.call("clear")

    def _set(self, kind: str, *arguments: Any, **named: Any) -> Fault:
        return Fault(self._aws, self._aws.call("set_fault", kind, *arguments, **named))


class _Served:
    """The other end of the pipe: the methods that `EmbeddedAws.call` names."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._dynamodb = cloud.client("dynamodb")
        self._faults: dict[int, CallFault | EventFault | ExportFault] = {}
        self._numbers = itertools.count()

    def deploy(
        self, name: str, region: str, parameters: Mapping[str, str], *, by_sam: bool
    ) -> Stack:
        if by_sam:
            return deploy(self._cloud, name, parameters, region)
        return deploy_packaged(self._cloud, name, parameters, region)

    def await_trail(self) -> None:
        """Events are delivered in the order of their calls: wait for that of a refused one."""
        mark = f"mark-{next(self._numbers)}"
        with contextlib.suppress(self._dynamodb.exceptions.ResourceNotFoundException):
            self._dynamodb.delete_table(TableName=mark)
        self._cloud.trail.wait_for(
            lambda record: (record["requestParameters"] or {}).get("tableName") == mark
        )

    def refusals(self) -> Sequence[Refusal]:
        return self._cloud.refusals.so_far()

    def advance(self, seconds: float) -> None:
        self._cloud.clock.advance(seconds)

    def run_out(self, queue: str) -> int:
        return self._cloud.queues.run_out(queue)

    def age(self, arn: str, **by: float) -> None:
        self._cloud.age(arn, **by)

    def weigh(self, arn: str, size: int) -> None:
        self._cloud.weigh(arn, size)

    def join(self, account: str, name: str) -> None:
        self._cloud.organization.join(account, name)

    def delegate(self, account: str) -> None:
        self._cloud.organization.delegate(account)

    def leave(self, account: str) -> None:
        self._cloud.organization.leave(account)

    def fire_rule(self, name: str, *, account: str, region: str) -> None:
        self._cloud.fire_rule(name, account=account, region=region)

    def set_fault(self, kind: str, *arguments: Any, **named: Any) -> int:
        number = next(self._numbers)
        self._faults[number] = getattr(self._cloud.faults, kind)(*arguments, **named)
        return number

    def hits(self, number: int) -> int:
        return self._faults[number].hits

    def release(self, number: int, *, newest_first: bool) -> None:
        fault = self._faults[number]
        if not isinstance(fault, EventFault):
            raise TypeError(f"{fault} holds no events")
        fault.release(newest_first=newest_first)

    def end(self, number: int) -> None:
        self._faults[number].end()

    def clear(self) -> None:
        self._cloud.faults.clear()


def _serve(pipe: Connection, log_file: Path, settings: Json) -> None:
    # Ctrl-C reaches us too; pytest ends us when its fixtures are torn down.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with LocalCloud.start(Settings(log_file=log_file, **settings)) as cloud:
        served = _Served(cloud)
        pipe.send((True, (cloud.endpoint, cloud.account_id)))
        # The end of pytest, however it comes, closes the pipe.
        with contextlib.suppress(EOFError):
            for method, arguments, named in iter(pipe.recv, None):
                pipe.send(_outcome(getattr(served, method), arguments, named))


def _outcome(method: Any, arguments: tuple[Any, ...], named: Json) -> tuple[bool, Any]:
    try:
        return True, method(*arguments, **named)
    except Exception as problem:  # it is the caller's
        return False, problem


@contextlib.contextmanager
def embedded_aws(log_file: Path, **settings: Any) -> Iterator[EmbeddedAws]:
    """A quick embedded AWS; leaving it fails if a role of a stack there ever lacked a right."""
    aws = EmbeddedAws(log_file, **_QUICK | settings)
    try:
        yield aws
        refused = refused_to_stacks(aws.refusals(), aws.stacks, aws.wanted)
        assert not refused, f"rights are missing in the template: {refused}"
    finally:
        aws.stop()


def refused_to_stacks(
    refusals: Iterable[Refusal], stacks: Collection[str], wanted: Collection[tuple[str, str]]
) -> set[str]:
    """What the roles of these stacks had no right to do, in words, but what a test wanted.

    CloudFormation names a stack's roles after it. Whoever else was refused is none of the stack's.
    """
    return {
        f"{refusal.action} on {refusal.resource} by {refusal.role}"
        for refusal in refusals
        if any((refusal.role or "").startswith(f"{stack}-") for stack in stacks)
        and (refusal.role, refusal.action) not in wanted
    }
