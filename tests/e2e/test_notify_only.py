"""A guardian that only notifies tells of drift once, and changes nothing."""

from __future__ import annotations

from tests.e2e.guardian import DESCRIBE, UPDATE, Guardian
from tests.e2e.waiting import eventually


def test_an_unprotected_table_is_reported_and_left_as_it_is(watcher: Guardian) -> None:
    table = watcher.create_table()
    fact = watcher.fact(table, "Drift Detected")
    assert fact["drift"] == "pitr-off"
    assert fact["severity"] == "warning"  # it never was protected: nothing is lost
    assert watcher.told(table) == ["Drift Detected"]
    assert watcher.period(table) is None


def test_a_protected_table_that_is_switched_off_is_reported_once(watcher: Guardian) -> None:
    user = watcher.user("dynamodb:UpdateContinuousBackups")
    table = watcher.create_table()
    watcher.fact(table, "Drift Detected")
    watcher.settle()
    switch_on(watcher, table)
    watcher.settle()
    with watcher.aws.faults.duplicate_events(UPDATE, table=table, copies=3):
        watcher.switch(table, on=False, caller=user)
        assert watcher.told(table) == ["Drift Detected"] * 2
    fact = watcher.fact(table, "Drift Detected")
    assert (fact["severity"], fact["actor"]["arn"]) == ("critical", user.arn)
    assert watcher.period(table) is None


def test_it_could_not_switch_pitr_on_if_it_wanted_to(watcher: Guardian) -> None:
    """The embedded AWS enforces roles: what the policy leaves out is denied."""
    table = watcher.create_table()
    watcher.fact(table, "Drift Detected")
    policy = watcher.client("iam").get_role_policy(
        RoleName=watcher.role_of("EnforceFunction"), PolicyName="Enforce"
    )
    allowed = [
        action
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    ]
    assert f"dynamodb:{DESCRIBE}" in allowed
    assert f"dynamodb:{UPDATE}" not in allowed


def switch_on(watcher: Guardian, table: str) -> None:
    """Its owner switches PITR on, as soon as the table is old enough."""
    eventually(lambda: _switched_on(watcher, table), "its owner switches PITR on")


def _switched_on(watcher: Guardian, table: str) -> bool:
    try:
        watcher.switch(table, on=True, days=35)
    except watcher.client("dynamodb").exceptions.ContinuousBackupsUnavailableException:
        return False
    return True
