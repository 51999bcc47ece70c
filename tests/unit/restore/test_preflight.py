"""Whether a restore can be granted: every refusal, with what to do about it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pitr_guardian.restore.preflight import (
    misplaced_key,
    out_of_bounds,
    unknown_indexes,
    unusable_source,
    unusable_target,
)
from pitr_guardian.restore.request import (
    Encryption,
    RestoreRequest,
    request_from,
)
from pitr_guardian.restore.target import (
    Backup,
    Source,
)
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.kept_backup import BackupType
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
    Window,
)
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import COPY, HOME, request

NOON = datetime(2026, 10, 5, 12, 0, 0, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(days=21), NOON - timedelta(minutes=5))
PROTECTED = Observed(Presence.READY, "ACTIVE", pitr_on=True, period=21, window=WINDOW)
DEFINITION = Definition(
    global_indexes=({"IndexName": "by-date"},), local_indexes=({"IndexName": "by-size"},)
)
BACKUP = Backup(f"{ORDERS.arn}/backup/01", NOON, definition=DEFINITION)
GONE = Observed(Presence.GONE, "gone")


def asked(**fields: Any) -> RestoreRequest:
    return request_from(request(**fields), "event-1", HOME)


def verdict(observed: Observed, backup: Backup | None = None, **fields: Any) -> str | None:
    return unusable_source(asked(**fields), ORDERS, Source(observed, DEFINITION, backup))


def test_a_protected_table_can_be_restored() -> None:
    assert verdict(PROTECTED) is None


def test_a_table_that_is_being_changed_can_be_restored() -> None:
    assert verdict(Observed(Presence.READY, "UPDATING", pitr_on=True, window=WINDOW)) is None


@pytest.mark.parametrize("instant", [WINDOW.earliest, NOON - timedelta(days=1), WINDOW.latest])
def test_every_instant_of_the_window_can_be_restored_to(instant: datetime) -> None:
    assert verdict(PROTECTED, restoreTo=instant.isoformat()) is None


def test_an_instant_after_the_window_is_refused_with_the_bounds() -> None:
    assert verdict(PROTECTED, restoreTo="2026-10-05T11:55:01Z") == (
        "restoreTo: 2026-10-05T11:55:01.000Z can't be restored to yet: the table can be restored "
        "to 2026-09-14T12:00:00.000Z up to 2026-10-05T11:55:00.000Z; ask again in a few minutes, "
        "or for `latest`"
    )


def test_an_instant_before_the_window_is_refused_with_the_bounds() -> None:
    assert verdict(PROTECTED, restoreTo="2026-09-14T11:59:59Z") == (
        "restoreTo: 2026-09-14T11:59:59.000Z is too early: the table can be restored to "
        "2026-09-14T12:00:00.000Z up to 2026-10-05T11:55:00.000Z; choose an instant in between"
    )


def test_the_bounds_of_a_refusal_can_be_asked_for() -> None:
    ragged = Window(
        datetime(2026, 10, 5, 9, 0, 0, 700000, UTC), datetime(2026, 10, 5, 11, 0, 0, 300000, UTC)
    )
    observed = Observed(Presence.READY, "ACTIVE", pitr_on=True, window=ragged)
    sentence = verdict(observed, restoreTo="2026-10-05T08:00:00Z") or ""
    for bound in ("2026-10-05T09:00:01.000Z", "2026-10-05T11:00:00.000Z"):
        assert bound in sentence
        assert verdict(observed, restoreTo=bound) is None


def test_a_table_whose_window_is_not_told_is_left_to_aws() -> None:
    observed = Observed(Presence.READY, "ACTIVE", pitr_on=True)
    assert verdict(observed, restoreTo="2026-10-05T11:00:00Z") is None


def test_a_table_without_pitr_is_refused() -> None:
    assert verdict(Observed(Presence.READY, "ACTIVE")) == (
        f"sourceTable: PITR is off on orders ({ACCOUNT}, {REGION}), so it has no instants to "
        "restore; name a backup of it by its ARN in restoreTo, if there is one"
    )


def test_a_table_that_is_just_being_made_is_refused() -> None:
    assert verdict(Observed(Presence.NOT_READY, "CREATING")) == (
        f"sourceTable: orders ({ACCOUNT}, {REGION}) is still CREATING; ask again when it is ACTIVE"
    )


def test_a_table_that_never_was_is_refused() -> None:
    assert verdict(GONE) == (
        f"sourceTable: there is no table orders ({ACCOUNT}, {REGION}); check the name, the region "
        "and the case"
    )


@pytest.mark.parametrize(
    ("observed", "is_deleted"),
    [(GONE, "was deleted"), (Observed(Presence.GOING, "DELETING"), "is being deleted")],
)
@pytest.mark.parametrize("type", ["SYSTEM", "USER"])
def test_for_a_deleted_table_the_request_that_rescues_it_is_offered(
    observed: Observed, is_deleted: str, type: BackupType
) -> None:
    sentence = verdict(observed, replace(BACKUP, type=type), restoreTo="2026-10-05T11:00:00Z") or ""
    told, _, offered = sentence.partition("; ask for it with ")
    assert told == (
        f"sourceTable: orders ({ACCOUNT}, {REGION}) {is_deleted}, but "
        f"{'AWS kept' if type == 'SYSTEM' else 'there is'} a backup of 2026-10-05T12:00:00.000Z"
    )
    rescue = request_from(json.loads(offered), "event-2", HOME)
    assert (rescue.source(HOME), rescue.target(HOME)) == (ORDERS, COPY)
    assert rescue.backup_arn == BACKUP.arn


def test_a_table_that_is_just_being_deleted_is_told_as_such_with_what_to_ask_for_then() -> None:
    sentence = verdict(Observed(Presence.GOING, "DELETING")) or ""
    told, _, offered = sentence.partition("; when it is gone, ask for its backup with ")
    assert told == f"sourceTable: orders ({ACCOUNT}, {REGION}) is being deleted"
    assert request_from(json.loads(offered), "event-2", HOME).is_of_a_deleted_table


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"
WITH_KEY = Definition(encryption_type="CUSTOMER_MANAGED", kms_key_arn=KEY)


def without_key(presence: Presence, status: str, **archive: Any) -> str:
    source = Source(Observed(presence, status, **archive), WITH_KEY)
    return unusable_source(asked(), ORDERS, source) or ""


def test_a_table_whose_key_cant_be_used_is_told_with_its_key() -> None:
    assert without_key(Presence.READY, "INACCESSIBLE_ENCRYPTION_CREDENTIALS") == (
        f"sourceTable: orders ({ACCOUNT}, {REGION}) is INACCESSIBLE_ENCRYPTION_CREDENTIALS, since "
        f"DynamoDB can't use its key {KEY}; make the key usable again, and ask again when the "
        "table is ACTIVE: DynamoDB archives it after seven days"
    )
    assert without_key(Presence.GOING, "ARCHIVING") == (
        f"sourceTable: orders ({ACCOUNT}, {REGION}) is ARCHIVING, since DynamoDB can't use its key "
        f"{KEY}; when it is ARCHIVED, make the key usable again and ask for its backup"
    )


def test_of_an_archived_table_the_backup_it_was_archived_to_is_offered() -> None:
    sentence = without_key(Presence.GOING, "ARCHIVED", archival_backup=BACKUP.arn)
    told, _, offered = sentence.partition(" with ")
    assert told == (
        f"sourceTable: orders ({ACCOUNT}, {REGION}) is ARCHIVED, since DynamoDB can't use its key "
        f"{KEY}; make the key usable again, and ask for the backup it was archived to"
    )
    assert request_from(json.loads(offered), "event-2", HOME).backup_arn == BACKUP.arn
    archived = Observed(Presence.GOING, "ARCHIVED", archival_backup=BACKUP.arn)
    assert BACKUP.arn in (verdict(archived, restoreTo="deletion") or "")


def test_a_backup_that_is_named_can_be_restored_whatever_became_of_its_table() -> None:
    for observed in (GONE, PROTECTED, Observed(Presence.READY, "ACTIVE")):
        assert verdict(observed, BACKUP, restoreTo=BACKUP.arn) is None


def test_a_backup_that_is_gone_or_not_ready_is_refused() -> None:
    assert verdict(GONE, restoreTo=BACKUP.arn) == (
        f"restoreTo: there is no backup {BACKUP.arn}; it was deleted or has expired: ask for "
        "another, `aws dynamodb list-backups --backup-type ALL` names them"
    )
    for status, remedy in (
        ("CREATING", "ask again when it is"),
        ("DELETED", "ask for another"),
    ):
        assert verdict(GONE, replace(BACKUP, status=status), restoreTo=BACKUP.arn) == (
            f"restoreTo: the backup {BACKUP.arn} is {status}, not AVAILABLE; {remedy}"
        )


def test_the_backup_of_a_deleted_table_can_be_restored() -> None:
    assert verdict(GONE, BACKUP, restoreTo="deletion") is None


def test_it_can_be_even_while_another_table_has_the_name() -> None:
    assert verdict(PROTECTED, BACKUP, restoreTo="deletion") is None


def test_a_deleted_table_without_a_backup_is_refused() -> None:
    assert verdict(GONE, restoreTo="deletion") == (
        f"restoreTo: AWS keeps no backup of a deleted table orders ({ACCOUNT}, {REGION}); it makes "
        "one only where PITR was on, shows it some seconds after the deletion, and keeps it for 35 "
        "days. Another backup can be asked for by its ARN"
    )


def test_a_free_name_can_be_restored_to() -> None:
    assert unusable_target(COPY, taken=False) is None


def test_a_name_that_is_taken_is_refused() -> None:
    assert unusable_target(COPY, taken=True) == (
        f"targetTable: a table orders-copy ({ACCOUNT}, {REGION}) exists already; choose another "
        "name, or delete it first"
    )


@pytest.mark.parametrize(
    "indexes", ["all", "none", [], ["by-date"], ["by-size"], ["by-size", "by-date"]]
)
def test_indexes_of_the_table_can_be_kept(indexes: object) -> None:
    assert unknown_indexes(asked(indexes=indexes), Source(PROTECTED, DEFINITION)) is None


def test_an_index_that_the_table_has_not_is_refused_with_those_it_has() -> None:
    unknown = asked(indexes=["by-date", "by-colour", "by-mood"])
    assert unknown_indexes(unknown, Source(PROTECTED, DEFINITION)) == (
        "indexes: the table has no index by-colour, by-mood; it has by-date, by-size"
    )
    assert unknown_indexes(asked(indexes=["by-date"]), Source(PROTECTED, Definition())) == (
        "indexes: the table has no index by-date; it has none"
    )


def test_a_key_must_be_in_the_targets_region() -> None:
    here = Encryption(
        type="CUSTOMER_MANAGED", kms_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"
    )
    there = TableRef("aws", ACCOUNT, "us-east-1", "orders-copy")
    assert misplaced_key(here, COPY) is None
    assert misplaced_key(None, COPY) is None
    assert misplaced_key(Encryption(type="AWS_OWNED"), there) is None
    assert misplaced_key(here, there) == (
        f"encryption: the key arn:aws:kms:{REGION}:{ACCOUNT}:key/abc is in {REGION}, the new table "
        "in us-east-1; name a key of that region"
    )


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "orders", True),
        ("orders", "orders", True),
        ("orders", "Orders", False),
        ("ord*", "orders", True),
        ("*-copy", "orders", False),
        ("order?", "orders", True),
        ("order?", "order", False),
        ("[a-z]*", "orders", False),  # to IAM, brackets are brackets
        ("o.*", "orders", False),
    ],
)
def test_patterns_match_as_iam_does(pattern: str, name: str, matches: bool) -> None:
    table = TableRef("aws", ACCOUNT, REGION, name)
    assert (out_of_bounds(table, COPY, Bounds(source=pattern)) is None) == matches
    assert (out_of_bounds(ORDERS, table, Bounds(target=pattern)) is None) == matches


def test_tables_outside_the_stacks_patterns_are_refused_with_its_parameter() -> None:
    assert out_of_bounds(ORDERS, COPY, Bounds(source="prod-*")) == (
        "sourceTable: the stack restores from tables named prod-* only; widen its parameter "
        "RestoreSourcePattern to restore this one"
    )
    assert out_of_bounds(ORDERS, COPY, Bounds(target="restored-*")) == (
        "targetTable: the stack restores to tables named restored-* only; choose such a name, or "
        "widen its parameter RestoreTargetPattern"
    )
