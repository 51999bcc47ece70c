"""The audit function, from the stretch it is handed to the ledger, the queue and the part file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from functions.sweep.audit import handler
from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.aws.report.bucket import ReportBucket
from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.look import looks_from
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.sweep.ports import Catalogue
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.reference import Home, Place, TableRef
from pitr_guardian.wiring import sweep as wiring
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BUCKET = "reports"
HOME = Home("aws", ACCOUNT, REGION)
NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(days=14), NOON - timedelta(minutes=5))


class Stack:
    """The function deployed, with its environment as the template sets it."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.dynamodb = dynamodb
        self._s3 = boto3.client("s3", region_name=REGION)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self.queue = self._sqs.create_queue(QueueName="enforcement")["QueueUrl"]
        self._s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )

    def create(self, *names: str, period: int | None = 35) -> None:
        for name in names:
            self.dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            if period is not None:
                self.dynamodb.update_continuous_backups(
                    TableName=name,
                    PointInTimeRecoverySpecification={
                        "PointInTimeRecoveryEnabled": True,
                        "RecoveryPeriodInDays": period,
                    },
                )

    def audit(self, after: str | None = None, part: int = 1) -> dict[str, Any]:
        stretch = {
            "sweepId": "sweep-1",
            "account": ACCOUNT,
            "region": REGION,
            "part": part,
            "after": after,
            "lastSweptAt": iso(NOON),
        }
        answer = handler(stretch, lambda_context())
        assert json.loads(json.dumps(answer)) == answer  # the workflow takes JSON
        return answer

    def rows(self, part: int = 1) -> dict[str, dict[str, Any]]:
        key = f"sweeps/sweep-1/parts/{ACCOUNT}/{REGION}/{part:04}.json"
        body = self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return {row["name"]: row for row in json.loads(body)}

    def asked_for(self) -> list[str]:
        """The tables that the enforcement queue holds looks at."""
        names: list[str] = []
        receive = partial(self._sqs.receive_message, QueueUrl=self.queue, MaxNumberOfMessages=10)
        while messages := receive().get("Messages"):
            names += [
                looks_from(each["Body"], datetime.now(UTC), ACCOUNT, "aws")[0].ref.name
                for each in messages
            ]
        return sorted(names)


