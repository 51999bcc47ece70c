"""`status`, `tables`, `sweep` and `report`, on a stack whose tables come and go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cli.terminal import Cli, lines_of
from tests.e2e.embedded_aws import Caller
from tests.e2e.restores.restorer import Restorer


@pytest.fixture(scope="module")
def orders(guardian: Restorer) -> str:
    return guardian.protected_table("Orders-for-status")


def test_all_is_well_after_a_sweep(cli: Cli, guardian: Restorer, orders: str) -> None:
    swept = cli("sweep", "--json")
    assert swept.code == 0, swept.err
    assert swept.json["summary"]["drifted"] == 0
    well = cli("status")
    assert well.code == 0, well.out
    assert "well" in well.out
    assert "No table needs a person." in well.out
    listed = cli("tables", "--all", "--json")
    assert listed.code == 0
    assert orders in {row["name"] for row in listed.json["tables"]}
    assert orders not in cli("tables").out  # it asks for nothing


def test_a_table_is_told_as_it_is_now_with_what_happened_to_it(
    cli: Cli, guardian: Restorer
) -> None:
    table = guardian.protected_table()
    guardian.switch(table, on=False)
    guardian.fact(table, "PITR Re-enabled")
    ran = cli("tables", table)
    assert ran.code == 0
    assert "PITR Re-enabled" in ran.out
    told = cli("tables", guardian.arn(table), "--json").json
    assert told["pitr"] is True
    assert [each["detailType"] for each in told["incidents"]] == [
        "PITR Re-enabled",
        "Table Protected",
    ]
    unknown = cli("tables", "NoSuchTable")
    assert unknown.code == 1
    assert "no table NoSuchTable" in unknown.err


def test_a_dead_letter_needs_a_person(cli: Cli, guardian: Restorer, orders: str) -> None:
    with dead_letter(guardian):
        ran = cli("status", "--json")
        assert ran.code == 3
        assert ran.json["needsAPerson"] is True
        assert ran.json["queues"] == {"waiting": 0, "deadLetters": 1, "undelivered": 0}
        assert "1 dead letters" in cli("status").out


@contextlib.contextmanager
def dead_letter(guardian: Restorer) -> Iterator[None]:
    """A message in the dead-letter queue, whose policy lets nobody put one there."""
    sqs, url = guardian.client("sqs"), guardian.stack.outputs["EnforcementDeadLetterQueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    try:
        yield
    finally:
        sqs.purge_queue(QueueUrl=url)
        sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)


def test_the_report_is_fetched_in_each_form(
    cli: Cli, guardian: Restorer, orders: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("report").out.strip() == "pitr-guardian-report.html"
    assert "<html" in (tmp_path / "pitr-guardian-report.html").read_text()[:200]
    assert cli("report", "--format", "csv", "--output", "-").out.startswith('"arn"')
    assert cli("report", "--json").json["version"] == "1"
    assert cli("report", "--format", "pdf").code == 2


@pytest.mark.parametrize("columns", [80, 200])
def test_no_line_is_longer_than_the_terminal(
    cli: Cli, guardian: Restorer, orders: str, columns: int
) -> None:
    code, shown = cli.on_a_terminal("tables", orders, columns=columns)
    assert code == 0
    assert "\x1b[" in shown
    assert max(map(len, lines_of(shown))) <= columns


def test_there_is_no_colour_where_nobody_wants_it(cli: Cli, orders: str) -> None:
    _, shown = cli.on_a_terminal("tables", orders, env={"NO_COLOR": "1"})
    assert "\x1b[" not in shown
    assert "\x1b" not in cli("tables", orders).out


def test_without_a_terminal_a_line_stays_a_line(cli: Cli, guardian: Restorer, orders: str) -> None:
    [line] = [line for line in cli("tables", orders).out.splitlines() if "Table Protected" in line]
    assert "it is on now" in line
    assert line == line.rstrip()


# -- who may not, and where nothing is ----------------------------------------------------------


def test_a_missing_right_is_named(cli: Cli, guardian: Restorer) -> None:
    nobody = guardian.user("dynamodb:ListTables")
    ran = cli("status", caller=nobody)
    assert ran.code == 4
    assert "cloudformation:DescribeStacks" in ran.err
    assert ran.out == ""


def test_a_stack_that_isnt_there_is_told_with_those_that_are(cli: Cli) -> None:
    ran = cli("status", "--stack", "no-such-stack")
    assert ran.code == 1
    assert "there is no stack no-such-stack in eu-central-1" in ran.err
    assert "--stack pitr-guardian" in ran.err
    elsewhere = cli("status", "--region", "eu-west-1")
    assert elsewhere.code == 1
    assert "there is no stack pitr-guardian in eu-west-1" in elsewhere.err


@pytest.mark.parametrize(
    ("env", "code", "told"),
    [
        ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, 2, "--region"),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, 1, "no AWS credentials"),
        ({"AWS_PROFILE": "nobody"}, 2, "no profile nobody"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 1, "AWS can't be reached"),
    ],
)
def test_what_a_machine_lacks_is_a_sentence(
    cli: Cli, env: dict[str, str | None], code: int, told: str
) -> None:
    ran = cli("status", env=env)
    assert ran.code == code
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_credentials_of_nobody_are_told(cli: Cli) -> None:
    ran = cli("status", caller=Caller("AKIAUNKNOWN000000000", "wrong"))
    assert ran.code in (1, 4)
    assert ran.err.startswith("Error:")
