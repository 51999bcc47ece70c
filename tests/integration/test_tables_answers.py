"""AWS's answers about tables, as it words them, through the real client and to the real adapter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber

from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
    Window,
)
from tests.fakes.cloudtrail import ORDERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BERLIN = timezone(timedelta(hours=2))
BORN = datetime(2026, 10, 5, 11, 0, tzinfo=BERLIN)
NAMED = {"TableName": ORDERS.arn}
OFF: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
ON: dict[str, Any] = {
    "PointInTimeRecoveryStatus": "ENABLED",
    "RecoveryPeriodInDays": 14,
    "EarliestRestorableDateTime": BORN,
    "LatestRestorableDateTime": BORN + timedelta(minutes=5),
}


@pytest.fixture
def aws_answers(dynamodb: DynamoDBClient) -> Iterator[Stubber]:
    """The client gets its next answer from here, and must ask for all of them, in order."""
    with Stubber(dynamodb) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def tables(dynamodb: DynamoDBClient) -> DynamoTables:
    return DynamoTables(lambda _: dynamodb)


def answer_description(aws_answers: Stubber, status: str = "ACTIVE") -> None:
    table = {"TableStatus": status, "TableId": "id-1", "CreationDateTime": BORN}
    aws_answers.add_response("describe_table", {"Table": table}, NAMED)


def answer_backups(aws_answers: Stubber, switch: dict[str, Any]) -> None:
    backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": switch}
    aws_answers.add_response(
        "describe_continuous_backups", {"ContinuousBackupsDescription": backups}, NAMED
    )


def answer_tags(aws_answers: Stubber, tags: dict[str, str], **page: str) -> None:
    written = [{"Key": key, "Value": value} for key, value in tags.items()]
    asked = {"ResourceArn": ORDERS.arn} | ({"NextToken": page["after"]} if "after" in page else {})
    more = {"NextToken": page["before"]} if "before" in page else {}
    aws_answers.add_response("list_tags_of_resource", {"Tags": written, **more}, asked)


def answer_error(aws_answers: Stubber, call: str, code: str, status: int = 400) -> None:
    aws_answers.add_client_error(call, code, "as AWS says", http_status_code=status)


def test_a_table_is_observed_as_aws_tells_it(tables: DynamoTables, aws_answers: Stubber) -> None:
    answer_description(aws_answers)
    answer_backups(aws_answers, ON)
    answer_tags(aws_answers, {"a": "1"}, before="page-2")
    answer_tags(aws_answers, {"b": "2"}, after="page-2")
    born = BORN.astimezone(UTC)
    assert tables.observe(ORDERS) == Observed(
        Presence.READY,
        "ACTIVE",
        table_id="id-1",
        created_at=born,
        pitr_on=True,
        period=14,
        window=Window(born, born + timedelta(minutes=5)),
        tags={"a": "1", "b": "2"},
    )


def test_continuous_backups_being_enabled_says_nothing_about_pitr(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    answer_description(aws_answers)
    answer_backups(aws_answers, OFF)
    answer_tags(aws_answers, {})
    assert tables.observe(ORDERS).is_off


@pytest.mark.parametrize("status", ["ACTIVE", "UPDATING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"])
def test_a_table_that_takes_the_call_is_ready(
    tables: DynamoTables, aws_answers: Stubber, status: str
) -> None:
    answer_description(aws_answers, status)
    answer_backups(aws_answers, OFF)
    answer_tags(aws_answers, {})
    observed = tables.observe(ORDERS)
    assert (observed.presence, observed.status) == (Presence.READY, status)


@pytest.mark.parametrize(
    ("status", "presence"),
    [
        ("CREATING", Presence.NOT_READY),
        ("DELETING", Presence.GOING),
        ("ARCHIVING", Presence.GOING),
        ("ARCHIVED", Presence.GOING),
    ],
)
def test_a_table_on_its_way_is_not_asked_any_further(
    tables: DynamoTables, aws_answers: Stubber, status: str, presence: Presence
) -> None:
    answer_description(aws_answers, status)
    assert tables.observe(ORDERS).presence is presence


def test_the_backup_that_a_table_was_archived_to_is_told(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    backup = f"{ORDERS.arn}/backup/01"
    archive = {
        "ArchivalDateTime": BORN,
        "ArchivalReason": "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
        "ArchivalBackupArn": backup,
    }
    table = {"TableStatus": "ARCHIVED", "TableId": "id-1", "ArchivalSummary": archive}
    aws_answers.add_response("describe_table", {"Table": table}, NAMED)
    assert tables.observe(ORDERS) == Observed(Presence.GOING, "ARCHIVED", archival_backup=backup)


def test_a_table_that_is_not_archived_yet_has_no_backup_of_that(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    answer_description(aws_answers, "ARCHIVING")
    assert tables.observe(ORDERS) == Observed(Presence.GOING, "ARCHIVING", archival_backup=None)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "TableNotFoundException"])
def test_a_table_that_cannot_be_described_is_gone(
    tables: DynamoTables, aws_answers: Stubber, code: str
) -> None:
    answer_error(aws_answers, "describe_table", code)
    assert tables.observe(ORDERS).presence is Presence.GONE


def test_a_table_that_can_be_described_but_has_no_backups_yet_is_looked_at_later(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    answer_description(aws_answers)
    answer_error(aws_answers, "describe_continuous_backups", "TableNotFoundException")
    with pytest.raises(TryLaterError, match="TableNotFoundException: as AWS says"):
        tables.observe(ORDERS)


def test_a_table_that_can_be_described_but_has_no_tags_yet_is_looked_at_later(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    answer_description(aws_answers)
    answer_backups(aws_answers, ON)
    answer_error(aws_answers, "list_tags_of_resource", "ResourceNotFoundException")
    with pytest.raises(TryLaterError, match="ResourceNotFoundException: as AWS says"):
        tables.observe(ORDERS)


PASSING = [
    ("ThrottlingException", 400),
    ("LimitExceededException", 400),
    ("InternalServerError", 500),
    ("ServiceUnavailable", 503),
    ("SomethingNobodyExpected", 502),
]
every_passing_fault = pytest.mark.parametrize(("code", "status"), PASSING)


@every_passing_fault
@pytest.mark.parametrize(
    "call", ["describe_table", "describe_continuous_backups", "list_tags_of_resource"]
)
def test_whatever_passes_is_to_be_looked_at_later(
    tables: DynamoTables, aws_answers: Stubber, call: str, code: str, status: int
) -> None:
    if call != "describe_table":
        answer_description(aws_answers)
    if call == "list_tags_of_resource":
        answer_backups(aws_answers, ON)
    answer_error(aws_answers, call, code, status)
    with pytest.raises(TryLaterError, match=f"{code}: as AWS says"):
        tables.observe(ORDERS)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_whatever_does_not_pass_is_a_refusal_in_the_words_of_aws(
    tables: DynamoTables, aws_answers: Stubber, code: str
) -> None:
    answer_error(aws_answers, "describe_table", code)
    with pytest.raises(RefusedError, match=f"{code}: as AWS says"):
        tables.observe(ORDERS)


# ---- Enabling ---------------------------------------------------------------------------------


def test_enabling_always_names_the_period(tables: DynamoTables, aws_answers: Stubber) -> None:
    asked = {
        "TableName": ORDERS.arn,
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 14,
        },
    }
    backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": ON}
    answer = {"ContinuousBackupsDescription": backups}
    aws_answers.add_response("update_continuous_backups", answer, asked)
    born = BORN.astimezone(UTC)
    assert tables.enable(ORDERS, 14) == Window(born, born + timedelta(minutes=5))


def test_an_answer_without_times_tells_no_window(
    tables: DynamoTables, aws_answers: Stubber
) -> None:
    backups = {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
    }
    aws_answers.add_response("update_continuous_backups", {"ContinuousBackupsDescription": backups})
    assert tables.enable(ORDERS, 14) is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ContinuousBackupsUnavailableException", 400),
        ("TableNotFoundException", 400),
        *PASSING,
    ],
)
def test_enabling_too_early_is_to_be_tried_later(
    tables: DynamoTables, aws_answers: Stubber, code: str, status: int
) -> None:
    answer_error(aws_answers, "update_continuous_backups", code, status)
    with pytest.raises(TryLaterError, match=f"{code}: as AWS says"):
        tables.enable(ORDERS, 14)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_enabling_what_may_not_be_enabled_is_an_error(
    tables: DynamoTables, aws_answers: Stubber, code: str
) -> None:
    answer_error(aws_answers, "update_continuous_backups", code)
    with pytest.raises(ClientError, match=code):
        tables.enable(ORDERS, 14)


def test_no_answer_at_all_is_to_be_tried_later() -> None:
    class Unreachable:
        def describe_table(self, **asked: Any) -> None:
            raise ConnectTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")

    tables = DynamoTables(lambda _: Unreachable())  # type: ignore[arg-type, return-value]
    with pytest.raises(TryLaterError, match="no answer from AWS"):
        tables.observe(ORDERS)
