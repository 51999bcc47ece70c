"""Restore points that go although PITR is on, tags that come late, and tables out of reach."""

from __future__ import annotations

import time

import pytest

from tests.e2e.guardian import UPDATE, Guardian, instant

DAYS_TAG = "pitr-guardian:recovery-days"


def tag(guardian: Guardian, table: str, value: str) -> None:
    guardian.client("dynamodb").tag_resource(
        ResourceArn=guardian.arn(table), Tags=[{"Key": DAYS_TAG, "Value": value}]
    )


def test_off_and_on_before_the_guardian_looks_is_told_with_who_did_it(guardian: Guardian) -> None:
    user, table = guardian.user("dynamodb:UpdateContinuousBackups"), guardian.protected_table()
    began = guardian.pitr(table)["EarliestRestorableDateTime"]
    time.sleep(1.1)  # a window begins with a whole second
    with guardian.aws.faults.hold_events(UPDATE, table=table) as held:
        guardian.switch(table, on=False, caller=user)
        guardian.switch(table, on=True, days=35, caller=user)
        held.release()
    fact = guardian.fact(table, "History Lost")
    assert (fact["how"], fact["severity"]) == ("switched-off-and-on", "critical")
    assert fact["actor"]["arn"] == user.arn
    assert instant(fact["lostWindow"]["earliest"]) == began
    now_begins = guardian.pitr(table)["EarliestRestorableDateTime"]
    assert instant(fact["lostWindow"]["latest"]) == now_begins
    assert guardian.told(table) == ["Table Protected", "History Lost"]


def test_a_period_that_is_tagged_soon_after_birth_is_followed(guardian: Guardian) -> None:
    table = guardian.protected_table()
    tag(guardian, table, "7")
    assert guardian.told(table) == ["Table Protected"]
    assert guardian.period(table) == 7


@pytest.mark.parametrize("value", ["14 days", "36"])
def test_a_period_tag_that_says_nothing_is_told(guardian: Guardian, value: str) -> None:
    table = guardian.protected_table()
    tag(guardian, table, value)
    fact = guardian.fact(table, "Period Invalid")
    assert (fact["tagKey"], fact["tagValue"]) == (DAYS_TAG, value)
    assert guardian.told(table) == ["Table Protected", "Period Invalid"]
    assert guardian.period(table) == 35


def test_a_table_whose_key_is_gone_is_told(guardian: Guardian) -> None:
    kms = guardian.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    table = guardian.protected_table(SSESpecification=encryption)
    kms.disable_key(KeyId=key)
    tag(guardian, table, "35")  # whatever makes the guardian look
    fact = guardian.fact(table, "Protection Failed")
    assert "INACCESSIBLE_ENCRYPTION_CREDENTIALS" in fact["error"]
    assert guardian.told(table) == ["Table Protected", "Protection Failed"]
