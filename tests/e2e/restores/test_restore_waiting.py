"""Restores that take hours: their turn is waited for, they are cheap, and given up in the end.

A cloud of its own, where a restore takes ten hours on the cloud's clock, which the tests move, and
only one runs at once. Its workflows wait two thousand times shorter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

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
        state_machine_wait_scale=0.0005,
        latest_lag_seconds=0.1,
    ) as aws:
        parameters = {
            "RestoreTimeoutHours": str(TIMEOUT_HOURS),
            "RestoreSourcePattern": "Orders*",
            "RestoreTargetPattern": "Restored*",
        }
        yield Restorer(aws, aws.deploy("pitr-guardian", HOME, parameters))


@dataclass(frozen=True)
class GivenUp:
    """Two restores that nobody lets end: one that runs, and one that waits for its turn."""

    source: str
    running: Asked
    waiting: Asked


@pytest.fixture(scope="module")
def given_up(slow: Restorer) -> GivenUp:
    source = slow.protected_table()
    running = slow.ask(source, requestedBy="anna")
    eventually(lambda: slow.describe(running.target), "the first restore runs", 40)
    waiting = slow.ask(source)
    for asked in (running, waiting):
        slow.failed(asked, within=90)
    return GivenUp(source, running, waiting)


def test_a_restore_that_takes_too_long_has_failed(slow: Restorer, given_up: GivenUp) -> None:
    asked = given_up.running
    failed = slow.failed(asked)
    assert failed["error"] == (
        f"RestoreTimeout: the table {slow.arn(asked.target)} was not ACTIVE within "
        f"{TIMEOUT_HOURS} hours; AWS may still finish it"
    )
    assert slow.kinds(asked) == ["Restore Accepted", "Restore Failed"]


def test_a_restore_of_hours_takes_few_state_transitions(slow: Restorer, given_up: GivenUp) -> None:
    """AWS bills each, and ends a workflow after 25,000 events."""
    entered = slow.states_entered(given_up.running.id)
    assert entered.count("Wait") > 6 * 3600 / 300
    # Had it ended well, putting the settings back would have come on top: a map of 12.
    assert len(entered) + 2 * 12 + 4 < 400


def test_a_restore_that_never_gets_its_turn_has_failed(slow: Restorer, given_up: GivenUp) -> None:
    asked = given_up.waiting
    failed = slow.failed(asked)
    assert failed["error"] == (
        "RestoreTimeout: as many restores as AWS allows at once were under way for "
        f"{TIMEOUT_HOURS} hours"
    )
    assert slow.kinds(asked) == ["Restore Accepted", "Restore Waiting", "Restore Failed"]
    assert slow.describe(asked.target) is None
    assert len(slow.states_entered(asked.id)) < 400


def test_a_restore_beyond_what_aws_allows_waits_for_its_turn_and_says_so_once(
    slow: Restorer, given_up: GivenUp
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
    assert waiting["reason"] == (
        "As many restores as AWS allows at once are under way; the restore to "
        f"{second.target} waits for its turn."
    )
    remembered = slow.ledger_record(second.id)
    assert json.loads(remembered["order"])["request"]["targetTable"] == second.target


def test_tables_outside_the_stacks_patterns_are_refused(slow: Restorer) -> None:
    other = slow.rejected(slow.ask("Invoices"))
    assert other["error"].startswith("sourceTable: the stack restores from tables named Orders*")
    other = slow.rejected(slow.ask("Orders", "Invoices"))
    assert other["error"].startswith("targetTable: the stack restores to tables named Restored*")
