"""What a function can reach: the adapters behind the protocols of the use cases it is wired to."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_protocol_members, get_type_hints, is_protocol

import pytest

from tests.infrastructure.rights.source import PACKAGE, Name, adapters, noted
from tests.infrastructure.stack import ROOT, Json


@dataclass(frozen=True)
class Right:
    """One action on one kind of resource."""

    action: str
    on: str


type Rights = Mapping[Right, frozenset[str]]
"""Each with what it is for, in words."""


def united(*several: Rights) -> dict[Right, frozenset[str]]:
    found: dict[Right, frozenset[str]] = {}
    for each in several:
        for right, purposes in each.items():
            found[right] = found.get(right, frozenset()) | purposes
    return found


def rights_of_handler(code: str, handler: str, environment: Mapping[str, str]) -> Rights:
    """What a function's handler can do on AWS.

    Args:
        code: its folder, as the template names it.
        handler: the handler, as the template names it.
        environment: its environment variables.
    """
    path = ROOT / code / f"{handler.partition('.')[0]}.py"
    with _environment(environment):
        return united(*(_reach(builder()) for builder in builders(path)))


def builders(path: Path) -> list[Any]:
    """The functions of a wiring module that a handler's source refers to."""
    tree = ast.parse(path.read_text())
    known: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module[:13] == "pitr_guardian":
            for each in node.names:
                known[each.asname or each.name] = _imported(node.module, each.name)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = known.get(node.value.id)
            if isinstance(module, ModuleType) and _wires(module.__name__):
                found.append(getattr(module, node.attr))
        elif isinstance(node, ast.Name) and _wires(getattr(known.get(node.id), "__module__", "")):
            found.append(known[node.id])
    assert found, f"{path} is not wired"
    return found


def _imported(module: str, name: str) -> Any:
    found = getattr(importlib.import_module(module), name, None)
    return importlib.import_module(f"{module}.{name}") if found is None else found


def _wires(module: str) -> bool:
    return module.startswith("pitr_guardian.") and "wiring" in module.split(".")


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """What wiring builds and keeps is built for these variables, and forgotten afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_REGION", "eu-central-1")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        for name, value in variables.items():
            patch.setenv(name, str(value))
        _forget()
        yield
    _forget()


def _forget() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("pitr_guardian"):
            for built in list(vars(module).values()):
                if hasattr(built, "cache_clear"):
                    built.cache_clear()


def _reach(built: Any) -> Rights:
    """What somebody who holds this object can do on AWS with it."""
    if _is_adapter(built):
        return united(*(_of_method(built, name, built) for name in _public(type(built))))
    if not dataclasses.is_dataclass(built):
        return {}
    hints = get_type_hints(type(built), localns=_protocols())
    fields = [field.name for field in dataclasses.fields(built)]
    return united(*(_through(hints[name], getattr(built, name)) for name in fields))


def _through(hint: Any, value: Any) -> Rights:
    """What an object can be used for by somebody who knows it as this type."""
    if isinstance(hint, type) and is_protocol(hint) and get_protocol_members(hint) != {"__call__"}:
        assert _is_adapter(value), f"{value!r} is no adapter"
        members = [name for name in get_protocol_members(hint) if callable(getattr(value, name))]
        return united(*(_of_method(value, name, hint) for name in members))
    if isinstance(value, Mapping) and get_args(hint):
        return united(*(_through(get_args(hint)[1], each) for each in value.values()))
    holder = getattr(value, "__self__", None)
    if _is_adapter(holder):
        return _of_method(holder, value.__name__, holder)
    assert not _is_adapter(value), f"{type(value)} is known as {hint}, which is no protocol"
    assert not getattr(value, "__module__", "").startswith(PACKAGE), f"{value} hides its calls"
    return _reach(value)


def _of_method(adapter: Any, method: str, known_as: Any) -> Rights:
    where = type(adapter).__module__, f"{type(adapter).__name__}.{method}"
    spoken = (inspect.getdoc(getattr(known_as, method)) or "").partition("\n")[0]
    purpose = re.split(r"[.;] ", spoken.removesuffix("."))[0]
    if setting := getattr(adapter, "setting", None):
        purpose += f" ({setting})"
    return united(
        *(
            {Right(action, on): frozenset({why or purpose})}
            for name in _closure(where)
            for action, on, why in noted(name)
        )
    )


def _closure(start: Name) -> set[Name]:
    """A function and all that it uses, directly or not."""
    found: set[Name] = set()
    new = {start} & adapters().keys()
    assert new, f"{start} is no adapter's method"
    while new:
        found |= new
        used = {name for each in new for name in adapters()[each].uses}
        new = (used & adapters().keys()) - found
    return found


def _is_adapter(value: Any) -> bool:
    return type(value).__module__.startswith(PACKAGE)


def _public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("_") and callable(vars(kind)[name])]


def _protocols() -> Json:
    """Every protocol of the package, where annotations are only there for the type checker."""
    return {
        name: kind
        for module, holder in list(sys.modules.items())
        if module.startswith("pitr_guardian") and "ports" in module
        for name, kind in vars(holder).items()
        if isinstance(kind, type) and is_protocol(kind)
    }
