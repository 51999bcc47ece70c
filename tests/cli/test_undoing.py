"""An undo from the command line: its request, its plan, the question, its end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest
from moto import mock_aws
from rich.console import Console

from pitr_guardian_cli import terminal
from pitr_guardian_cli.aws.door import Door
from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.aws.plans import samples
from pitr_guardian_cli.aws.stack import Stack
from pitr_guardian_cli.command import ended
from pitr_guardian_cli.commands import undo
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.undoing import condition, partition_key, stage_of
from tests.cli.ledger import NAME, REGION, Written

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)
ACCOUNT = "111122223333"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Orders"
BUCKET = "undo-bucket"
FINGERPRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TABLE = {"arn": ARN, "name": "Orders", "account": ACCOUNT, "region": REGION}


def planned(plan_id: str, **counts: int) -> dict[str, Any]:
    """`Undo Planned`, as docs/facts.md has it."""
    detail = {
        "version": "1",
        "id": "planned-1",
        "time": "2026-11-25T10:15:00.000Z",
        "severity": "info",
        "reason": "Of 3 changed items 3 go back.",
        "table": TABLE,
        "planId": plan_id,
        "from": "2026-11-25T10:00:00.000Z",
        "to": "2026-11-25T10:05:00.000Z",
        "fingerprint": FINGERPRINT,
        "expiresAt": "2026-11-26T10:15:00.000Z",
        "counts": {"remove": 0, "putBack": 0, "revert": 3, "merge": 0, "conflict": 0} | counts,
        "estimate": {"costInUsd": 0.02, "writeUnits": 6, "seconds": 4},
        "planUri": f"s3://{BUCKET}/undos/{plan_id}/plan/page.html",
        "itemsUri": f"s3://{BUCKET}/undos/{plan_id}/plan/items.jsonl",
    }
    return {"detailType": "Undo Planned", "detail": detail}


def completed(plan_id: str, **counts: int) -> dict[str, Any]:
    detail = {
        "reason": "3 items went back.",
        "table": TABLE,
        "planId": plan_id,
        "doubtful": counts.pop("doubtful", 0),
        "counts": {"reverted": 3, "conflict": 0, "failed": 0} | counts,
        "verified": 3,
        "seconds": 4.2,
        "reportUri": f"s3://{BUCKET}/undos/{plan_id}/report/page.html",
    }
    return {"detailType": "Undo Completed", "detail": detail}


@dataclass
class Guardian:
    """Answers as the deployed guardian does, as soon as something is put on its bus."""

    ledger: Written
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    refusal: str | None = None

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        [entry] = Entries
        kind, detail = entry["DetailType"], json.loads(entry["Detail"])
        self.asked.append((kind, detail))
        event_id = f"event-{len(self.asked)}"
        if self.refusal is not None:
            refused = {"reason": self.refusal, "error": self.refusal, "planId": None}
            self.ledger.put(f"undo#event#{event_id}", "answer", detail=refused)
            return {"FailedEntryCount": 0, "Entries": [{"EventId": event_id}]}
        self.ledger.put(f"undo#event#{event_id}", "answer", taken=str(detail.get("requestId")))
        if kind == "Undo Requested":
            order = {"request": detail, "table": TABLE, "acceptedAt": "2026-11-25T10:10:00.000Z"}
            plan = planned(detail["requestId"], **self.counts)
            self.ledger.put(f"undo#{detail['requestId']}", "undo", order=order, plan=plan)
        else:
            plan_id = detail["planId"]
            order = {"request": {"requestId": plan_id}, "table": TABLE}
            self.ledger.put(
                f"undo#{plan_id}",
                "undo",
                order=order,
                plan=planned(plan_id, **self.counts),
                approval=detail,
                outcome=completed(plan_id, **self.left),
            )
        return {"FailedEntryCount": 0, "Entries": [{"EventId": event_id}]}


class FakeDoor(Door):
    """A door whose event bus leads to the guardian above."""

    guardian: Guardian

    @property
    def events(self) -> Any:
        return self.guardian

    @property
    def caller_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/ada"


@dataclass
class FakeHere(Here):
    """A run of the command line on a stack that can undo."""

    guardian: Guardian | None = None

    @cached_property
    def door(self) -> Door:
        door = FakeDoor(None, REGION)
        assert self.guardian
        door.guardian = self.guardian
        return door

    @cached_property
    def stack(self) -> Stack:
        outputs = {
            "RequestBusName": "requests",
            "LedgerTableName": NAME,
            "UndoBucketName": BUCKET,
        }
        return Stack("guardian", REGION, ACCOUNT, "aws", "CREATE_COMPLETE", None, outputs, {})


@dataclass
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


class Undoing:
    """`pitr-guardian undo` before a guardian that answers at once."""

    def __init__(self) -> None:
        self.guardian = Guardian(Written())

    def run(self, command: Any, *arguments: Any, as_json: bool = False, **options: Any) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        here = FakeHere(
            out=Console(file=out, width=200),
            err=Console(file=err, width=200),
            now=lambda: NOW,
            sleep=lambda _: None,
            zone=UTC,
            as_json=as_json,
            guardian=self.guardian,
        )
        code = ended(lambda: command(here, *arguments, **options), here.err)
        return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture
def undoing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Undoing]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield Undoing()


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Somebody sits at the terminal, and types that; gives the questions."""
    questions: list[str] = []

    def typed(_: Console, question: str) -> str:
        questions.append(question)
        return answer

    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    monkeypatch.setattr(terminal, "typed", typed)
    return questions


