"""The one place that touches what MiniStack does not publish; each touch says why.

MiniStack reads its environment when it is imported and keeps its state in its modules. So it is
imported when an `Engine` is made, not before, and there is one `Engine` per process.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import importlib.metadata
import json
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import IO, Any, Protocol

from localcloud.environment import WORKER_OVERRIDES
from localcloud.ministack.assumed_roles import strictly
from localcloud.ministack.authorisation import (
    add_to_routes,
    repair_authorisation,
)
from localcloud.ministack.bus_targets import BusTargets
from localcloud.ministack.cloudwatch import Alarms
from localcloud.ministack.conditions import repair_conditions
from localcloud.ministack.event_buses import EventBuses
from localcloud.ministack.executions import start_executions_as_aws
from localcloud.ministack.express import tell_no_history
from localcloud.ministack.forks import Forks
from localcloud.ministack.functions import (
    AsynchronousInvocations,
    name_errors,
)
from localcloud.ministack.keys import Keys
from localcloud.ministack.lambda_runtime import LambdaRuntime
from localcloud.ministack.layers import Layers
from localcloud.ministack.map_events import MapEvents
from localcloud.ministack.nested_stacks import NestedStacks
from localcloud.ministack.number_keys import compare_number_keys_by_value
from localcloud.ministack.organization import Organization
from localcloud.ministack.policy_variables import put_in_variables
from localcloud.ministack.queues import Queues
from localcloud.ministack.recursion import Recursion
from localcloud.ministack.refusals import (
    Refusal,
    Refusals,
)
from localcloud.ministack.scheduled_rules import fire
from localcloud.ministack.stack_descriptions import with_descriptions
from localcloud.ministack.state_machines import (
    StateMachineLimits,
    StateMachineRoles,
    distribute_maps,
)
from localcloud.ministack.workers import Workers
from localcloud.wire import (
    Answer,
    AwsError,
    HttpAnswer,
    Json,
    decoded,
)

MINISTACK_VERSION = "1.5.33"

type Handler = Callable[
    [str, str, Mapping[str, str], bytes, Mapping[str, Any]], Awaitable[HttpAnswer]
]
type Items = dict[Any, dict[Any, Json]]
"""A table's items by partition key value and sort key value, as MiniStack keeps them."""


class WriteObserver(Protocol):
    """Told of every change of an item, however it came about, before and after it happens."""

    def before_change(self, table: Json) -> None: ...
    def changed(self, table: Json, key: tuple[Any, Any], image: Json | None) -> None: ...
    def replaced(self, table: Json) -> None: ...


