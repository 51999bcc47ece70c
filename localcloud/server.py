"""The embedded AWS as one object: started, used through boto3, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import boto3
import hypercorn.asyncio
import hypercorn.config
from botocore.config import Config

from localcloud.clock import Clock
from localcloud.cloudtrail.trail import Trail
from localcloud.cloudtrail.trails import Trails
from localcloud.dynamodb.journal import ItemWrite
from localcloud.dynamodb.service import DynamoDb
from localcloud.environment import (
    client_variables,
    process_environment,
)
from localcloud.faults.buses import BusFaults
from localcloud.faults.calls import Faults
from localcloud.faults.exports import ExportFaults
from localcloud.gateway import Gateway
from localcloud.ministack.authorisation import AUTO_SCALING
from localcloud.ministack.bus_deliveries import deliver_with
from localcloud.ministack.encrypted_objects import EncryptedObjects
from localcloud.ministack.internals import Engine
from localcloud.ministack.limits import keep_limits
from localcloud.scaling.alarm_pace import at_its_pace
from localcloud.scaling.alarm_tags import with_tag_rights
from localcloud.scaling.service import (
    TARGET_PREFIX,
    AutoScaling,
)
from localcloud.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType

_LOCALHOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0

_started = threading.Event()


class PortTakenError(RuntimeError):
    """Something else listens on the port."""


class _Session(boto3.Session):
    """A session whose clients and resources speak to one endpoint, unless told otherwise."""

    def __init__(self, endpoint: str, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._endpoint = endpoint

    def client(self, *positional: Any, **named: Any) -> Any:
        return super().client(*positional, **{"endpoint_url": self._endpoint, **named})

    def resource(self, *positional: Any, **named: Any) -> Any:
        return super().resource(*positional, **{"endpoint_url": self._endpoint, **named})


class LocalCloud:
    """AWS on 127.0.0.1, in this process, on a thread of its own. Use `LocalCloud.start`."""

    def __init__(self, settings: Settings) -> None:
        if _started.is_set():
            raise RuntimeError(
                "this process has had its LocalCloud: MiniStack keeps its state in its modules, so "
                "there is one per process. Share it, or start another process"
            )
        _started.set()
        self.settings = settings
        self.clock = Clock()
        """Statuses, windows and events live on it; tests move it instead of sleeping."""
        self.account_id = settings.account_id
        self._making_clients = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="localcloud", daemon=True)
        with contextlib.ExitStack() as resources:
            self._listener = resources.enter_context(_listener(settings.port))
            port: int = self._listener.getsockname()[1]
            self.endpoint = f"http://{_LOCALHOST}:{port}"
            resources.enter_context(process_environment(settings, port))
            if settings.log_file:
                logging.basicConfig(filename=settings.log_file, level=logging.WARNING)
            engine = Engine(self.endpoint, settings.event_retry_seconds, settings.account_id)
            resources.callback(engine.stop_workers)
            trails = Trails(engine, settings.region, settings.trail_logging)
            self.trail = Trail(engine, self.clock, settings.cloudtrail_delay_seconds, trails)
            """What CloudTrail recorded; `trail.logging = False` stops it in every account."""
            self.refusals = engine.refusals
            """Calls that somebody had no right to make."""
            self.organization = engine.organization
            """Whose accounts are one organization's: their id in policies, their names."""
            self._fire_rule = engine.fire_rule
            export_faults, bus_faults = ExportFaults(), BusFaults()
            deliver_with(bus_faults)
            self.faults = Faults(self.trail.faults, export_faults, bus_faults)
            """Make the next calls, their events, or what they began go wrong."""
            engine.add_service(AUTO_SCALING, TARGET_PREFIX, AutoScaling(engine, self.clock).handle)
            engine.wrap_handler("monitoring", partial(with_tag_rights, engine))
            keep_limits(engine)
            EncryptedObjects(engine)
            engine.wrap_handler("monitoring", partial(at_its_pace, engine, settings))
            self.queues = engine.queues
            """Lets the waits of queues run out."""
            self._invocations = engine.invocations
            self._dynamodb = DynamoDb(engine, self.clock, settings, export_faults)
            self._gateway = Gateway(engine, self._dynamodb.answer, self.faults, self.trail)
            self._boto3 = boto3.Session()
            self._resources = resources.pop_all()

    @classmethod
    def start(cls, settings: Settings | None = None) -> Self:
        """Start serving and return once the endpoint answers. Stop with `stop`, or a `with` block.

        Raises:
            PortTakenError: something else listens on the port.
            RuntimeError: this process had a LocalCloud before, or the installed MiniStack isn't the
                one this package is written for.
        """
        cloud = cls(settings or Settings())
        cloud._thread.start()
        cloud.trail.start()
        with socket.create_connection((_LOCALHOST, cloud._port), _START_SECONDS) as probe:
            # The socket listens before the engine's start-up is over; its first answer says it is.
            probe.sendall(b"GET /_ministack/health HTTP/1.0\r\n\r\n")
            if not probe.recv(1):
                raise RuntimeError("MiniStack did not start; see its log")
        return cloud

    def stop(self) -> None:
        """Stop serving, and end the subprocesses of Lambda functions."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_STOP_SECONDS)
            self.trail.stop()
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- clients ------------------------------------------------------------------------------

    def session(
        self, region: str | None = None, access_key: str | None = None, secret: str | None = None
    ) -> boto3.Session:
        """A boto3 session; without a key, that of the account's root.
        Its clients and resources are of this endpoint. Another account's root is its 12 digits as
        access key.
        """
        return _Session(
            self.endpoint,
            aws_access_key_id=access_key or self.account_id,
            aws_secret_access_key=secret or "local",
            region_name=region or self.settings.region,
        )

    def client(
        self,
        service: str,
        region: str | None = None,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        user_agent_extra: str | None = None,
        config: Config | None = None,
    ) -> Any:
        """A boto3 client of this endpoint; without a key, that of the account's root."""
        chosen = Config(user_agent_extra=user_agent_extra) if user_agent_extra else Config()
        with self._making_clients:
            # One session parses the service models once; it isn't made for several threads.
            return self._boto3.client(  # type: ignore[call-overload]  # any service's name
                service,
                region_name=region or self.settings.region,
                endpoint_url=self.endpoint,
                aws_access_key_id=access_key or self.account_id,
                aws_secret_access_key=secret_key or "local",
                aws_session_token=session_token,
                config=config.merge(chosen) if config else chosen,
            )

    def environment(self, region: str | None = None) -> dict[str, str]:
        """Variables for subprocesses such as `sam deploy` and the AWS CLI; add them to yours."""
        return client_variables(self.settings, self.endpoint, region)

    def age(
        self,
        arn: str,
        days: float = 0,
        *,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Make an ACTIVE table as old as if so much time had passed for it alone: its birth, its
        window's beginning and its items' writes so far move back.

        Write, age, write: between the two writes lies that time, and exports and restores find it.

        Raises:
            LookupError: there is no such table, or it isn't ACTIVE.
        """
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._dynamodb.age(arn, by)

    def weigh(self, arn: str, size: int) -> None:
        """Let DescribeTable say that a table has so many bytes, as if it were a giant. AWS counts
        about every six hours (API reference, TableDescription), so that it needn't be so now.

        Raises:
            LookupError: there is no such table.
        """
        self._dynamodb.weigh(arn, size)

    def item_writes(self, arn: str) -> list[ItemWrite]:
        """Every write of a table's items so far, in their order, with whose it was: as a trail
        with data events has them on AWS, and the items as well.

        Raises:
            LookupError: there is no such table.
        """
        return self._dynamodb.item_writes(arn)

    def fire_rule(
        self, name: str, *, account: str | None = None, region: str | None = None
    ) -> None:
        """Let a rule of a default bus that is on a schedule fire once, now.

        Raises:
            LookupError: there is no such rule, it is disabled, or it has no schedule.
        """
        self._fire_rule(account or self.account_id, region or self.settings.region, name)

    @property
    def is_working(self) -> bool:
        """Whether a function runs, or will: an event waits for its next try."""
        return bool(self._invocations.pending or self.queues.functions_running())

    # -- serving ------------------------------------------------------------------------------

    @property
    def _port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def _serve(self) -> None:
        config = hypercorn.config.Config()
        config.bind = [f"fd://{self._listener.detach()}"]  # hypercorn closes it
        config.loglevel = "WARNING"
        config.keep_alive_timeout = 75
        config.graceful_timeout = 1
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(
                hypercorn.asyncio.serve(
                    self._gateway,  # type: ignore[arg-type]  # plain ASGI, without its typed dicts
                    config,
                    shutdown_trigger=self._stop.wait,
                )
            )
        finally:
            for task in (pending := asyncio.all_tasks(self._loop)):
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.close()


def _listener(port: int) -> socket.socket:
    """A socket on which connections wait for the engine instead of being refused."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOCALHOST, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(f"port {port} of {_LOCALHOST} cannot be had: {error}") from error
    listener.listen(128)
    return listener
