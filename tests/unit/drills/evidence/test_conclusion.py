"""A drill's end: one answer, the evidence that it names, and the year's page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drills import places
from pitr_guardian.drills.answers import DrillFailure
from pitr_guardian.drills.conclusion import DrillConclusion
from pitr_guardian.drills.evidence.chain import GENESIS, sha256_of
from pitr_guardian.drills.evidence.evidence import Evidence
from pitr_guardian.drills.evidence.keeping import Keeper
from pitr_guardian.drills.evidence.page import evidence_page
from pitr_guardian.drills.evidence.year import KnownTable
from pitr_guardian.drills.evidence.year_page import year_page
from pitr_guardian.drills.evidence.yearbook import Yearbook
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.ports import DrillNotUnderWayError
from pitr_guardian.drills.record import Milestone
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed
from pitr_guardian.facts.facts import Fact
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.evidence import FakeChain, FakeEvidenceObjects
from tests.fakes.facts import FakeFacts
from tests.fakes.proofs import DRILL, ProofWorld


@dataclass
class End:
    """A drill that comes to its end."""

    proof: ProofWorld = field(default_factory=ProofWorld)
    chain: FakeChain = field(default_factory=FakeChain)
    kept: FakeEvidenceObjects = field(default_factory=FakeEvidenceObjects)
    facts: FakeFacts = field(default_factory=FakeFacts)

    def __post_init__(self) -> None:
        for number in range(20):
            self.proof.live.put({"id": {"S": f"i{number}"}, "secret": {"S": "sesame"}})
        self.proof.clock.advance(7200)
        self.chain.tables = [KnownTable(ORDERS)]
        # As in the ledger, where it is one transaction with the chain's.
        self.chain.is_answered = self._is_answered
        self.chain.record = lambda answer: self.proof.ledger.conclude(DRILL, answer)

    def _is_answered(self, drill_id: str) -> bool:
        record = self.proof.ledger.record_of(drill_id)
        return record is not None and record.answer is not None

    def ask(self, **changed: Any) -> None:
        """Accept a drill as of an hour ago; its copy is there ten minutes later."""
        at = self.proof.past(hours=1)
        order = self.proof.order(at, items=3_000_000, size=3 * 2**30)
        assert self.proof.ledger.record
        self.proof.ledger.record = replace(
            self.proof.ledger.record, order=order.model_copy(update=changed)
        )
        self.proof.ledger.reach(DRILL, Milestone.CALLED, self.proof.clock())
        self.proof.clock.advance(600)
        self.proof.ledger.reach(DRILL, Milestone.ACTIVE, self.proof.clock())
        self.proof.objects.put(places.differences(DRILL), b"[]", places.JSON_TYPE)

    def conclude(
        self, error: str | None = None, cause: str | None = None, *, removed: bool = True
    ) -> dict[str, Any]:
        ledger = self.proof.ledger
        keeper = Keeper(self.chain, self.kept, evidence_page, "evidence", 0)
        yearbook = Yearbook(self.chain, self.kept, year_page, self.proof.clock)
        conclusion = DrillConclusion(
            ledger,
            self.proof.objects,
            keeper,
            yearbook,
            self.facts,
            lambda key: f"s3://evidence/{key}",
            self.proof.clock,
        )
        return conclusion.conclude(DRILL, error, cause, removed=removed)

    @property
    def evidence(self) -> dict[str, Any]:
        content = self.kept.latest(str(self.chain.head().key))
        document: dict[str, Any] = json.loads(content)
        return document

    @property
    def told(self) -> Fact:
        [fact] = self.facts.published
        return fact


def test_a_right_copy_passes_with_evidence() -> None:
    end = End()
    end.ask()
    end.proof.prove()
    assert end.conclude() == {"outcome": "passed"}
    told = end.told
    assert isinstance(told, DrillPassed)
    assert told.evidence_sha256 == end.chain.head().sha256
    assert told.evidence_uri == f"s3://evidence/{end.chain.head().key}"
    assert told.previous_sha256 == GENESIS
    assert (told.items.compared, told.items.equal) == (20, 20)
    assert told.recovery_time.active
    assert told.recovery_time.seconds == pytest.approx(1200, abs=60)
    assert told.cost_in_usd == pytest.approx(3 * 0.15, abs=0.02)
    assert (
        "20 of 20 items drawn at random were right: with 95 % confidence, at most 1" in told.reason
    )
    assert end.proof.ledger.closed


def test_the_evidence_says_all_of_it_and_names_no_item() -> None:
    end = End()
    end.ask(rto_minutes=60, rpo_minutes=10)
    end.proof.copy.delete({"id": {"S": "i3"}})
    end.proof.prove()
    end.conclude()
    said = end.evidence
    for name, model in Evidence.model_fields.items():
        assert (model.alias or name) in said
    assert said["version"] == "1"
    assert said["outcome"] == "failed"
    assert said["targets"] == {"rtoMinutes": 60, "rpoMinutes": 10}
    assert [each["how"] for each in said["items"]["mismatches"]] == ["missing"]
    assert len(said["items"]["rounds"]) == 4
    assert [each["round"] for each in said["exports"]] == [0, 1, 2, 3]
    assert said["exports"][3]["from"] is None
    page = end.kept.latest(said["page"]["key"])
    assert sha256_of(page) == said["page"]["sha256"]
    for content in (page.decode(), json.dumps(said)):
        assert "sesame" not in content
        assert '"i3"' not in content


def test_a_wrong_copy_fails_with_what_speaks_against_it() -> None:
    end = End()
    end.ask(rto_minutes=1)
    end.proof.copy.put({"id": {"S": "i3"}, "secret": {"S": "ajar"}})
    end.proof.prove()
    assert end.conclude(removed=False) == {"outcome": "failed"}
    told = end.told
    assert isinstance(told, DrillFailed)
    assert told.severity == "critical"
    assert told.error == (
        "1 of 20 compared items is not as it was. The copy couldn't be removed; the guardian goes "
        "on trying."
    )
    assert told.recovery_time.verified is None
    assert not told.removed


def test_a_right_copy_that_came_too_late_fails() -> None:
    end = End()
    end.ask(rto_minutes=5)
    end.proof.prove()
    end.conclude()
    assert isinstance(end.told, DrillFailed)
    assert "minutes; the table's target is 5." in end.told.error


def test_a_failure_on_the_way_is_evidence_too() -> None:
    end = End()
    end.ask()
    cause = json.dumps({"errorMessage": "orders was deleted since the request"})
    end.conclude("HistoryGoneError", cause)
    told = end.told
    assert isinstance(told, DrillFailed)
    assert told.error == "HistoryGoneError: orders was deleted since the request."
    assert end.evidence["items"] is None
    assert told.items.compared == 0


def test_a_part_of_a_giant_passes_without_a_copy() -> None:
    end = End()
    order = end.proof.order(end.proof.past(hours=1), kind=Kind.SMALL, items=20)
    assert order.copy_table is None
    end.proof.prove()
    end.conclude()
    told = end.told
    assert isinstance(told, DrillPassed)
    assert told.kind == "small"
    assert told.recovery_time.active is None
    assert told.cost_in_usd < 0.015
    assert told.reason.startswith("orders can be read as of")


def test_the_same_answer_is_told_again() -> None:
    end = End()
    end.ask()
    end.proof.prove()
    end.conclude()
    end.proof.clock.advance(3600)
    end.conclude("Something", "later")
    first, second = end.facts.published
    assert first == second
    assert len(end.chain.pieces) == 1


def dead_before_telling() -> End:
    """A drill that was proved, and whose function died when its evidence was kept."""
    end = End()
    end.ask()
    end.proof.prove()

    def killed(fact: Fact) -> None:
        raise TryLaterError("throttled")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(end.facts, "publish", killed)
        with pytest.raises(TryLaterError):
            end.conclude()
    return end


def test_who_was_killed_after_the_evidence_tells_of_that_evidence() -> None:
    end = dead_before_telling()
    end.proof.clock.advance(60)
    end.conclude()
    assert isinstance(end.told, DrillPassed)
    assert end.told.evidence_sha256 == end.chain.head().sha256
    assert len(end.chain.pieces) == 1


def test_who_gives_up_after_the_evidence_tells_what_the_evidence_says() -> None:
    """The workflow's last word, where concluding was tried for hours and never came to its end."""
    end = dead_before_telling()
    failure = DrillFailure(end.proof.ledger, end.facts, end.proof.clock)
    failure.fail(DRILL, "States.Timeout", "", removed=True)
    assert isinstance(end.told, DrillPassed)
    assert end.told.evidence_sha256 == end.chain.head().sha256


