"""docs/permissions.md: each role's statements, and what they are for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from tests.infrastructure.rights.granted import EVERYTHING, STACKS_KEY, Grant, grants_of
from tests.infrastructure.rights.needed import needed_by_role
from tests.infrastructure.rights.wired import Rights
from tests.infrastructure.stack import (
    ACCOUNT,
    REGION,
    ROOT,
    Json,
    Stack,
    deployed,
    statements,
)

PAGE = ROOT / "docs" / "permissions.md"
_HEAD = """\
# Permissions

What each role may do, on what, and what for: every action the code or a workflow can call, and
nothing else. `make permissions` writes this page, from three sources that the tests hold together
(`tests/infrastructure/rights`):

- an adapter's method says beside its calls what they need of IAM (`pitr_guardian/aws/rights.py`);
- a function can use the methods of the protocols that it is wired to, and a workflow calls what its
  definition says;
- the template grants it.

In angle brackets are parameters of the stack. Where the mode is `notify-only`, EnforceRole has no
`dynamodb:UpdateContinuousBackups`. Rights on the key are there where `KmsKeyArn` is given.
"""
_PLACEHOLDERS = {
    "RestoreSourcePattern": "RestoreSourcePattern",
    "RestoreTargetPattern": "RestoreTargetPattern",
    "UndoTablePattern": "UndoTablePattern",
    "KmsKeyArn": STACKS_KEY,
}
_PARAMETERS = {
    STACKS_KEY: "KmsKeyArn",
    ACCOUNT: "account",
    REGION: "region",
    **{name: name for name in ("RestoreSourcePattern", "RestoreTargetPattern", "UndoTablePattern")},
}
_USERS = {
    "AWS::Lambda::Function",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
}
_SETTING = re.compile(r"(.*) \(([\w-]+)\)$")


def written() -> str:
    """The page as it should be."""
    stack = deployed(**_PLACEHOLDERS)
    needed = needed_by_role(stack)
    roles = sorted(needed, key=list(stack.resources).index)
    return "\n".join([_HEAD, *(_section(stack, role, needed[role]) for role in roles)])


def _section(stack: Stack, role: str, needed: Rights) -> str:
    users = [
        each.id
        for each in stack.resources.values()
        if each.type in _USERS and f"{role}.Arn" in json.dumps(each.properties)
    ]
    rows = "".join(_row(statement, needed) for statement in statements(stack[role]))
    return (
        f"## {role}\n\nAssumed by `{'`, `'.join(users)}`.\n\n"
        f"| May | On | For |\n|---|---|---|\n{rows}"
    )


def _row(statement: Json, needed: Rights) -> str:
    granted = list(grants_of(statement))
    purposes = {purpose for grant in granted for purpose in needed.get(grant.right, ())}
    cells = (
        _listed(f"`{action}`" for action in dict.fromkeys(grant.action for grant in granted)),
        _listed(dict.fromkeys(map(_on, granted))),
        _listed(_joined(purposes)),
    )
    return f"| {' | '.join(cells)} |\n"


def _on(grant: Grant) -> str:
    if grant.resource == EVERYTHING:
        return "`*`: IAM knows no resources for it"
    if not grant.condition:
        return f"`{_spoken(grant.resource)}`"
    [operator] = grant.condition
    [(key, wanted)] = grant.condition[operator].items()
    values = wanted if isinstance(wanted, list) else [wanted]
    told = " or ".join(f"`{_spoken(value)}`" for value in values)
    return f"`{_spoken(grant.resource)}`, where `{key}` is {told}"


def _spoken(text: str) -> str:
    """A resource or a value, with parameters for what they stand for."""
    for value, parameter in _PARAMETERS.items():
        text = text.replace(value, f"<{parameter}>")
    return text.removesuffix(".Arn").replace(".Arn/", "/").replace(".Name:", ":")


def _joined(purposes: Iterable[str]) -> Iterator[str]:
    """Purposes that differ only in the setting are one."""
    settings: dict[str, list[str]] = {}
    for purpose in sorted(purposes):
        found = _SETTING.match(purpose)
        text, setting = found.groups() if found else (purpose, "")
        settings.setdefault(text, []).append(setting)
    for text, of in settings.items():
        named = ", ".join(filter(None, of))
        yield f"{text} ({named})" if named else text


def _listed(items: Iterable[str]) -> str:
    return "<br>".join(item.replace("|", "\\|") for item in items)
