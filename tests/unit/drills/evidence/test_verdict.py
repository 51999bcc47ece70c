"""What speaks against a drill, a sentence each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pitr_guardian.drills.evidence.verdict import objections
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.proof.rounds import Tally
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.facts.drill_facts import RecoveryPoint, RecoveryTime
from tests.fakes.drill_pages import ASKED
from tests.fakes.proofs import ProofWorld

RIGHT = Proof(tally=Tally(equal=9, explained=1), all_of_them=False)


@dataclass
class Case:
    """A drill that passed, but for what a test makes wrong."""

    proof: Proof | None = RIGHT
    differences: tuple[str, ...] | None = ()
    kind: Kind = Kind.FULL
    seconds: float | None = 600
    lag: float = 300
    rto: int | None = None
    rpo: int | None = None
    removed: bool = True
    error: str | None = None

    def against(self) -> tuple[str, ...]:
        world = ProofWorld()
        world.clock.advance(7200)
        order = world.order(world.past(hours=1), kind=self.kind).model_copy(
            update={"rto_minutes": self.rto, "rpo_minutes": self.rpo}
        )
        return objections(
            order,
            self.proof,
            self.differences,
            RecoveryTime(asked=ASKED, active=None, verified=None, seconds=self.seconds),
            RecoveryPoint(latest=ASKED, seconds=self.lag),
            removed=self.removed,
            error=self.error,
        )


def test_nothing_speaks_against_a_right_copy_in_time() -> None:
    assert Case(rto=10, rpo=5).against() == ()


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (Case(proof=None), "No item was compared."),
        (
            Case(proof=RIGHT.model_copy(update={"tally": Tally(equal=9, mismatched=1)})),
            "1 of 10 compared items is not as it was.",
        ),
        (
            Case(proof=RIGHT.model_copy(update={"tally": Tally(equal=900, mismatched=1100)})),
            "1,100 of 2,000 compared items are not as they were.",
        ),
        (
            Case(proof=RIGHT.model_copy(update={"tally": Tally(equal=9, unsettled=3)})),
            "Of 3 of 12 compared items it couldn't be settled",
        ),
        (Case(differences=("The index x is missing.",)), "The structure differs: The index x is"),
        (Case(differences=None), "The structure wasn't compared."),
        (Case(rto=9), "Recovery took 10.0 minutes; the table's target is 9."),
        (Case(rpo=4), "The latest restorable instant lagged 5.0 minutes behind; the table's tar"),
        (Case(removed=False), "The copy couldn't be removed; the guardian goes on trying."),
        (Case(error="HistoryGoneError: x"), "HistoryGoneError: x."),
    ],
)
def test_each_fault_is_said(case: Case, said: str) -> None:
    [told] = case.against()
    assert said in told


def test_what_failed_before_anything_was_compared_is_said_once() -> None:
    assert Case(None, None, error="HistoryGoneError: x.", seconds=None, rto=1).against() == (
        "HistoryGoneError: x.",
    )


def test_a_part_of_a_giant_has_no_copy_whose_structure_is_missed() -> None:
    assert Case(differences=None, kind=Kind.SMALL).against() == ()


def test_all_faults_are_said() -> None:
    case = Case(differences=("a.", "b."), rto=1, rpo=1, removed=False, error="c")
    assert len(case.against()) == 6