def test_an_undo_is_planned_shown_asked_for_by_name_and_carried_out(
    undoing: Undoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = answering(monkeypatch, "Orders")
    ran = undoing.run(
        undo.plan,
        *("Orders", "10:00:00", "10:05:00", "17", "updated,deleted"),
        where=["Price = 1"],
        conflicts="overwrite",
        reason="INC-1",
    )
    assert ran.code == Exit.DONE, ran.err
    [(first, request), (second, approval)] = undoing.guardian.asked
    assert (first, second) == ("Undo Requested", "Undo Approved")
    assert request.pop("requestId") == approval["planId"]
    assert request == {
        "table": "Orders",
        "from": "2026-11-25T10:00:00Z",
        "to": "2026-11-25T10:05:00Z",
        "partition": 17,
        "changes": ["updated", "deleted"],
        "where": [{"attribute": "Price", "is": "=", "value": 1}],
        "conflicts": "overwrite",
        "requestedBy": f"arn:aws:iam::{ACCOUNT}:user/ada",
        "reason": "INC-1",
    }
    assert approval["fingerprint"] == FINGERPRINT
    assert len(questions) == 1
    assert "3  reverted: they were updated" in ran.out
    assert "0.02 US dollars" in ran.out
    assert "3 items, read again" in ran.out


def test_whatever_else_is_typed_changes_nothing(
    undoing: Undoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "yes")
    ran = undoing.run(undo.plan, "Orders", "-15m")
    assert ran.code == Exit.FAILED
    assert [kind for kind, _ in undoing.guardian.asked] == ["Undo Requested"]
    assert "nothing was changed" in ran.err
    assert "pitr-guardian undo approve undo-" in ran.err


def test_without_a_terminal_nobody_is_asked_and_nothing_is_changed(undoing: Undoing) -> None:
    ran = undoing.run(undo.plan, "Orders", "-15m")
    assert ran.code == Exit.NEEDS_A_PERSON
    assert [kind for kind, _ in undoing.guardian.asked] == ["Undo Requested"]
    assert f"--yes --fingerprint {FINGERPRINT}" in ran.err


def test_yes_is_enough_for_a_plan_without_conflicts(undoing: Undoing) -> None:
    ran = undoing.run(undo.plan, "Orders", "-15m", yes=True, as_json=True)
    assert ran.code == Exit.DONE, ran.err
    assert json.loads(ran.out)["detailType"] == "Undo Completed"


def test_yes_is_not_enough_for_conflicts_but_with_the_fingerprint_it_is(undoing: Undoing) -> None:
    undoing.guardian.counts = {"conflict": 2}
    ran = undoing.run(undo.plan, "Orders", "-15m", yes=True)
    assert ran.code == Exit.NEEDS_A_PERSON
    [(_, request)] = undoing.guardian.asked
    plan_id = request["requestId"]
    ran = undoing.run(undo.approve, plan_id, yes=True)
    assert ran.code == Exit.NEEDS_A_PERSON
    ran = undoing.run(undo.approve, plan_id, "0" * 64, yes=True)
    assert ran.code == Exit.FAILED
    assert len(undoing.guardian.asked) == 1
    undoing.guardian.left = {"conflict": 2}
    ran = undoing.run(undo.approve, plan_id, FINGERPRINT, yes=True)
    assert ran.code == Exit.NEEDS_A_PERSON  # done, and the conflicts are left
    assert "changed meanwhile" in ran.out
    assert "In doubt" not in ran.out
    assert undoing.run(undo.show, plan_id).out.startswith("3 items went back.")


def test_removals_in_doubt_need_a_person(undoing: Undoing) -> None:
    undoing.guardian.left = {"doubtful": 2}
    ran = undoing.run(undo.plan, "Orders", "-15m", yes=True)
    assert ran.code == Exit.NEEDS_A_PERSON
    assert "2 removed without an answer; see the report" in ran.out


def test_where_nothing_is_to_be_written_nobody_is_asked(undoing: Undoing) -> None:
    undoing.guardian.counts = {"revert": 0}
    ran = undoing.run(undo.plan, "Orders", "-15m")
    assert ran.code == Exit.DONE
    assert "nothing to undo" in ran.err


def test_a_refusal_is_the_guardians_sentence(undoing: Undoing) -> None:
    undoing.guardian.refusal = "The undo was not begun. table: Orders has no PITR."
    ran = undoing.run(undo.plan, "Orders", "-15m")
    assert ran.code == Exit.FAILED
    assert "table: Orders has no PITR" in ran.err
    assert ran.out == ""


def test_a_revert_is_planned_like_an_undo(undoing: Undoing) -> None:
    ran = undoing.run(undo.revert, "undo-1", yes=True)
    assert ran.code == Exit.DONE, ran.err
    assert undoing.guardian.asked[0][1]["revert"] == "undo-1"


def test_a_plan_that_isnt_there_is_told(undoing: Undoing) -> None:
    for command in (undo.show, undo.approve):
        ran = undoing.run(command, "undo-1")
        assert ran.code == Exit.FAILED
        assert "there is no plan undo-1" in ran.err


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Price = 1", {"attribute": "Price", "is": "=", "value": 1}),
        ("Price >= 1.5", {"attribute": "Price", "is": ">=", "value": 1.5}),
        ('Code = "17"', {"attribute": "Code", "is": "=", "value": "17"}),
        ("Name = Ada Lovelace", {"attribute": "Name", "is": "=", "value": "Ada Lovelace"}),
        (
            "old: Status begins_with ship",
            {"attribute": "Status", "is": "begins_with", "value": "ship", "image": "old"},
        ),
        ("live:Note missing", {"attribute": "Note", "is": "missing", "image": "live"}),
        (
            '{"attribute": "a b", "is": "=", "value": [1]}',
            {"attribute": "a b", "is": "=", "value": [1]},
        ),
    ],
)
def test_a_condition_is_written_as_it_is_said(text: str, read: dict[str, Any]) -> None:
    assert condition(text) == read