class Engine:
    """MiniStack, imported, with the few doors into it that the layer needs."""

    def __init__(self, endpoint: str, event_retry_seconds: float, account: str) -> None:
        found = importlib.metadata.version("ministack")
        if found != MINISTACK_VERSION:
            raise RuntimeError(
                f"localcloud is written against the internals of ministack {MINISTACK_VERSION}, "
                f"but {found} is installed: check every touch in {__name__} and pin it anew"
            )
        self._app: Any = importlib.import_module("ministack.app")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._identities: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
        self._cloudtrail: Any = importlib.import_module("ministack.services.cloudtrail")
        self._default_selectors: list[Json] = self._cloudtrail._DEFAULT_EVENT_SELECTORS
        self._dynamodb: Any = importlib.import_module("ministack.services.dynamodb")
        self._events: Any = importlib.import_module("ministack.services.eventbridge")
        self._iam: Any = importlib.import_module("ministack.services.iam")
        self._sts: Any = importlib.import_module("ministack.services.sts")
        compare_number_keys_by_value()
        self.alarms = Alarms()
        self.keys = Keys()
        repair_authorisation(self.keys.arn)
        self.organization = Organization(account)
        self.wrap_handler("organizations", self.organization.answering(self.scope))
        put_in_variables()
        self.wrap_handler("sts", strictly(self.scope))
        self._event_buses = EventBuses(self.in_scope)
        self.refusals = Refusals()
        self._note_refusals()
        BusTargets(self.in_scope, self._event_buses, self.refusals)
        distribute_maps(StateMachineRoles(self.refusals), StateMachineLimits())
        start_executions_as_aws()
        tell_no_history()
        MapEvents()
        name_errors()
        self._point_workers_at(endpoint)
        self._lambda_runtime = LambdaRuntime()
        self._lambda_runtime.run_functions()
        self._forks = Forks(self._lambda_runtime.interpreter)
        self._forks.start_workers_of(self._runtime)
        self._layers = Layers()
        self.workers = Workers(self._runtime, self._layers)
        self.queues = Queues()
        self._recursion = Recursion()
        self.wrap_handler("sqs", self._recursion.with_lineage)
        self.invocations = AsynchronousInvocations(event_retry_seconds)
        self._last_words: list[IO[str]] = []
        self._close_workers_pipes()

    # -- serving ------------------------------------------------------------------------------

    @property
    def asgi_app(self) -> Callable[..., Awaitable[None]]:
        """The whole of MiniStack; needs the lifespan protocol, for its schedulers."""
        app: Callable[..., Awaitable[None]] = self._app.app
        return app

    def wrap_handler(self, service: str, wrap: Callable[[Handler], Handler]) -> None:
        """Put `wrap(handler)` in the place of a service's handler.

        It is called after authentication and authorisation, and by the `aws-sdk` tasks of state
        machines, which come in without HTTP.
        """
        handlers: MutableMapping[str, Handler] = self._app.SERVICE_HANDLERS
        handlers[service] = wrap(handlers[service])

    def add_service(self, name: str, target_prefix: str, handler: Handler) -> None:
        """Serve calls to a service that MiniStack hasn't got."""
        add_to_routes(name, target_prefix)
        self._app.SERVICE_HANDLERS[name] = handler

    def stop_workers(self) -> None:
        """End the subprocesses that run Lambda functions; MiniStack leaves them on shutdown.

        Its pollers live as long as the process: they shall find no new worker either, and are
        told that all are busy.
        """
        if functions := sys.modules.get("ministack.services.lambda_svc"):
            vars(functions)["acquire_worker"] = lambda *_, **__: (None, "func_cap")
        self._runtime.reset()
        self._close_last_words()
        self._forks.stop()
        self._lambda_runtime.remove()

    def scope(self) -> tuple[str, str]:
        """Account and region of the request that is being served."""
        return self._responses.get_account_id(), self._responses.get_region()

    def in_scope(self, account: str, region: str) -> contextlib.AbstractContextManager[None]:
        """Act for `account` in `region`, as MiniStack does between its services."""
        scope: contextlib.AbstractContextManager[None] = self._responses.request_scope(
            account, region
        )
        return scope

    # -- DynamoDB -----------------------------------------------------------------------------

    def dynamodb(self, operation: str, parameters: Json) -> Answer:
        """Let MiniStack's DynamoDB carry out a call in the current scope, without checks."""
        headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
        body = json.dumps(parameters).encode()
        running = self._dynamodb.handle_request("POST", "/", headers, body, {})
        try:
            # A coroutine that never waits: one step completes it, without an event loop. That
            # keeps the layer synchronous, so that no other call comes between two of its steps.
            running.send(None)
        except StopIteration as done:
            status, _, answer = done.value
            return Answer(status, decoded(answer))
        raise RuntimeError("MiniStack's DynamoDB handler waits for something now; await it instead")

    def table(self, name: str) -> Json | None:
        """The table's own record (not a copy) in the current scope."""
        found: Json | None = self._dynamodb._tables.get(name)
        return found

    def table_names(self) -> list[str]:
        return list(self._dynamodb._tables.keys())

    def on_stack_tables(self, told: Callable[[str, Json], None]) -> None:
        """Report the `PointInTimeRecoverySpecification` of each table of a stack.

        MiniStack's CloudFormation writes tables straight into the store, and forgets this part of
        them. `told` runs in the scope of the stack, when a table is created and when this part
        of it changes.
        """

        def watching(handler: Handler) -> Handler:
            async def handle(*call: Any) -> HttpAnswer:
                # Not before the first call: CloudFormation imports every service there is.
                watch()
                return await handler(*call)

            watch = functools.cache(functools.partial(self._watch_stacks, told))
            return handle

        self.wrap_handler("cloudformation", watching)
        self.wrap_handler("cloudformation", with_descriptions)

    def _watch_stacks(self, told: Callable[[str, Json], None]) -> None:
        handlers = importlib.import_module("ministack.services.cloudformation.provisioners")
        table: dict[str, Any] = handlers._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
        self._event_buses.add_to_stacks(handlers._RESOURCE_HANDLERS)
        self._recursion.add_to_stacks(handlers._RESOURCE_HANDLERS)
        self.alarms.add_to_stacks(handlers._RESOURCE_HANDLERS)
        NestedStacks().repair(handlers._RESOURCE_HANDLERS)
        repair_conditions()
        create, update = table["create"], table["update"]
        part = "PointInTimeRecoverySpecification"

        def create_and_tell(logical_id: str, properties: Json, stack: str) -> Any:
            created = create(logical_id, properties, stack)
            self._tag_as_of_stack(created[0], stack, logical_id)
            told(created[0], properties.get(part) or {})
            return created

        def update_and_tell(name: str, old: Json, new: Json, stack: str, logical_id: str) -> Any:
            updated = update(name, old, new, stack, logical_id)
            self._tag_as_of_stack(updated[0], stack, logical_id)
            if old.get(part) != new.get(part) or updated[0] != name:
                told(updated[0], new.get(part) or {})
            return updated

        table["create"], table["update"] = create_and_tell, update_and_tell

    def _tag_as_of_stack(self, name: str, stack: str, logical_id: str) -> None:
        """Give a stack's table the tags that CloudFormation gives it, and nobody else may set."""
        arn = self._dynamodb._tables[name]["TableArn"]
        others = [tag for tag in self._dynamodb._tags.get(arn, []) if tag["Key"][:4] != "aws:"]
        self._dynamodb._tags[arn] = [
            *others,
            {"Key": "aws:cloudformation:stack-name", "Value": stack},
            {"Key": "aws:cloudformation:logical-id", "Value": logical_id},
        ]

    def load_items(self, table: Json, items: Items) -> None:
        """Give a fresh table its items at once: no stream records, no triggers."""
        table["items"] = defaultdict(dict, copy.deepcopy(items))
        self._dynamodb._items_replaced(table)

    def backups(self) -> MutableMapping[str, Json]:
        """Backups of the current scope by ARN. Keys with an underscore never reach a caller."""
        found: MutableMapping[str, Json] = self._dynamodb._backups
        return found

    def insights(self) -> MutableMapping[str, Json]:
        """Contributor insights by table, or `table/index/index`. More keys may be added."""
        found: MutableMapping[str, Json] = self._dynamodb._contributor_insights
        return found

    def destinations(self, table: str) -> list[Json]:
        """Kinesis destinations of a table. More keys may be added to each."""
        found: list[Json] = self._dynamodb._kinesis_destinations.get(table, [])
        return found

    def has_kinesis_stream(self, name: str) -> bool:
        """Whether the current scope has a Kinesis data stream of that name."""
        kinesis: Any = importlib.import_module("ministack.services.kinesis")
        return name in kinesis._streams

    def forget_settings(self, name: str, arn: str) -> None:
        """Drop what MiniStack would hand on to the next table of a deleted one's name."""
        self._dynamodb._resource_policies.pop(arn, None)
        insights = self._dynamodb._contributor_insights
        for key in list(insights.keys()):
            if key == name or key.startswith(f"{name}/index/"):
                insights.pop(key)

    def observe_writes(self, observer: WriteObserver) -> None:
        """Report every change of an item.

        Not `_emit_stream_event`: PartiQL statements and the TTL sweeper pass it by. All writers
        use these three functions of the store.
        """
        store = self._dynamodb
        set_item, remove_item, replace = store._set_item, store._remove_item, store._items_replaced

        def observed_set(table: Json, pk: Any, sk: Any, item: Json) -> Any:
            observer.before_change(table)
            old = set_item(table, pk, sk, item)
            observer.changed(table, (pk, sk), item)
            return old

        def observed_remove(table: Json, pk: Any, sk: Any) -> Any:
            observer.before_change(table)
            old = remove_item(table, pk, sk)
            if old is not None:
                observer.changed(table, (pk, sk), None)
            return old

        def observed_replace(table: Json) -> None:
            replace(table)
            observer.replaced(table)

        store._set_item = observed_set
        store._remove_item = observed_remove
        store._items_replaced = observed_replace

    # -- S3 -----------------------------------------------------------------------------------

    def s3_action(self, method: str, path: str, query: Mapping[str, Any]) -> str:
        """The IAM action of a request to S3, without its service; empty: MiniStack knows none."""
        actions: Any = importlib.import_module("ministack.core.iam_actions")
        return str(actions._s3_action(method, path, query) or "")

    # -- CloudTrail ---------------------------------------------------------------------------

    def cloudtrail(self, operation: str, parameters: Json) -> None:
        """Let MiniStack's CloudTrail carry out a call in the current scope, without checks."""
        self._cloudtrail._DISPATCH[operation](parameters)

    def trails(self) -> list[tuple[Json, list[Json]]]:
        """The trails that record in the current scope, each with its event selectors."""
        account, _ = self.scope()
        selectors, default = self._cloudtrail._event_selectors, self._default_selectors
        return [
            (trail, selectors.get_scoped(account, home, name, default))
            for home, name, trail in self._cloudtrail._visible_trail_items()
        ]

    # -- EventBridge --------------------------------------------------------------------------

    def put_aws_event(self, detail_type: str, source: str, detail: str) -> None:
        """Put an event of an AWS service on the default bus of the current scope.

        The public PutEvents refuses `aws.` sources, as AWS does; MiniStack's own emitters (S3)
        use this argument.
        """
        entry = {"Source": source, "DetailType": detail_type, "Detail": detail}
        self._events._put_events({"Entries": [entry]}, allow_aws_source=True)

    def fire_rule(self, account: str, region: str, name: str) -> None:
        """Let a rule that is on a schedule fire now; LookupError where there is none."""
        fire(self.in_scope, account, region, name)

    # -- identities ---------------------------------------------------------------------------

    def credential(self, access_key: str, account: str) -> Any:
        """Who holds an access key: MiniStack's record, or None where nobody does."""
        found = self._identities.resolve_credential(access_key, account)
        return found if hasattr(found, "principal_type") else None

    def role(self, account: str, name: str) -> Json:
        """The IAM role's record, empty where there is none."""
        found: Json | None = self._iam._roles.get_scoped(account, None, name)
        return found or {}

    def session_issued_at(self, access_key: str) -> float | None:
        """When a session began, epoch seconds."""
        issued = (self._sts._sessions.get(access_key) or {}).get("IssuedAt")
        return float(issued) if isinstance(issued, int | float) else None

    def require(
        self,
        access_key: str,
        action: str,
        region: str,
        resource: str,
        conditions: Mapping[str, str] | None = None,
    ) -> None:
        """Check one more IAM action of the caller, or raise its AccessDeniedException."""
        service = action.partition(":")[0]
        # DynamoDB asks KMS in the caller's name, which a policy may call for.
        via = {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"} if service == "kms" else {}
        denied = self._identities.enforce(
            access_key, action, service, region, resource, {**via, **(conditions or {})}
        )
        if denied is not None:
            who = getattr(denied, "principal_arn", access_key)
            raise AwsError(
                "AccessDeniedException",
                f"User: {who} is not authorized to perform: {action} on resource: {resource} "
                f"because no identity-based policy allows the {action} action",
            )

    def _note_refusals(self) -> None:
        enforce = self._identities.enforce

        def enforce_and_note(
            access_key: str,
            action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            *more: Any,
            **named: Any,
        ) -> Any:
            denied = enforce(access_key, action, service, region, resource_arn, *more, **named)
            if who := getattr(denied, "principal_arn", ""):
                self.refusals.add(Refusal(who, action, resource_arn))
            return denied

        self._identities.enforce = enforce_and_note

    # -- repairs of MiniStack -----------------------------------------------------------------

    def _point_workers_at(self, endpoint: str) -> None:
        """Start every Lambda worker towards `endpoint`, without the developer's own settings.

        A worker inherits this process's environment; the last thing MiniStack adds to it are the
        credentials of the execution role.
        """
        credentials = self._runtime.execution_credentials

        def worker_variables(config: Json) -> dict[str, str]:
            return {**credentials(config), **WORKER_OVERRIDES, "AWS_ENDPOINT_URL": endpoint}

        self._runtime.execution_credentials = worker_variables

    def _close_workers_pipes(self) -> None:
        """Close the pipes to a Lambda worker that ended; MiniStack leaves that to chance."""
        collect = self._runtime._collect

        def collect_and_close(process: Any, deadline: float) -> None:
            collect(process, deadline)
            if process is not None:
                self._close_last_words()  # of those who ended earlier: they have been read by now
                self._last_words.append(process.stderr)
                for pipe in (process.stdin, process.stdout):
                    with contextlib.suppress(OSError):  # what was written to a worker that died
                        pipe.close()

        self._runtime._collect = collect_and_close

    def _close_last_words(self) -> None:
        while self._last_words:
            self._last_words.pop().close()
