"""`pitr-guardian undo` on the deployed stack: planned, read, approved, followed, and taken back."""

from __future__ import annotations

from tests.e2e.cli.terminal import Cli
from tests.e2e.undo.goods import BAD, GOOD, SOLD
from tests.e2e.undo.undoer import Undoer


def test_one_command_heals_the_table_and_another_takes_that_back(guardian: Undoer) -> None:
    cli, damaged = Cli(guardian), guardian.damaged(GOOD, BAD)
    window = ("--from", damaged.from_, "--to", damaged.to)
    healed = cli("undo", damaged.table, *window, "--yes", "--json")
    assert healed.code == 0, healed.err
    assert guardian.items(damaged.table) == GOOD
    plan = healed.json["planId"]
    shown = cli("undo", "show", plan)
    assert shown.code == 0
    assert plan in shown.out + shown.err
    back = cli("undo", "revert", plan, "--yes")
    assert back.code == 0, back.err
    assert guardian.items(damaged.table) == BAD


def test_a_plan_with_conflicts_is_not_approved_unread(guardian: Undoer) -> None:
    cli, damaged = Cli(guardian), guardian.damaged(GOOD, BAD)
    guardian.put(damaged.table, {"pears": {"price": {"N": "8"}}, "apples": SOLD})
    before = guardian.items(damaged.table)
    ran = cli("undo", damaged.table, "--from", damaged.from_, "--to", damaged.to, "--yes")
    assert ran.code != 0
    assert "--fingerprint" in ran.err
    assert guardian.items(damaged.table) == before


def test_a_refusal_is_the_guardians_sentence(guardian: Undoer) -> None:
    ran = Cli(guardian)("undo", "Customers", "--from", "-15m", "--yes")
    assert ran.code == 1
    assert "UndoTablePattern" in ran.err
