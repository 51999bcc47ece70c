"""Which tables the stack may restore from and to, and the requests that keep to it."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from pitr_guardian.tables.reference import (
    NAME,
    TableRef,
)

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which tables may be restored from and to: IAM wildcards, as in the functions' roles."""

    source: str = "*"
    target: str = "*"


def takes(pattern: str, name: str) -> bool:
    """Match a name as IAM does: only `*` and `?` are wildcards."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def name_like(name: str, pattern: str) -> str | None:
    """Find a table name that a pattern takes: this one, or one made of both; None if none is one.

    A `*` stands for the name, as much of it as there is room for, any further one for nothing; a
    `?` for a zero.
    """
    if takes(pattern, name):
        return name
    before, star, after = pattern.replace("?", "0").partition("*")
    after = after.replace("*", "")
    room = max(_LONGEST - len(before) - len(after), 0)
    made = f"{before}{name[:room] if star else ''}{after}"
    return made if NAME.fullmatch(made) and takes(pattern, made) else None


def rescue_of(table: TableRef, backup_arn: str, bounds: Bounds) -> dict[str, str] | str:
    """Write the restore request that brings a table back from a backup.

    Returns:
        the request's detail; or a sentence that says why the stack would take none.
    """
    if not takes(bounds.source, table.name):
        return (
            f"The stack restores from tables named {bounds.source} only: widen its parameter "
            "RestoreSourcePattern to restore this one."
        )
    target = name_like(table.name, bounds.target)
    if target is None:
        return (
            f"No table name can be made that RestoreTargetPattern ({bounds.target}) takes: change "
            "this parameter of the stack to restore the table."
        )
    return {"sourceTable": table.arn, "targetTable": target, "restoreTo": backup_arn}
