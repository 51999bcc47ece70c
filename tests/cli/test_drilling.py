"""Drills from the command line: asking, following, listing, and checking the evidence."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console

from pitr_guardian_cli.aws.door import Door
from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.aws.stack import Stack
from pitr_guardian_cli.command import ended
from pitr_guardian_cli.commands import drill
from pitr_guardian_cli.commands.verify_evidence import verify
from pitr_guardian_cli.drilling import SAYS, stage_of
from pitr_guardian_cli.following import ENDED
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem
from tests.cli.ledger import NAME, REGION, Written

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)
ACCOUNT = "111122223333"
BUCKET = "evidence-bucket"
GENESIS = "0" * 64


def table_of(name: str) -> dict[str, str]:
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    return {"arn": arn, "name": name, "account": ACCOUNT, "region": REGION}


def answered(drill_id: str, *, passed: bool = True, table: str = "Orders") -> dict[str, Any]:
    """`Drill Passed` or `Drill Failed`, as docs/facts.md has them."""
    detail = {
        "version": "1",
        "time": "2026-11-25T10:50:00.000Z",
        "severity": "info" if passed else "critical",
        "reason": "Orders can be restored as of then."
        if passed
        else "It isn't proved: 3 are wrong",
        "table": table_of(table),
        "drillId": drill_id,
        "restoredTo": "2026-11-20T08:00:00.000Z",
        "kind": "full",
        "recoveryTime": {
            "asked": "2026-11-25T10:20:00.000Z",
            "active": "2026-11-25T10:30:00.000Z",
            "verified": "2026-11-25T10:34:03.000Z" if passed else None,
            "seconds": 843 if passed else None,
        },
        "recoveryPoint": {"latest": "2026-11-25T10:15:00.000Z", "seconds": 300},
        "items": {"compared": 1000, "equal": 961, "explained": 39, "mismatched": 0},
        "structure": [] if passed else ["The key is id (S); the table's is id (N)."],
        "removed": True,
        "costInUsd": 0.02,
        "evidenceUri": f"s3://{BUCKET}/evidence/2026/{drill_id}.json",
        "evidenceSha256": "ab" * 32,
        "previousSha256": GENESIS,
    }
    return {"detailType": "Drill Passed" if passed else "Drill Failed", "detail": detail}


@dataclass
class Guardian:
    """Answers as the deployed guardian does, as soon as something is put on its bus."""

    ledger: Written
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusal: str | None = None
    passes: bool = True
    names: list[str] = field(default_factory=list)

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        [entry] = Entries
        detail = json.loads(entry["Detail"])
        self.asked.append((entry["DetailType"], detail))
        if self.refusal is not None:
            refused = {"reason": self.refusal, "error": self.refusal, "drillId": None}
            self.ledger.put("drill#event#event-1", "answer", detail=refused)
        else:
            # That it was taken up is recorded where a refusal would be.
            self.ledger.put("drill#event#event-1", "answer", taken=detail["requestId"])
            self.drilled(detail["requestId"], request=detail, passed=self.passes)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "event-1"}]}

    def drilled(
        self,
        drill_id: str,
        *,
        table: str = "Orders",
        passed: bool = True,
        hour: int = 10,
        request: dict[str, Any] | None = None,
    ) -> None:
        """Record a drill that is over."""
        self.names.insert(0, drill_id)
        order = {
            "request": request or {"requestId": drill_id},
            "table": table_of(table),
            "at": "2026-11-20T08:00:00.000Z",
            "acceptedAt": f"2026-11-25T{hour:02}:10:00.000Z",
        }
        answer = answered(drill_id, passed=passed, table=table)
        self.ledger.put(f"drill#{drill_id}", "drill", order=order, answer=answer)


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
class Names:
    """Stands for Step Functions, as far as drills are listed by it."""

    guardian: Guardian

    def names(self, machine_arn: str, since: datetime) -> Iterator[tuple[str, str]]:
        assert machine_arn.endswith(":stateMachine:guardian-drill")
        yield from ((name, "SUCCEEDED") for name in self.guardian.names)


@dataclass
class FakeHere(Here):
    """A run of the command line on a stack that has drills, or none."""

    guardian: Guardian | None = None
    has_drills: bool = True

    @cached_property
    def door(self) -> Door:
        door = FakeDoor(None, REGION)
        assert self.guardian
        door.guardian = self.guardian
        return door

    @cached_property
    def executions(self) -> Any:
        assert self.guardian
        return Names(self.guardian)

    @cached_property
    def stack(self) -> Stack:
        outputs = {"RequestBusName": "requests", "LedgerTableName": NAME}
        if self.has_drills:
            outputs["EvidenceBucketName"] = BUCKET
        return Stack("guardian", REGION, ACCOUNT, "aws", "CREATE_COMPLETE", None, outputs, {})


@dataclass
class Run:
    """The command line at work, and what it printed."""

    here: FakeHere
    guardian: Guardian

    def code(self, command: Callable[[], Exit | None]) -> int:
        return ended(command, self.here.err)

    @property
    def out(self) -> str:
        assert isinstance(self.here.out.file, io.StringIO)
        return self.here.out.file.getvalue()

    @property
    def err(self) -> str:
        assert isinstance(self.here.err.file, io.StringIO)
        return " ".join(self.here.err.file.getvalue().split())

    @property
    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        return document


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        guardian = Guardian(Written())
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        here = FakeHere(
            stack_name="guardian",
            out=Console(file=io.StringIO(), width=200),
            err=Console(file=io.StringIO(), width=200),
            now=lambda: NOW,
            sleep=lambda _: None,
            zone=UTC,
            guardian=guardian,
        )
        yield Run(here, guardian)


# -- asking -------------------------------------------------------------------------------------


def test_a_drill_that_passed(run: Run) -> None:
    assert run.code(lambda: drill.run(run.here, "Orders")) == Exit.DONE
    [(kind, detail)] = run.guardian.asked
    assert kind == "Drill Requested"
    assert detail["requestId"].startswith("drill-20261125-102000-")
    assert {name: detail[name] for name in ("table", "at", "sample", "requestedBy")} == {
        "table": "Orders",
        "at": "random",
        "sample": 1000,
        "requestedBy": f"arn:aws:iam::{ACCOUNT}:user/ada",
    }
    for said in ("Orders can be restored", "14 min", "961", "39", "ab" * 32):
        assert said in run.out


def test_all_that_can_be_asked_for(run: Run) -> None:
    code = run.code(
        lambda: drill.run(
            run.here,
            "Orders",
            at="-1h",
            sample="all",
            target_region="eu-west-1",
            request_id="mine",
            requested_by="ada",
            reason="audit",
            no_wait=True,
        )
    )
    assert code == Exit.STILL_GOING_ON
    assert run.guardian.asked[0][1] == {
        "table": "Orders",
        "at": "2026-11-25T09:20:00Z",
        "sample": "all",
        "targetRegion": "eu-west-1",
        "requestId": "mine",
        "requestedBy": "ada",
        "reason": "audit",
    }
    assert "pitr-guardian follow mine" in run.out


def test_a_drill_that_failed_says_why(run: Run) -> None:
    run.guardian.passes = False
    assert run.code(lambda: drill.run(run.here, "Orders")) == Exit.FAILED
    assert "It isn't proved: 3 are wrong." in run.err
    assert "The key is id (S); the table's is id (N)." in run.out


def test_a_drill_that_was_refused_says_why(run: Run) -> None:
    run.guardian.refusal = "The drill was not begun. at: it is before the table's history begins."
    assert run.code(lambda: drill.run(run.here, "Orders")) == Exit.FAILED
    assert "before the table's history begins" in run.err


def test_an_answer_for_programs(run: Run) -> None:
    run.here.as_json = True
    assert run.code(lambda: drill.run(run.here, "Orders")) == Exit.DONE
    assert run.json["detailType"] == "Drill Passed"
    assert run.json["items"]["compared"] == 1000


@pytest.mark.parametrize("sample", ["none", "-3", "1.5"])
def test_a_sample_is_a_number_or_all(run: Run, sample: str) -> None:
    assert run.code(lambda: drill.run(run.here, "Orders", sample=sample)) == Exit.USAGE
    assert f"--sample {sample} is no number. Give 1 to 10000, or all" in run.err
    assert not run.guardian.asked


def test_a_stack_without_drills_says_so(run: Run) -> None:
    run.here.has_drills = False
    for command in (
        lambda: drill.run(run.here, "Orders"),
        lambda: drill.drills(run.here),
        lambda: verify(run.here),
    ):
        assert run.code(command) == Exit.FAILED
    assert run.err.count("has no drills. Deploy it with DrillTagKey") == 3
    assert not run.guardian.asked


def test_where_it_stands_is_told_by_its_workflow() -> None:
    since = NOW - timedelta(minutes=7)
    assert stage_of(None, NOW).text == "Accepted"
    assert stage_of(Where("Wait for the copy", since), NOW).text.startswith("Restoring the copy, f")
    assert stage_of(Where("Tell that it began", since), NOW).text == "Accepted"
    assert stage_of(Where(None, None, ended="Failed"), NOW).key == ENDED


def test_each_state_that_is_spoken_of_is_one_of_the_workflows() -> None:
    root = Path(__file__).parents[2]
    machine = json.loads((root / "statemachines/drill.asl.json").read_text())
    assert SAYS.keys() <= machine["States"].keys()


# -- listing ------------------------------------------------------------------------------------


def test_drills_are_listed(run: Run) -> None:
    run.guardian.drilled("d-1")
    run.guardian.drilled("d-2", table="Carts", hour=11)
    assert run.code(lambda: drill.drills(run.here)) == Exit.DONE
    assert run.out.index("d-2") < run.out.index("d-1")
    assert "Drill Passed" in run.out
    assert run.code(lambda: drill.drills(run.here, table="Carts")) == Exit.DONE


def test_a_table_whose_last_drill_failed_needs_a_person(run: Run) -> None:
    run.guardian.drilled("d-1", passed=False, hour=8)
    run.guardian.drilled("d-2", hour=9)
    assert run.code(lambda: drill.drills(run.here)) == Exit.DONE
    run.guardian.drilled("d-3", passed=False, hour=10)
    run.here.as_json = False
    assert run.code(lambda: drill.drills(run.here)) == Exit.NEEDS_A_PERSON
    assert "The last drill of these failed: Orders." in run.err


def test_a_list_for_programs(run: Run) -> None:
    run.guardian.drilled("d-1")
    run.here.as_json = True
    assert run.code(lambda: drill.drills(run.here)) == Exit.DONE
    [listed] = run.json["drills"]
    assert listed["table"]["name"] == "Orders"
    assert listed["answer"]["detailType"] == "Drill Passed"


def test_no_drills_is_said(run: Run) -> None:
    assert run.code(lambda: drill.drills(run.here, days=7)) == Exit.DONE
    assert "No drill began in the last 7 days." in run.err


# -- evidence -----------------------------------------------------------------------------------


@dataclass
class Evidence:
    """A chain in the bucket."""

    run: Run
    hashes: list[str] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=lambda: {"key": None, "sha256": GENESIS})
    count: int = 0

    def __post_init__(self) -> None:
        self.client: Any = boto3.client("s3", region_name=REGION)

    def put(self, key: str, content: bytes, bucket: str = BUCKET) -> str:
        self.client.put_object(Bucket=bucket, Key=key, Body=content)
        return hashlib.sha256(content).hexdigest()

    def chain(self, pieces: int, bucket: str = BUCKET) -> None:
        for number in range(self.count, self.count + pieces):
            page = f"evidence/2026/d-{number}.html"
            document = {
                "drillId": f"d-{number}",
                "outcome": "passed",
                "page": {"key": page, "sha256": self.put(page, b"<p>", bucket)},
                "previous": self.last,
            }
            key = f"evidence/2026/d-{number}.json"
            sha256 = self.put(key, json.dumps(document).encode(), bucket)
            self.last = {"key": key, "sha256": sha256, "bucket": bucket}
            self.hashes.append(sha256)
        self.count += pieces
        if pieces:
            self.run.guardian.ledger.put("evidence", "head", **self.last)


@pytest.fixture
def evidence(run: Run) -> Evidence:
    return Evidence(run)


def test_an_intact_chain_is_told(run: Run, evidence: Evidence) -> None:
    evidence.chain(3)
    assert run.code(lambda: verify(run.here)) == Exit.DONE
    assert "3 pieces of evidence, each as it was written." in run.out
    assert evidence.hashes[-1] in run.out


def test_a_chain_that_hasnt_begun_is_no_problem(run: Run, evidence: Evidence) -> None:
    evidence.chain(0)
    assert run.code(lambda: verify(run.here)) == Exit.DONE
    assert "There is no evidence yet." in run.out


@pytest.mark.parametrize(
    ("key", "content", "said"),
    [
        ("d-1.json", b"{}", "evidence/2026/d-1.json isn't as it was written: its SHA-256 is"),
        ("d-0.json", b"{}", "evidence/2026/d-0.json isn't as it was written"),
        ("d-1.html", b"<i>", "evidence/2026/d-1.html isn't as it was written"),
        ("d-0.json", None, "d-0.json, which evidence/2026/d-1.json names, is gone"),
        ("d-2.json", None, "d-2.json, which the ledger's head names, is gone"),
    ],
)
def test_the_first_break_is_named(
    run: Run, evidence: Evidence, key: str, content: bytes | None, said: str
) -> None:
    evidence.chain(3)
    if content is None:
        evidence.client.delete_object(Bucket=BUCKET, Key=f"evidence/2026/{key}")
    else:
        evidence.put(f"evidence/2026/{key}", content)
    assert run.code(lambda: verify(run.here)) == Exit.FAILED
    assert said in run.err


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"[]", "is no evidence"),
        (b"{}", "names no page"),
    ],
)
def test_what_is_no_evidence_breaks_it(
    run: Run, evidence: Evidence, document: bytes, said: str
) -> None:
    sha256 = evidence.put("evidence/x.json", document)
    run.guardian.ledger.put("evidence", "head", key="evidence/x.json", sha256=sha256)
    assert run.code(lambda: verify(run.here)) == Exit.FAILED
    assert said in run.err


def test_a_hash_that_was_kept_has_to_be_in_it(run: Run, evidence: Evidence) -> None:
    evidence.chain(3)
    assert run.code(lambda: verify(run.here, [evidence.hashes[0].upper()])) == Exit.DONE
    assert run.code(lambda: verify(run.here, [evidence.hashes[1][:12]])) == Exit.DONE
    stranger = "ab" * 32
    assert run.code(lambda: verify(run.here, [stranger])) == Exit.FAILED
    assert f"no piece of the chain has the SHA-256 {stranger}" in run.err


def test_what_is_no_hash_is_wrong_usage(run: Run) -> None:
    with pytest.raises(Problem) as problem:
        verify(run.here, ["abc"])
    assert problem.value.code == Exit.USAGE


def test_a_chain_goes_on_from_an_older_bucket_into_another(run: Run, evidence: Evidence) -> None:
    """A stack whose drills were off for a while has another bucket since; the old one is kept."""
    where = {"LocationConstraint": REGION}
    evidence.client.create_bucket(Bucket="older", CreateBucketConfiguration=where)
    evidence.chain(2, "older")
    assert run.code(lambda: verify(run.here)) == Exit.DONE
    evidence.chain(2)
    assert run.code(lambda: verify(run.here)) == Exit.DONE
    assert "4 pieces of evidence" in run.out
    for key in ("d-0.json", "d-0.html", "d-1.json", "d-1.html"):
        evidence.client.delete_object(Bucket="older", Key=f"evidence/2026/{key}")
    evidence.client.delete_bucket(Bucket="older")
    assert run.code(lambda: verify(run.here)) == Exit.FAILED
    assert "the bucket older of evidence/2026/d-1.json" in run.err
    assert "which evidence/2026/d-2.json names, is gone" in run.err


def test_a_verdict_for_programs(run: Run, evidence: Evidence) -> None:
    evidence.chain(2)
    run.here.as_json = True
    assert run.code(lambda: verify(run.here)) == Exit.DONE
    assert run.json["intact"] is True
    assert [piece["drillId"] for piece in run.json["pieces"]] == ["d-1", "d-0"]
