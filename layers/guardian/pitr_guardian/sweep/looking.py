"""Looking at tables at the pace that AWS allows, each with one call while it is in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drift.memory import Memory
from pitr_guardian.report.sweep import Status
from pitr_guardian.sweep.judgement import (
    Finding,
    as_remembered,
    as_seen,
    is_as_known,
    is_unheard_of,
    judge,
    last_known_on,
)
from pitr_guardian.sweep.pace import Pacer
from pitr_guardian.sweep.ports import (
    Catalogue,
    Sightings,
    Tags,
)
from pitr_guardian.sweep.team import Team
from pitr_guardian.sweep.walk import Known
from pitr_guardian.tables.observation import Seen, Switch
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import TableRef


@dataclass(slots=True)
class Looking:
    """The looks of one stretch, and what comes of them."""

    catalogue: Catalogue
    sightings: Sightings
    policy: Policy
    clock: Clock
    tags: Mapping[TableRef, Tags]
    pacer: Pacer
    team: Team
    ticks: Callable[[], float]
    last_swept_at: datetime | None = None
    """When the region's last complete sweep began."""
    wanting: list[Known] = field(default_factory=list)
    """Those with something for the guardian to do, or to tell."""
    put_off: list[tuple[Known, str]] = field(default_factory=list)
    """Those that AWS had no time for, and what it said."""
    put_off_at: float = 0.0
    """When it last said so, in ticks."""
    _found: list[Finding] = field(default_factory=list)

    def at(self, tables: Iterable[Known]) -> None:
        """Look at tables; returns when all answers are there."""
        for known in tables:
            self.team.wait_for_a_hand()
            self.pacer.wait()
            self.team.start(partial(self._at_one, known))
        self.team.wait_for_all()

    def again(self, is_over_time: Callable[[], bool]) -> None:
        """Look at those that were put off, as far as time allows."""
        put_off, self.put_off = self.put_off, []
        late: list[tuple[Known, str]] = []

        def in_time() -> Iterator[Known]:
            for known, why in put_off:
                if is_over_time():
                    late.append((known, why))
                else:
                    yield known

        self.at(in_time())
        self.put_off += late

    def findings(self) -> list[Finding]:
        """All that was found, by name; what is still put off has failed."""
        failed = [Finding(known.table, Status.FAILED, error=why) for known, why in self.put_off]
        return sorted([*self._found, *failed], key=lambda finding: finding.table.name)

    def _at_one(self, known: Known) -> None:
        try:
            finding = self._find(known)
        except TryLaterError as why:
            self.put_off.append((known, str(why)))
            self.put_off_at = self.ticks()
            return
        if finding is None:  # gone since it was listed, or just coming: nobody's fault
            return
        self._found.append(finding)
        if finding.needs_look:
            self.wanting.append(known)

    def _find(self, known: Known) -> Finding | None:
        try:
            switch = self.catalogue.switch(known.table)
            if switch is None or self._is_a_copy(known, switch):
                return None
            if is_as_known(switch, known.memory, self.clock()):
                seen = as_remembered(switch, known.memory)
                finding = self._judge(known, seen)
                if not finding.asks_for_more:
                    return finding
            whole = self.catalogue.see(known.table, switch)
        except RefusedError as error:
            return Finding(known.table, Status.FAILED, error=str(error))
        if whole is None or whole.status in _ON_THEIR_WAY:
            return None
        finding = self._judge(known, whole)
        self._note(finding, known.memory.of(whole.table_id, whole.born_at))
        return finding

    def _is_a_copy(self, known: Known, switch: Switch) -> bool:
        """Whether a table is the copy that a drill makes; nobody else's is to be left out."""
        if known.memory.copy_of is None:
            return False
        seen = self.catalogue.see(known.table, switch)
        return seen is not None and known.memory.is_of(seen.table_id, seen.born_at)

    def _judge(self, known: Known, seen: Seen) -> Finding:
        tags = self.tags.get(known.table, {})
        return judge(known.table, seen, tags, known.memory, self.policy, self.clock())

    def _note(self, finding: Finding, memory: Memory) -> None:
        now = self.clock()
        if finding.is_news:
            self.sightings.sighted(finding.table, as_seen(memory, finding, now))
        if finding.is_wanting and is_unheard_of(memory):
            on_at = last_known_on(memory, self.last_swept_at) or memory.seen_on_at
            self.sightings.found_off(finding.table, replace(memory, seen_on_at=on_at), now)


_ON_THEIR_WAY = frozenset({"CREATING", "DELETING"})
