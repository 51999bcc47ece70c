"""`history` and `watch`: what happened, and what happens."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import IO

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.restores.restorer import Restorer
from tests.e2e.waiting import eventually


def test_history_tells_what_happened_to_one_table_and_to_all(cli: Cli, guardian: Restorer) -> None:
    """Restores, too: tests/e2e/cli/test_restore.py has one to find."""
    table = guardian.protected_table()
    of_it = cli("history", "--table", table, "--json").json
    assert [each["detailType"] for each in of_it["incidents"]] == ["Table Protected"]
    assert of_it["restores"] == of_it["undos"] == []
    [told] = of_it["incidents"]
    alert = eventually(
        lambda: cli("history", "--table", table, "--json").json["alerts"].get(told["id"]),
        "what became of the alert",
    )
    assert set(alert) in ({"sentAt"}, {"foldedInto"})  # other tests may have made a flood of births
    everything = cli("history", "--days", "1")
    assert everything.code == 0
    assert table in everything.out
    nothing = cli("history", "--table", "NoSuchTable")
    assert nothing.code == 0
    assert "Nothing happened" in nothing.err


def left(guardian: Restorer) -> list[str]:
    """The rules and queues of watchers that are there."""
    rules = guardian.client("events").list_rules(
        EventBusName=guardian.stack.outputs["FactBusName"], NamePrefix="pitr-guardian-watch-"
    )["Rules"]
    queues = guardian.client("sqs").list_queues(QueueNamePrefix="pitr-guardian-watch-")
    names: list[str] = [rule["Name"] for rule in rules]
    return names + list(queues.get("QueueUrls", []))


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_a_watcher_sees_facts_and_leaves_nothing_behind(
    cli: Cli, guardian: Restorer, way: signal.Signals
) -> None:
    process = cli.started("watch", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = streams(process)
    assert "Watching pitr-guardian" in err.readline().decode()
    assert len(left(guardian)) == 2
    table = guardian.create_table()
    fact = json.loads(out.readline())
    assert fact["detailType"] == "Table Protected"
    assert fact["table"]["name"] == table
    process.send_signal(way)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert left(guardian) == []


def test_a_watcher_removes_what_another_has_left_whose_time_is_over(
    cli: Cli, guardian: Restorer
) -> None:
    forgotten = "pitr-guardian-watch-forgotten"
    guardian.client("sqs").create_queue(QueueName=forgotten)
    guardian.client("events").put_rule(
        Name=forgotten,
        EventBusName=guardian.stack.outputs["FactBusName"],
        Description="Facts for somebody who watches until 2026-01-01T00:00:00Z",
        EventPattern='{"source": ["pitr-guardian"]}',
    )
    process = cli.started("watch", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, err = streams(process)
    assert "Watching" in err.readline().decode()
    eventually(
        lambda: not any("forgotten" in name for name in left(guardian)), "what was left is gone"
    )
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdout
    assert process.stderr
    return process.stdout, process.stderr
