"""Whether a restore can be granted: checked before anything is started, in AWS's own order."""

import json
from datetime import timedelta

from pitr_guardian.basics.instants import iso
from pitr_guardian.restore.request import (
    KEY_ARN,
    Encryption,
    RestoreRequest,
)
from pitr_guardian.restore.target import Source
from pitr_guardian.tables.bounds import (
    Bounds,
    takes,
)
from pitr_guardian.tables.observation import Presence
from pitr_guardian.tables.reference import TableRef

_TOLD = 5  # of what is wrong, where it is a list


def out_of_bounds(source: TableRef, target: TableRef, bounds: Bounds) -> str | None:
    """Tell why these tables are none of this stack's business; None where they are."""
    if not takes(bounds.source, source.name):
        return (
            f"sourceTable: the stack restores from tables named {bounds.source} only; "
            "widen its parameter RestoreSourcePattern to restore this one"
        )
    if not takes(bounds.target, target.name):
        return (
            f"targetTable: the stack restores to tables named {bounds.target} only; "
            "choose such a name, or widen its parameter RestoreTargetPattern"
        )
    return None


def unusable_source(request: RestoreRequest, table: TableRef, source: Source) -> str | None:
    """Tell why nothing can be restored from a table; None where something can."""
    if request.backup_arn is not None:
        return _unusable_backup(request.backup_arn, source)
    if request.is_of_a_deleted_table:
        return _no_backup(table, source) if source.backup is None else None
    observed = source.observed
    if observed.status in _WITHOUT_KEY:
        return _without_key(request, table, source)
    if observed.presence in (Presence.GONE, Presence.GOING):
        return _gone(request, table, source)
    if observed.presence is Presence.NOT_READY:
        return f"sourceTable: {table} is still {observed.status}; ask again when it is ACTIVE"
    if not observed.pitr_on:
        return (
            f"sourceTable: PITR is off on {table}, so it has no instants to restore; name a backup "
            "of it by its ARN in restoreTo, if there is one"
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


# The statuses of a table whose key can't be used: inaccessible at first, and archived after seven
# days (developer guide, "DynamoDB encryption at rest", usage notes).
_INACCESSIBLE = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
_WITHOUT_KEY = frozenset({_INACCESSIBLE, "ARCHIVING", "ARCHIVED"})


def _without_key(request: RestoreRequest, table: TableRef, source: Source) -> str:
    status, archived = source.observed.status, source.observed.archival_backup
    key = source.definition.kms_key_arn if source.definition else None
    since = f"sourceTable: {table} is {status}, since DynamoDB can't use its key"
    since = f"{since} {key}" if key else since
    if status == _INACCESSIBLE:
        return (
            f"{since}; make the key usable again, and ask again when the table is ACTIVE: DynamoDB "
            "archives it after seven days"
        )
    if archived is None:
        return f"{since}; when it is ARCHIVED, make the key usable again and ask for its backup"
    return (
        f"{since}; make the key usable again, and ask for the backup it was archived to with "
        f"{_rescue(request, table, archived)}"
    )


def _gone(request: RestoreRequest, table: TableRef, source: Source) -> str:
    is_going = source.observed.presence is Presence.GOING
    if source.backup is None and is_going:
        return (
            f"sourceTable: {table} is being deleted; when it is gone, ask for its backup with "
            f"{_rescue(request, table, 'deletion')}"
        )
    if source.backup is None:
        return f"sourceTable: there is no table {table}; check the name, the region and the case"
    kept = "AWS kept a backup of" if source.backup.type == "SYSTEM" else "there is a backup of"
    return (
        f"sourceTable: {table} {'is being' if is_going else 'was'} deleted, but {kept} "
        f"{iso(source.backup.created_at)}; ask for it with "
        f"{_rescue(request, table, source.backup.arn)}"
    )


def _rescue(request: RestoreRequest, table: TableRef, restore_to: str) -> str:
    return json.dumps(
        {
            "sourceTable": table.arn,
            "targetTable": request.target_table,
            "restoreTo": restore_to,
        }
    )


def _no_backup(table: TableRef, source: Source) -> str:
    if source.observed.archival_backup is not None:
        return (
            f"restoreTo: {table} is {source.observed.status}, and not deleted; ask for the backup "
            f"it was archived to: {source.observed.archival_backup}"
        )
    return (
        f"restoreTo: AWS keeps no backup of a deleted table {table}; it makes one only where PITR "
        "was on, shows it some seconds after the deletion, and keeps it for 35 days. Another "
        "backup can be asked for by its ARN"
    )


def _unusable_backup(arn: str, source: Source) -> str | None:
    if source.backup is None:
        return (
            f"restoreTo: there is no backup {arn}; it was deleted or has expired: ask for another, "
            "`aws dynamodb list-backups --backup-type ALL` names them"
        )
    if source.backup.status == "AVAILABLE":
        return None
    remedy = "ask again when it is" if source.backup.status == "CREATING" else "ask for another"
    return f"restoreTo: the backup {arn} is {source.backup.status}, not AVAILABLE; {remedy}"


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
