"""Rules whose target is a bus: of this account and region, of another region, of another account.

MiniStack hands such an event on in one account and region only, and asks nobody's leave. On AWS
the target's role is assumed, which must be allowed to put events there, and so must the bus's
policy let it (EventBridge user guide, "Sending and receiving events between AWS accounts").
"""

from __future__ import annotations

import contextlib
import contextvars
import importlib
from collections.abc import Callable
from typing import Any

from localcloud.ministack.event_buses import PUT_EVENTS, EventBuses
from localcloud.ministack.refusals import Refusal, Refusals
from localcloud.wire import Json

_SERVICE = "events.amazonaws.com"

# The target that is being invoked: MiniStack doesn't hand its role on.
_target: contextvars.ContextVar[Json | None] = contextvars.ContextVar("target", default=None)


class BusTargets:
    """Delivers to buses, with the rights of the target's role.

    An event keeps what it says of itself: id, time, source, account, region, resources. One that
    came from another bus goes no further ("EventBridge can't route events received from a sender
    event bus to a third event bus", "Sending events between event buses in the same account").
    """

    def __init__(
        self,
        in_scope: Callable[[str, str], contextlib.AbstractContextManager[None]],
        buses: EventBuses,
        refusals: Refusals,
    ) -> None:
        self._in_scope = in_scope
        self._buses = buses
        self._refusals = refusals
        self._events: Any = importlib.import_module("ministack.services.eventbridge")
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._iam: Any = importlib.import_module("ministack.services.iam")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._remember_targets()
        vars(self._events)["_dispatch_to_event_bus"] = self._deliver

    def _remember_targets(self) -> None:
        invoke = self._events._invoke_target

        def invoke_and_remember(target: Json, *arguments: Any, **named: Any) -> None:
            token = _target.set(target)
            try:
                invoke(target, *arguments, **named)
            finally:
                _target.reset(token)

        self._events._invoke_target = invoke_and_remember

    def _deliver(
        self, bus: Any, event: Json, rule: Json, path: set[str], transformed: str | None = None
    ) -> None:
        if path or not bus.resource.startswith("event-bus/"):
            return
        role = (_target.get() or {}).get("RoleArn")
        here = (self._responses.get_account_id(), self._responses.get_region())
        if not role and (bus.account_id, bus.region) != here:
            # PutTargets refuses such a target; MiniStack's CloudFormation takes it.
            self._refuse(rule["Arn"], str(bus))
            return
        if role and not self._may_put(role, rule, event, str(bus)):
            return
        name = bus.resource.partition("/")[2]
        forwarded = {**event, "EventBusName": name, "_DispatchPath": [rule["Arn"]]}
        if transformed is not None:
            forwarded["Detail"] = transformed
        with self._in_scope(bus.account_id, bus.region):
            if name != "default" and name not in self._events._event_buses:
                return
            self._events._dispatch_event(forwarded)
            archived = {key: it for key, it in forwarded.items() if key != "_DispatchPath"}
            self._events._archive_event(archived)

    # -- rights -------------------------------------------------------------------------------

    def _may_put(self, role_arn: str, rule: Json, event: Json, bus: str) -> bool:
        account = rule["Arn"].split(":")[4]
        name = role_arn.rpartition("/")[2]
        session = f"arn:aws:sts::{account}:assumed-role/{name}/{rule['Name']}"[:2048]
        role = self._iam._roles.get_scoped(account, None, name)
        of_the_rule = {"aws:sourcearn": rule["Arn"], "aws:sourceaccount": account}
        if not role or role["Arn"] != role_arn or not self._trusts(role, of_the_rule):
            self._refuse(session, role_arn, "sts:AssumeRole")
            return False
        context = self._evaluator.EvalContext(
            principal_arn=session,
            principal_type="AssumedRole",
            principal_account=account,
            action=PUT_EVENTS,
            resource_arn=bus,
            region=bus.split(":")[3],
            secure_transport=True,
            service_context={
                "events:source": [event["Source"]],
                "events:detail-type": [event["DetailType"]],
                "events:eventbusinvocation": "true",
                **of_the_rule,
            },
        )
        allowed = self._evaluator.evaluate(
            context,
            self._evaluator._gather_role_policies(name, account),
            *self._evaluator._permissions_boundary(self._iam._roles, name, account),
        )
        with self._in_scope(*_place_of(bus)):
            policy = self._buses.policy(bus)
        if policy is not None:
            allowed = self._evaluator.combine_resource_policy(allowed, context, *policy)
        if allowed.decision != "Allow":
            self._refuse(session, bus)
        return bool(allowed.decision == "Allow")

    def _trusts(self, role: Json, keys: Json) -> bool:
        """Whether a role lets EventBridge assume it for a rule."""
        context = self._evaluator.EvalContext(
            principal_arn=_SERVICE,
            principal_type="Service",
            principal_account="",
            action="sts:AssumeRole",
            resource_arn=role["Arn"],
            region="",
            service_context=keys,
        )
        policy = role["AssumeRolePolicyDocument"]
        found = self._evaluator.evaluate_resource_policy(policy, context, _SERVICE)
        return bool(found.decision == "Allow")

    def _refuse(self, who: str, what: str, action: str = PUT_EVENTS) -> None:
        self._refusals.add(Refusal(who, action, what))


def _place_of(bus: str) -> tuple[str, str]:
    """Account and region of a bus's ARN."""
    _, _, _, region, account, _ = bus.split(":", 5)
    return account, region
