"""What came of a sweep as a whole: the counts, and a sentence for a person."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.report.sweep import Region, Sweep
from pitr_guardian.sweep.ports import AccountNames, NamesKept, Results, Summaries

LONGEST = 50
"""Regions that a fact lists; those with trouble come first. The report has all of them."""

_KEPT_AT_ONCE = 500
"""New names that one sweep keeps, in some seconds; the next ones keep the rest."""

_NAMED = 5
"""Regions, and sentences on trouble, that the sentence has; of more it says how many."""


class Done(WireModel):
    """A sweep that is done, and how many scopes it had."""

    sweep_id: str
    started_at: Instant
    scopes: int


class Totals(WireModel):
    """What is told of a sweep.

    A region that could not be read, or not to its end, counts as one more failure.
    """

    checked: int
    compliant: int
    drifted: int
    exempt: int
    failed: int
    reason: str
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Summing:
    """Adds up what the workflow noted, and keeps it for the report."""

    results: Results
    summaries: Summaries
    accounts: AccountNames
    kept: NamesKept
    account: str
    """The guardian's own."""
    has_members: bool

    def run(self, done: Done) -> Totals:
        """Add up; doing it again is harmless."""
        regions = self.results.results_of(done.sweep_id)
        swept = {region.account for region in regions}
        names = self.accounts.names() if self.has_members else {}
        sweep = Sweep(
            sweep_id=done.sweep_id,
            started_at=done.started_at,
            regions=tuple(regions),
            account=self.account,
            account_names={account: name for account, name in names.items() if account in swept},
            lost=max(done.scopes - len(regions), 0),
        )
        self.summaries.keep_sweep(sweep)
        with suppress(TryLaterError):  # alerts have the old ones, or ids, until the next sweep
            self._keep(sweep.account_names)
        return totals_of(sweep)

    def _keep(self, names: Mapping[str, str]) -> None:
        kept = self.kept.names_kept() if names else {}
        news = [each for each in sorted(names.items()) if kept.get(each[0]) != each[1]]
        for account, name in news[:_KEPT_AT_ONCE]:
            self.kept.keep_name(account, name)


def totals_of(sweep: Sweep) -> Totals:
    """Tell what came of a sweep."""
    regions = sorted(sweep.regions, key=lambda each: each.urgency)
    unread = sum(region.error is not None for region in regions)
    return Totals(
        checked=sum(region.checked for region in regions),
        compliant=sum(region.compliant for region in regions),
        drifted=sum(region.drifted for region in regions),
        exempt=sum(region.exempt for region in regions),
        failed=sum(region.failed for region in regions) + unread + sweep.lost,
        reason=" ".join(_sentences(sweep, regions)),
        regions=tuple(regions[:LONGEST]),
    )


def _sentences(sweep: Sweep, regions: Sequence[Region]) -> Iterator[str]:
    checked, compliant, drifted, exempt, failed = (
        sum(getattr(region, count) for region in regions)
        for count in ("checked", "compliant", "drifted", "exempt", "failed")
    )
    yield (
        f"Tables checked in {_where(sweep)}: {checked} ({compliant} in order, {drifted} drifted, "
        f"{exempt} exempt, {failed} that could not be looked at)."
    )
    trouble = [told for region in regions for told in _trouble(region, sweep)]
    yield from trouble[:_NAMED]
    if len(trouble) > _NAMED:
        yield f"There is more of this kind: {len(trouble) - _NAMED}; the report has it."
    if sweep.lost:
        yield f"What became of {sweep.lost} regions could not be told."


def _where(sweep: Sweep) -> str:
    if len(sweep.regions) <= _NAMED:
        return ", ".join(
            region.place(sweep.account, sweep.account_names) for region in sweep.regions
        )
    accounts = {region.account for region in sweep.regions}
    return f"{len(sweep.regions)} regions of {len(accounts)} accounts"


def _trouble(region: Region, sweep: Sweep) -> Iterator[str]:
    place = region.place(sweep.account, sweep.account_names)
    if region.error is not None:
        yield f"{place} could not be read: {region.error}."
    if region.trail == "missing":
        yield f"No trail records what happens in {place}."
    if region.trail == "unknown":
        yield (
            f"Whether a trail records what happens in {place} could not be told: "
            f"{region.trail_error or 'the reason is not known'}."
        )
