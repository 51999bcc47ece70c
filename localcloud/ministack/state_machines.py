"""A repair of MiniStack's state machines: their tasks may do what their role may."""

from __future__ import annotations

import contextvars
import importlib
import json
import re
from typing import Any

from localcloud.ministack.distributed_map import DistributedMaps
from localcloud.ministack.event_buses import conditions_of
from localcloud.ministack.leading_keys import leading_keys
from localcloud.ministack.refusals import (
    Refusal,
    Refusals,
)
from localcloud.wire import Json

_INTEGRATION = re.compile(r"arn:aws:states:::(lambda|dynamodb|events):(\w+)$")
_FAILS_AS = {"lambda": "Lambda", "dynamodb": "DynamoDB", "events": "EventBridge"}
_WITH_POLICIES = frozenset({"events", "s3"})

_role: contextvars.ContextVar[str] = contextvars.ContextVar("role", default="")

_LIMIT_BYTES = 256 * 1024  # "Quotas", Step Functions developer guide: input or result of a state
_TOO_LARGE = "States.DataLimitExceeded"


class StateMachineLimits:
    """Ends executions whose data grow too large, as AWS does; MiniStack lets them grow.

    `States.ALL` doesn't catch that ("Handling errors", Step Functions developer guide), so only a
    retrier or catcher that names the error meets it.
    """

    def __init__(self) -> None:
        self._machines: Any = importlib.import_module("ministack.services.stepfunctions")
        self._limit_data()
        self._let_it_pass("_find_matching_retrier")
        self._let_it_pass("_find_matching_catcher")

    def _limit_data(self) -> None:
        invoke, output, assign = (
            self._machines._invoke_resource,
            self._machines._apply_jsonata_output,
            self._machines._apply_state_assign,
        )

        def invoke_with_what_fits(resource: str, arguments: Any) -> Any:
            self.check(arguments, "the input")
            return self.check(invoke(resource, arguments), "the result")

        def put_out_what_fits(*arguments: Any, **named: Any) -> Any:
            return self.check(output(*arguments, **named), "the output")

        def assign_what_fits(
            state: Json, raw: Any, context: Json, *arguments: Any, **named: Any
        ) -> Any:
            result = assign(state, raw, context, *arguments, **named)
            for name in state.get("Assign", {}):
                self.check(context["variables"].get(name), f"the variable {name}")
            return result

        self._machines._invoke_resource = invoke_with_what_fits
        self._machines._apply_jsonata_output = put_out_what_fits
        self._machines._apply_state_assign = assign_what_fits

    def check(self, data: Any, what: str) -> Any:
        """The data, unless they are too large: the execution ends of those."""
        if len(json.dumps(data, ensure_ascii=False, default=str).encode()) > _LIMIT_BYTES:
            raise self._machines._ExecutionError(
                _TOO_LARGE, f"{what} of the state exceeds the maximum of {_LIMIT_BYTES} bytes"
            )
        return data

    def _let_it_pass(self, finder: str) -> None:
        find = getattr(self._machines, finder)

        def find_unless_nobody_names_it(handlers: Any, error: str, *more: Any) -> Any:
            if error == _TOO_LARGE:
                handlers = [each for each in handlers if error in each["ErrorEquals"]]
            return find(handlers, error, *more)

        setattr(self._machines, finder, find_unless_nobody_names_it)


class StateMachineRoles:
    """Checks the tasks that call Lambda, DynamoDB or EventBridge, and what Map states do; MiniStack
    checks none.

    A task that is refused fails with `<Service>.AccessDeniedException`.
    """

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._events: Any = importlib.import_module("ministack.services.eventbridge")
        self._machines: Any = importlib.import_module("ministack.services.stepfunctions")
        self._check_tasks()

    def _check_tasks(self) -> None:
        execute, invoke = self._machines._execute_task, self._machines._invoke_resource

        def execute_as_its_role(state: Json, raw: Any, execution: Json, context: Json) -> Any:
            machine = self._machines._state_machines.get(execution.get("stateMachineArn")) or {}
            token = _role.set(machine.get("roleArn") or _role.get())
            try:
                return execute(state, raw, execution, context)
            finally:
                _role.reset(token)

        def invoke_if_allowed(resource: str, arguments: Any) -> Any:
            self._require(resource, arguments)
            return invoke(resource, arguments)

        self._machines._execute_task = execute_as_its_role
        self._machines._invoke_resource = invoke_if_allowed

    def _require(self, resource: str, arguments: Any) -> None:
        integration = _INTEGRATION.match(resource)
        if not integration or not _role.get():
            return
        service, operation = integration.groups()
        action = f"{service}:{operation[0].upper()}{operation[1:]}"
        action = {"lambda:Invoke": "lambda:InvokeFunction"}.get(action, action)
        error = f"{_FAILS_AS[service]}.AccessDeniedException"
        for arn, conditions in self._called(service, arguments):
            self.require(_role.get(), action, arn, conditions, error)

    def require(self, role: str, action: str, resource: str, conditions: Json, error: str) -> None:
        """Ask for a right of a role; without it, the state fails of this error."""
        name = role.rpartition("/")[2]
        if self._allowed(name, action, resource, conditions):
            return
        session = self._session(name)
        self._refusals.add(Refusal(session, action, resource))
        raise self._machines._ExecutionError(
            error,
            f"User: {session} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action",
        )

    def _called(self, service: str, arguments: Json) -> list[tuple[str, Json]]:
        """The resources that a task is about, each with its condition keys."""
        here = f"{self._responses.get_region()}:{self._responses.get_account_id()}"
        if service == "lambda":
            return [(_arn(f"lambda:{here}:function:", arguments.get("FunctionName")), {})]
        if service == "dynamodb":
            table = _arn(f"dynamodb:{here}:table/", arguments.get("TableName"))
            return [(table, {"dynamodb:leadingkeys": leading_keys(arguments)})]
        found = []
        for entry in arguments.get("Entries", []):
            bus = _arn(f"events:{here}:event-bus/", entry.get("EventBusName") or "default")
            conditions = conditions_of(json.dumps({"Entries": [entry]}).encode())
            found.append((bus, {key.lower(): value for key, value in conditions.items()}))
        return found

    def _allowed(self, name: str, action: str, arn: str, conditions: Json) -> bool:
        account = self._responses.get_account_id()
        context = self._evaluator.EvalContext(
            principal_arn=self._session(name),
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=arn,
            region=self._responses.get_region(),
            service_context=conditions,
            secure_transport=True,
        )
        policies = self._evaluator._gather_role_policies(name, account)
        result = self._evaluator.evaluate(context, policies)
        service = action.partition(":")[0]
        policy = self._events.bus_policy_for_arn(arn) or self._evaluator._resource_policy(
            service, arn
        )
        if policy and service in _WITH_POLICIES:
            result = self._evaluator.combine_resource_policy(result, context, *policy)
        return bool(result.decision == "Allow")

    def _session(self, role: str) -> str:
        return f"arn:aws:sts::{self._responses.get_account_id()}:assumed-role/{role}/states"


def _arn(beginning: str, named: Any) -> str:
    return str(named) if str(named).startswith("arn:") else f"arn:aws:{beginning}{named}"


def distribute_maps(roles: StateMachineRoles, limits: StateMachineLimits) -> None:
    """Let Map states in distributed mode do what they do on AWS."""
    DistributedMaps(roles.require, limits.check, _role)
