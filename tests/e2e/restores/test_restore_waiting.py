"""Restores that take hours: their turn is waited for, they are cheap, and given up in the end.

A cloud of its own, where a restore takes ten hours on the cloud's clock, which the tests move, and
only one runs at once. Its workflows wait five thousand times shorter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import embedded_aws
from tests.e2e.restores.restorer import HOME, Asked, Restorer
from tests.e2e.waiting import eventually

TIMEOUT_HOURS = 7
RESTORE_SECONDS = 36_000


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restorer]:
    log = tmp_path_factory.mktemp("slow-aws") / "log"
    with embedded_aws(
        log,
        restore_seconds=RESTORE_SECONDS,
        max_concurrent_restores=1,
        state_machine_wait_scale=0.0002,
        latest_lag_seconds=0.1,
    ) as aws:
        parameters = {
            "RestoreTimeoutHours": str(TIMEOUT_HOURS),
            "RestoreSourcePattern": "Orders*",
            "RestoreTargetPattern": "Restored*",
        }
        yield Restorer(aws, aws.deploy("pitr-guardian", HOME, parameters))


@pytest.fixture(scope="module")
def given_up(slow: Restorer) -> Asked:
    """A restore that nobody lets end."""
    asked = slow.ask(slow.protected_table(), requestedBy="anna")
    slow.failed(asked, within=120)
    return asked


def test_a_restore_that_takes_too_long_has_failed(slow: Restorer, given_up: Asked) -> None:
    failed = slow.failed(given_up)
    assert failed["error"] == (
        f"RestoreTimeout: the table {slow.arn(given_up.target)} was not ACTIVE within "
        f"{TIMEOUT_HOURS} hours; AWS may still finish it"
    )
    assert slow.kinds(given_up) == ["Restore Accepted", "Restore Failed"]


def test_a_restore_of_hours_takes_few_state_transitions(slow: Restorer, given_up: Asked) -> None:
    """AWS bills each, and ends a workflow after 25,000 events."""
    entered = slow.states_entered(given_up.id)
    assert entered.count("Wait") > 6 * 3600 / 300
    # Had it ended well, putting the settings back would have come on top: a map of 12.
    assert len(entered) + 2 * 12 + 4 < 400


def test_a_restore_beyond_what_aws_allows_waits_for_its_turn_and_says_so_once(
    slow: Restorer, given_up: Asked
) -> None:
    slow.aws.advance(RESTORE_SECONDS)  # the one that was given up ends after all
    first = slow.ask(given_up.source)
    eventually(lambda: slow.describe(first.target), "the first restore runs", 40)
    second = slow.ask(given_up.source)
    eventually(
        lambda: slow.states_entered(second.id).count("Wait for its turn") >= 3,
        "the second restore was refused several times",
        40,
    )
    slow.aws.advance(RESTORE_SECONDS)
    slow.completed(first)
    eventually(lambda: slow.describe(second.target), "the second restore runs", 40)
    slow.aws.advance(RESTORE_SECONDS)
    slow.completed(second)
    assert slow.kinds(first) == ["Restore Accepted", "Restore Completed"]
    assert slow.kinds(second) == ["Restore Accepted", "Restore Waiting", "Restore Completed"]
    [waiting] = [fact for fact in slow.told_of(second.id) if fact.detail_type == "Restore Waiting"]
    assert waiting["severity"] == "info"
    assert waiting["id"] == f"restore/{second.id}/waiting"
    assert waiting["reason"].startswith(
        f"AWS does not begin the restore to {second.target} yet; it waits for its turn. AWS says: "
        "LimitExceededException: "
    )
    remembered = slow.ledger_record(second.id)
    assert json.loads(remembered["order"])["request"]["targetTable"] == second.target


def test_tables_outside_the_stacks_patterns_are_refused(slow: Restorer) -> None:
    other = slow.rejected(slow.ask("Invoices"))
    assert other["error"].startswith("sourceTable: the stack restores from tables named Orders*")
    other = slow.rejected(slow.ask("Orders", "Invoices"))
    assert other["error"].startswith("targetTable: the stack restores to tables named Restored*")
