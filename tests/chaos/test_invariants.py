"""Each invariant can be broken: a made-up record that breaks it is found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.chaos import announcements, invariants, windows
from tests.chaos.drill_invariants import DRILL_INVARIANTS
from tests.chaos.invariants import INVARIANTS, Invariant, violations
from tests.chaos.record import AGED, ApiCall, Asked, Fact, Hit, Record, Remembered, TableState
from tests.chaos.undo_invariants import UNDO_INVARIANTS

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
GUARDIAN, OWNER = "pitr-guardian-EnforceRole-1", "ada"
ENFORCING = f"arn:aws:iam::1:role/{GUARDIAN}"
NAME = "orders"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def call(seconds: float, name: str, caller: str = OWNER, **parameters: Any) -> ApiCall:
    return ApiCall(at(seconds), name, NAME, caller, parameters)


def born(seconds: float = 0.0, **tags: str) -> ApiCall:
    return call(seconds, "CreateTable", tags=_tags(tags))


def switched(seconds: float, days: int | None, caller: str = OWNER) -> ApiCall:
    wanted: dict[str, Any] = {"pointInTimeRecoveryEnabled": days is not None}
    if days:
        wanted["recoveryPeriodInDays"] = days
    return call(seconds, "UpdateContinuousBackups", caller, pointInTimeRecoverySpecification=wanted)


def repaired(seconds: float, days: int = 35) -> ApiCall:
    return switched(seconds, days, GUARDIAN)


def told(seconds: float, fact_id: str, kind: str = "PITR Re-enabled", **more: Any) -> Fact:
    time = at(seconds).isoformat(timespec="milliseconds")
    return Fact(kind, {"id": fact_id, "time": time, "table": {"name": NAME}, **more})


def asked(event_id: str, **content: Any) -> Asked:
    return Asked(event_id, {"requestId": "r-1", "sourceTable": NAME, "targetTable": "t", **content})


def answered(kind: str, fact_id: str, **content: Any) -> Fact:
    request = {"requestId": "r-1", "sourceTable": NAME, "targetTable": "t", "restoreTo": "latest"}
    return told(20, fact_id, f"Restore {kind}", **request | content)


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": f"pitr-guardian:{key}", "value": value} for key, value in tags.items()]


def of(*happened: ApiCall | Fact | Asked | Hit, **more: Any) -> Record:
    """A record in which every fact became an alert."""
    facts = _only(Fact, happened)
    return Record(
        calls=tuple(_only(ApiCall, happened)),
        facts=tuple(facts),
        requests=tuple(_only(Asked, happened)),
        hits=tuple(_only(Hit, happened)),
        **{"alerts": tuple(str(fact.detail.get("id")) for fact in facts), **more},
    )


def _only[T](kind: type[T], happened: Iterable[object]) -> list[T]:
    return [each for each in happened if isinstance(each, kind)]


def hit(seconds: float, operation: str, text: str = NAME) -> Hit:
    return Hit(at(seconds), "answer lost", "events", operation, ENFORCING, text)


def aged(seconds: float, days: int) -> ApiCall:
    return call(seconds, AGED, "", days=days)


def lost(days: float, seconds: float, until: float = 0.0) -> dict[str, Any]:
    """What a fact says is gone: so many days, until so many days before that moment."""
    moment = at(seconds)
    window = [moment - timedelta(days=back) for back in (days, until)]
    return {"lostWindow": dict(zip(("earliest", "latest"), map(str, window), strict=True))}


BORN = (born(), repaired(1), told(1.1, "f-0", "Table Protected"))
DRIFTED = (*BORN, switched(10, None), repaired(11), told(11.1, "f-1"))
FIGHT = (
    *BORN,
    *(
        happened
        for n in range(1, 4)
        for happened in (switched(n * 10, None), repaired(n * 10 + 1), told(n * 10 + 1.1, f"f-{n}"))
    ),
    switched(60, None),
    repaired(61),
)
FOLDED = {NAME: Remembered(35, (told(61.1, "f-4"),))}
ON = {NAME: TableState(on=True, period=35)}
LOOK, EVENT = '{"look": {"table": "orders"}}', '{"detail": {"tableName": "orders"}}'

OLD = (*BORN, aged(5, 20))
OFF_AND_ON = (*OLD, switched(10, None), switched(10.1, 35))
SHORTER_AND_LONGER = (*OLD, switched(10, 7), switched(10.1, 35))

GOOD = {
    "an old table was off and on at once, and that was told": of(
        *OFF_AND_ON, told(11, "h", "History Lost", **lost(20, 10))
    ),
    "an old table's period was short for a moment, and that was told": of(
        *SHORTER_AND_LONGER, told(11, "h", "History Lost", **lost(20, 10, 7))
    ),
    "a period was put back, which tells what is gone": of(
        *(*OLD, switched(10, 7), repaired(11)),
        told(11.1, "f-1", "Recovery Period Restored", **{"from": 7}),
    ),
    "a longer period costs nothing": of(*OLD, switched(10, 35)),
    "a period that is longer than the past costs nothing": of(*OLD, switched(10, 30)),
    "an exempt table lost its past": of(
        born(exempt="2099-12-31"), switched(1, 35), aged(5, 20), switched(10, None)
    ),
    "an old table was deleted": of(*OLD, call(10, "DeleteTable")),
    "an old table was off when it was deleted, and that was told": of(
        *(*OLD, switched(10, None), call(10.2, "DeleteTable")),
        told(11, "d", "Table Deleted"),
    ),
    "a fight folds a loss, and the ledger has it": of(
        *(*FIGHT[:-2], aged(55, 20), switched(60, None), repaired(61)),
        told(31.2, "fight", "Fight Detected"),
        ledger={NAME: Remembered(35, (told(61.1, "f-4", **lost(20, 60)),))},
    ),
    "nothing happened": of(),
    "a drift was put right": of(*DRIFTED, tables=ON),
    "a fight was folded": of(*FIGHT, ledger=FOLDED),
    "a table was deleted before it could be told": of(
        *DRIFTED, switched(20, None), repaired(21), call(21.2, "DeleteTable")
    ),
    "a drift came back before it was told": of(
        *BORN, switched(10, None), repaired(11), switched(11.1, None), repaired(11.2), told(12, "f")
    ),
    "somebody else put it right, and it came back before that was told": of(
        *(*BORN, switched(10, None), switched(11.3, 35), switched(11.8, 3), repaired(13)),
        told(11, "f-1"),
    ),
    "the guardian was killed before it told": of(
        *BORN,
        *(switched(10, None), repaired(11), hit(11.1, "PutEvents")),
        *(switched(40, None), repaired(41), told(41.1, "f-1")),
    ),
    "two looks put one drift right, each with another period": of(
        call(0, "CreateTable", tags=_tags({"recovery-days": "3"})),
        call(0.9, "UntagResource", tagKeys=["pitr-guardian:recovery-days"]),
        *(repaired(1, days=3), repaired(1.2), told(1.3, "f-0", "Table Protected")),
    ),
    "a tag asked for more, and that was announced of its own": of(
        *(*BORN[:1], repaired(1, days=3), told(1.1, "f-0", "Table Protected")),
        *(repaired(30), told(30.1, "f-1", "Recovery Period Restored")),
    ),
    "somebody else put it right": of(*BORN, switched(10, None), switched(12, 35), told(12, "f-1")),
    "an exempt table was left alone": of(
        born(exempt="2099-12-31"),
        tables={NAME: TableState(on=False, tags={"pitr-guardian:exempt": "2099-12-31"})},
    ),
    "a table has the period of its tag": of(
        *BORN,
        tables={NAME: TableState(on=True, period=7, tags={"pitr-guardian:recovery-days": "7"})},
    ),
    "a table that is gone is looked for still": of(*BORN, waiting=(LOOK,)),
    "a message failed five times": of(
        *BORN, *(hit(n, "UpdateItem") for n in range(5)), dead_letters=(EVENT,)
    ),
    "an exemption ended": of(
        born(exempt="2099-12-31"),
        call(5, "UntagResource", tagKeys=["pitr-guardian:exempt"]),
        *(repaired(6), told(6, "f-0", "Table Protected")),
    ),
    "a request was accepted": of(
        *(asked("e-1"), asked("e-2")),
        *(answered("Accepted", "a"), answered("Completed", "c"), answered("Completed", "c")),
    ),
    "a request was refused twice": of(
        *(asked("e-1"), asked("e-2"), answered("Rejected", "x"), answered("Rejected", "y"))
    ),
    "an alert came twice": of(*DRIFTED, alerts=("f-0", "f-1", "f-1")),
}

BAD: list[tuple[str, Invariant, Record]] = [
    ("there is no end", invariants.it_came_to_rest, of(unrest="functions run")),
    (
        "a table is unprotected",
        invariants.each_table_is_protected,
        of(*DRIFTED, tables={NAME: TableState(on=False)}),
    ),
    (
        "an exemption that is over exempts",
        invariants.each_table_is_protected,
        of(born(), tables={NAME: TableState(False, None, {"pitr-guardian:exempt": "2020-02-29"})}),
    ),
    (
        "a period is below what the guardian gave",
        invariants.each_table_is_protected,
        of(*DRIFTED, tables={NAME: TableState(on=True, period=7)}),
    ),
    (
        "a period is below what the ledger remembers",
        invariants.each_table_is_protected,
        of(born(), tables={NAME: TableState(on=True, period=7)}, ledger={NAME: Remembered(14)}),
    ),
    (
        "a period is below the tag's",
        invariants.each_table_is_protected,
        of(
            born(),
            tables={NAME: TableState(on=True, period=7, tags={"pitr-guardian:recovery-days": "8"})},
        ),
    ),
    (
        "an exempt table was born and switched on",
        invariants.no_exempt_table_was_touched,
        of(born(exempt="2099-12-31"), repaired(1), told(1.1, "f-0", "Table Protected")),
    ),
    (
        "a table became exempt, was switched off, and on",
        invariants.no_exempt_table_was_touched,
        of(
            *BORN,
            call(5, "TagResource", tags=_tags({"exempt": "2099-12-31"})),
            *(switched(10, None), repaired(11), told(11.1, "f-1")),
        ),
    ),
    ("a request has no answer", invariants.each_request_got_one_answer, of(asked("e-1"))),
    (
        "an accepted request has no end",
        invariants.each_request_got_one_answer,
        of(asked("e-1"), answered("Accepted", "a")),
    ),
    (
        "a request has two ends",
        invariants.each_request_got_one_answer,
        of(
            asked("e-1"),
            *(answered("Accepted", "a"), answered("Completed", "c"), answered("Failed", "f")),
        ),
    ),
    (
        "a request is rejected and accepted",
        invariants.each_request_got_one_answer,
        of(
            asked("e-1"),
            *(answered("Rejected", "r"), answered("Accepted", "a"), answered("Completed", "c")),
        ),
    ),
    (
        "a request is rejected and planned",
        invariants.each_request_got_one_answer,
        of(asked("e-1"), answered("Rejected", "r"), answered("Planned", "p")),
    ),
    (
        "another request of the same id has no answer",
        invariants.each_request_got_one_answer,
        of(
            *(asked("e-1"), asked("e-2", targetTable="other")),
            *(answered("Accepted", "a"), answered("Completed", "c")),
        ),
    ),
    (
        "a remediation was never announced",
        announcements.each_remediation_was_announced,
        of(*BORN, switched(10, None), repaired(11)),
    ),
    (
        "only the second of two remediations was announced",
        announcements.each_remediation_was_announced,
        of(
            *(*BORN, switched(10, None), repaired(11)),
            *(switched(40, None), repaired(41), told(41.1, "f-1")),
        ),
    ),
    (
        "somebody else put it right, and it came back long after that was told",
        announcements.each_remediation_was_announced,
        of(
            *(*BORN, switched(10, None), switched(11.3, 35), told(11, "f-1")),
            *(switched(30, 3), repaired(31)),
        ),
    ),
    (
        "a tag asked for more, and nobody announced that",
        announcements.each_remediation_was_announced,
        of(
            *(*BORN[:1], repaired(1, days=3), repaired(30)),
            told(30.1, "f-0", "Table Protected"),
        ),
    ),
    (
        "a remediation was announced under two ids",
        announcements.each_remediation_was_announced,
        of(*DRIFTED, told(12, "f-2")),
    ),
    (
        "an incident was folded without a fight",
        announcements.each_remediation_was_announced,
        of(
            *(*BORN, switched(10, None), repaired(11)),
            ledger={NAME: Remembered(35, (told(11.1, "f-1"),))},
        ),
    ),
    (
        "off and on at once, and nobody was told",
        windows.each_shrinking_was_told,
        of(*OFF_AND_ON),
    ),
    (
        "shorter and longer at once, and nobody was told",
        windows.each_shrinking_was_told,
        of(*SHORTER_AND_LONGER),
    ),
    (
        "a tag gave leave to lose the past, and nobody was told",
        windows.each_shrinking_was_told,
        of(*OLD, call(9, "TagResource", tags=_tags({"recovery-days": "1"})), switched(10, 1)),
    ),
    (
        "less was told than was lost",
        windows.each_shrinking_was_told,
        of(*OFF_AND_ON, told(11, "h", "History Lost", **lost(3, 10))),
    ),
    (
        "more was told than was lost",
        windows.each_shrinking_was_told,
        of(*OFF_AND_ON, told(11, "h", "History Lost", **lost(30, 10))),
    ),
    (
        "a loss was told before it was",
        windows.each_shrinking_was_told,
        of(*OLD, told(7, "h", "History Lost", **lost(20, 7))),
    ),
    (
        "what was lost when is not told",
        windows.each_shrinking_was_told,
        of(*OLD, switched(10, None), repaired(11), told(11.1, "f-1", lostWindow=None)),
    ),
    (
        "an older loss was told, and this one wasn't",
        windows.each_shrinking_was_told,
        of(
            *(*OFF_AND_ON, told(11, "h", "History Lost", **lost(20, 10))),
            *(aged(20, 3), switched(23, None), switched(23.1, 35)),
        ),
    ),
    (
        "a period was put back from less than what was told",
        windows.each_shrinking_was_told,
        of(
            *(*OLD, switched(10, 7), switched(10.5, 1), repaired(11)),
            told(11.1, "f-1", "Recovery Period Restored", **{"from": 7}),
        ),
    ),
    (
        "an old table was off when it was deleted, and nobody was told",
        windows.each_shrinking_was_told,
        of(*OLD, switched(10, None), call(10.2, "DeleteTable")),
    ),
    (
        "a fact became no alert",
        invariants.each_fact_became_an_alert,
        of(*DRIFTED, alerts=("f-0",)),
    ),
    (
        "three alerts told of one fact",
        invariants.each_fact_became_an_alert,
        of(*DRIFTED, alerts=("f-0", "f-1", "f-1", "f-1")),
    ),
    (
        "a message is left on the queue",
        invariants.each_message_was_handled,
        of(*BORN, waiting=(EVENT,)),
    ),
    (
        "a message was given up for no reason",
        invariants.each_message_was_handled,
        of(*BORN, dead_letters=(EVENT,)),
    ),
    (
        "an event was given up for no reason",
        invariants.each_message_was_handled,
        of(*BORN, undelivered=(EVENT,)),
    ),
    (
        "a role was refused what it needs",
        invariants.no_right_was_missing,
        of(*BORN, missing_rights=("enforce may not sqs:SendMessage on a queue",)),
    ),
]


@pytest.mark.parametrize("record", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_breaks_nothing(record: Record) -> None:
    assert violations(record) == []


@pytest.mark.parametrize(
    ("invariant", "record"),
    [(invariant, record) for _, invariant, record in BAD],
    ids=[what for what, _, _ in BAD],
)
def test_what_is_wrong_is_found_out(invariant: Invariant, record: Record) -> None:
    assert list(invariant(record))


def test_each_invariant_is_broken_by_some_record() -> None:
    assert {invariant for _, invariant, _ in BAD} == (
        set(INVARIANTS) - {*UNDO_INVARIANTS, *DRILL_INVARIANTS}
    )


def test_faults_that_hid_the_telling_allow_for_as_many_more_alerts() -> None:
    thrice = of(*DRIFTED, alerts=("f-0", "f-1", "f-1", "f-1"))
    hidden = (hit(11.1, "PutEvents"), hit(11.2, "PutEvents"))
    assert violations(replace(thrice, hits=hidden)) == []
    assert violations(replace(thrice, hits=hidden[:1])) != []


def test_a_request_that_lies_among_the_undelivered_needs_no_answer() -> None:
    refused = tuple(
        Hit(at(1), "permission refused", "dynamodb", "DescribeTable", "-AcceptRestoreRole-")
        for _ in range(3)
    )
    assert violations(of(asked("e-1"), *refused, undelivered=('{"id": "e-1"}',))) == []


ODD: dict[str, Record] = {
    "a fact has neither id nor time": of(*BORN, Fact("PITR Re-enabled", {"table": {"name": NAME}})),
    "a fact's time is no time": of(
        *BORN, Fact("PITR Re-enabled", {"id": "f", "time": "noon", "table": {"name": NAME}})
    ),
    "a fact's table is a text": of(*BORN, Fact("PITR Re-enabled", {"id": "f", "table": NAME})),
    "a call has no parameters": of(*BORN, call(5, "UpdateContinuousBackups")),
    "a tag has no value": of(*BORN, call(5, "TagResource", tags=[{"key": "colour"}])),
}


@pytest.mark.parametrize("record", ODD.values(), ids=ODD.keys())
def test_a_checker_that_crashes_is_a_finding_with_its_name_and_the_seed(record: Record) -> None:
    found = violations(record, seed=140)
    assert any("the checker crashed at seed 140" in each for each in found)
    names = [invariant.__name__ for invariant in INVARIANTS]
    assert all(each.partition(":")[0] in names for each in found)


_SECONDS = st.integers(0, 90)
_HAPPENED = st.lists(
    st.one_of(
        st.builds(born, _SECONDS),
        st.builds(switched, _SECONDS, st.sampled_from([None, 1, 3, 35])),
        st.builds(repaired, _SECONDS, st.sampled_from([3, 35])),
        st.builds(lambda when: call(when, "DeleteTable"), _SECONDS),
        st.builds(
            lambda when, days: call(when, "TagResource", tags=_tags({"recovery-days": days})),
            *(_SECONDS, st.sampled_from(["1", "7", "x"])),
        ),
        st.builds(
            told,
            *(_SECONDS, st.sampled_from(["f-0", "f-1", "f-2"])),
            st.sampled_from(sorted(announcements.KINDS)),
        ),
    ),
    max_size=15,
)


def _when(happened: ApiCall | Fact) -> datetime:
    return happened.at if isinstance(happened, ApiCall) else happened.time


@given(_HAPPENED)
def test_no_checker_crashes_whatever_happened(happened: list[ApiCall | Fact]) -> None:
    record = of(*sorted(happened, key=_when))
    assert not [found for found in violations(record) if "crashed" in found]
