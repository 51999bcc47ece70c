"""A table whose every write is known, a copy of it, and a proof in rounds, without any I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pitr_guardian.drills.places import MOST_ROUNDS
from pitr_guardian.drills.proof.comparison import (
    Known,
    Naming,
    Verdict,
    final_verdict,
    rests_on_reading,
    verdict_of,
)
from pitr_guardian.drills.proof.digests import digest_of
from pitr_guardian.drills.proof.history import first_round, next_round
from pitr_guardian.drills.proof.rounds import Purpose, after, tally_of
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.window import ExportWindow
from tests.fakes.exports import exported

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Writes = Sequence[tuple[datetime, Item | None]]


@dataclass
class Simulation:
    """Each key's writes, in order, before and after ``AT``."""

    writes: Mapping[str, Writes]
    asked_at: datetime
    read_at: datetime
    """When the first round's items are read of the live table; those of round 2, an hour later."""
    names_unchanged: bool = True
    """Whether exports name what was written and is as before."""
    exact_includes_second: bool = False
    """Whether an export of the instant, as a restore may, has what was written in that second."""
    rounds: list[Purpose] = field(default_factory=list)

    def state(self, key: str, instant: datetime) -> Item | None:
        """The item just before an instant."""
        before = [item for when, item in self.writes.get(key, ()) if when < instant]
        return before[-1] if before else None

    def naming(self, key: str, windows: Iterable[ExportWindow]) -> Naming | None:
        """What the oldest export that names the key says."""
        for window in sorted(windows, key=lambda window: window.from_):
            change = exported(
                {"id": {"S": key}},
                self.writes.get(key, ()),
                window,
                names_unchanged=self.names_unchanged,
            )
            if change is not None:
                return Naming(window.from_, digest_of(change.old))
        return None

    def verdicts(self, copy: Mapping[str, Item | None], keys: Iterable[str]) -> dict[str, Verdict]:
        """Prove a copy."""
        number, purpose, read_at = 0, Purpose.FIRST, self.read_at
        windows = first_round(AT, self.asked_at)
        known = {
            key: Known(digest_of(copy.get(key)), digest_of(self.state(key, read_at)))
            for key in keys
        }
        while True:
            known = {key: each.named(self.naming(key, windows)) for key, each in known.items()}
            step = after(purpose, tally_of(known.values()))
            if step is None:
                break
            purpose = step
            self.rounds.append(step)
            if step is Purpose.EXACT:
                break
            if step is Purpose.READ_AGAIN:
                read_at += timedelta(hours=1)
                known = {
                    key: Known(each.copy, digest_of(self.state(key, read_at)), each.naming)
                    if verdict_of(each) is Verdict.OPEN and rests_on_reading(each)
                    else each
                    for key, each in known.items()
                }
            number += 1
            windows = next_round(windows, read_at, number)
        assert number <= MOST_ROUNDS
        return {
            key: self._final(key, each) if verdict_of(each) is Verdict.OPEN else verdict_of(each)
            for key, each in known.items()
        }

    def _final(self, key: str, known: Known) -> Verdict:
        instant = AT + timedelta(seconds=self.exact_includes_second)
        return final_verdict(known, digest_of(self.state(key, instant)))
