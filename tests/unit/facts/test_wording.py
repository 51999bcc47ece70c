"""The words of announcements, as a person reads them."""

import json
from typing import Any

import pytest

from pitr_guardian.facts.wording import (
    advice_on,
    heading_of,
    lines_of,
)
from pitr_guardian.tables.observation import OUT_OF_REACH

TABLE = {"table": {"name": "orders"}}


def line(label: str, **detail: Any) -> str | None:
    return dict(lines_of(detail))[label]


@pytest.mark.parametrize(
    ("detail_type", "heading"),
    [
        ("PITR Re-enabled", "PITR is back on orders; older restore points are lost"),
        (
            "Recovery Period Restored",
            "The recovery period of orders is back; its oldest days are lost",
        ),
        ("Table Protected", "orders is protected now"),
        ("Drift Detected", "orders is not protected as it should be"),
        ("Drift Tolerated", "orders is exempt and not protected"),
        ("Fight Detected", "Somebody keeps taking protection from orders"),
        ("Protection Failed", "orders could NOT be protected"),
        ("Exemption Invalid", "orders has an exemption that doesn't count"),
        ("Something New", "Something New on orders"),
    ],
)
def test_the_heading_says_what_happened_to_which_table(detail_type: str, heading: str) -> None:
    assert heading_of(detail_type, TABLE) == heading


def test_a_heading_needs_no_table() -> None:
    assert heading_of("Drift Detected", {}) == "a table is not protected as it should be"
    assert heading_of("Drift Detected", {"table": None}) == heading_of("Drift Detected", {})


@pytest.mark.parametrize("status", OUT_OF_REACH)
def test_a_table_out_of_reach_is_not_sought_in_a_queue_that_does_not_hold_it(status: str) -> None:
    advice = advice_on("Protection Failed", {**TABLE, "error": f"{status}: why"})
    assert "redrive" not in advice
    assert "KMS key" in advice
    assert "backup that AWS made" in advice


def test_a_table_that_could_not_be_protected_is_redriven() -> None:
    advice = advice_on("Protection Failed", TABLE)
    assert "dead-letter queue" in advice
    assert "NOT protected" in advice


@pytest.mark.parametrize(
    ("actor", "advice"),
    [({"arn": "arn:aws:iam::111122223333:user/a"}, "Ask who is named above"), (None, "Find out")],
)
def test_nobody_is_sent_to_a_name_that_isnt_there(
    actor: dict[str, str] | None, advice: str
) -> None:
    assert advice_on("PITR Re-enabled", {"actor": actor}).startswith(advice)


def test_a_fact_may_bring_advice_of_its_own() -> None:
    assert advice_on("PITR Re-enabled", {"advice": "Call Alice."}) == "Call Alice."


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        (None, None),
        ({}, None),
        ({"arn": "arn:x", "type": "Root"}, "arn:x"),
        ({"type": "AWSService", "invokedBy": "x.amazonaws.com"}, "x.amazonaws.com"),
        ({"type": "Root", "tool": "console"}, "Root with console"),
        ({"sourceIp": "203.0.113.7"}, "unknown from 203.0.113.7"),
    ],
)
def test_who_did_it_is_told_as_well_as_it_is_known(
    actor: dict[str, str] | None, who: str | None
) -> None:
    assert line("Who", actor=actor) == who


