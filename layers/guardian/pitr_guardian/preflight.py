"""Whether a restore can be granted: checked before anything is started, in AWS's own order."""

import json
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from pitr_guardian.instants import iso
from pitr_guardian.observation import Presence
from pitr_guardian.restore import Source
from pitr_guardian.restore_request import KEY_ARN, Encryption, RestoreRequest
from pitr_guardian.table import TableRef

_TOLD = 5  # of what is wrong, where it is a list


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which tables may be restored from and to: IAM wildcards, as in the functions' roles."""

    source: str = "*"
    target: str = "*"


def out_of_bounds(source: TableRef, target: TableRef, bounds: Bounds) -> str | None:
    """Tell why these tables are none of this stack's business; None where they are."""
    if not _like(source.name, bounds.source):
        return (
            f"sourceTable: the stack restores from tables named {bounds.source} only; "
            "widen its parameter RestoreSourcePattern to restore this one"
        )
    if not _like(target.name, bounds.target):
        return (
            f"targetTable: the stack restores to tables named {bounds.target} only; "
            "choose such a name, or widen its parameter RestoreTargetPattern"
        )
    return None


def unusable_source(request: RestoreRequest, table: TableRef, source: Source) -> str | None:
    """Tell why nothing can be restored from a table; None where something can."""
    if request.is_of_a_deleted_table:
        return _no_backup(table) if source.backup is None else None
    observed = source.observed
    if observed.presence in (Presence.GONE, Presence.GOING):
        return _gone(request, table, source)
    if observed.presence is Presence.NOT_READY:
        return f"sourceTable: {table} is still {observed.status}; ask again when it is ACTIVE"
    if not observed.pitr_on:
        return (
            f"sourceTable: PITR is off on {table}, so there is nothing to restore from; "
            "look for an on-demand backup instead"
        )
    return _outside_the_window(request, source)


def unusable_target(target: TableRef, taken: bool) -> str | None:
    """Tell why a target can't be restored to; None where it can."""
    if not taken:
        return None
    return f"targetTable: a table {target} exists already; choose another name, or delete it first"


def unknown_indexes(request: RestoreRequest, source: Source) -> str | None:
    """Tell which indexes to keep don't exist; None where all do."""
    if isinstance(request.indexes, str) or source.definition is None:
        return None
    known = source.definition.index_names
    unknown = [name for name in request.indexes if name not in known]
    if not unknown:
        return None
    there = f"it has {', '.join(known)}" if known else "it has none"
    more = f" and {len(unknown) - _TOLD} more" if len(unknown) > _TOLD else ""
    return f"indexes: the table has no index {', '.join(unknown[:_TOLD])}{more}; {there}"


def misplaced_key(encryption: Encryption | None, target: TableRef) -> str | None:
    """Tell why a key can't be the target's by its ARN alone; None where it may be."""
    if encryption is None or encryption.kms_key_arn is None:
        return None
    match = KEY_ARN.fullmatch(encryption.kms_key_arn)
    region = match["region"] if match else None
    if region == target.region:
        return None
    return (
        f"encryption: the key {encryption.kms_key_arn} is in {region}, the new table in "
        f"{target.region}; name a key of that region"
    )


def _gone(request: RestoreRequest, table: TableRef, source: Source) -> str:
    if source.backup is None:
        return f"sourceTable: there is no table {table}; check the name, the region and the case"
    rescue = {"sourceTable": table.arn, "targetTable": request.target_table}
    rescue |= {"restoreTo": "deletion"}
    return (
        f"sourceTable: {table} was deleted, but AWS kept a backup of "
        f"{iso(source.backup.created_at)}; ask for it with {json.dumps(rescue)}"
    )


def _no_backup(table: TableRef) -> str:
    return (
        f"restoreTo: AWS keeps no backup of a deleted table {table}; it makes one only where PITR "
        "was on, shows it some seconds after the deletion, and keeps it for 35 days"
    )


def _outside_the_window(request: RestoreRequest, source: Source) -> str | None:
    window, instant = source.observed.window, request.instant
    if instant is None or window is None or window.earliest <= instant <= window.latest:
        return None
    earliest = window.earliest + timedelta(microseconds=-window.earliest.microsecond % 1_000_000)
    latest = window.latest.replace(microsecond=0)
    bounds = f"the table can be restored to {iso(earliest)} up to {iso(latest)}"
    if instant > window.latest:
        return (
            f"restoreTo: {iso(instant)} can't be restored to yet: {bounds}; "
            "ask again in a few minutes, or for `latest`"
        )
    return f"restoreTo: {iso(instant)} is too early: {bounds}; choose an instant in between"


def _like(name: str, pattern: str) -> bool:
    """Match as IAM does: only `*` and `?` are wildcards."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))
