"""What the ledger knows of alerts, in memory as on DynamoDB; and many who ask it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pitr_guardian.aws.ledger.alerts import AlertLedger
from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.facts.announcing import Announcer, Digester
from pitr_guardian.facts.digest import Folded
from pitr_guardian.facts.folding import Alert, Flow, Kind
from pitr_guardian.facts.ports import AlertRecords, Floods
from tests.fakes.alerts import (
    ACCOUNT,
    REGION,
    FakeAlertLedger,
    FakeDigestQueue,
    FakeLists,
    FakeTopic,
)
from tests.fakes.clock import FakeClock
from tests.fakes.facts import FakeFacts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KIND = Kind("table-protected", "info", ACCOUNT, REGION)
OTHER = Kind("table-deleted", "info", ACCOUNT, REGION)
NOW = FakeClock().now.replace(microsecond=123000)
WHO = f"arn:aws:iam::{ACCOUNT}:user/alice"


class Whole(AlertRecords, Floods, Protocol):
    """What announcing and digests use together."""


@pytest.fixture(params=["in memory", "on DynamoDB"])
def ledger(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, ledger_table: str) -> Whole:
    if request.param == "in memory":
        return FakeAlertLedger()
    return AlertLedger(dynamodb, ledger_table)


def alert(number: int, who: str | None = WHO) -> Alert:
    return Alert(f"f-{number}", KIND.event, NOW, KIND, f"table-{number}", who, "Because.")


def test_where_an_alert_was_told_is_remembered(ledger: Whole) -> None:
    assert ledger.told("f-1") == frozenset()
    ledger.note_told(alert(1), "alerts", NOW)
    assert ledger.told("f-1") == {"alerts"}
    ledger.note_told(alert(1), "chat", NOW)
    assert ledger.told("f-1") == {"alerts", "chat"}
    ledger.note_told(alert(2), "digest", NOW, "d-1")
    assert ledger.told("f-2") == {"digest"}


def test_the_latest_alerts_are_saved_over_the_version_before_alone(ledger: Whole) -> None:
    assert ledger.flow(KIND) == Flow()
    first = Flow().told("f-1", NOW)
    assert ledger.save(KIND, first, NOW)
    assert not ledger.save(KIND, Flow().told("f-2", NOW), NOW)
    assert ledger.save(KIND, first.told("f-2", NOW), NOW)
    assert ledger.flow(KIND) == first.told("f-2", NOW)
    assert ledger.flow(OTHER) == Flow()


def test_alerts_join_a_flood_as_long_as_it_is_open(ledger: Whole) -> None:
    flow = Flow().told("f-1", NOW)
    ledger.save(KIND, flow, NOW)
    assert not ledger.join(alert(2), KIND, "flood", NOW)
    ledger.save(KIND, flow.flooded("flood", NOW), NOW)
    assert ledger.join(alert(2), KIND, "flood", NOW)
    assert ledger.join(alert(3, who=None), KIND, "flood", NOW + timedelta(seconds=1))
    found = ledger.flow(KIND)
    assert (found.flood, found.folded, found.latest) == ("flood", 2, NOW + timedelta(seconds=1))

    ledger.close(KIND, "another", NOW)
    assert ledger.join(alert(4), KIND, "flood", NOW)
    ledger.close(KIND, "flood", NOW)
    assert not ledger.join(alert(5), KIND, "flood", NOW)
    ledger.close(KIND, "flood", NOW)
    assert ledger.flow(KIND).flood is None
    assert len(ledger.flow(KIND).recent) == 4
    assert sorted(ledger.folded(KIND, "flood"), key=lambda each: each.id) == [
        Folded(f"f-{n}", NOW, f"table-{n}", None if n == 3 else WHO, "Because.") for n in (2, 3, 4)
    ]
    assert list(ledger.folded(KIND, "another")) == []


def test_an_alert_that_joins_twice_is_folded_once(ledger: Whole) -> None:
    ledger.save(KIND, Flow().flooded("flood", NOW), NOW)
    assert ledger.join(alert(2), KIND, "flood", NOW)
    assert ledger.join(alert(2), KIND, "flood", NOW)
    assert len(ledger.folded(KIND, "flood")) == 1


def test_a_ledger_that_refuses_says_so(dynamodb: DynamoDBClient) -> None:
    nowhere = AlertLedger(dynamodb, "nowhere")
    for call in (
        lambda: nowhere.told("f-1"),
        lambda: nowhere.flow(KIND),
        lambda: nowhere.save(KIND, Flow().told("f-1", NOW), NOW),
        lambda: nowhere.join(alert(1), KIND, "flood", NOW),
    ):
        with pytest.raises(RefusedError, match="ResourceNotFound"):
            call()


def test_what_somebody_else_wrote_there_is_as_if_it_were_not(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    key = {"pk": {"S": f"alerts#table-protected#info#{ACCOUNT}#{REGION}"}, "sk": {"S": "flow"}}
    dynamodb.put_item(
        TableName=ledger_table, Item={**key, "recent": {"L": [{"S": "yesterday f-1"}]}}
    )
    ledger = AlertLedger(dynamodb, ledger_table)
    assert ledger.flow(KIND) == Flow()
    assert ledger.save(KIND, Flow().told("f-1", NOW), NOW)


def test_of_many_at_once_five_are_told_and_all_others_are_in_one_digest(
    dynamodb: DynamoDBClient, ledger_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one_call_at_a_time(dynamodb, monkeypatch)
    ledger = AlertLedger(dynamodb, ledger_table)
    topic, queue = FakeTopic(), FakeDigestQueue()
    announcer = Announcer({"alerts": topic}, ledger, queue, FakeClock())

    def announce(number: int) -> str:
        table = {"name": f"table-{number}", "account": ACCOUNT, "region": REGION}
        detail = {"id": f"f-{number}", "severity": "info", "table": table, "reason": "Because."}
        return announcer.announce("Table Protected", detail, ACCOUNT, REGION)

    with ThreadPoolExecutor(16) as many:
        list(many.map(announce, range(60)))
    facts, lists = FakeFacts(), FakeLists()
    for order, _ in queue.orders:  # those who lost the race ordered digests of nothing
        Digester(ledger, lists, facts, FakeClock()).digest(order)
    [digest] = facts.told
    alone = topic.tables("table-protected")
    assert len(alone) == 5
    [listed] = lists.written.values()
    assert digest[1]["count"] == 55
    assert {f"table-{n}" for n in range(60)} == {*alone} | {
        line.split("\t")[1] for line in listed.splitlines()[2:]
    }


def _one_call_at_a_time(client: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write is atomic on DynamoDB; moto's checks its condition first, and then writes."""
    lock, call = Lock(), client._make_api_call  # type: ignore[attr-defined]

    def alone(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    monkeypatch.setattr(client, "_make_api_call", alone)