def test_no_evidence_is_chained_of_a_drill_that_was_answered_without() -> None:
    """It was ended from outside, while a function of it went on."""
    end = End()
    end.ask()
    end.proof.prove()

    def meanwhile() -> None:
        failure = DrillFailure(end.proof.ledger, FakeFacts(), end.proof.clock)
        failure.fail(DRILL, "WorkflowAborted", "by hand", removed=True)

    end.chain.before_move = meanwhile
    assert end.conclude() == {"outcome": "failed"}
    assert isinstance(end.told, DrillFailed)
    assert end.told.evidence_sha256 is None
    assert end.chain.pieces == {}


def test_the_years_page_is_written_anew() -> None:
    end = End()
    end.ask()
    end.proof.prove()
    end.conclude()
    year = end.proof.clock.now.year
    page = end.kept.latest(f"years/{year}.html").decode()
    assert "1 of 1 table proved to be restorable" in page
    assert "left out" not in page
    assert end.evidence["page"]["key"] in page


def test_the_years_page_names_what_the_budget_left_out() -> None:
    end = End()
    end.ask()
    end.proof.prove()
    year = end.proof.clock.now.year
    gone = replace(ORDERS, name="gone")
    end.chain.left_out = {ORDERS: [f"{year}-03", f"{year}-11"], gone: [f"{year}-04"]}
    end.conclude()
    page = end.kept.latest(f"years/{year}.html").decode()
    assert "Due, and left out by the budget: March, November." in page
    assert "any more. Due, and left out by the budget: April." in page
    assert "1 of 2 tables proved to be restorable" in page


def test_nobody_concludes_a_drill_that_there_isnt() -> None:
    end = End(proof=ProofWorld())
    with pytest.raises(DrillNotUnderWayError):
        end.conclude()
