"""AWS's answers about exports, as it words them, to the real adapter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pitr_guardian.aws.exports.exports import DynamoExports
from pitr_guardian.aws.exports.history import DynamoHistory
from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.exports.ports import (
    ExportState,
    HistoryGoneError,
    TokenTakenError,
    TooManyExportsError,
    WindowClosedError,
)
from pitr_guardian.exports.window import ExportWindow
from tests.fakes.cloudtrail import ORDERS, REGION

FROM = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
WINDOW = ExportWindow(name="D", from_=FROM, to=FROM + timedelta(minutes=15))
PREFIX, TOKEN = "undos/u-1/exports", "5f0f3a52-6a52-4d0c-9f4b-1c1f6a9d2b11"
ARN = f"{ORDERS.arn}/export/01695097218000-d6299cbd"
KEY = f"arn:aws:kms:{REGION}:{ORDERS.account}:key/abc"
EXPORT, DESCRIBE = "export_table_to_point_in_time", "describe_export"
ASKED = {
    "TableArn": ORDERS.arn,
    "ClientToken": TOKEN,
    "S3Bucket": "undos",
    "S3BucketOwner": ORDERS.account,
    "S3Prefix": PREFIX,
    "ExportFormat": "DYNAMODB_JSON",
    "ExportType": "INCREMENTAL_EXPORT",
    "IncrementalExportSpecification": {
        "ExportFromTime": WINDOW.from_,
        "ExportToTime": WINDOW.to,
        "ExportViewType": "NEW_AND_OLD_IMAGES",
    },
}


class Told:
    """DynamoDB's answers, told one after the other."""

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name=REGION)
        self.stub = Stubber(self.client)
        self.stub.activate()

    def exports(self, key: str = "") -> DynamoExports:
        return DynamoExports(lambda _region: self.client, "undos", ORDERS.account, key)

    def start(self, key: str = "") -> str:
        return self.exports(key).start(ORDERS, WINDOW, TOKEN, PREFIX)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    ("key", "encryption"),
    [
        ("", {"S3SseAlgorithm": "AES256"}),
        (KEY, {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": KEY}),
    ],
)
def test_an_export_is_asked_for(told: Told, key: str, encryption: dict[str, str]) -> None:
    told.stub.add_response(EXPORT, {"ExportDescription": {"ExportArn": ARN}}, ASKED | encryption)
    assert told.start(key) == ARN


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidExportTimeException", WindowClosedError),
        ("TableNotFoundException", HistoryGoneError),
        ("PointInTimeRecoveryUnavailableException", HistoryGoneError),
        ("LimitExceededException", TooManyExportsError),
        ("AccessDeniedException", RefusedError),
        ("ThrottlingException", TryLaterError),
    ],
)
def test_what_aws_says_no_to_has_a_name(told: Told, code: str, error: type[Exception]) -> None:
    told.stub.add_client_error(EXPORT, code, "as AWS says", 400)
    with pytest.raises(error, match="as AWS says") as raised:
        told.start()
    assert type(raised.value) is error


ITEM_KEY: dict[str, Any] = {"id": {"B": "AAE="}, "at": {"N": "7"}}
OF_THE_KEY = {
    "FilterSpecification": {
        "KeyConditionExpression": "#k0 = :k0 AND #k1 = :k1",
        "ExpressionAttributeNames": {"#k0": "id", "#k1": "at"},
        "ExpressionAttributeValues": {":k0": {"B": b"\x00\x01"}, ":k1": {"N": "7"}},
    }
}


def test_an_export_may_be_of_one_key(told: Told) -> None:
    encryption = {"S3SseAlgorithm": "AES256"}
    answer = {"ExportDescription": {"ExportArn": ARN}}
    told.stub.add_response(EXPORT, answer, ASKED | encryption | OF_THE_KEY)
    assert told.exports().start_of_key(ORDERS, WINDOW, ITEM_KEY, TOKEN, PREFIX) == ARN


FULL = {
    **{name: ASKED[name] for name in ASKED if name != "IncrementalExportSpecification"},
    "ExportType": "FULL_EXPORT",
    "ExportTime": FROM,
}


def test_an_export_may_be_of_an_instant(told: Told) -> None:
    encryption = {"S3SseAlgorithm": "AES256"}
    answer = {"ExportDescription": {"ExportArn": ARN}}
    told.stub.add_response(EXPORT, answer, FULL | encryption | OF_THE_KEY)
    assert told.exports().start_at(ORDERS, FROM, ITEM_KEY, TOKEN, PREFIX) == ARN