@pytest.mark.parametrize("text", ["", "Price", "Price =", "Price exists 1", "Price ~ 1", "{"])
def test_what_is_no_condition_is_wrong_usage(text: str) -> None:
    with pytest.raises(Problem) as raised:
        condition(text)
    assert raised.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("text", "key"), [("17", 17), ("c-17", "c-17"), ('"17"', "17"), ("true", "true"), ("1.5", 1.5)]
)
def test_a_partition_key_is_a_text_or_a_number(text: str, key: object) -> None:
    assert partition_key(text) == key


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("Wait for the exports", "Exporting the table's changes, for 2 min"),
        ("Write the items", "Writing the items, for 2 min"),
        ("Tell that it was accepted", "Accepted"),
    ],
)
def test_an_undo_tells_where_it_stands(state: str, words: str) -> None:
    since = datetime(2026, 11, 25, 10, 18, tzinfo=UTC)
    assert stage_of(Where(state, since), NOW).text == words


def test_samples_are_the_keys_of_the_summary_with_what_is_planned() -> None:
    keys = [{"id": {"S": "a"}, "at": {"N": "7"}}, {"id": {"S": "b"}}]
    items = [
        {"key": keys[0], "planned": "conflict", "why": "changed since"},
        {"key": {"id": {"S": "c"}}, "planned": "revert"},
    ]
    head = b"\n".join(json.dumps(each).encode() for each in items) + b'\n{"key": {"id'
    assert samples(keys, head) == [("conflict", "id=a, at=7", "changed since"), ("", "id=b", "")]
