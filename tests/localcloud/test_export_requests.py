"""Which exports are taken, and what is said of those that aren't."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from localcloud.settings import Settings
from tests.localcloud.account import ELSEWHERE, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.exports import Exporter

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INVALID_TIME = "InvalidExportTimeException"


@pytest.fixture
def exporter(aws: Account) -> Exporter:
    return Exporter(aws)


@pytest.fixture
def table(aws: Account) -> str:
    """A table that has a past of two days."""
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), days=2)
    return table


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"TableArn": "orders"}, "tableArn is not a valid ARN"),
        ({"TableArn": "arn:aws:dynamodb:eu-central-1:1:table/orders"}, "Table ARN is invalid"),
        ({"S3Bucket": "arn:aws:s3:::bucket"}, "'s3Bucket'"),
        ({"S3BucketOwner": "me"}, "'s3BucketOwner'"),
        ({"ExportFormat": "CSV"}, "'exportFormat'"),
        ({"ExportType": "PARTIAL_EXPORT"}, "'exportType'"),
        ({"S3SseAlgorithm": "aws:kms"}, "'s3SseAlgorithm'"),
        ({"ClientToken": "a$b"}, "'clientToken'"),
        ({"S3SseKmsKeyId": "alias/mine"}, "KMS Key Id is not supported"),
        ({"ExportType": "INCREMENTAL_EXPORT"}, "Specification expected"),
        (
            {"IncrementalExportSpecification": {"ExportFromTime": 1}},
            "Export Type expected to be Incremental Export",
        ),
        (
            {
                "ExportType": "FULL_EXPORT",
                "IncrementalExportSpecification": {"ExportFromTime": 1},
            },
            "should not be provided",
        ),
        (
            {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {}},
            "ExportFromTime must be provided",
        ),
        (
            {
                "ExportType": "INCREMENTAL_EXPORT",
                "IncrementalExportSpecification": {
                    "ExportFromTime": 1,
                    "ExportViewType": "NEW_IMAGES",
                },
            },
            "'incrementalExportSpecification.exportViewType'",
        ),
        ({"FilterSpecification": {}}, "can not be empty"),
        (
            {"FilterSpecification": {"KeyConditionExpression": "size(id) > :one"}},
            "missed key schema element",
        ),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused(
    exporter: Exporter, table: str, parameters: dict[str, Any], says: str
) -> None:
    with refused("ValidationException", says):
        exporter.start(table, **parameters)


def test_the_table_must_be_there_and_ones_own(exporter: Exporter, table: str) -> None:
    aws = exporter.aws
    with refused("TableNotFoundException"):
        exporter.start("nowhere")
    with refused("TableNotFoundException"):
        exporter.start(table, TableArn=aws.arn(table, ELSEWHERE))
    with refused("AccessDeniedException", "Access is denied"):
        exporter.start(table, TableArn="arn:aws:dynamodb:eu-central-1:999999999999:table/orders")
    with refused("TableNotFoundException"):
        exporter.start(aws.create_table("young"))


def test_its_pitr_must_be_on(exporter: Exporter) -> None:
    table = exporter.aws.active_table()
    exporter.aws.cloud.age(exporter.aws.arn(table), hours=1)
    with refused("PointInTimeRecoveryUnavailableException", table):
        exporter.start(table)
    with refused("PointInTimeRecoveryUnavailableException", table):
        exporter.start_incremental(table, exporter.now() - 30 * MINUTE)


def test_a_window_is_of_15_minutes_to_24_hours_within_the_history(
    exporter: Exporter, table: str
) -> None:
    aws = exporter.aws
    latest = aws.pitr(table)["LatestRestorableDateTime"].replace(microsecond=0)
    second = timedelta(seconds=1)
    for since, until, says in (
        (latest - 15 * MINUTE + second, latest, "less than 15 minutes"),
        (latest - 24 * HOUR - second, latest, "greater than 24 hours"),
        (latest, latest - 15 * MINUTE, "should not be greater or equal"),
        (latest - HOUR, exporter.now() + HOUR, "cannot be greater than the current time"),
        (latest - HOUR, latest + MINUTE, "not available for specified export time"),
        (latest - 72 * HOUR, latest - 60 * HOUR, "cannot be less than the table creation time"),
    ):
        with refused(INVALID_TIME, says):
            exporter.start_incremental(table, since, until)
    for since in (latest - 15 * MINUTE, latest - 24 * HOUR):
        exporter.start_incremental(table, since, latest)


def test_a_window_cant_begin_before_pitr_was_on(exporter: Exporter, table: str) -> None:
    aws = exporter.aws
    aws.switch(table, on=False)
    aws.switch(table, on=True)
    aws.cloud.age(aws.arn(table), hours=1)
    earliest = aws.pitr(table)["EarliestRestorableDateTime"]
    with refused(INVALID_TIME, "outside of the point in time recovery window"):
        exporter.start_incremental(table, earliest - timedelta(seconds=1))
    exporter.start_incremental(table, earliest)


def test_without_an_end_a_window_ends_with_the_latest_data(exporter: Exporter, table: str) -> None:
    started = exporter.start_incremental(table, exporter.now() - HOUR)
    window = started["IncrementalExportSpecification"]
    lag = exporter.now() - window["ExportToTime"]
    assert abs(lag - timedelta(seconds=SETTINGS.latest_lag_seconds)) <= timedelta(seconds=1)
    assert window["ExportViewType"] == "NEW_AND_OLD_IMAGES"


def test_a_full_export_is_of_an_instant_of_the_history(exporter: Exporter, table: str) -> None:
    for at in (exporter.now() - timedelta(days=3), exporter.now() + HOUR):
        with refused(INVALID_TIME, "Export Time is invalid"):
            exporter.start(table, ExportTime=at)
    with refused(INVALID_TIME, "not available for specified export time"):
        exporter.start(table, ExportTime=exporter.now())
    started = exporter.start(table, ExportTime=exporter.now() - HOUR)
    assert "ExportType" not in started
    assert started["S3SseAlgorithm"] == "AES256"


def test_the_same_token_is_the_same_export_and_no_other(exporter: Exporter, table: str) -> None:
    exporter.make_bucket()
    since = exporter.now() - HOUR
    first = exporter.start_incremental(table, since, ClientToken="plan-1-D")
    again = exporter.start_incremental(table, since, ClientToken="plan-1-D")
    assert again["ExportArn"] == first["ExportArn"]
    conflicting: list[dict[str, Any]] = [{"S3Prefix": "else"}, {"S3SseAlgorithm": "AES256"}]
    for changed in conflicting:
        with refused("ExportConflictException", "conflicting parameters"):
            exporter.start_incremental(table, since, ClientToken="plan-1-D", **changed)
    exporter.ended(first)
    assert exporter.start_incremental(table, since, ClientToken="plan-1-D") == exporter.describe(
        first["ExportArn"]
    )
    other = exporter.start_incremental(table, since, ClientToken="plan-1-P")
    assert other["ExportArn"] != first["ExportArn"]


def test_a_token_is_forgotten_eight_hours_after_its_export(exporter: Exporter, table: str) -> None:
    since = exporter.now() - HOUR
    first = exporter.start_incremental(table, since, ClientToken="plan-1-D")
    exporter.ended(first)
    exporter.aws.advance(8 * 3600)
    again = exporter.start_incremental(table, since, ClientToken="plan-1-D")
    assert again["ExportArn"] != first["ExportArn"]


def test_only_so_many_exports_run_at_once(exporter: Exporter, table: str) -> None:
    assert Settings().max_concurrent_exports == 300
    running = [
        exporter.start_incremental(table, exporter.now() - HOUR)
        for _ in range(SETTINGS.max_concurrent_exports)
    ]
    with refused("LimitExceededException"):
        exporter.start_incremental(table, exporter.now() - HOUR)
    exporter.start(table)  # full exports have a limit of their own
    exporter.ended(running[0])
    exporter.start_incremental(table, exporter.now() - HOUR)


def test_an_export_is_described_by_its_arn(exporter: Exporter, table: str) -> None:
    aws = exporter.aws
    started = exporter.start_incremental(table, exporter.now() - HOUR)
    assert exporter.describe(started["ExportArn"]) == started
    for arn, code, says in (
        (aws.arn(table), "ValidationException", "Invalid Export ARN"),
        (f"{started['ExportArn']}0", "ExportNotFoundException", "Export not found"),
        (
            started["ExportArn"].replace(aws.account_id, "999999999999"),
            "AccessDeniedException",
            "denied",
        ),
    ):
        with refused(code, says):
            exporter.describe(arn)
    with refused("ExportNotFoundException"):
        aws.client("dynamodb", ELSEWHERE).describe_export(ExportArn=started["ExportArn"])


def test_exports_are_listed_newest_first_in_pages_while_their_table_lives(
    exporter: Exporter, table: str
) -> None:
    aws = exporter.aws
    arns = []
    for _ in range(3):
        arns.append(exporter.start_incremental(table, exporter.now() - HOUR)["ExportArn"])
        aws.advance(1)
    first = aws.dynamodb.list_exports(TableArn=aws.arn(table), MaxResults=2)
    rest = aws.dynamodb.list_exports(TableArn=aws.arn(table), NextToken=first["NextToken"])
    found = first["ExportSummaries"] + rest["ExportSummaries"]
    assert [each["ExportArn"] for each in found] == arns[::-1]
    assert {each["ExportType"] for each in found} == {"INCREMENTAL_EXPORT"}
    aws.dynamodb.delete_table(TableName=table)
    assert aws.dynamodb.list_exports(TableArn=aws.arn(table))["ExportSummaries"] == []
    assert len(aws.dynamodb.list_exports()["ExportSummaries"]) == 3
    assert exporter.describe(arns[0])["TableArn"] == aws.arn(table)


def test_a_trail_has_the_call(exporter: Exporter, table: str) -> None:
    aws = exporter.aws
    since = exporter.now() - HOUR
    exporter.start_incremental(table, since, S3Prefix="undos/1")
    record = aws.record("ExportTableToPointInTime", table=table)
    asked = record["requestParameters"]
    assert asked["tableArn"] == aws.arn(table)
    assert (asked["s3Bucket"], asked["s3Prefix"]) == (exporter.bucket, "undos/1")
    window = asked["incrementalExportSpecification"]
    assert window["exportFromTime"] == f"{since:%Y-%m-%dT%H:%M:%SZ}"


def test_whoever_exports_needs_the_right_on_the_table_and_describes_by_the_exports_arn(
    exporter: Exporter, table: str
) -> None:
    aws = exporter.aws
    allowed = aws.user(
        {"Action": "dynamodb:ExportTableToPointInTime", "Resource": aws.arn(table)},
        {"Action": "dynamodb:DescribeExport", "Resource": f"{aws.arn(table)}/export/*"},
        {"Action": "dynamodb:ListExports", "Resource": "*"},
    )
    mine = aws.client("dynamodb", **allowed)
    started = exporter.start(table, mine)
    mine.describe_export(ExportArn=started["ExportArn"])
    mine.list_exports()
    stranger = aws.client(
        "dynamodb", **aws.user({"Action": "dynamodb:*", "Resource": aws.arn("other")})
    )
    with refused("AccessDeniedException", "dynamodb:ExportTableToPointInTime"):
        exporter.start(table, stranger)
    with refused("AccessDeniedException", "dynamodb:DescribeExport"):
        stranger.describe_export(ExportArn=started["ExportArn"])
    with refused("AccessDeniedException", "dynamodb:ListExports"):
        stranger.list_exports()
