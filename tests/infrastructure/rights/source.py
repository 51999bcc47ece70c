"""The adapters' source: which functions there are, what they call on AWS, and each other."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from tests.infrastructure.stack import REGION, ROOT

PACKAGE = "pitr_guardian.aws"
_LAYER = ROOT / "layers" / "guardian"

# boto3's client type, its service there, and the service's prefix in IAM.
_SERVICES = {
    "ApplicationAutoScalingClient": ("application-autoscaling", "application-autoscaling"),
    "CloudTrailClient": ("cloudtrail", "cloudtrail"),
    "CloudWatchClient": ("cloudwatch", "cloudwatch"),
    "DynamoDBClient": ("dynamodb", "dynamodb"),
    "EventBridgeClient": ("events", "events"),
    "IAMClient": ("iam", "iam"),
    "KMSClient": ("kms", "kms"),
    "LambdaClient": ("lambda", "lambda"),
    "OrganizationsClient": ("organizations", "organizations"),
    "ResourceGroupsTaggingAPIClient": ("resourcegroupstaggingapi", "tag"),
    "S3Client": ("s3", "s3"),
    "SFNClient": ("stepfunctions", "states"),
    "SNSClient": ("sns", "sns"),
    "SQSClient": ("sqs", "sqs"),
}
_CLIENT_TYPE = re.compile(r"\b\w+Client\b")
# Operations that IAM knows by another name (service authorization reference).
_OTHER_NAMES = {
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
_TRANSACTION = "dynamodb:TransactWriteItems"  # IAM knows its parts only
_PARTS = {part: f"{part}Item" for part in ("ConditionCheck", "Put", "Update", "Delete")}

type Name = tuple[str, str]
"""Of a function: its module, and its qualified name there."""


@dataclass
class Function:
    """A function or method of the adapters."""

    name: Name
    calls: set[str] = field(default_factory=set)
    """The actions that its own calls need."""
    uses: set[Name] = field(default_factory=set)
    """The adapters' functions that it calls, or hands on."""
    unclear: set[str] = field(default_factory=set)
    """What looks like a call on AWS, on something that isn't known to be a client."""


@cache
def operations(service: str) -> Mapping[str, str]:
    """A boto3 client's methods, and the operations that they call."""
    client = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]
    return dict(client.meta.method_to_api_mapping)


@cache
def adapters() -> Mapping[Name, Function]:
    """Every function of the adapters."""
    found: dict[Name, Function] = {}
    for path in sorted((_LAYER / "pitr_guardian" / "aws").rglob("*.py")):
        parts = path.relative_to(_LAYER).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found |= functions_in(path.read_text(), module)
    return found


def functions_in(text: str, module: str) -> dict[Name, Function]:
    """The functions of one module's source."""
    tree = ast.parse(text)
    known = _Module(module, tree)
    found: dict[Name, Function] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[module, node.name] = _Reader(known, node, None).function
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    read = _Reader(known, method, node)
                    found[module, f"{node.name}.{method.name}"] = read.function
    return found