@pytest.mark.parametrize(
    ("seconds", "length"),
    [
        (0, "0.0 s"),
        (1.234, "1.2 s"),
        (59.4, "59.4 s"),
        (59.97, "1 min 0 s"),
        (61, "1 min 1 s"),
        (3599.7, "1 h 0 min"),
        (3725, "1 h 2 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_a_time_is_told_no_finer_than_it_matters(seconds: float, length: str) -> None:
    exposure = {"from": "A", "to": "B", "seconds": seconds}
    assert line("Unprotected", exposure=exposure) == f"at most {length}, from A to B"


def test_what_was_lost_is_told_from_when_to_when() -> None:
    lost = line("Lost for good", lostWindow={"earliest": "A", "latest": "B"})
    assert lost == "every restore point from A to B"


def test_a_loss_of_unknown_size_is_told_as_one() -> None:
    lost = line("Lost for good", lostWindow=None)
    assert lost == "every restore point before PITR was switched on again"


def test_where_nothing_was_lost_nothing_is_told() -> None:
    assert line("Lost for good") is None


def test_a_deletion_is_told_with_the_request_that_undoes_it() -> None:
    request = {"sourceTable": "arn:x", "targetTable": "orders", "restoreTo": "deletion"}
    lines = dict(lines_of({"backupArn": "arn:b", "request": request}))
    assert lines["Backup"] == "arn:b"
    assert json.loads(lines["Request that brings it back"] or "") == request
    assert advice_on("Table Deleted", {"request": request}).startswith("If nobody meant to")
    assert advice_on("Table Deleted", {"request": None}).startswith("Look for recovery points")
    unrequested = {"request": None, "backupArn": "arn:b"}
    assert advice_on("Table Deleted", unrequested).startswith("Change the stack's parameter")


def test_a_deletion_is_told_with_its_newest_other_backups() -> None:
    backups = [{"arn": f"arn:{number}", "createdAt": "2026"} for number in range(5)]
    lines = dict(lines_of({"otherBackups": backups}))
    assert lines["Other backups"] == "2026 arn:0, 2026 arn:1, 2026 arn:2, and 2 more"


def test_a_removed_replica_is_headed_as_one() -> None:
    table = {"name": "orders", "region": "us-east-1"}
    detail = {"table": table, "replicaOf": "arn:x"}
    heading = "The replica of orders in us-east-1 was removed"
    assert heading_of("Table Deleted", detail | {"backupArn": "arn:b"}) == heading
    assert heading_of("Table Deleted", detail) == f"{heading}, with NO backup left"
    assert dict(lines_of(detail))["Replica of"] == "arn:x"


def test_a_restore_is_told_with_where_the_new_table_is() -> None:
    new = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    assert line("New table", targetTable="orders", targetArn=new) == new


@pytest.mark.parametrize(
    ("failed", "heading"),
    [(0, "All tables were checked"), (1, "Not all tables could be checked")],
)
def test_a_sweep_is_headed_by_whether_it_saw_all(failed: int, heading: str) -> None:
    assert heading_of("Sweep Completed", {"failed": failed}) == heading


def test_a_plan_is_told_with_what_it_would_cost() -> None:
    estimate = {"sizeInBytes": 5_000, "costInUsd": 1.5, "minutes": {"from": 2, "to": 60}}
    plan = {"encryption": "as the source", "settings": ["pitr", "ttl"], "estimate": estimate}
    lines = dict(lines_of({"plan": plan}))
    assert lines["Encryption"] == "as the source"
    assert lines["Settings to put back"] == "pitr, ttl"
    assert lines["Size in bytes"] == "5000"
    assert lines["Cost in USD"] == "1.5"
    assert lines["Minutes"] == "2 to 60"


def test_a_digest_is_headed_by_what_happened_to_how_many() -> None:
    digest = {"event": "table-deleted", "count": 12, "tables": ["a", "b"], "who": ["arn:x"]}
    assert heading_of("Alerts Folded", digest) == "12 more tables were deleted"
    unknown = digest | {"event": "something-new"}
    assert heading_of("Alerts Folded", unknown) == "12 more alerts something-new"
    lines = dict(lines_of(digest))
    assert (lines["Tables"], lines["Callers"]) == ("a, b", "arn:x")
    assert advice_on("Alerts Folded", unknown) == "The list has each of them, with its reason."
    protected = digest | {"event": "table-protected"}
    assert advice_on("Alerts Folded", protected).startswith("Nothing. The list has")


def test_a_digest_names_fifty_tables_however_long_their_names_are() -> None:
    names = [f"{number:02}{'x' * 90}" for number in range(50)]
    lines = [
        value for label, value in lines_of({"tables": names, "count": 60}) if label == "Tables"
    ]
    assert all(len(line or "") <= 1000 for line in lines)
    told = " ".join(line or "" for line in lines)
    assert all(name in told for name in names)
    assert told.endswith("and more; the list has all")
