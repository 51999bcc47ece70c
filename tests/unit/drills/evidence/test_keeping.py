"""Evidence is a chain without forks or gaps, whoever ends at the same time or is killed when."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.evidence.chain import FIRST, GENESIS, canonical, sha256_of
from pitr_guardian.drills.evidence.evidence import Evidence
from pitr_guardian.drills.evidence.keeping import Keeper
from pitr_guardian.drills.evidence.ports import ChainMovedError
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.telling import failed_without_evidence
from tests.fakes.drill_pages import ASKED, evidence
from tests.fakes.evidence import FakeChain, FakeEvidenceObjects
from tests.fakes.proofs import ProofWorld

ORDER = ProofWorld().order(ASKED)
ANSWER = failed_without_evidence(DrillRecord(ORDER), "of no interest here", ASKED, removed=True)


@dataclass
class World:
    """A chain and a bucket."""

    years: int = 0
    chain: FakeChain = field(default_factory=FakeChain)
    objects: FakeEvidenceObjects = field(default_factory=FakeEvidenceObjects)

    def keep(self, told: Evidence) -> DrillSummary:
        keeper = Keeper(
            chain=self.chain,
            objects=self.objects,
            page=lambda told, _: f"page of {told.drill_id}",
            bucket="evidence",
            retention_years=self.years,
        )
        return keeper.keep(told, ORDER, lambda _: ANSWER)

    def walk(self) -> list[str]:
        """Walk the chain from its head, and check every hash in it; the drills' ids."""
        link, found = self.chain.head(), []
        while link != FIRST:
            content = self.objects.latest(str(link.key))
            assert sha256_of(content) == link.sha256
            document = json.loads(content)
            assert content == canonical(document)
            page = document["page"]
            assert sha256_of(self.objects.latest(page["key"])) == page["sha256"]
            found.append(document["drillId"])
            link = type(link).model_validate(document["previous"])
        assert link.sha256 == GENESIS
        return found


def of(number: int) -> Evidence:
    return evidence(drill_id=f"d-{number}")


def test_each_piece_names_the_one_before() -> None:
    world = World()
    kept = [world.keep(of(number)) for number in range(3)]
    assert world.walk() == ["d-2", "d-1", "d-0"]
    assert [each.previous_sha256 for each in kept] == [
        GENESIS,
        kept[0].link.sha256,
        kept[1].link.sha256,
    ]


@given(st.lists(st.integers(0, 4), max_size=12))
def test_two_that_end_at_once_dont_fork_it(others: list[int]) -> None:
    """Others end just before the head is moved, some of them several times."""
    world = World()
    waiting = iter(others)

    def meanwhile() -> None:
        other = next(waiting, None)
        if other is not None:
            quiet, world.chain.before_move = world.chain.before_move, lambda: None
            world.keep(of(other))
            world.chain.before_move = quiet

    world.chain.before_move = meanwhile
    world.keep(of(9))
    world.chain.before_move = lambda: None
    assert set(world.walk()) == set(world.chain.pieces)
    assert len(world.walk()) == len(world.chain.pieces)
    assert "d-9" in world.chain.pieces


def test_a_second_attempt_finds_what_the_first_one_kept() -> None:
    world = World()
    first = world.keep(of(1))
    again = world.keep(of(1).model_copy(update={"concluded_at": ASKED + timedelta(days=1)}))
    assert again == first
    assert world.walk() == ["d-1"]


def test_an_attempt_that_comes_too_late_leaves_what_is_chained_as_it_is() -> None:
    """Both have begun when nothing was chained; the later one wrote other bytes."""
    world = World()
    late = of(1).model_copy(update={"concluded_at": ASKED + timedelta(days=1)})

    def meanwhile() -> None:
        world.chain.before_move = lambda: None
        world.keep(of(1))

    world.chain.before_move = meanwhile
    kept = world.keep(late)
    assert kept.link == world.chain.head()
    assert world.walk() == ["d-1"]


def test_who_was_killed_before_the_chain_moved_leaves_no_gap() -> None:
    world = World()

    def killed() -> None:
        raise KeyboardInterrupt

    world.chain.before_move = killed
    with pytest.raises(KeyboardInterrupt):
        world.keep(of(1))
    world.chain.before_move = lambda: None
    assert world.walk() == []
    world.keep(of(2))
    world.keep(of(1))
    assert world.walk() == ["d-1", "d-2"]


def test_it_gives_up_where_others_are_always_faster() -> None:
    world = World()
    numbers = iter(range(100, 1000))

    def meanwhile() -> None:
        quiet, world.chain.before_move = world.chain.before_move, lambda: None
        world.keep(of(next(numbers)))
        world.chain.before_move = quiet

    world.chain.before_move = meanwhile
    with pytest.raises(ChainMovedError, match="always faster than that of d-1"):
        world.keep(of(1))


def test_nobody_can_remove_it_for_years_where_they_are_given() -> None:
    world = World(years=7)
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    world.keep(of(1))
    world.keep(of(2).model_copy(update={"concluded_at": leap}))
    untils = {until for versions in world.objects.kept.values() for _, until in versions}
    assert untils == {
        (ASKED + timedelta(minutes=37)).replace(year=2033),
        datetime(2035, 2, 28, 12, tzinfo=UTC),
    }
    assert len(world.objects.kept) == 4
    free = World()
    free.keep(of(1))
    assert {until for versions in free.objects.kept.values() for _, until in versions} == {None}


def test_each_piece_names_the_bucket_of_the_one_before() -> None:
    """Where a stack got another bucket since, the chain leads into the old one."""
    world = World()
    world.keep(of(1))
    before = world.chain.head()
    assert before.bucket == "evidence"
    world.keep(of(2))
    document = json.loads(world.objects.latest(str(world.chain.head().key)))
    assert document["previous"] == {
        "key": before.key,
        "sha256": before.sha256,
        "bucket": "evidence",
    }
    assert document["page"].keys() == {"key", "sha256"}


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, 3 * 4_000_000 / 72),
        ({"kind": "small"}, None),
        ({"exports": ()}, None),
    ],
)
def test_how_much_is_written_is_known_of_a_whole_tables_history(
    changed: dict[str, Any], known: float | None
) -> None:
    """Not by exports of a few minutes, for which AWS bills the smallest."""
    assert World().keep(evidence(**changed)).bytes_an_hour == known
    exports = tuple(
        each.model_copy(update={"to": each.from_ + timedelta(minutes=20)})
        for each in evidence().exports
        if each.from_
    )
    assert World().keep(evidence(exports=exports)).bytes_an_hour is None


def test_a_document_is_written_in_one_way() -> None:
    assert canonical({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}\n'.encode()
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert canonical({"a": "\ud800"}) == b'{"a":"?"}\n'
