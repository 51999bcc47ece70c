"""What is told of a sweep as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.report.sweep import Region, Sweep
from pitr_guardian.sweep.summing import LONGEST, Done, Summing, Totals

HOME, MEMBER, REGION = "111111111111", "222222222222", "eu-central-1"
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
COUNTS = ("checked", "compliant", "drifted", "exempt", "failed")


def region(name: str = REGION, account: str = HOME, **others: Any) -> Region:
    known = {"checked": 12, "compliant": 12, "trail": "recording"}
    return Region.model_validate({"region": name, "account": account} | known | others)


@dataclass
class Noted:
    """``Results``, ``AccountNames`` and ``Summaries`` in memory."""

    regions: Sequence[Region]
    named: Mapping[str, str] = field(default_factory=dict)
    kept: list[Sweep] = field(default_factory=list)
    called: dict[str, str] = field(default_factory=dict)
    is_away: bool = False

    def results_of(self, sweep_id: str) -> Sequence[Region]:
        return self.regions

    def names(self) -> Mapping[str, str]:
        return self.named

    def names_kept(self) -> Mapping[str, str]:
        if self.is_away:
            raise TryLaterError("throttled")
        return dict(self.called)

    def keep_name(self, account: str, name: str) -> None:
        assert self.called.get(account) != name, "kept in vain"
        self.called[account] = name

    def keep_sweep(self, sweep: Sweep) -> None:
        self.kept.append(sweep)


def kept_names(
    names: Mapping[str, str], regions: Sequence[Region], *, has_members: bool
) -> Mapping[str, str]:
    """The names of accounts that were swept."""
    swept = {region.account for region in regions} if has_members else set()
    return {account: name for account, name in names.items() if account in swept}


def total(
    *regions: Region,
    scopes: int | None = None,
    names: Mapping[str, str] | None = None,
    has_members: bool = True,
) -> Totals:
    noted = Noted(regions, names or {})
    done = Done(sweep_id="s", started_at=NOW, scopes=len(regions) if scopes is None else scopes)
    totals = Summing(noted, noted, noted, noted, HOME, has_members).run(done)
    assert noted.called == kept_names(names or {}, regions, has_members=has_members)
    [kept] = noted.kept
    assert (kept.sweep_id, kept.started_at, kept.account) == ("s", NOW, HOME)
    assert kept.regions == regions
    assert kept.account_names == noted.called
    return totals


def counts(totals: Totals) -> tuple[int, ...]:
    return tuple(getattr(totals, name) for name in COUNTS)


def test_all_went_well() -> None:
    totals = total(region(), region("eu-west-1", checked=1, compliant=0, exempt=1))
    assert counts(totals) == (13, 12, 0, 1, 0)
    assert totals.reason == (
        f"Tables checked in {REGION}, eu-west-1: 13 (12 in order, 0 drifted, 1 exempt, "
        "0 that could not be looked at)."
    )


def test_a_region_that_could_not_be_read_is_one_more_failure_and_says_why() -> None:
    unread = region("eu-west-1", checked=0, compliant=0, failed=0, error="AccessDenied: no")
    totals = total(region(failed=2), unread)
    assert totals.failed == 3
    assert totals.reason.endswith(
        "2 that could not be looked at). eu-west-1 could not be read: AccessDenied: no."
    )
    assert [each.region for each in totals.regions] == ["eu-west-1", REGION]


def test_it_is_said_where_no_trail_records_or_none_could_be_looked_for() -> None:
    reason = total(
        region(trail="missing"), region("eu-west-1", trail="unknown", trail_error="not you")
    ).reason
    assert f" No trail records what happens in {REGION}." in reason
    assert (
        " Whether a trail records what happens in eu-west-1 could not be told: not you." in reason
    )


def test_a_members_region_is_named_with_its_account() -> None:
    reason = total(region(), region(account=MEMBER, error="it is closed")).reason
    assert reason.startswith(f"Tables checked in {REGION}, {REGION} of account {MEMBER}: 24 ")
    assert reason.endswith(f" {REGION} of account {MEMBER} could not be read: it is closed.")


def test_of_many_regions_it_says_how_many_and_lists_those_with_trouble_first() -> None:
    accounts = [f"{number:012d}" for number in range(500)]
    regions = [region(name, account) for account in accounts for name in ("a-b-1", "c-d-2")]
    regions[777] = region("c-d-2", accounts[388], error="it is closed")
    regions[900] = region("a-b-1", accounts[450], drifted=1)
    totals = total(*regions)
    assert totals.reason.startswith("Tables checked in 1000 regions of 500 accounts: 12000 (")
    assert len(totals.regions) == LONGEST
    assert totals.regions[:2] == (regions[777], regions[900])
    assert len(totals.model_dump_json()) < 50_000


@pytest.mark.parametrize("closed", [6, 2000])
def test_much_trouble_is_told_in_few_words(closed: int) -> None:
    regions = [region(account=f"{number:012d}", error="it is closed") for number in range(closed)]
    totals = total(*regions)
    assert totals.failed == closed
    assert totals.reason.count("it is closed") == 5
    assert totals.reason.endswith(f" There is more of this kind: {closed - 5}; the report has it.")


def test_a_region_of_which_nothing_was_noted_is_a_failure() -> None:
    totals = total(region(), scopes=3)
    assert totals.failed == 2
    assert totals.reason.endswith(" What became of 2 regions could not be told.")


def test_accounts_are_named_where_the_organization_tells_their_names() -> None:
    names = {MEMBER: "shop", HOME: "security", "333333333333": "of nobody here"}
    closed = region(account=MEMBER, error="it is closed")
    reason = total(region(), closed, names=names).reason
    assert f"{REGION} of account shop ({MEMBER}) could not be read: it is closed." in reason
    assert "security" not in reason
    assert "shop" not in total(region(), closed, names=names, has_members=False).reason


def swept(noted: Noted) -> Totals:
    return Summing(noted, noted, noted, noted, HOME, has_members=True).run(
        Done(sweep_id="s", started_at=NOW, scopes=len(noted.regions))
    )


def test_a_name_is_kept_for_alerts_when_it_is_new_or_another() -> None:
    noted = Noted([region(), region(account=MEMBER)], {HOME: "security", MEMBER: "payments"})
    swept(noted)
    noted.named = {HOME: "security", MEMBER: "payments-prod"}
    swept(noted)
    assert noted.called == {HOME: "security", MEMBER: "payments-prod"}
    # Who may not list accounts any more forgets nothing.
    noted.named = {}
    swept(noted)
    assert noted.called == {HOME: "security", MEMBER: "payments-prod"}


def test_names_that_cannot_be_kept_fail_no_sweep() -> None:
    noted = Noted([region(account=MEMBER)], {MEMBER: "payments"}, is_away=True)
    assert swept(noted).checked == 12
    assert noted.called == {}


def test_a_great_organization_is_learnt_in_several_sweeps() -> None:
    ids = [f"{number:012}" for number in range(1200)]
    noted = Noted([region(account=each) for each in ids], {each: f"name {each}" for each in ids})
    for known in (500, 1000, 1200, 1200):
        swept(noted)
        assert len(noted.called) == known
