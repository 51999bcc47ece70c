"""Auditing a stretch of a region's tables: as many as one invocation has the time for."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pitr_guardian.basics.instants import (
    Clock,
    Instant,
)
from pitr_guardian.basics.model import WireModel
from pitr_guardian.drift.look import Look
from pitr_guardian.report.sweep import Status
from pitr_guardian.sweep.judgement import (
    Finding,
    last_known_on,
)
from pitr_guardian.sweep.looking import Looking
from pitr_guardian.sweep.pace import Pacer
from pitr_guardian.sweep.ports import (
    Catalogue,
    Parts,
    Requests,
    Sightings,
    Tags,
)
from pitr_guardian.sweep.rows import row_of
from pitr_guardian.sweep.team import Team
from pitr_guardian.sweep.walk import (
    Bounds,
    Known,
    Walk,
)
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import Home, Scope, TableRef

_PAUSES = (1.0, 2.0, 4.0)
"""Seconds after AWS last had no time for a table, before each further try of those."""

_FIRST = 1  # the part before which no other looked at tables


class Stretch(WireModel):
    """What to look at: a scope's tables after a name. ``part`` counts a sweep's stretches."""

    sweep_id: str
    account: str
    region: str
    part: int
    after: str | None = None
    last_swept_at: Instant | None = None
    """When the scope's last complete sweep began."""


class Tally(WireModel):
    """What was found; ``next`` is the name to go on after, None at the end of the list."""

    checked: int
    compliant: int
    drifted: int
    exempt: int
    failed: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Audit:
    """Looks at tables and judges them; what is wanting goes to the enforcement queue."""

    catalogue: Catalogue
    sightings: Sightings
    requests: Requests
    parts: Parts
    policy: Policy
    home: Home
    bounds: Bounds
    clock: Clock
    ticks: Callable[[], float]
    """Seconds, only ever more of them."""
    sleep: Callable[[float], None]
    team: Callable[[], Team]

    def run(self, stretch: Stretch) -> Tally:
        """Audit a stretch; doing it again is harmless.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: the region's tables can't be listed; the text says why.
        """
        walk = Walk(self.catalogue, self.sightings, self.bounds, self.ticks)
        tags = self._tags(stretch)
        looking = self._look_along(walk, stretch, tags)
        self.requests.put_all([self._look(known, stretch) for known in looking.wanting])
        findings = looking.findings()
        rows = [row_of(finding) for finding in findings]
        scope = self._scope(stretch)
        self.parts.write(stretch.sweep_id, scope, stretch.part, rows)
        if stretch.part == _FIRST and walk.next is not None:
            self.parts.keep_tags(stretch.sweep_id, scope, tags)
        return _tally(findings, walk.next)

    def _look_along(self, walk: Walk, stretch: Stretch, tags: Mapping[TableRef, Tags]) -> Looking:
        pacer = Pacer(
            self.bounds.per_second, self.ticks, self.sleep, is_first=stretch.part == _FIRST
        )
        with self.team() as team:
            looking = Looking(
                self.catalogue,
                self.sightings,
                self.policy,
                self.clock,
                tags,
                pacer,
                team,
                self.ticks,
                stretch.last_swept_at,
            )
            looking.at(walk.tables(self._scope(stretch), stretch.after))
            for pause in _PAUSES:
                if not looking.put_off or walk.is_over_time():
                    break
                rest = looking.put_off_at + pause - self.ticks()
                if rest > 0:
                    self.sleep(rest)
                looking.again(walk.is_over_time)
        return looking

    def _tags(self, stretch: Stretch) -> Mapping[TableRef, Tags]:
        """Read the scope's tags once a sweep; the stretches after the first have them from it.

        In an account with many tagged tables they take longer to read than a stretch. Where there
        is one stretch alone, nobody keeps them: two thousand scopes an hour make that dollars.
        """
        scope = self._scope(stretch)
        if stretch.part != _FIRST:
            kept = self.parts.tags_kept(stretch.sweep_id, scope)
            if kept is not None:
                return kept
        keys = (self.policy.exempt_tag, self.policy.period_tag)
        return self.catalogue.tags(scope, keys)

    def _scope(self, stretch: Stretch) -> Scope:
        return Scope(self.home.partition, stretch.account, stretch.region)

    def _look(self, known: Known, stretch: Stretch) -> Look:
        return Look(
            table=known.table.arn,
            since=self.clock(),
            last_on_at=last_known_on(known.memory, stretch.last_swept_at),
        )


def _tally(findings: list[Finding], next_: str | None) -> Tally:
    count = Counter(finding.status for finding in findings)
    return Tally(
        checked=count.total(),
        compliant=count[Status.PROTECTED],
        drifted=count[Status.DRIFTED],
        exempt=count[Status.EXEMPT],
        failed=count[Status.FAILED],
        next=next_,
    )
