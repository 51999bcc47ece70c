"""Keeps a drill's evidence: its page, its data, and its place in the chain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pitr_guardian.drills import places
from pitr_guardian.drills.evidence.chain import Link, sha256_of
from pitr_guardian.drills.evidence.evidence import Evidence, written
from pitr_guardian.drills.evidence.ports import (
    AnsweredError,
    ChainMovedError,
    EvidenceChain,
    EvidenceObjects,
)
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.facts.drill_facts import RecoveryTime

if TYPE_CHECKING:
    from pitr_guardian.drills.ports import DrillAnswer

EvidencePage = Callable[[Evidence, Link], str]
"""Writes the page of a drill, which names the piece of evidence before: ``evidence.page``."""

_TRIES = 20
_LONG_ENOUGH_HOURS = 6
"""An export is billed for 10 MB at least, which says nothing of a few minutes."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps evidence, once a drill."""

    chain: EvidenceChain
    objects: EvidenceObjects
    page: EvidencePage
    bucket: str
    retention_years: int
    """How long nobody can remove it; 0 for a bucket without Object Lock."""

    def keep(
        self,
        evidence: Evidence,
        order: DrillOrder,
        answer_of: Callable[[DrillSummary], "DrillAnswer"],
    ) -> DrillSummary:
        """Keep a drill's evidence, and record its answer, or find what an earlier attempt has kept.

        The objects come first: what the chain names is there. Where two drills end at once, one of
        them is written again with the other one before it.

        Args:
            evidence: what is known of the drill.
            order: the drill's.
            answer_of: what is told of it, with the place that it has in the chain.

        Raises:
            AnsweredError: the drill was answered without evidence.
            TryLaterError: throttled, or a fault on AWS's side.
            ChainMovedError: too many drills end at once; try again.
        """
        year = evidence.recovery_time.asked.year
        for _ in range(_TRIES):
            if kept := self.chain.link_of(evidence.drill_id, year):
                return kept
            previous = self.chain.head()
            summary = self._written(evidence, previous, year)
            try:
                self.chain.move(previous, summary, order, answer_of(summary))
            except ChainMovedError:
                continue
            except AnsweredError:
                if kept := self.chain.link_of(evidence.drill_id, year):  # by another attempt
                    return kept
                raise
            return summary
        raise ChainMovedError(f"other evidence was always faster than that of {evidence.drill_id}")

    def _written(self, evidence: Evidence, previous: Link, year: int) -> DrillSummary:
        until = self._until(evidence.concluded_at)
        page = self.page(evidence, previous).encode("utf-8", "replace")
        of_page = sha256_of(page)
        page_link = Link(key=places.page(evidence.drill_id, year, of_page), sha256=of_page)
        content = written(evidence, page_link, previous)
        of_content = sha256_of(content)
        key = places.evidence(evidence.drill_id, year, of_content)
        link = Link(key=key, sha256=of_content, bucket=self.bucket)
        self.objects.keep(str(page_link.key), page, places.PAGE_TYPE, until)
        self.objects.keep(str(link.key), content, places.JSON_TYPE, until)
        items = evidence.items
        return DrillSummary(
            drill_id=evidence.drill_id,
            table=evidence.table,
            kind=evidence.kind,
            outcome=evidence.outcome,
            asked=evidence.recovery_time.asked,
            restored_to=evidence.restored_to,
            seconds=evidence.recovery_time.seconds,
            active_seconds=_active_seconds(evidence.recovery_time),
            bytes_an_hour=_bytes_an_hour(evidence),
            compared=items.compared if items else 0,
            mismatched=items.mismatched if items else 0,
            cost_in_usd=evidence.cost_in_usd.total,
            link=link,
            page_key=str(page_link.key),
            previous_sha256=previous.sha256,
        )

    def _until(self, now: datetime) -> datetime | None:
        if not self.retention_years:
            return None
        try:
            return now.replace(year=now.year + self.retention_years)
        except ValueError:  # the 29th of February
            return now.replace(year=now.year + self.retention_years, day=28)


def _bytes_an_hour(evidence: Evidence) -> float | None:
    """By the first round, whose exports lie end to end."""
    first = [each for each in evidence.exports if each.round == places.FIRST_ROUND and each.from_]
    hours = sum((each.to - (each.from_ or each.to)).total_seconds() / 3600 for each in first)
    if evidence.kind != "full" or hours < _LONG_ENOUGH_HOURS:
        return None
    return sum(each.bytes for each in first) / hours


def _active_seconds(time: RecoveryTime) -> float | None:
    return (time.active - time.asked).total_seconds() if time.active else None
