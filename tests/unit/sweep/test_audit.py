"""What comes of an audit: counts, looks, rows, and news for the ledger."""

from __future__ import annotations

from datetime import timedelta

from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.sweep.audit import (
    Stretch,
    Tally,
)
from pitr_guardian.sweep.walk import Bounds
from tests.fakes.clock import START
from tests.fakes.sweep import HOME, OFF, REGION, FakeRegion, known, on, walk_to_the_end

LAST_SWEEP = START - timedelta(hours=1)
TEN_AT_A_TIME = Bounds(per_second=10, seconds=1)


def audited(region: FakeRegion) -> Tally:
    stretch = Stretch(
        sweep_id="s", account=HOME.account, region=REGION, part=1, last_swept_at=LAST_SWEEP
    )
    return region.audit().run(stretch)


def test_each_table_is_counted_once_as_what_it_is() -> None:
    region = FakeRegion(
        tables={"fine": on(), "off": OFF, "excused": OFF, "broken": RefusedError("AccessDenied")},
        tagged={"excused": {"pitr-guardian:exempt": "2026-12-31"}},
        ledger={"fine": known(on())},
    )
    assert audited(region) == Tally(
        checked=4, compliant=1, drifted=1, exempt=1, failed=1, next=None
    )


def test_a_table_that_is_deleted_between_list_and_look_is_no_error_and_not_counted() -> None:
    region = FakeRegion(tables={"fine": on(), "gone": None})
    tally = audited(region)
    assert (tally.checked, tally.failed) == (1, 0)
    [rows] = region.parts.values()
    assert [row.name for row in rows] == ["fine"]


def test_one_table_that_cannot_be_looked_at_stops_no_other_and_says_why() -> None:
    region = FakeRegion(tables={"a": on(), "b": RefusedError("AccessDenied: no"), "c": on()})
    assert audited(region).compliant == 2
    [rows] = region.parts.values()
    assert [(row.name, row.status, row.error) for row in rows] == [
        ("a", "protected", None),
        ("b", "failed", "AccessDenied: no"),
        ("c", "protected", None),
    ]


def test_what_needs_the_guardian_goes_to_the_enforcement_queue_and_is_not_repaired() -> None:
    untold = Memory("id", 35, None, START, drift=Drift(noticed_at=START - timedelta(hours=1)))
    region = FakeRegion(
        tables={"fine": on(), "off": OFF, "short": on(7), "untold": on(), "expired": on()},
        tagged={"expired": {"pitr-guardian:exempt": "2026-01-01"}},
        ledger={"fine": known(on()), "short": known(on(35)), "untold": untold},
    )
    audited(region)
    assert region.asked_for == ["expired", "off", "short", "untold"]


def test_a_look_says_since_when_the_table_may_have_been_exposed() -> None:
    region = FakeRegion(tables={"off": OFF, "new": OFF}, ledger={"off": known(on())})
    audited(region)
    assert {look.ref.name: look.last_on_at for look in region.looks} == {
        "off": LAST_SWEEP,
        "new": None,
    }


def test_tags_are_read_once_a_sweep_and_count_in_every_stretch() -> None:
    names = [f"table-{number:02}" for number in range(40)]
    tag = {"pitr-guardian:exempt": "2026-12-31"}
    region = FakeRegion(tables=dict.fromkeys(names, OFF), tagged=dict.fromkeys(names, tag))
    tallies = walk_to_the_end(region.audit(TEN_AT_A_TIME))
    assert len(tallies) >= 4
    assert sum(tally.exempt for tally in tallies) == 40
    assert region.calls["GetResources"] == 1


def test_tags_are_kept_only_where_there_are_further_stretches() -> None:
    region = FakeRegion(tables={"orders": OFF})
    audited(region)
    assert region.kept_tags == {}


def test_a_stretch_that_finds_no_tags_kept_reads_them_itself() -> None:
    tag = {"pitr-guardian:exempt": "2026-12-31"}
    region = FakeRegion(tables={"orders": OFF}, tagged={"orders": tag})
    tally = region.audit().run(Stretch(sweep_id="s", account=HOME.account, region=REGION, part=2))
    assert tally.exempt == 1


