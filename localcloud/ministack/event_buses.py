"""Repairs of MiniStack's event buses: policies are kept and obeyed, and let other accounts in."""

from __future__ import annotations

import contextlib
import contextvars
import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.wire import (
    HttpAnswer,
    Json,
    decoded,
)

PUT_EVENTS = "events:PutEvents"
CONDITION_KEYS = (("events:source", "Source"), ("events:detail-type", "DetailType"))
_EVALUATOR = "ministack.core.iam_evaluator"

# The account that puts events on a bus of another; the event tells of it.
_sender: contextvars.ContextVar[str | None] = contextvars.ContextVar("sender", default=None)


class EventBuses:
    """The event buses of every scope.

    MiniStack ignores `Policy` of PutPermission, AWS::Events::EventBusPolicy, and what a bus's
    policy says; it takes no events from other accounts. On AWS a Deny there holds for the bus's own
    account too, its root included, and other accounts need an Allow there and one of their own
    (IAM user guide, policy evaluation logic).
    """

    def __init__(self, in_scope: Callable[[str, str], contextlib.AbstractContextManager[None]]):
        self._in_scope = in_scope
        self._events: Any = importlib.import_module("ministack.services.eventbridge")
        self._evaluator: Any = importlib.import_module(_EVALUATOR)
        self._actions: Any = importlib.import_module("ministack.core.iam_actions")
        self._actions._DENIED_CODES["events"] = "AccessDeniedException"
        self._keep_whole_policies()
        self._obey_policies()
        self._let_other_accounts_in()

    def policy(self, arn: str) -> tuple[Json | None, str] | None:
        """A bus's policy and the account that owns it; None where `arn` names no bus."""
        _, _, service, region, account, resource = (*arn.split(":", 5), *[""] * 6)[:6]
        if service != "events" or not resource.startswith("event-bus/"):
            return None
        name = resource.removeprefix("event-bus/")
        return self._events._event_bus_policies.get_scoped(account, region, name), account

    def add_to_stacks(self, resource_handlers: dict[str, Any]) -> None:
        """Teach MiniStack's CloudFormation the type AWS::Events::EventBusPolicy."""

        def create(_logical_id: str, properties: Json, _stack: str) -> Any:
            bus, sid = properties.get("EventBusName", "default"), properties["StatementId"]
            statement = {"Sid": sid, **properties["Statement"]}
            self._set_statements(bus, [*self._statements(bus, without=sid), statement])
            return f"{bus}|{sid}", {}

        def update(name: str, old: Json, new: Json, stack: str) -> Any:
            delete(name, old)
            return create("", new, stack)

        def delete(name: str, _properties: Json) -> None:
            bus, _, sid = name.rpartition("|")
            self._set_statements(bus, self._statements(bus, without=sid))

        handlers = {"create": create, "update": update, "delete": delete}
        resource_handlers["AWS::Events::EventBusPolicy"] = handlers

    def _statements(self, bus: str, without: str) -> list[Json]:
        policy = self._events._event_bus_policies.get(bus) or {"Statement": []}
        return [each for each in policy["Statement"] if each.get("Sid") != without]

    def _set_statements(self, bus: str, statements: list[Json]) -> None:
        if statements:
            policy = {"Version": "2012-10-17", "Statement": statements}
            self._events._event_bus_policies[bus] = policy
        else:
            self._events._event_bus_policies.pop(bus, None)

    def _keep_whole_policies(self) -> None:
        put_permission = self._events._put_permission

        def put(parameters: Json) -> HttpAnswer:
            if "Policy" not in parameters:
                answer: HttpAnswer = put_permission(parameters)
                return answer
            bus = parameters.get("EventBusName", "default")
            self._set_statements(bus, json.loads(parameters["Policy"])["Statement"])
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"

        self._events._put_permission = put

    def _obey_policies(self) -> None:
        """Let the policies of buses decide, too; MiniStack checks no call of a root's."""
        evaluator, enforce = self._evaluator, self._evaluator.enforce
        self._events.bus_policy_for_arn = self.policy
        evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")

        def enforce_all(
            access_key: str,
            action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            service_context: Mapping[str, Any] | None = None,
        ) -> Any:
            denied = enforce(access_key, action, service, region, resource_arn, service_context)
            if denied is not None or action != PUT_EVENTS or not (bus := self.policy(resource_arn)):
                return denied
            account = importlib.import_module("ministack.core.responses").get_account_id()
            principal = evaluator.resolve_principal(access_key, account)
            if principal.policies is not None:
                return None  # no root: its call was checked above
            context = evaluator.EvalContext(
                principal_arn=principal.arn,
                principal_type=principal.type,
                principal_account=principal.account,
                action=action,
                resource_arn=resource_arn,
                region=region,
                service_context={key.lower(): it for key, it in (service_context or {}).items()},
                principal_keys=principal.keys,
            )
            anything = evaluator.EvalResult("Allow", principal_arn=principal.arn)
            result = evaluator.combine_resource_policy(anything, context, *bus)
            result.principal_arn = principal.arn
            return None if result.decision == "Allow" else result

        evaluator.enforce = enforce_all

    def _let_other_accounts_in(self) -> None:
        """Deliver what another account put on a bus of this region. It was authorised before."""
        put_events, view = self._events._put_events, self._events._pattern_event_view
        responses: Any = importlib.import_module("ministack.core.responses")

        def put(parameters: Json, allow_aws_source: bool = False) -> HttpAnswer:
            here, region = responses.get_account_id(), responses.get_region()
            entries = parameters.get("Entries", [])
            owners = [_owner(entry, region) or here for entry in entries]
            if {*owners} <= {here}:
                own: HttpAnswer = put_events(parameters, allow_aws_source)
                return own
            answers = []
            for entry, owner in zip(entries, owners, strict=True):
                token = _sender.set(here if owner != here else None)
                try:
                    with self._in_scope(owner, region):
                        answer = put_events({"Entries": [entry]}, allow_aws_source)
                finally:
                    _sender.reset(token)
                if answer[0] >= 300:
                    return answer  # type: ignore[no-any-return]
                answers += decoded(answer[2])["Entries"]
            failed = sum("ErrorCode" in each for each in answers)
            body = json.dumps({"FailedEntryCount": failed, "Entries": answers})
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, body.encode()

        def seen(event: Json) -> Any:
            if sender := _sender.get():
                event["Account"] = sender
            return view(event)

        self._events._put_events, self._events._pattern_event_view = put, seen


def _owner(entry: Json, region: str) -> str | None:
    """The account that an entry's bus is of, where it is named by its ARN."""
    arn = str(entry.get("EventBusName") or "").split(":")
    return arn[4] if len(arn) == 6 and arn[3] == region else None


def conditions_of(body: bytes) -> Json:
    """The condition keys of a PutEvents call, which are arrays of strings, however many there are.

    AWS checks each entry by itself. Here one entry that isn't allowed refuses the whole call.
    Source: the service authorization reference of EventBridge, `ArrayOfString`.
    """
    found: Json = {}
    entries = [each for each in decoded(body).get("Entries") or [] if isinstance(each, dict)]
    for key, field in CONDITION_KEYS:
        values = sorted({str(each[field]) for each in entries if each.get(field)})
        if values:
            found[key] = values
    return found
