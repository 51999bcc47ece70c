"""What is left of a deleted table is told, and the request that is told brings it back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.embedded_aws import EmbeddedAws
from tests.e2e.guardian import Fact, fresh
from tests.e2e.restores.restorer import ELSEWHERE, HOME, Asked, Restorer
from tests.e2e.waiting import eventually

NARROW_HOME = "eu-west-1"
BACKUP_SHOWS_WITHIN_SECONDS = 61.0
WITHOUT_BACKUP_SECONDS = 150.0


@pytest.fixture(scope="module")
def narrow(aws: EmbeddedAws) -> Restorer:
    """A stack that restores to some names only, in a region of its own."""
    parameters = {"RestoreTargetPattern": "restored-*", "RestorePollSeconds": "1"}
    return Restorer(aws, aws.deploy("narrow", NARROW_HOME, parameters))


@dataclass(frozen=True)
class Deleted:
    """A table that was deleted, and the backup that somebody had made of it."""

    table: str
    backup: str


@pytest.fixture(scope="module", autouse=True)
def deleted_with_a_backup_by_hand(guardian: Restorer) -> Deleted:
    """Deleted before all other tests, and told so late that AWS's own backup would show by then."""
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    table = guardian.create_table(Tags=[{"Key": "pitr-guardian:exempt", "Value": until}])
    dynamodb = guardian.client("dynamodb")
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    guardian.put(table, kept="by hand")

    def backed_up() -> str | None:
        try:
            made = dynamodb.create_backup(TableName=table, BackupName="by-hand")["BackupDetails"]
        except dynamodb.exceptions.ClientError:  # its continuous backups are being enabled
            return None
        return str(made["BackupArn"])

    backup = eventually(backed_up, f"a backup of {table}")
    guardian.put(table, lost="written since")
    # On the queue, what other tests leave would be thrown away with it.
    guardian.aws.faults.delay_events("DeleteTable", BACKUP_SHOWS_WITHIN_SECONDS, table=table)
    dynamodb.delete_table(TableName=table)
    return Deleted(table, backup)


def delete(guardian: Restorer, table: str, within: float = 60.0) -> Fact:
    """Delete a table, and return what was told of that."""
    known = {fact["id"] for fact in guardian.facts(table)}
    dynamodb = guardian.client("dynamodb")
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 1})

    def told() -> Fact | None:
        facts = [fact for fact in guardian.facts(table) if fact.detail_type == "Table Deleted"]
        return next((fact for fact in facts if fact["id"] not in known), None)

    return eventually(told, f"{table} is told as deleted", within)


def ask_as_told(guardian: Restorer, fact: Fact, **fields: Any) -> Asked:
    """Put the request of an alert on the bus."""
    request = dict(fact["request"])
    source, target = request.pop("sourceTable"), request.pop("targetTable")
    return guardian.ask(source, fields.pop("targetTable", target), **request, **fields)


def protected_with(guardian: Restorer, table: str) -> int | None:
    """Its period; None also where its backups can't be described yet."""
    with suppress(guardian.client("dynamodb").exceptions.TableNotFoundException):
        return guardian.period(table)
    return None


def test_of_a_table_made_anew_the_first_alert_still_restores_the_first(guardian: Restorer) -> None:
    table = guardian.protected_table()
    guardian.put(table, of="the first")
    first = delete(guardian, table)
    assert (first["severity"], first["otherBackups"]) == ("info", [])  # it was only just made
    guardian.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    eventually(lambda: protected_with(guardian, table) == 35, f"the new {table} is protected")
    second = delete(guardian, table)
    assert second["backupArn"] != first["backupArn"]
    completed = guardian.completed(ask_as_told(guardian, first))
    assert completed["restoreTo"] == first["backupArn"]
    assert completed["settings"]["skipped"]
    assert completed["reason"].endswith("with its settings put back but for those skipped.")
    assert guardian.items(table) == {"of": "the first"}


def test_the_request_of_an_alert_has_a_target_that_the_stack_takes(narrow: Restorer) -> None:
    table = narrow.protected_table()
    narrow.put(table, kept="as it was")
    fact = delete(narrow, table)
    assert fact["request"]["targetTable"] == f"restored-{table}"
    narrow.completed(ask_as_told(narrow, fact))
    assert narrow.items(f"restored-{table}") == {"kept": "as it was"}
    refused = narrow.rejected(ask_as_told(narrow, fact, targetTable=table))
    assert refused["error"].startswith("targetTable: the stack restores to tables named restored-*")


def test_a_removed_replica_is_told_and_comes_back_in_its_region(guardian: Restorer) -> None:
    table = guardian.protected_table()
    guardian.put(table, kept="everywhere")
    dynamodb = guardian.client("dynamodb", HOME)
    dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}])

    def protected() -> bool:
        there = guardian.describe(table, ELSEWHERE)
        ready = there is not None and there["TableStatus"] == "ACTIVE"
        facts = [fact for fact in guardian.facts(table) if fact["table"]["region"] == ELSEWHERE]
        return ready and bool(facts)

    eventually(protected, f"the replica of {table} is protected")

    def removed() -> bool:
        try:
            dynamodb.update_table(
                TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": ELSEWHERE}}]
            )
        except dynamodb.exceptions.ResourceInUseException:
            return False
        return True

    eventually(removed, f"the replica of {table} is removed")
    fact = guardian.fact(table, "Table Deleted")
    assert fact["table"]["region"] == ELSEWHERE
    assert fact["replicaOf"] == guardian.arn(table)
    assert fact["backupArn"].startswith(guardian.arn(table, ELSEWHERE))
    completed = guardian.completed(ask_as_told(guardian, fact, targetTable=fresh("Restored")))
    assert guardian.items(completed["targetTable"], ELSEWHERE) == {"kept": "everywhere"}


def test_what_is_no_backup_of_the_table_is_refused(guardian: Restorer) -> None:
    table = guardian.protected_table()
    gone = f"{guardian.arn(table)}/backup/01489602797149-73d8d5bc"
    refused = guardian.rejected(guardian.ask(table, restoreTo=gone))
    assert refused["error"].startswith(f"restoreTo: there is no backup {gone}")
    assert refused["restoreTo"] == gone
    another = f"{guardian.arn('another')}/backup/01489602797149-73d8d5bc"
    refused = guardian.rejected(guardian.ask(table, restoreTo=another))
    assert "is not of" in refused["error"]
    point = f"arn:aws:backup:{HOME}:{guardian.aws.account_id}:recovery-point:8a92c3f1"
    assert "StartRestoreJob" in guardian.rejected(guardian.ask(table, restoreTo=point))["error"]


def test_a_table_with_an_on_demand_backup_only_is_told_and_comes_back(
    guardian: Restorer, deleted_with_a_backup_by_hand: Deleted
) -> None:
    of = deleted_with_a_backup_by_hand
    fact = guardian.fact(of.table, "Table Deleted", WITHOUT_BACKUP_SECONDS)
    assert (fact["backupArn"], fact["rescueBefore"]) == (None, None)
    assert [(each["arn"], each["type"]) for each in fact["otherBackups"]] == [(of.backup, "USER")]
    assert "AWS Backup's vaults weren't looked into" in fact["reason"]
    guardian.completed(ask_as_told(guardian, fact))
    assert guardian.items(of.table) == {"kept": "by hand"}
