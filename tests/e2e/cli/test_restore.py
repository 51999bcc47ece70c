"""`restore`, `rescue` and `follow`, from the words that are typed to the table that is there."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.guardian import fresh
from tests.e2e.restores.restorer import Restorer
from tests.e2e.waiting import eventually


@pytest.fixture(scope="module")
def orders(guardian: Restorer) -> str:
    table = guardian.protected_table()
    guardian.client("dynamodb").update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "endsAt"}
    )
    return table


def test_a_restore_is_followed_to_its_end(cli: Cli, guardian: Restorer, orders: str) -> None:
    target = fresh("Rescued")
    asked = ("restore", orders, "--as", target, "--reason", "INC-4711", "--requested-by", "ada")
    with guardian.aws.faults.delay("UpdateTimeToLive", 2):  # or it would be over between two looks
        ran = cli(*asked)
    assert ran.code == 0, ran.err
    assert f"{target} is ACTIVE" in ran.out
    assert "ttl" in ran.out
    # Without a terminal, a line an event, on stderr.
    stages = ran.err.splitlines()
    assert stages[0].startswith("Asked for (request restore-")
    assert any(line.startswith("Restoring for") for line in stages)
    assert any(line.startswith("Settings ") and " of " in line for line in stages)
    [answer] = [
        fact
        for fact in guardian.facts_of_kind("Restore Completed")
        if fact["targetTable"] == target
    ]
    assert (answer["requestedBy"], answer["requestReason"]) == ("ada", "INC-4711")

    # It is found again by its source and by its target, with its answer.
    for table in (orders, target):
        [restore] = [
            each
            for each in cli("history", "--table", table, "--json").json["restores"]
            if each["request"]["targetTable"] == target
        ]
        assert restore["answer"]["detailType"] == "Restore Completed"
        assert answer["requestId"] in cli("tables", table).out

    # Whoever comes later is told the same, as the fact's own JSON.
    again = cli("follow", answer["requestId"], "--json")
    assert again.code == 0
    assert again.json == {"detailType": "Restore Completed", **answer.detail}


def test_a_refusal_is_the_guardians_sentence(cli: Cli, guardian: Restorer, orders: str) -> None:
    malformed = cli("restore", orders, "--as", "x")
    assert malformed.code == 1
    assert "targetTable: 'x' is no good" in malformed.err
    assert malformed.out == ""
    missing = cli("restore", fresh("NoSuch"), "--as", fresh("Rescued"), "--json")
    assert missing.code == 1
    assert missing.json["detailType"] == "Restore Rejected"
    assert missing.json["error"] in missing.err
    # Under an id that was used for something else: whatever the ledger knows of that one.
    request = fresh("request")
    first = cli("restore", orders, "--as", fresh("Rescued"), "--request-id", request, "--no-wait")
    assert first.code == 5
    assert f"follow {request}" in first.out
    eventually(lambda: guardian.execution(request), f"{request} is under way")
    other = cli("restore", orders, "--as", fresh("Rescued"), "--request-id", request)
    assert other.code == 1
    assert f"requestId: {request} was used for another request" in other.err


def test_a_dry_run_tells_what_it_would_cost(cli: Cli, orders: str) -> None:
    ran = cli("restore", orders, "--as", fresh("Rescued"), "--dry-run")
    assert ran.code == 0
    assert "RestoreTableToPointInTime" in ran.out
    assert "US dollars" in ran.out
    ran = cli(
        *("restore", orders, "--as", fresh("Rescued"), "--dry-run", "--json"),
        *("--settings", "ttl,tags", "--billing", "5:6"),
        *("--encryption", "AWS_MANAGED"),
    )
    parameters = ran.json["plan"]["call"]["parameters"]
    assert parameters["ProvisionedThroughputOverride"] == {
        "ReadCapacityUnits": 5,
        "WriteCapacityUnits": 6,
    }
    assert ran.json["plan"]["encryption"] == "AWS_MANAGED"
    assert ran.json["plan"]["settings"] == ["pitr", "tags", "lineage", "ttl"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["restore", "Orders"], "--as"),
        (["restore", "Orders", "--as", "Copy", "--to", "noon"], "no instant"),
        (["restore", "Orders", "--as", "Copy", "--to", "2026-11-22T10:14:59"], "zone"),
        (["restore", "Orders", "--as", "Copy", "--billing", "cheap"], "billing mode"),
        (["restore", "Orders", "--as", "Copy", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
    ],
)
def test_what_cant_be_meant_is_wrong_usage(cli: Cli, words: list[str], told: str) -> None:
    ran = cli(*words)
    assert ran.code == 2
    assert told in ran.err


def test_a_deleted_table_is_rescued_as_its_alert_offers(cli: Cli, guardian: Restorer) -> None:
    table = guardian.protected_table()
    guardian.client("dynamodb").delete_table(TableName=table)
    deleted = guardian.fact(table, "Table Deleted")
    ran = cli("rescue", table, "--dry-run", "--json")
    assert ran.code == 0, ran.err
    assert deleted["reason"] in ran.err
    assert ran.json["restoreTo"] == deleted["request"]["restoreTo"]
    assert ran.json["targetTable"] == table
    assert ran.json["plan"]["call"]["operation"] == "RestoreTableFromBackup"


def test_ctrl_c_leaves_the_restore_running_and_says_how_to_follow_it(
    cli: Cli, guardian: Restorer, orders: str
) -> None:
    target, request = fresh("Rescued"), fresh("request")
    process = cli.started(
        *("restore", orders, "--as", target, "--request-id", request),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    eventually(lambda: guardian.execution(request), f"{request} is under way")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert f"pitr-guardian follow {request}" in err.decode()
    followed = cli("follow", request)
    assert followed.code == 0
    assert f"{target} is ACTIVE" in followed.out