@pytest.fixture
def stack(dynamodb: DynamoDBClient, ledger_table: str, monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack(dynamodb)
    variables = {
        "MODE": "remediate",
        "RECOVERY_PERIOD_IN_DAYS": "35",
        "EXEMPT_TAG_KEY": "pitr-guardian:exempt",
        "RECOVERY_PERIOD_TAG_KEY": "pitr-guardian:recovery-days",
        "BIRTH_GRACE_MINUTES": "60",
        "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
        "MAXIMUM_EXEMPTION_DAYS": "0",
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "LEDGER_TABLE": ledger_table,
        "ENFORCEMENT_QUEUE_URL": stack.queue,
        "REPORT_BUCKET": BUCKET,
        "SWEEP_CALLS_PER_SECOND": "1000",  # moto has no limit, and a test no patience
        "AUDIT_SECONDS": "140",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return stack


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The calls to AWS, by operation, from now on."""
    counted: Counter[str] = Counter()
    make = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def count_and_make(client: Any, operation: str, parameters: Any) -> Any:
        counted[operation] += 1
        return make(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", count_and_make)
    return counted


@pytest.fixture
def sweep_ledger(dynamodb: DynamoDBClient, ledger_table: str) -> SweepLedger:
    return SweepLedger(dynamodb, ledger_table)


def nobody(place: Place) -> Any:
    raise AssertionError(f"asked in {place}")


def table(name: str) -> TableRef:
    return TableRef("aws", ACCOUNT, REGION, name)


def test_tables_are_counted_written_down_and_handed_on(stack: Stack) -> None:
    stack.create("fine", "fine-too")
    stack.create("off", *(f"off-{number:02}" for number in range(12)), period=None)
    tally = stack.audit()
    ledger = 1
    assert tally == {
        "checked": 15 + ledger,
        "compliant": 2,
        "drifted": 13 + ledger,
        "exempt": 0,
        "failed": 0,
        "next": None,
    }
    rows = stack.rows()
    assert rows["fine"]["status"] == "protected"
    assert rows["fine"]["periodInDays"] == rows["fine"]["ownPeriodInDays"] == 35
    assert rows["fine"]["earliest"].endswith("Z")
    assert (rows["off"]["status"], rows["off"]["periodInDays"]) == ("drifted", None)
    assert stack.asked_for() == sorted(name for name in rows if "fine" not in name)


def test_the_sample_stretch_goes_on_after_a_table(stack: Stack) -> None:
    stack.create("carts", "orders", "users")
    sample = json.loads((Path(__file__).parents[2] / "events/sweep-stretch.json").read_text())
    tally = handler(sample, lambda_context())
    assert (tally["checked"], tally["next"]) == (1, None)


def test_in_the_steady_state_a_table_costs_one_call_and_two_hundredths(
    stack: Stack, calls: Counter[str]
) -> None:
    stack.create(*(f"table-{number:03}" for number in range(199)))
    stack.dynamodb.update_continuous_backups(
        TableName="ledger", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert stack.audit()["compliant"] == 200
    for item in stack.dynamodb.scan(TableName="ledger")["Items"]:  # moto's tables have no ids
        stack.dynamodb.put_item(TableName="ledger", Item=item | {"tableId": {"S": "id"}})
    calls.clear()
    assert stack.audit()["compliant"] == 200
    once_a_sweep = {"GetResources": 2}  # tags are kept where there are further stretches
    per_stretch = {"PutObject": 1}
    assert calls == {
        "DescribeContinuousBackups": 200,
        "ListTables": 2,
        "BatchGetItem": 2,
        **(Counter(once_a_sweep) + Counter(per_stretch)),
    }


def test_the_first_sight_of_a_table_is_remembered(stack: Stack, sweep_ledger: SweepLedger) -> None:
    stack.create("fine", period=14)
    before = datetime.now(UTC) - timedelta(seconds=1)
    stack.audit()
    memory = sweep_ledger.recall_all([table("fine")])[table("fine")]
    assert memory.period == 14
    assert memory.window is not None
    assert memory.seen_on_at is not None
    assert before < memory.seen_on_at < datetime.now(UTC)


def test_a_sighting_leaves_what_is_newer(
    sweep_ledger: SweepLedger, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    key = {"pk": {"S": table("orders").arn}, "sk": {"S": "memory"}}
    dynamodb.put_item(TableName=ledger_table, Item={**key, "tableId": {"S": "id-1"}})
    seen = Memory("id-1", 14, WINDOW, NOON, 14, born_at=NOON - timedelta(days=90))
    sweep_ledger.sighted(table("orders"), seen)
    older = replace(seen, period=7, window=None, seen_on_at=NOON - timedelta(seconds=1))
    sweep_ledger.sighted(table("orders"), older)
    memory = sweep_ledger.recall_all([table("orders")])[table("orders")]
    assert memory.table_id == "id-1"
    assert (memory.period, memory.window, memory.seen_on_at) == (14, WINDOW, NOON)


def test_a_sighting_leaves_what_was_known_before_a_drift_that_is_noted(
    sweep_ledger: SweepLedger, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    drift = Drift(noticed_at=NOON)
    key = {"pk": {"S": table("orders").arn}, "sk": {"S": "memory"}}
    noted = {"drift": {"S": drift.model_dump_json(by_alias=True)}, "period": {"N": "14"}}
    dynamodb.put_item(TableName=ledger_table, Item={**key, **noted})
    seen = Memory("id-1", 35, WINDOW, NOON + timedelta(minutes=1), 35)
    sweep_ledger.sighted(table("orders"), seen)
    memory = sweep_ledger.recall_all([table("orders")])[table("orders")]
    assert (memory.drift, memory.period) == (drift, 14)
    assert (memory.window, memory.seen_on_at) == (None, None)


def test_a_sighting_of_an_heir_leaves_what_is_remembered_of_another(
    sweep_ledger: SweepLedger, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    sweep_ledger.sighted(table("orders"), Memory("id-1", 14, WINDOW, NOON, 14))
    later = NOON + timedelta(hours=1)
    sweep_ledger.sighted(table("orders"), Memory("id-2", 7, WINDOW, later, 7, born_at=later))
    memory = sweep_ledger.recall_all([table("orders")])[table("orders")]
    assert (memory.table_id, memory.period) == ("id-1", 14)


def test_that_a_table_was_found_off_is_noted_once_with_when_it_was_on_before(
    sweep_ledger: SweepLedger,
) -> None:
    def recalled() -> Memory:
        return sweep_ledger.recall_all([table("orders")])[table("orders")]

    seen = Memory("id-1", 14, WINDOW, NOON, 14)
    sweep_ledger.sighted(table("orders"), seen)
    on_at, found_at = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    sweep_ledger.found_off(table("orders"), replace(seen, seen_on_at=on_at), found_at)
    off = replace(seen, seen_on_at=on_at, found_off_at=found_at)
    assert recalled() == off
    later = replace(seen, seen_on_at=found_at)
    sweep_ledger.found_off(table("orders"), later, found_at + timedelta(hours=1))
    assert recalled() == off
    sweep_ledger.sighted(table("orders"), replace(seen, seen_on_at=found_at))
    assert recalled() == replace(seen, seen_on_at=found_at)


@pytest.mark.parametrize("how", ["sighted", "found off"])
def test_what_a_sweep_sees_is_kept_for_good_though_its_deletion_was_told(
    sweep_ledger: SweepLedger, dynamodb: DynamoDBClient, ledger_table: str, how: str
) -> None:
    sweep_ledger.sighted(table("orders"), Memory("id-1", 14, WINDOW, NOON, 14))
    ledger, later = DynamoLedger(dynamodb, ledger_table), NOON + timedelta(hours=1)
    ledger.let_expire(table("orders"), "id-1", NOON, NOON)

    def expires() -> bool:
        return "expiresAt" in dynamodb.scan(TableName=ledger_table)["Items"][0]

    assert expires()
    seen = Memory("id-1", 14, WINDOW, later, 14)
    if how == "sighted":
        sweep_ledger.sighted(table("orders"), seen)
    else:
        sweep_ledger.found_off(table("orders"), seen, later)
    assert not expires()


def test_what_the_ledger_does_not_know_is_left_out(sweep_ledger: SweepLedger) -> None:
    assert sweep_ledger.recall_all([]) == {}
    assert sweep_ledger.recall_all([table("orders")]) == {}


def test_what_the_ledger_did_not_get_round_to_is_asked_for_again(
    dynamodb: DynamoDBClient, sweep_ledger: SweepLedger
) -> None:
    orders = {"pk": {"S": table("orders").arn}, "sk": {"S": "memory"}, "period": {"N": "7"}}
    rest = {"ledger": {"Keys": [{"pk": orders["pk"], "sk": orders["sk"]}]}}
    with Stubber(dynamodb) as stubber:
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})
        stubber.add_response(
            "batch_get_item",
            {"Responses": {"ledger": [orders]}, "UnprocessedKeys": {}},
            {"RequestItems": rest},
        )
        assert sweep_ledger.recall_all([table("orders")])[table("orders")].period == 7
    with Stubber(dynamodb) as stubber:
        for _ in range(5):
            stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})
        with pytest.raises(TryLaterError, match="only a part"):
            sweep_ledger.recall_all([table("orders")])


def test_when_it_was_told_that_there_is_no_trail_is_remembered_by_scope(
    sweep_ledger: SweepLedger,
) -> None:
    assert sweep_ledger.last_told(HOME) is None
    sweep_ledger.note_told(HOME, NOON)
    assert sweep_ledger.last_told(HOME) == NOON
    assert sweep_ledger.last_told(replace(HOME, region="eu-west-1")) is None
    assert sweep_ledger.last_told(replace(HOME, account="222222222222")) is None


def test_a_list_goes_on_after_a_name(dynamodb: DynamoDBClient, stack: Stack) -> None:
    stack.create(*(f"table-{number}" for number in range(5)))
    catalogue = DynamoCatalogue(lambda _: dynamodb, nobody)
    names, after = [], None
    while True:
        page = catalogue.page(HOME, after, 2)
        names += [each.name for each in page.tables]
        after = page.last
        if after is None:
            break
    assert sorted(names) == ["ledger", *(f"table-{number}" for number in range(5))]


def test_a_table_is_seen_as_the_one_it_is_and_one_that_is_gone_is_not(
    dynamodb: DynamoDBClient, stack: Stack
) -> None:
    catalogue = DynamoCatalogue(lambda _: dynamodb, nobody)
    stack.create("orders", period=14)
    switch = catalogue.switch(table("orders"))
    assert switch is not None
    assert (switch.on, switch.period) == (True, 14)
    found = catalogue.see(table("orders"), switch)
    assert found is not None
    described = dynamodb.describe_table(TableName="orders")["Table"]
    assert (found.table_id, found.status) == (described.get("TableId"), "ACTIVE")
    assert found.born_at == described["CreationDateTime"]
    assert catalogue.switch(table("gone")) is None
    assert catalogue.see(table("gone"), switch) is None


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, TryLaterError),
        ("InternalServerError", 500, TryLaterError),
        ("AccessDeniedException", 400, RefusedError),
        ("ValidationException", 400, RefusedError),
    ],
)
def test_errors_are_told_apart_by_whether_they_pass(
    dynamodb: DynamoDBClient, code: str, status: int, error: type[Exception]
) -> None:
    catalogue = DynamoCatalogue(lambda _: dynamodb, nobody)
    with Stubber(dynamodb) as stubber:
        for operation in ("list_tables", "describe_continuous_backups"):
            stubber.add_client_error(operation, code, "why", status)
        with pytest.raises(error, match=f"{code}: why"):
            catalogue.page(HOME, None, 100)
        with pytest.raises(error, match=f"{code}: why"):
            catalogue.switch(table("orders"))


def test_tags_are_read_by_key_and_page_by_page() -> None:
    tagging = boto3.client("resourcegroupstaggingapi", region_name=REGION)
    catalogue = DynamoCatalogue(nobody, lambda _: tagging)

    def answer(token: str, **tables: dict[str, str]) -> dict[str, Any]:
        mappings = [
            {
                "ResourceARN": table(name).arn,
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            }
            for name, tags in tables.items()
        ]
        return {"ResourceTagMappingList": mappings, "PaginationToken": token}

    asked = {"ResourceTypeFilters": ["dynamodb:table"], "ResourcesPerPage": 100}
    both = {"exempt": "2026-12-31", "days": "7"}
    with Stubber(tagging) as stubber:
        exempt = {"TagFilters": [{"Key": "exempt"}], **asked}
        stubber.add_response("get_resources", answer("next", orders=both), exempt)
        stubber.add_response(
            "get_resources",
            answer("", carts={"exempt": "x"}),
            {**exempt, "PaginationToken": "next"},
        )
        stubber.add_response(
            "get_resources",
            answer("", orders=both),
            {"TagFilters": [{"Key": "days"}], **asked},
        )
        found = catalogue.tags(HOME, ["exempt", "days", "exempt"])
        stubber.assert_no_pending_responses()
    assert found == {table("orders"): both, table("carts"): {"exempt": "x"}}


def test_a_queue_that_takes_only_a_part_is_an_error(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.create("off", period=None)
    monkeypatch.setenv("ENFORCEMENT_QUEUE_URL", stack.queue + "-of-somebody-else")
    with pytest.raises(ClientError, match="NonExistentQueue"):
        stack.audit()


ORDERS = TableRef("aws", ACCOUNT, REGION, "orders")
PACED: dict[str, Callable[[Catalogue], object]] = {
    "ListTables": lambda catalogue: catalogue.page(HOME, None, 10),
    "DescribeContinuousBackups": lambda catalogue: catalogue.switch(ORDERS),
}


@pytest.mark.parametrize("operation", PACED)
def test_a_sweep_asks_once_since_each_try_counts_against_its_pace(
    stack: Stack, operation: str
) -> None:
    sent: list[object] = []

    def refuse(request: object, **_: Any) -> None:
        sent.append(request)
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    client = clients.dynamodb_once(HOME)
    client.meta.events.register_first(f"before-send.dynamodb.{operation}", refuse)
    with pytest.raises(TryLaterError):
        PACED[operation](wiring.audit().catalogue)
    assert len(sent) == 1


TAGS = {ORDERS: {"pitr-guardian:exempt": "2026-12-31", "äh": "\u2028"}}


def test_tags_are_kept_for_the_stretches_of_one_sweep_and_region(stack: Stack) -> None:
    parts = wiring.audit().parts
    assert parts.tags_kept("sweep-1", HOME) is None
    parts.keep_tags("sweep-1", HOME, TAGS)
    assert parts.tags_kept("sweep-1", HOME) == TAGS
    assert parts.tags_kept("sweep-1", replace(HOME, region="eu-west-1")) is None
    assert parts.tags_kept("sweep-1", replace(HOME, account="222222222222")) is None
    assert parts.tags_kept("sweep-2", HOME) is None


def test_the_report_does_not_take_kept_tags_for_a_part(stack: Stack) -> None:
    bucket = ReportBucket(clients.s3(), BUCKET)
    bucket.keep_tags("sweep-1", HOME, TAGS)
    bucket.write("sweep-1", HOME, 1, [])
    assert [part.key for part in bucket.parts_of("sweep-1")] == [
        f"sweeps/sweep-1/parts/{ACCOUNT}/{REGION}/0001.json"
    ]


@pytest.mark.parametrize(("code", "is_none"), [("AccessDenied", True), ("SlowDown", False)])
def test_who_may_not_list_is_denied_what_is_not_there(code: str, is_none: bool) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    with Stubber(s3) as stubber:
        stubber.add_client_error("get_object", code)
        bucket = ReportBucket(s3, BUCKET)
        if is_none:
            assert bucket.tags_kept("sweep-1", HOME) is None
            return
        with pytest.raises(ClientError):
            bucket.tags_kept("sweep-1", HOME)
