"""What a restore leaves behind is read before it starts; what can't be read stops no rescue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.drift.memory import Memory
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.ports import Carrier
from pitr_guardian.restore.request import (
    OPTIONAL,
    Setting,
)
from pitr_guardian.restore.survey import Survey
from pitr_guardian.restore.target import Backup
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.policy import Policy
from tests.fakes.clock import START
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import RestoreWorld, order

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"


@pytest.fixture
def world() -> RestoreWorld:
    return RestoreWorld()


def entries(world: RestoreWorld, order: Order) -> dict[str, dict[str, Any]]:
    found = world.survey(order)["settings"]
    names = [entry["setting"] for entry in found]
    assert len(set(names)) == len(names)
    return {entry["setting"]: entry for entry in found}


def test_what_the_source_has_is_read_in_the_order_of_putting_it_back(world: RestoreWorld) -> None:
    for carrier in world.carriers.values():
        carrier.kept = {"something": True}
    found = [entry["setting"] for entry in world.survey(order())["settings"]]
    assert found == list(Setting)
    assert found[:3] == ["pitr", "tags", "lineage"]
    assert found[-1] == "resourcePolicy"


def test_what_the_source_has_is_kept_and_what_it_has_not_is_no_matter(world: RestoreWorld) -> None:
    world.carriers[Setting.TTL].kept = {"attribute": "expiresAt"}
    found = entries(world, order())
    assert found["ttl"] == {"setting": "ttl", "kept": {"attribute": "expiresAt"}}
    assert found["pitr"] == {"setting": "pitr"}
    assert found["lineage"] == {"setting": "lineage"}
    assert found.keys() == {"pitr", "lineage", "ttl"}


@pytest.mark.parametrize(
    ("asked", "kept"), [("none", set()), ([], set()), (["ttl", "alarms"], {"ttl", "alarms"})]
)
def test_what_the_source_has_and_nobody_asked_for_is_skipped(
    world: RestoreWorld, asked: object, kept: set[str]
) -> None:
    for carrier in world.carriers.values():
        carrier.kept = {"something": True}
    found = entries(world, order(settings=asked))
    assert {name for name, entry in found.items() if "kept" in entry} == kept
    for setting in OPTIONAL - kept:
        assert found[setting] == {"setting": setting, "skip": "not asked for"}
    assert found["pitr"] == {"setting": "pitr"}


@pytest.mark.parametrize("why", [PermissionError("AccessDenied"), TryLaterError("Throttling")])
def test_what_nobody_asked_for_and_cannot_be_read_is_no_matter(
    world: RestoreWorld, why: Exception
) -> None:
    world.carriers[Setting.ALARMS].unreadable = why
    assert "alarms" not in entries(world, order(settings=["ttl"]))


def test_what_the_source_has_not_is_not_among_what_was_not_asked_for(world: RestoreWorld) -> None:
    assert entries(world, order(settings="none")).keys() == {"pitr", "lineage"}


def test_a_setting_that_was_named_is_marked_so(world: RestoreWorld) -> None:
    world.carriers[Setting.TTL].kept = {"attribute": "expiresAt"}
    named = entries(world, order(settings=["ttl"]))["ttl"]
    assert named["kept"] == {"attribute": "expiresAt", "byName": True}


@pytest.mark.parametrize("settings", ["all", "none", ["ttl"]])
@pytest.mark.parametrize("copied", [{}, {"alarms": ["one"]}])
def test_what_a_carrier_cannot_carry_is_skipped_with_its_reason(
    world: RestoreWorld, settings: object, copied: dict[str, Any]
) -> None:
    left = {"alarmsNotCopied": "by Metrics Insights"}
    world.carriers[Setting.ALARMS].kept = {**copied, "leftBehind": left}
    found = entries(world, order(settings=settings))
    assert found["alarmsNotCopied"]["skip"] == "by Metrics Insights"
    assert ("alarms" in found) == bool(copied)
    if settings == "all" and copied:
        assert found["alarms"]["kept"] == copied


@pytest.mark.parametrize("settings", ["all", "none"])
def test_replicas_and_warm_throughput_are_told_wherever_the_source_has_them(
    world: RestoreWorld, settings: str
) -> None:
    world.restores.definitions[ORDERS] = Definition(
        replicas=("eu-west-1", "us-east-1"), warmed=("", "by-date")
    )
    found = entries(world, order(settings=settings))
    assert "orders has replicas in eu-west-1, us-east-1" in found["replicas"]["skip"]
    assert "the table, the index by-date had more" in found["warmThroughput"]["skip"]
    world.restores.definitions[ORDERS] = Definition()
    assert not {"replicas", "warmThroughput"} & entries(world, order()).keys()


def test_one_setting_that_cannot_be_read_is_told_and_the_others_are_kept(
    world: RestoreWorld,
) -> None:
    world.carriers[Setting.ALARMS].unreadable = PermissionError("AccessDenied: DescribeAlarms")
    world.carriers[Setting.DELETION_PROTECTION].kept = {"enabled": True}
    found = entries(world, order())
    assert found["alarms"] == {
        "setting": "alarms",
        "error": "could not be read from the source: AccessDenied: DescribeAlarms",
    }
    assert found["deletionProtection"]["kept"] == {"enabled": True}


def test_where_aws_is_busy_it_is_asked_again(world: RestoreWorld) -> None:
    world.carriers[Setting.TTL].unreadable = TryLaterError("ThrottlingException")
    with pytest.raises(TryLaterError):
        world.survey(order())


def test_the_sources_period_will_be_the_new_tables(world: RestoreWorld) -> None:
    assert world.survey(order())["recoveryPeriodInDays"] == 21


def test_the_definition_is_told_for_the_call(world: RestoreWorld) -> None:
    definition = Definition(global_indexes=({"IndexName": "by-date"},))
    world.restores.definitions[ORDERS] = definition
    told = json.loads(json.dumps(world.survey(order())["definition"]))
    assert Definition.model_validate(told) == definition


def test_a_customers_key_that_stays_in_its_region_is_told(world: RestoreWorld) -> None:
    world.restores.definitions[ORDERS] = Definition(
        encryption_type="CUSTOMER_MANAGED", kms_key_arn=KEY
    )
    told = entries(world, order(targetRegion="us-east-1"))
    assert told["encryption"] == {
        "setting": "encryption",
        "skip": f"the key {KEY} stays in its region; AWS's own key is used",
    }
    assert "encryption" not in entries(world, order())


@pytest.mark.parametrize("status", ["DELETING", "CREATING"])
def test_a_source_that_went_since_the_request_ends_it(world: RestoreWorld, status: str) -> None:
    world.tables[ORDERS].status = status
    with pytest.raises(RefusedError, match=f"the source table orders .* is {status}"):
        world.survey(order())
    world.tables.delete(ORDERS)
    with pytest.raises(RefusedError, match="is gone"):
        world.survey(order())


def test_pitr_that_was_switched_off_since_the_request_ends_it(world: RestoreWorld) -> None:
    world.tables.switch_off(ORDERS)
    with pytest.raises(RefusedError, match=r"PITR was switched off on orders .* since the request"):
        world.survey(order())


# -- deleted tables ---------------------------------------------------------------------------


def deleted(world: RestoreWorld, **kept: Any) -> Backup:
    backup = Backup(
        f"{ORDERS.arn}/backup/01",
        START,
        table_id=world.tables[ORDERS].id,
        definition=Definition(size_in_bytes=5),
        **kept,
    )
    world.delete(ORDERS)
    world.restores.backups = {backup.arn: (ORDERS, backup)}
    return backup


def test_of_a_deleted_table_the_backup_knows_ttl_and_stream(world: RestoreWorld) -> None:
    backup = deleted(world, ttl={"attribute": "expiresAt"}, stream={"viewType": "KEYS_ONLY"})
    found = entries(world, order(backup, restoreTo="deletion"))
    assert found["ttl"]["kept"] == {"attribute": "expiresAt"}
    assert found["stream"]["kept"] == {"viewType": "KEYS_ONLY"}
    for setting in OPTIONAL - {Setting.TTL, Setting.STREAM, *world.outliving}:
        assert found[setting]["skip"] == "AWS keeps nothing of it when a table is deleted"
    assert found["pitr"] == {"setting": "pitr"}


def test_of_a_deleted_table_what_it_had_not_or_nobody_asked_for_is_skipped(
    world: RestoreWorld,
) -> None:
    backup = deleted(world, ttl={"attribute": "expiresAt"})
    found = entries(world, order(backup, restoreTo="deletion", settings=["stream"]))
    assert found["ttl"]["skip"] == "not asked for"
    assert found.keys() == {"pitr", "lineage", "ttl"}


def test_alarms_and_scaling_outlive_a_deleted_table_and_are_carried(world: RestoreWorld) -> None:
    indexed = Definition(global_indexes=({"IndexName": "by-date"},))
    backup = Backup(f"{ORDERS.arn}/backup/01", START, definition=indexed)
    world.delete(ORDERS)
    world.restores.backups = {backup.arn: (ORDERS, backup)}
    world.outliving[Setting.ALARMS].kept = {"alarms": ["one"]}
    found = entries(world, order(backup, restoreTo="deletion"))
    assert found["alarms"]["kept"] == {"alarms": ["one"]}
    assert "autoscaling" not in found
    assert world.outliving[Setting.AUTOSCALING].asked_with == [["by-date"]]


def test_readers_of_a_dead_stream_go_with_what_the_backup_knows_of_it(world: RestoreWorld) -> None:
    backup = deleted(world, stream={"viewType": "KEYS_ONLY"})
    world.outliving[Setting.STREAM].kept = {"readers": "a function"}
    found = entries(world, order(backup, restoreTo="deletion"))
    assert found["stream"]["kept"] == {"viewType": "KEYS_ONLY", "readers": "a function"}


def test_a_deleted_table_without_a_stream_is_not_asked_for_its_readers(
    world: RestoreWorld,
) -> None:
    backup = deleted(world)
    world.outliving[Setting.STREAM].kept = {"readers": "a function"}
    assert "stream" not in entries(world, order(backup, restoreTo="deletion"))


def test_what_outlives_a_table_and_cannot_be_read_is_told(world: RestoreWorld) -> None:
    backup = deleted(world)
    world.outliving[Setting.ALARMS].unreadable = PermissionError("AccessDenied: DescribeAlarms")
    found = entries(world, order(backup, restoreTo="deletion"))
    assert found["alarms"]["error"].endswith("AccessDenied: DescribeAlarms")


def test_the_ledger_remembers_a_deleted_tables_period(world: RestoreWorld) -> None:
    backup = deleted(world)
    asked = order(backup, restoreTo="deletion")
    assert world.survey(asked)["recoveryPeriodInDays"] == 35
    world.ledger.remember(ORDERS, Memory(period=9))
    assert world.survey(asked)["recoveryPeriodInDays"] == 9


def test_a_deleted_tables_definition_is_its_backups(world: RestoreWorld) -> None:
    backup = deleted(world)
    told = world.survey(order(backup, restoreTo="deletion"))["definition"]
    assert Definition.model_validate(told) == backup.definition


def test_a_new_table_of_the_name_is_not_read_for_the_deleted_one(world: RestoreWorld) -> None:
    backup = deleted(world)
    world.own(ORDERS, period=3)
    world.carriers[Setting.TTL].kept = {"attribute": "another"}
    found = entries(world, order(backup, restoreTo="deletion"))
    assert "ttl" not in found


def test_of_a_backup_whose_table_is_there_the_settings_are_the_tables(world: RestoreWorld) -> None:
    backup = world.back_up(ORDERS)
    world.carriers[Setting.ALARMS].kept = {"names": ["errors"]}
    found = entries(world, order(backup, restoreTo=backup.arn))
    assert found["alarms"]["kept"] == {"names": ["errors"]}
    assert world.survey(order(backup, restoreTo=backup.arn))["recoveryPeriodInDays"] == 21


def test_it_needs_no_pitr_for_that(world: RestoreWorld) -> None:
    backup = world.back_up(ORDERS)
    world.tables.switch_off(ORDERS)
    world.tables.set_tags(ORDERS, recovery_days="6")
    asked = order(backup, restoreTo=backup.arn)
    assert world.survey(asked)["recoveryPeriodInDays"] == 6


def test_the_ledger_is_asked_for_the_period_of_the_table_that_the_backup_is_of(
    world: RestoreWorld,
) -> None:
    backup = world.back_up(ORDERS)
    world.ledger.remember(ORDERS, Memory(table_id="id-of-another", period=3, seen_on_at=START))
    world.delete(ORDERS)
    assert world.survey(order(backup, restoreTo=backup.arn))["recoveryPeriodInDays"] == 35


def test_a_backup_that_is_gone_ends_it(world: RestoreWorld) -> None:
    backup = deleted(world)
    world.restores.backups.clear()
    with pytest.raises(RefusedError, match=f"the backup {backup.arn} is gone"):
        world.survey(order(backup, restoreTo="deletion"))


def test_what_the_workflow_carries_does_not_grow_with_what_the_source_has(
    world: RestoreWorld,
) -> None:
    """A state of Step Functions holds 256 KiB; AWS lets an account have thousands of alarms."""
    alarms = [{"AlarmName": f"orders {n}", "AlarmDescription": "x" * 1000} for n in range(1000)]
    world.carriers[Setting.ALARMS].kept = {"alarms": alarms}
    carriers: Mapping[Setting, Carrier] = world.carriers
    survey = Survey(
        world.tables,
        world.restores,
        world.ledger,
        carriers,
        world.outliving,
        Policy(),
        world.surveys,
    )
    told = survey.take(order())
    assert len(json.dumps(told)) < 1000
    kept = {entry["setting"]: entry for entry in world.surveys.recall(order())["settings"]}
    assert kept["alarms"]["kept"] == {"alarms": alarms}
