"""The PITR switch: windows, periods, and what each state of a table answers."""

from __future__ import annotations

from datetime import timedelta

from tests.localcloud.account import SETTINGS, Account
from tests.localcloud.errors import refused

LAG = timedelta(seconds=SETTINGS.latest_lag_seconds)
DAY = timedelta(days=1)
A_MOMENT = timedelta(seconds=3)


def advance(aws: Account, by: timedelta) -> None:
    aws.advance(by.total_seconds())


def test_continuous_backups_are_enabled_on_every_table_and_say_nothing(aws: Account) -> None:
    aws.active_table()
    answer = aws.dynamodb.describe_continuous_backups(TableName="orders")
    assert answer["ContinuousBackupsDescription"] == {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }


def test_switching_on_opens_a_window_at_that_moment(aws: Account) -> None:
    aws.active_table()
    before = aws.cloud.clock.now()
    pitr = aws.switch("orders", on=True)
    assert pitr["PointInTimeRecoveryStatus"] == "ENABLED"
    assert pitr["RecoveryPeriodInDays"] == 35
    assert abs(pitr["EarliestRestorableDateTime"] - before) < A_MOMENT


def test_latest_is_never_before_the_enabling_instant_and_then_lags(aws: Account) -> None:
    aws.protected_table()
    young = aws.pitr("orders")
    assert young["LatestRestorableDateTime"] >= young["EarliestRestorableDateTime"]
    assert young["LatestRestorableDateTime"] - young["EarliestRestorableDateTime"] < A_MOMENT
    advance(aws, 2 * LAG)
    latest = aws.pitr("orders")["LatestRestorableDateTime"]
    assert LAG <= aws.cloud.clock.now() - latest + A_MOMENT < LAG + 2 * A_MOMENT


def test_switching_off_leaves_only_the_status(aws: Account) -> None:
    aws.protected_table()
    assert aws.switch("orders", on=False) == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert aws.pitr("orders") == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_switching_on_again_starts_a_new_window(aws: Account) -> None:
    aws.protected_table()
    old = aws.pitr("orders")["EarliestRestorableDateTime"]
    advance(aws, DAY)
    aws.switch("orders", on=False)
    aws.switch("orders", on=True)
    assert aws.pitr("orders")["EarliestRestorableDateTime"] - old >= DAY


def test_switching_on_what_is_on_moves_nothing(aws: Account) -> None:
    aws.active_table()
    aws.switch("orders", on=True, days=7)
    before = aws.pitr("orders")
    advance(aws, DAY)
    aws.switch("orders", on=True)
    after = aws.pitr("orders")
    assert after["EarliestRestorableDateTime"] == before["EarliestRestorableDateTime"]
    assert after["RecoveryPeriodInDays"] == 7


def test_a_window_is_never_longer_than_its_period(aws: Account) -> None:
    aws.active_table()
    aws.switch("orders", on=True, days=3)
    advance(aws, 10 * DAY)
    earliest = aws.pitr("orders")["EarliestRestorableDateTime"]  # first: time goes on meanwhile
    reach = aws.cloud.clock.now() - earliest
    assert 3 * DAY <= reach < 3 * DAY + A_MOMENT


def test_shortening_the_period_keeps_pitr_on_and_deletes_the_older_backups(aws: Account) -> None:
    aws.protected_table()
    advance(aws, 20 * DAY)
    shortened = aws.switch("orders", on=True, days=5)
    assert shortened["PointInTimeRecoveryStatus"] == "ENABLED"
    assert shortened["RecoveryPeriodInDays"] == 5
    assert aws.cloud.clock.now() - shortened["EarliestRestorableDateTime"] < 5 * DAY + A_MOMENT


def test_lengthening_the_period_brings_nothing_back_and_lets_the_window_grow(aws: Account) -> None:
    aws.protected_table()
    advance(aws, 20 * DAY)
    earliest = aws.switch("orders", on=True, days=5)["EarliestRestorableDateTime"]
    kept = aws.switch("orders", on=True, days=35)["EarliestRestorableDateTime"]
    assert kept - earliest < A_MOMENT
    advance(aws, 10 * DAY)
    assert aws.pitr("orders")["EarliestRestorableDateTime"] == kept