def test_the_ledger_is_told_of_news_only() -> None:
    region = FakeRegion(
        tables={"known": on(), "new": on(7), "longer": on(35)},
        ledger={"known": known(on()), "longer": known(on(14))},
    )
    audited(region)
    assert {name: (seen.period, seen.window) for name, seen in region.news.items()} == {
        "new": (7, on(7).window),
        "longer": (35, on(35).window),
    }


def test_the_ledger_never_forgets_a_longer_period() -> None:
    tagged = {"pitr-guardian:recovery-days": "7"}
    region = FakeRegion(
        tables={"orders": on(7)}, tagged={"orders": tagged}, ledger={"orders": Memory(period=35)}
    )
    audited(region)
    assert region.news["orders"].period == 35


def test_a_row_says_all_that_is_known() -> None:
    exempt = {
        "pitr-guardian:exempt": "2026-12-31",
        "pitr-guardian:exempt-reason": "a test bed",
        "pitr-guardian:exempt-owner": "team-a",
    }
    region = FakeRegion(
        tables={"fine": on(14), "excused": OFF, "odd": RefusedError("no")},
        tagged={"excused": exempt},
        ledger={"fine": known(on(14))},
    )
    audited(region)
    excused, fine, odd = (
        row.model_dump(by_alias=True, mode="json")
        for row in region.parts[f"s/{HOME.account}/{REGION}/1"]
    )
    assert fine == {
        "arn": f"arn:aws:dynamodb:{REGION}:123456789012:table/fine",
        "name": "fine",
        "account": "123456789012",
        "region": REGION,
        "status": "protected",
        "periodInDays": 14,
        "ownPeriodInDays": 14,
        "earliest": "2026-09-21T09:00:00.123Z",
        "latest": "2026-10-05T08:55:00.123Z",
        "exemptUntil": None,
        "exemptReason": None,
        "exemptOwner": None,
        "error": None,
        "tableStatus": None,
    }
    assert {name: excused[name] for name in ("status", "exemptUntil", "exemptReason")} == {
        "status": "exempt",
        "exemptUntil": "2026-12-31",
        "exemptReason": "a test bed",
    }
    assert excused["exemptOwner"] == "team-a"
    assert excused["periodInDays"] is None
    assert (odd["status"], odd["ownPeriodInDays"], odd["error"]) == ("failed", None, "no")


def test_every_stretch_writes_a_part_and_every_table_is_in_one() -> None:
    region = FakeRegion(tables={f"table-{number:02}": on() for number in range(35)})
    tallies = walk_to_the_end(region.audit(TEN_AT_A_TIME))
    assert [tally.checked for tally in tallies] == [10, 10, 10, 5]
    assert list(region.parts) == [f"s/{HOME.account}/{REGION}/{part}" for part in (1, 2, 3, 4)]
    names = [row.name for rows in region.parts.values() for row in rows]
    assert names == sorted(region.tables)


def test_a_region_without_tables_is_in_order() -> None:
    region = FakeRegion()
    assert audited(region) == Tally(
        checked=0, compliant=0, drifted=0, exempt=0, failed=0, next=None
    )
    assert region.parts == {f"s/{HOME.account}/{REGION}/1": []}


def test_the_copy_of_a_drill_is_neither_counted_nor_looked_at_but_its_heir_is() -> None:
    names = ("pitr-guardian-drill-d-1", "pitr-guardian-drill-d-2", "pitr-guardian-drill-mine")
    region = FakeRegion(
        tables=dict.fromkeys(names, OFF),
        ledger={
            names[0]: Memory("id", copy_of="d-1"),
            names[1]: Memory("another", copy_of="d-2"),
        },
    )
    assert audited(region).checked == 2
    [rows] = region.parts.values()
    assert [row.name for row in rows] == [*names[1:]]
    assert region.asked_for == [*names[1:]]
