"""A copy proved through the real adapters, on the embedded AWS: its restores and its exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from localcloud import LocalCloud
from pitr_guardian.aws.drills.items import DynamoTableItems
from pitr_guardian.aws.drills.partitions import DynamoPartitions
from pitr_guardian.aws.exports.exports import DynamoExports
from pitr_guardian.aws.exports.history import DynamoHistory
from pitr_guardian.aws.exports.items import DynamoReads
from pitr_guardian.aws.exports.objects import ObjectBucket
from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.proof.comparing import Comparison
from pitr_guardian.drills.proof.exporting import RoundCheck, RoundStart
from pitr_guardian.drills.proof.rounds import Purpose, Round
from pitr_guardian.drills.proof.sampler import PartReader, Sampler
from pitr_guardian.drills.proof.searching import Search
from pitr_guardian.drills.proof.settling import Proof, Settling, proof_of
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.structure import Structure
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from tests.fakes.proofs import COPY, DRILL, FakeDrillRecord
from tests.localcloud.account import HOME, NUMBERS, SETTINGS, Account

BUCKET = "evidence"
KEY = Key(partition=KeyAttribute(name="id", type="S"))


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.start(SETTINGS) as running:
        yield running


@pytest.fixture
def aws() -> None:
    """The embedded AWS stands in for moto here."""


def no_sleep(_: float) -> None:
    raise AssertionError("nothing to wait for")


@dataclass
class Drill:
    """A table on the embedded AWS, and a drill of it."""

    aws: Account
    ledger: FakeDrillRecord = field(default_factory=FakeDrillRecord)

    def __post_init__(self) -> None:
        self.table = self.aws.protected_table()
        self.bucket = f"{BUCKET}-{self.aws.account_id}"
        self.aws.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": HOME}
        )
        for number in range(30):
            self.aws.put(self.table, f"i{number}", v="0")
        self.aws.advance(7200)

    @property
    def ref(self) -> TableRef:
        return TableRef("aws", self.aws.account_id, HOME, self.table)

    @property
    def copy(self) -> TableRef:
        return TableRef("aws", self.aws.account_id, HOME, COPY.name)

    def now(self) -> datetime:
        return self.aws.cloud.clock.now()

    def restore(self, at: datetime, sample: Any = 1000, kind: Kind = Kind.FULL) -> None:
        """Accept a drill, and restore its copy."""
        accepted_at = self.now()
        if kind is Kind.FULL:
            self.aws.dynamodb.restore_table_to_point_in_time(
                SourceTableName=self.table, TargetTableName=COPY.name, RestoreDateTime=at
            )
            self.aws.advance(SETTINGS.restore_seconds + SETTINGS.backups_enabling_seconds)
        self.ledger.record = DrillRecord(
            DrillOrder(
                request=DrillRequest(table=self.table, sample=sample, request_id=DRILL),
                occasion=Occasion.EVENT,
                kind=kind,
                table=TableId.of(self.ref),
                source=Structure(table_id="t-1", key=KEY, definition=Definition(), items=30),
                at=at,
                latest=accepted_at,
                copy_table=TableId.of(self.copy) if kind is Kind.FULL else None,
                account=self.aws.account_id,
                accepted_at=accepted_at,
            )
        )

    def prove(self) -> Proof:
        """Go through all rounds, as the workflow does."""
        objects = ObjectBucket(self.aws.client("s3"), self.bucket)
        door = lambda table: self.aws.client("dynamodb", table.region)  # noqa: E731
        exports = DynamoExports(door, self.bucket, self.aws.account_id, "")
        partitions = DynamoPartitions(door, no_sleep)
        items = DynamoTableItems(door, no_sleep)
        start = RoundStart(self.ledger, DynamoHistory(door), exports, objects, partitions)
        check = RoundCheck(self.ledger, exports, objects)
        search = Search(self.ledger, objects)
        comparison = Comparison(self.ledger, objects, self.now)
        settling = Settling(self.ledger, objects, DynamoReads(door, no_sleep), self.now)
        sampler = Sampler(self.ledger, objects, items, partitions, self.now)
        reader = PartReader(self.ledger, objects, items, self.now)
        dealt: dict[str, Any] = {}
        for number in range(4):
            while not (begun := start.start(DRILL, number))["started"]:
                self.aws.advance(begun["waitSeconds"])
            while not (looked := check.check(DRILL, number, begun["exports"]))["done"]:
                self.aws.advance(30)
            if not number:
                dealt = sampler.sample(DRILL, looked["manifests"])
                for segment in dealt["segments"]:
                    reader.read(DRILL, segment, dealt["shards"])
            for manifest in looked["manifests"]:
                with objects.open(manifest["key"]) as lines:
                    for line in list(lines):
                        file = json.loads(line)
                        search.search(DRILL, number, manifest["name"], file, dealt["shards"])
            for shard in dealt["shardNumbers"]:
                comparison.compare(DRILL, number, shard)
            if not settling.settle(DRILL, number, dealt["shards"])["again"]:
                break
        proof = proof_of(objects, DRILL)
        assert proof is not None
        return proof

    @property
    def purposes(self) -> list[Purpose]:
        objects = ObjectBucket(self.aws.client("s3"), self.bucket)
        found = []
        for key in objects.keys_under(f"work/{DRILL}/rounds/"):
            if key.endswith("/round.json"):
                with objects.open(key) as content:
                    found.append(Round.model_validate_json(content.read()).purpose)
        return found

    def past(self, minutes: float) -> datetime:
        return (self.now() - timedelta(minutes=minutes)).replace(microsecond=0)


@pytest.fixture
def drill(cloud: LocalCloud) -> Drill:
    return Drill(Account(cloud, f"{next(NUMBERS) + 800:012d}"))


@pytest.mark.parametrize("sample", [1000, "all"])
def test_a_right_copy_is_proved_and_what_changed_is_explained(drill: Drill, sample: Any) -> None:
    at = drill.past(minutes=30)
    drill.aws.put(drill.table, "i3", v="1")
    drill.aws.dynamodb.delete_item(TableName=drill.table, Key={"id": {"S": "i4"}})
    drill.aws.put(drill.table, "new", v="1")
    drill.aws.advance(600)
    drill.restore(at, sample)
    proof = drill.prove()
    assert proof.tally.compared == 31
    assert (proof.tally.equal, proof.tally.explained) == (28, 3)
    assert proof.verified_at is not None
    assert drill.purposes == [Purpose.CONFIRM]


@pytest.mark.parametrize("sample", [1000, "all"])
def test_what_is_wrong_in_a_copy_is_found(drill: Drill, sample: Any) -> None:
    drill.restore(drill.past(minutes=30), sample)
    drill.aws.put(COPY.name, "i3", v="wrong")
    drill.aws.put(COPY.name, "never", v="0")
    drill.aws.dynamodb.delete_item(TableName=COPY.name, Key={"id": {"S": "i5"}})
    proof = drill.prove()
    assert sorted(each.how for each in proof.mismatches) == ["additional", "different", "missing"]
    assert (proof.tally.mismatched, proof.tally.right) == (3, 28)
    assert drill.purposes == [Purpose.CONFIRM, Purpose.READ_AGAIN, Purpose.EXACT]


def test_what_is_deleted_before_it_is_read_is_missed_in_the_copy(drill: Drill) -> None:
    drill.restore(drill.past(minutes=30), "all")
    for table in (drill.table, COPY.name):
        drill.aws.dynamodb.delete_item(TableName=table, Key={"id": {"S": "i7"}})
    proof = drill.prove()
    assert [each.how for each in proof.mismatches] == ["missing"]


def test_a_partition_of_a_giant_is_proved_without_a_copy(drill: Drill) -> None:
    at = drill.past(minutes=30)
    for number in range(30):
        drill.aws.put(drill.table, f"i{number}", v="1")
    drill.aws.advance(600)
    drill.restore(at, kind=Kind.SMALL)
    proof = drill.prove()
    assert (proof.tally.compared, proof.tally.explained) == (1, 1)
    assert drill.aws.dynamodb.list_tables()["TableNames"] == [drill.table]