def test_a_period_beyond_35_days_is_refused(aws: Account) -> None:
    aws.active_table()
    with refused("ValidationException"):
        aws.switch("orders", on=True, days=36)
    assert aws.pitr("orders")["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_period_does_not_go_with_switching_off(aws: Account) -> None:
    aws.protected_table()
    with refused("ValidationException"):
        aws.switch("orders", on=False, days=7)
    assert aws.pitr("orders")["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_table_may_be_named_by_its_arn(aws: Account) -> None:
    aws.active_table()
    aws.switch(aws.arn("orders"), on=True)
    assert aws.pitr(aws.arn("orders"))["PointInTimeRecoveryStatus"] == "ENABLED"


def test_the_arn_of_another_region_names_no_table_here(aws: Account) -> None:
    aws.active_table()
    with refused("TableNotFoundException"):
        aws.switch(aws.arn("orders", "eu-west-1"), on=True)


def test_a_table_that_is_not_there_is_not_found(aws: Account) -> None:
    with refused("TableNotFoundException"):
        aws.switch("nowhere", on=True)
    with refused("TableNotFoundException"):
        aws.pitr("nowhere")


def test_in_its_first_seconds_a_table_is_not_found(aws: Account) -> None:
    aws.create_table()
    with refused("TableNotFoundException"):
        aws.switch("orders", on=True)
    with refused("TableNotFoundException"):
        aws.pitr("orders")


def test_then_its_backups_are_being_enabled_until_shortly_after_it_is_active(aws: Account) -> None:
    aws.create_table()
    aws.advance(SETTINGS.not_found_seconds)
    with refused("ContinuousBackupsUnavailableException"):
        aws.switch("orders", on=True)
    aws.advance(SETTINGS.creating_seconds - SETTINGS.not_found_seconds)
    assert aws.status("orders") == "ACTIVE"
    with refused("ContinuousBackupsUnavailableException"):
        aws.switch("orders", on=True)
    aws.advance(SETTINGS.backups_enabling_seconds)
    assert aws.switch("orders", on=True)["PointInTimeRecoveryStatus"] == "ENABLED"


def test_an_updating_table_can_be_switched(aws: Account) -> None:
    aws.active_table()
    aws.dynamodb.update_table(TableName="orders", DeletionProtectionEnabled=True)
    assert aws.status("orders") == "UPDATING"
    assert aws.switch("orders", on=True)["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_restore_target_is_not_found_until_it_is_active(aws: Account) -> None:
    aws.protected_table()
    aws.dynamodb.restore_table_to_point_in_time(
        SourceTableName="orders", TargetTableName="restored", UseLatestRestorableTime=True
    )
    aws.advance(SETTINGS.restore_seconds / 2)
    with refused("TableNotFoundException"):
        aws.switch("restored", on=True)
    aws.advance(SETTINGS.restore_seconds / 2)
    with refused("ContinuousBackupsUnavailableException"):
        aws.switch("restored", on=True)
    aws.advance(SETTINGS.backups_enabling_seconds)
    assert aws.switch("restored", on=True)["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_deleting_table_takes_the_switch_for_a_moment_and_leaves_a_backup(aws: Account) -> None:
    aws.active_table()
    aws.dynamodb.delete_table(TableName="orders")
    assert aws.switch("orders", on=True)["PointInTimeRecoveryStatus"] == "ENABLED"
    aws.advance(SETTINGS.deleting_accepts_pitr_seconds)
    assert aws.status("orders") == "DELETING"
    with refused("TableNotFoundException"):
        aws.switch("orders", on=True)
    aws.advance(SETTINGS.deletion_backup_seconds)
    [backup] = aws.dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert backup["BackupName"] == "orders$DeletedTableBackup"
