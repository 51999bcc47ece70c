"""The chain of evidence, in memory as on DynamoDB; and objects that nobody can remove, on S3."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

from pitr_guardian.aws.drills.evidence_bucket import EvidenceBucket
from pitr_guardian.aws.ledger.drill_book import DrillBookLedger
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.aws.ledger.evidence import EvidenceLedger
from pitr_guardian.aws.ledger.items import item_of
from pitr_guardian.aws.ledger.orders import OrderLedger
from pitr_guardian.drills.evidence.chain import FIRST, Link
from pitr_guardian.drills.evidence.ports import (
    AnsweredError,
    ChainMovedError,
    EvidenceChain,
    YearOfDrills,
)
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.telling import failed_without_evidence
from pitr_guardian.facts.drill_facts import DrillFailed, DrillRejected, DrillSkipped
from pitr_guardian.restore.estimate import Measured
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.fakes.drill_pages import ASKED, summary
from tests.fakes.evidence import FakeChain
from tests.fakes.proofs import ProofWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Whole(EvidenceChain, YearOfDrills, Protocol):
    """What both use together."""


@pytest.fixture(params=["memory", "dynamodb"])
def chain(request: pytest.FixtureRequest) -> Whole:
    if request.param == "memory":
        return FakeChain()
    dynamodb: DynamoDBClient = request.getfixturevalue("dynamodb")
    return EvidenceLedger(dynamodb, request.getfixturevalue("ledger_table"))


def piece(table: str, asked: datetime = ASKED) -> DrillSummary:
    made = summary(table, asked)
    link = Link(key=f"evidence/{asked.year}/{table}.json", sha256=table[0] * 64, bucket="kept")
    return made.model_copy(update={"link": link})


def order_of(summary: DrillSummary) -> DrillOrder:
    order = ProofWorld().order(summary.restored_to)
    request = order.request.model_copy(update={"request_id": summary.drill_id})
    return order.model_copy(
        update={"request": request, "copy_table": None, "kind": Kind.SMALL, "table": summary.table}
    )


def answer_of(order: DrillOrder, error: str = "of no interest here") -> DrillFailed:
    return failed_without_evidence(DrillRecord(order), error, ASKED, removed=True)


def move(chain: EvidenceChain, before: Link, summary: DrillSummary) -> None:
    """Chain a piece of a drill that is under way."""
    order = order_of(summary)
    if isinstance(chain, EvidenceLedger):
        DrillLedger(chain._client, chain._name).open(order)
    chain.move(before, summary, order, answer_of(order))


def test_a_chain_begins_with_nothing(chain: Whole) -> None:
    assert chain.head() == FIRST
    assert chain.link_of("orders-1125", 2026) is None
    assert chain.drills_of(2026) == []


def test_it_moves_on_from_its_head_alone(chain: Whole) -> None:
    one, two = piece("alpha"), piece("beta")
    move(chain, FIRST, one)
    assert chain.head() == one.link
    with pytest.raises(ChainMovedError):
        move(chain, FIRST, two)
    with pytest.raises(ChainMovedError):
        move(chain, Link(key="x", sha256="0" * 63 + "1"), two)
    assert chain.head() == one.link
    move(chain, one.link, two)
    assert chain.head() == two.link


def test_a_drill_is_chained_once(chain: Whole) -> None:
    one = piece("alpha")
    move(chain, FIRST, one)
    with pytest.raises(AnsweredError):
        move(chain, one.link, one)
    assert chain.head() == one.link
    assert chain.link_of(one.drill_id, 2026) == one
    assert chain.link_of(one.drill_id, 2025) is None


def test_the_answer_is_recorded_with_the_evidence_or_neither_is(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    drills, chain = DrillLedger(dynamodb, ledger_table), EvidenceLedger(dynamodb, ledger_table)
    one, two = piece("alpha"), piece("beta")
    move(chain, FIRST, one)
    recorded = drills.record_of(one.drill_id)
    assert recorded
    assert recorded.answer
    assert recorded.answer.detail() == answer_of(order_of(one)).detail()
    drills.open(order_of(two))
    with pytest.raises(ChainMovedError):
        chain.move(FIRST, two, order_of(two), answer_of(order_of(two)))
    left = drills.record_of(two.drill_id)
    assert left
    assert left.answer is None
    drills.conclude(two.drill_id, answer_of(order_of(two), "ended from outside"))
    with pytest.raises(AnsweredError):
        chain.move(one.link, two, order_of(two), answer_of(order_of(two)))
    assert chain.head() == one.link


def test_a_year_is_listed_in_its_order(chain: Whole) -> None:
    pieces = [
        piece("beta", ASKED),
        piece("alpha", ASKED - timedelta(days=3)),
        piece("gamma", datetime(2025, 12, 31, tzinfo=UTC)),
    ]
    before = FIRST
    for each in pieces:
        move(chain, before, each)
        before = each.link
    assert [each.table.name for each in chain.drills_of(2026)] == ["alpha", "beta"]
    assert [each.table.name for each in chain.drills_of(2025)] == ["gamma"]


def test_what_the_budget_left_out_is_listed_by_its_months(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    book = DrillBookLedger(dynamodb, ledger_table, lambda: ASKED)
    other = replace(ORDERS, name="other")
    for table, kind, at in (
        (ORDERS, DrillSkipped.detail_type, ASKED),
        (ORDERS, DrillSkipped.detail_type, ASKED - timedelta(days=60)),
        (ORDERS, DrillSkipped.detail_type, ASKED - timedelta(days=400)),
        (other, DrillRejected.detail_type, ASKED),
    ):
        book.note_told(table, kind, at)
    left_out = EvidenceLedger(dynamodb, ledger_table).left_out_in(2026)
    assert left_out == {ORDERS: ["2026-09", "2026-11"]}


def test_known_tables_are_those_that_are_there(dynamodb: DynamoDBClient, ledger_table: str) -> None:
    gone, copy = replace(ORDERS, name="gone"), replace(ORDERS, name="pitr-guardian-drill-1")
    for item in (
        {"pk": ORDERS.arn, "sk": "memory"},
        {"pk": ORDERS.arn, "sk": "incident#2026"},
        {"pk": gone.arn, "sk": "memory", "expiresAt": 1},
        {"pk": copy.arn, "sk": "memory", "copyOf": "1"},
        {"pk": "junk", "sk": "memory"},
    ):
        dynamodb.put_item(TableName=ledger_table, Item=item_of(item))
    ledger = EvidenceLedger(dynamodb, ledger_table)
    assert [each.table for each in ledger.known_tables()] == [ORDERS]


def test_evidence_is_kept_with_a_retention_where_there_is_one() -> None:
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(
        Bucket="evidence",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        ObjectLockEnabledForBucket=True,
    )
    bucket = EvidenceBucket(client, "evidence")
    until = datetime(2033, 11, 25, tzinfo=UTC)
    assert bucket.keep("evidence/2026/a.json", b"{}", "application/json", until) == (
        "s3://evidence/evidence/2026/a.json"
    )
    bucket.keep("years/2026.html", b"<p>", "text/html", None)
    locked = client.head_object(Bucket="evidence", Key="evidence/2026/a.json")
    assert (locked["ObjectLockMode"], locked["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert "ObjectLockMode" not in client.head_object(Bucket="evidence", Key="years/2026.html")


def test_an_estimate_learns_how_much_is_written(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    ledger = EvidenceLedger(dynamodb, ledger_table)
    assert ledger.bytes_an_hour(ORDERS) is None
    first = piece("orders").model_copy(update={"bytes_an_hour": 1234.5})
    move(ledger, FIRST, first)
    assert ledger.bytes_an_hour(ORDERS) == 1234.5
    small = piece("orders", ASKED + timedelta(days=1)).model_copy(update={"bytes_an_hour": None})
    move(ledger, first.link, small)
    assert ledger.bytes_an_hour(ORDERS) == 1234.5


def test_a_restore_learns_how_long_the_last_one_took(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    orders = OrderLedger(dynamodb, ledger_table)
    ledger = EvidenceLedger(dynamodb, ledger_table)
    assert orders.measured(ORDERS) is None
    first = piece("orders")
    move(ledger, FIRST, first)
    assert orders.measured(ORDERS) == Measured(seconds=660, at=ASKED)
    small = piece("orders", ASKED + timedelta(days=1)).model_copy(update={"active_seconds": None})
    move(ledger, first.link, small)
    assert orders.measured(ORDERS) == Measured(seconds=660, at=ASKED)
    assert [each.drill_id for each in ledger.drills_of(2026)] == [first.drill_id, small.drill_id]