@pytest.mark.parametrize(("at", "is_ours"), [(FROM, True), (FROM - timedelta(seconds=1), False)])
def test_a_taken_token_of_an_instant_may_be_ours(told: Told, at: datetime, is_ours: bool) -> None:
    told.stub.add_client_error(EXPORT, "ExportConflictException", "taken", 400)
    ours = {"ExportArn": ARN, "ExportStatus": "IN_PROGRESS", "ExportType": "FULL_EXPORT"}
    told.stub.add_response("list_exports", {"ExportSummaries": [ours]})
    found = {"S3Bucket": "undos", "S3Prefix": PREFIX, "ExportTime": at}
    told.stub.add_response(DESCRIBE, {"ExportDescription": found}, {"ExportArn": ARN})
    if is_ours:
        assert told.exports().start_at(ORDERS, FROM, ITEM_KEY, TOKEN, PREFIX) == ARN
    else:
        with pytest.raises(TokenTakenError):
            told.exports().start_at(ORDERS, FROM, ITEM_KEY, TOKEN, PREFIX)


def test_an_instant_that_aws_doesnt_export_is_named(told: Told) -> None:
    told.stub.add_client_error(EXPORT, "InvalidExportTimeException", "as AWS says", 400)
    with pytest.raises(WindowClosedError, match=r"orders as of 2026-11-25T10:00:00.000Z: .*as AWS"):
        told.exports().start_at(ORDERS, FROM, ITEM_KEY, TOKEN, PREFIX)


def described(**differing: Any) -> dict[str, Any]:
    description = {
        "ExportArn": ARN,
        "ExportStatus": "IN_PROGRESS",
        "S3Bucket": "undos",
        "S3Prefix": PREFIX,
        "IncrementalExportSpecification": ASKED["IncrementalExportSpecification"],
    }
    return {"ExportDescription": description | differing}


@pytest.mark.parametrize(
    ("differing", "is_ours"),
    [({}, True), ({"S3Prefix": "undos/u-2/exports"}, False), ({"S3Bucket": "other"}, False)],
)
def test_a_token_that_is_taken_may_be_our_own_exports(
    told: Told, differing: dict[str, Any], is_ours: bool
) -> None:
    told.stub.add_client_error(EXPORT, "ExportConflictException", "taken", 400)
    others = [
        {"ExportArn": f"{ARN}-a", "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"},
        {"ExportArn": f"{ARN}-b", "ExportStatus": "FAILED", "ExportType": "INCREMENTAL_EXPORT"},
    ]
    told.stub.add_response("list_exports", {"ExportSummaries": others, "NextToken": "next"})
    ours = {"ExportArn": ARN, "ExportStatus": "IN_PROGRESS", "ExportType": "INCREMENTAL_EXPORT"}
    told.stub.add_response(
        "list_exports", {"ExportSummaries": [ours]}, {"TableArn": ORDERS.arn, "NextToken": "next"}
    )
    told.stub.add_response(DESCRIBE, described(**differing), {"ExportArn": ARN})
    if is_ours:
        assert told.start() == ARN
    else:
        with pytest.raises(TokenTakenError):
            told.start()


def test_how_far_an_export_is(told: Told) -> None:
    told.stub.add_response(DESCRIBE, described(), {"ExportArn": ARN})
    assert told.exports().describe(ARN) == ExportState(ARN, "IN_PROGRESS")
    done = {"ExportManifest": "m", "ItemCount": 3, "BilledSizeBytes": 9}
    told.stub.add_response(
        DESCRIBE, described(ExportStatus="COMPLETED", **done), {"ExportArn": ARN}
    )
    completed = ExportState(ARN, "COMPLETED", manifest="m", items=3, bytes=9)
    assert told.exports().describe(ARN) == completed
    why = {"FailureCode": "S3NoSuchBucket", "FailureMessage": "gone"}
    told.stub.add_response(DESCRIBE, described(ExportStatus="FAILED", **why), {"ExportArn": ARN})
    assert told.exports().describe(ARN).failure == "S3NoSuchBucket: gone"


def test_a_table_that_is_gone_has_no_history(told: Told) -> None:
    history = DynamoHistory(lambda _region: told.client)
    told.stub.add_client_error("describe_continuous_backups", "TableNotFoundException", "", 400)
    assert history.switch_of(ORDERS) is None
    told.stub.add_client_error("describe_continuous_backups", "AccessDeniedException", "no", 400)
    with pytest.raises(RefusedError):
        history.switch_of(ORDERS)
