"""Repairs of MiniStack's nested stacks: they are stacks like any other.

CloudFormation user guide, "Embed stacks within other stacks using nested stacks": a nested stack is
created, changed, rolled back and deleted with its parent. "Template macros": transforms run on
each template that names them; CAPABILITY_AUTO_EXPAND on the parent is the leave to run them in it.
"""

from __future__ import annotations

import contextvars
import importlib
from collections.abc import Callable
from typing import Any

from localcloud.wire import Json

TYPE = "AWS::CloudFormation::Stack"
_PACKAGE = "ministack.services.cloudformation"

# What a nested stack that is being deployed gets from its parent.
_parameters: contextvars.ContextVar[Json] = contextvars.ContextVar("parameters_of_nested_stack")


class NestedStacks:
    """Stands between MiniStack's CloudFormation and its deployment of nested stacks."""

    def __init__(self) -> None:
        self._provisioners: Any = importlib.import_module(f"{_PACKAGE}.provisioners")
        self._engine: Any = importlib.import_module(f"{_PACKAGE}.engine")
        self._states: Any = importlib.import_module(f"{_PACKAGE}.stacks")
        self._package: Any = importlib.import_module(_PACKAGE)

    def repair(self, resource_handlers: dict[str, Any]) -> None:
        """Must come after every other change of `resource_handlers`' functions that it calls."""
        self._run_transforms()
        self._keep_attributes()
        handlers = resource_handlers[TYPE]
        delete = self._keeping_what_is_retained(handlers["delete"])
        resource_handlers[TYPE] = {
            **handlers,
            "create": self._leaving_nothing_behind(handlers["create"], delete),
            "update": self._with_parameters(handlers["update"]),
            "delete": delete,
        }

    def _run_transforms(self) -> None:
        """MiniStack takes a part as it is: "Unsupported resource type: AWS::Serverless::Function".

        What checks the capabilities is the first that gets the template. The check holds for what
        was sent (macros) and for what became of it (roles).
        """
        check = self._provisioners._check_nested_stack_capabilities

        def check_and_transform(parent: str, template: Json) -> None:
            check(parent, template)
            given = [{"Key": k, "Value": str(v)} for k, v in _parameters.get({}).items()]
            transformed = self._engine._apply_transforms(template, given)
            if reason := getattr(transformed, "error", None):
                raise ValueError(reason)
            if transformed is not template:
                check(parent, transformed)
                template.clear()
                template.update(transformed)

        self._provisioners._check_nested_stack_capabilities = check_and_transform

    def _keep_attributes(self) -> None:
        """An update forgot the attributes of a part's resources that stay as they are: whatever
        asked for the ARN of one got something else, or nothing."""
        update = self._provisioners._update_resource

        def update_and_keep(
            resource_type: str,
            physical_id: str,
            old: Json,
            new: Json,
            stack: str,
            logical_id: str | None = None,
            attributes: Json | None = None,
        ) -> Any:
            if attributes is None and logical_id is not None:
                resources = (self._package._stacks.get(stack) or {}).get("_resources", {})
                attributes = resources.get(logical_id, {}).get("Attributes")
            return update(resource_type, physical_id, old, new, stack, logical_id, attributes)

        self._provisioners._update_resource = update_and_keep
        self._states._update_resource = update_and_keep

    def _leaving_nothing_behind(
        self, create: Callable[..., Any], delete: Callable[..., None]
    ) -> Callable[..., Any]:
        """Roll back a part that can't be created. MiniStack left what there was of it."""

        def create_or_remove(logical_id: str, properties: Json, parent: str) -> Any:
            before = set(self._package._stacks.keys())
            try:
                return self._with_parameters(create)(logical_id, properties, parent)
            except Exception:  # whatever it is: nothing is left behind
                for name in set(self._package._stacks.keys()) - before:
                    if name.startswith(f"{parent}-{logical_id}-"):
                        delete(name, properties)
                raise

        return create_or_remove

    def _with_parameters(self, deploy: Callable[..., Any]) -> Callable[..., Any]:
        def deploy_with_parameters(name: str, *properties_and_stack: Any) -> Any:
            *_, properties, _parent = properties_and_stack
            token = _parameters.set(properties.get("Parameters") or {})
            try:
                return deploy(name, *properties_and_stack)
            finally:
                _parameters.reset(token)

        return deploy_with_parameters

    def _keeping_what_is_retained(self, delete: Callable[..., None]) -> Callable[..., None]:
        """A part's own `DeletionPolicy` counts. MiniStack deleted everything."""

        def delete_the_rest(name: str, properties: Json) -> None:
            key = self._provisioners._nested_stack_lookup_name(name)
            stack = self._package._stacks.get(key) or {}
            template, resources = stack.get("_template") or {}, stack.get("_resources") or {}
            for logical_id in list(resources):
                policy = self._states._resource_policy(
                    template.get("Resources", {}).get(logical_id),
                    "DeletionPolicy",
                    resources,
                    stack.get("_resolved_params", {}),
                    stack.get("_conditions", {}),
                    template.get("Mappings", {}),
                    key,
                    stack.get("StackId", ""),
                )
                created = stack.get("StackStatus") != "CREATE_FAILED"
                if policy == "Retain" or (policy == "RetainExceptOnCreate" and created):
                    resources.pop(logical_id)
            delete(name, properties)

        return delete_the_rest
