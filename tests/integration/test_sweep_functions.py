"""The functions around a sweep: what there is to sweep, and what came of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.sweep.scopes import handler as list_scopes
from functions.sweep.total import handler as sum_up
from pitr_guardian.aws.ledger.members import MemberLedger
from pitr_guardian.aws.report.bucket import ReportBucket
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

BUCKET, MEMBER = "reports-of-the-guardian", "222222222222"
IN_ORDER = {"checked": 2, "compliant": 2, "trail": "recording"}


@pytest.fixture
def s3() -> S3Client:
    return boto3.client("s3", region_name=REGION)


@pytest.fixture(autouse=True)
def _environment(s3: S3Client, ledger_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    boto3.client("events", region_name=REGION).create_event_bus(Name="facts")
    for name, value in {
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "MEMBER_ROLE_NAME": "PitrGuardianMember",
        "SWEEP_REGIONS": f"eu-west-1, {REGION}",
        "LEDGER_TABLE": ledger_table,
        "REPORT_BUCKET": BUCKET,
        "FACT_BUS": "facts",
    }.items():
        monkeypatch.setenv(name, value)


def test_the_own_regions_and_the_members_are_listed_a_line_each(
    s3: S3Client, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    ledger = MemberLedger(dynamodb, ledger_table)
    ledger.note_heard(MEMBER, "us-east-1", datetime.now(UTC))
    ledger.note_heard(MEMBER, "us-west-2", datetime.now(UTC) - timedelta(hours=5))
    listed = list_scopes({"sweepId": "sweep-1", "round": 1}, lambda_context())
    assert listed == {
        "bucket": BUCKET,
        "key": "sweeps/sweep-1/rounds/0001.jsonl",
        "count": 4,
        "pause": 0,
        "atOnce": 4,  # moto doesn't tell the account's limit
    }
    assert [(each["account"], each["region"], each["part"]) for each in lines(s3, listed)] == [
        (ACCOUNT, REGION, 1),
        (ACCOUNT, "eu-west-1", 1),
        (MEMBER, "us-east-1", 1),
        (MEMBER, "us-west-2", 1),
    ]
    assert [member.silence_told for member in ledger.members()] == [False, True]


def lines(s3: S3Client, listed: dict[str, Any]) -> list[dict[str, Any]]:
    body = s3.get_object(Bucket=listed["bucket"], Key=listed["key"])["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def test_a_further_round_has_what_is_left(
    s3: S3Client, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    list_scopes({"sweepId": "sweep-1", "round": 1}, lambda_context())
    more = {**IN_ORDER, "part": 1, "next": "Orders", "final": False, "lastSweptAt": None}
    note(dynamodb, ledger_table, "sweep-1", account=ACCOUNT, region=REGION, **more)
    note(dynamodb, ledger_table, "sweep-0", account=ACCOUNT, region="eu-west-1", **IN_ORDER)
    listed = list_scopes({"sweepId": "sweep-1", "round": 2}, lambda_context())
    further, again = lines(s3, listed)
    assert (further["region"], further["part"], further["after"]) == (REGION, 2, "Orders")
    assert (further["checked"], further["trail"], further["tries"]) == (2, "recording", 0)
    assert (again["region"], again["part"], again["tries"]) == ("eu-west-1", 1, 1)


def note(dynamodb: DynamoDBClient, ledger: str, sweep_id: str, **result: Any) -> None:
    """As the workflow does."""
    key = f"swept#{result['account']}#{result['region']}"
    values = {"pk": "sweep", "sk": key, "sweepId": sweep_id, "result": json.dumps(result)}
    item = {name: {"S": value} for name, value in values.items()}
    dynamodb.put_item(TableName=ledger, Item=item)


def test_what_was_noted_of_this_sweep_is_added_up_and_kept_for_the_report(
    s3: S3Client, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    note(dynamodb, ledger_table, "sweep-1", account=ACCOUNT, region=REGION, **IN_ORDER)
    note(dynamodb, ledger_table, "sweep-1", account=MEMBER, region="us-east-1", error="closed")
    note(dynamodb, ledger_table, "sweep-0", account=MEMBER, region="us-west-2", **IN_ORDER)
    junk = {"pk": "sweep", "sk": "swept#junk", "sweepId": "sweep-1", "result": "junk"}
    item = {name: {"S": value} for name, value in junk.items()}
    dynamodb.put_item(TableName=ledger_table, Item=item)
    event = {"sweepId": "sweep-1", "startedAt": "2026-11-22T10:00:00.000Z", "scopes": 3}
    totals = sum_up(event, lambda_context())
    assert (totals["checked"], totals["compliant"], totals["failed"]) == (2, 2, 2)
    assert [each["account"] for each in totals["regions"]] == [MEMBER, ACCOUNT]
    kept = ReportBucket(s3, BUCKET).sweep("sweep-1")
    assert {(each.account, each.region) for each in kept.regions} == {
        (ACCOUNT, REGION),
        (MEMBER, "us-east-1"),
    }
    assert (kept.account, kept.lost) == (ACCOUNT, 1)


def test_accounts_are_named_where_aws_organizations_tells(
    dynamodb: DynamoDBClient, ledger_table: str, s3: S3Client
) -> None:
    event = {"sweepId": "sweep-1", "startedAt": "2026-11-22T10:00:00.000Z", "scopes": 1}
    note(dynamodb, ledger_table, "sweep-1", account=ACCOUNT, region=REGION, **IN_ORDER)
    sum_up(event, lambda_context())  # refused: there is no organization
    assert ReportBucket(s3, BUCKET).sweep("sweep-1").account_names == {}
    organizations: Any = boto3.client("organizations", region_name=REGION)
    organizations.create_organization(FeatureSet="ALL")
    sum_up(event, lambda_context())
    assert ReportBucket(s3, BUCKET).sweep("sweep-1").account_names == {ACCOUNT: "master"}