class _Module:
    """Where a module's names come from."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self._here = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        self._imports: dict[str, Name] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                for each in node.names:
                    self._imports[each.asname or each.name] = (node.module, each.name)
        self._aliases = {
            target.id: ast.unparse(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def found(self, name: str) -> Name | None:
        """Where among the adapters a name is defined; None where it is none of theirs."""
        if name in self._here:
            return self.name, name
        where = self._imports.get(name)
        return where if where and where[0].startswith(PACKAGE) else None

    def client_type(self, annotation: str) -> str | None:
        """The type of the client in an annotation, or in that of an alias."""
        if found := _CLIENT_TYPE.search(annotation):
            return found[0]
        if annotation in self._aliases:
            return self.client_type(self._aliases[annotation])
        if (where := self.found(annotation)) and where[0] != self.name:
            return _module(where[0]).client_type(where[1])
        return None

    def arguments(self, node: ast.FunctionDef) -> tuple[dict[str, str], dict[str, Name]]:
        """The arguments that are clients, with their type, and adapters, with their class."""
        clients: dict[str, str] = {}
        others: dict[str, Name] = {}
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None:
                annotation = ast.unparse(argument.annotation).strip("\"'")
                if client := self.client_type(annotation):
                    clients[argument.arg] = client
                elif adapter := self.found(annotation):
                    others[argument.arg] = adapter
        return clients, others


@cache
def _module(name: str) -> _Module:
    path = importlib.import_module(name).__file__
    assert path is not None
    return _Module(name, ast.parse(Path(path).read_text()))


class _Reader:
    """Reads one function."""

    def __init__(self, module: _Module, node: ast.FunctionDef, owner: ast.ClassDef | None) -> None:
        self._module = module
        self._owner = owner
        self._clients: dict[str, str] = {}
        """Expressions that are clients, or give one when called, to the client's type."""
        self._adapters: dict[str, Name] = {}
        """Expressions that are other adapters, to their class."""
        name = f"{owner.name}.{node.name}" if owner else node.name
        self.function = Function((module.name, name))
        for constructor in _constructors(owner):
            clients, others = module.arguments(constructor)
            for attribute, argument in _kept(constructor):
                if argument in clients:
                    self._clients[attribute] = clients[argument]
                if argument in others:
                    self._adapters[attribute] = others[argument]
            for attribute, made in _made(constructor):
                if where := module.found(made):
                    self._adapters[attribute] = where
        clients, others = module.arguments(node)
        self._clients |= clients
        self._adapters |= others
        for statement in node.body:
            self._read(statement)

    def _read(self, statement: ast.stmt) -> None:
        for node in _in_order(statement):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                if client := self._client(node.value):
                    self._clients[ast.unparse(node.targets[0])] = client
            elif isinstance(node, ast.Attribute):
                self._read_attribute(node)
            elif isinstance(node, ast.Name) and (where := self._module.found(node.id)):
                self.function.uses.add(where)
            elif isinstance(node, ast.Call):
                self._read_paginator(node)
            elif isinstance(node, ast.Dict) and (part := _part_of_a_transaction(node)):
                self.function.calls.add(f"dynamodb:{part}")

    def _read_attribute(self, node: ast.Attribute) -> None:
        if client := self._client(node.value):
            self._called(client, node.attr)
        elif ast.unparse(node.value) == "self" and self._owner is not None:
            self.function.uses.add((self._module.name, f"{self._owner.name}.{node.attr}"))
        elif adapter := self._adapter(node.value):
            self.function.uses.add((adapter[0], f"{adapter[1]}.{node.attr}"))
        elif any(node.attr in operations(service) for service, _ in _SERVICES.values()):
            self.function.unclear.add(ast.unparse(node))

    def _read_paginator(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr == "get_paginator":
            client, [operation] = self._client(called.value), node.args
            if client and isinstance(operation, ast.Constant):
                self._called(client, str(operation.value))
            else:
                self.function.unclear.add(ast.unparse(node))

    def _called(self, client: str, method: str) -> None:
        service, prefix = _SERVICES[client]
        if method in operations(service):
            action = f"{prefix}:{operations(service)[method]}"
            if action != _TRANSACTION:
                self.function.calls.add(_OTHER_NAMES.get(action, action))
        elif method not in {"exceptions", "get_paginator", "meta"}:
            self.function.unclear.add(f"{client}.{method}")

    def _client(self, node: ast.expr) -> str | None:
        """The type of the client that an expression is, or gives when it is called."""
        if isinstance(node, ast.Call):
            return self._client(node.func)
        return self._clients.get(ast.unparse(node))

    def _adapter(self, node: ast.expr) -> Name | None:
        """The class of the adapter that an expression is, or makes."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._module.found(node.func.id)
        return self._adapters.get(ast.unparse(node))


def _constructors(owner: ast.ClassDef | None) -> list[ast.FunctionDef]:
    methods = (each for each in (owner.body if owner else []) if isinstance(each, ast.FunctionDef))
    return [method for method in methods if method.name == "__init__"]


def _kept(constructor: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The attributes that keep an argument, each with the argument's name."""
    for node in ast.walk(constructor):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            for target in node.targets:
                yield ast.unparse(target), node.value.id


def _made(constructor: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The attributes that keep something made here, each with the name of what makes it."""
    for node in ast.walk(constructor):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if isinstance(node.value.func, ast.Name):
                for target in targets:
                    yield ast.unparse(target), node.value.func.id


def _part_of_a_transaction(node: ast.Dict) -> str | None:
    """The operation that a dictionary like `{"Put": ...}` stands for in a transaction."""
    names = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    return _PARTS.get(str(names[0])) if len(names) == len(node.keys) == 1 else None


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it, in the order of the source: a client is assigned before it is used."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def noted(name: Name) -> frozenset[tuple[str, str, str]]:
    """What a function says that it needs: action, kind of resource, and why if it passes it on."""
    found: Any = importlib.import_module(name[0])
    for part in name[1].split("."):
        found = getattr(found, part, None)
    return frozenset(getattr(found, "rights", ()))
