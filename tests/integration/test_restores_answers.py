"""AWS's answers about restores, keys and workflows, as it words them, to the real adapters."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers.insights import InsightsCarrier
from pitr_guardian.aws.carriers.kinesis import KinesisCarrier
from pitr_guardian.aws.carriers.stream import StreamCarrier
from pitr_guardian.aws.carriers.table import (
    ClassCarrier,
    DeletionProtectionCarrier,
)
from pitr_guardian.aws.carriers.ttl import TtlCarrier
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.restore.restores import DynamoRestores
from pitr_guardian.aws.restore.workflow import RestoreWorkflow
from pitr_guardian.aws.tables.deletion_backups import DynamoDeletionBackups
from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.restore.plan import RestoreCall
from pitr_guardian.restore.ports import (
    AtCapacityError,
    CantGoAlongError,
    RequestIdTakenError,
    TableQuotaError,
    TargetTakenError,
)
from pitr_guardian.restore.target import (
    Lineage,
    Target,
)
from pitr_guardian.tables.kept_backup import KeptBackup
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.fakes.restores import COPY, order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_stepfunctions import SFNClient

BERLIN = timezone(timedelta(hours=2))
BORN = datetime(2026, 10, 5, 11, 0, tzinfo=BERLIN)
KEY = f"arn:aws:kms:{REGION}:{ORDERS.account}:key/abc"
BACKUP = f"{ORDERS.arn}/backup/01489602797149-73d8d5bc"
CALL = RestoreCall(
    "RestoreTableToPointInTime",
    COPY,
    {
        "TargetTableName": COPY.name,
        "SourceTableArn": ORDERS.arn,
        "UseLatestRestorableTime": True,
    },
)
STREAM = f"arn:aws:kinesis:{REGION}:{ORDERS.account}:stream/changes"
MACHINE = f"arn:aws:states:{REGION}:{ORDERS.account}:stateMachine:restore"
FAR = TableRef("aws", ORDERS.account, "us-east-1", COPY.name)


@pytest.fixture
def aws_answers(dynamodb: DynamoDBClient) -> Iterator[Stubber]:
    """DynamoDB gets its next answer from here, and must ask for all of them, in order."""
    with Stubber(dynamodb) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def kms() -> KMSClient:
    return boto3.client("kms", region_name=REGION)


@pytest.fixture
def kms_answers(kms: KMSClient) -> Iterator[Stubber]:
    with Stubber(kms) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def restores(dynamodb: DynamoDBClient, kms: KMSClient) -> DynamoRestores:
    return DynamoRestores(lambda _: dynamodb, lambda _: dynamodb, KmsKeys(lambda _: kms))


@pytest.fixture
def kept(dynamodb: DynamoDBClient) -> DynamoDeletionBackups:
    return DynamoDeletionBackups(lambda _: dynamodb)


def described(aws_answers: Stubber, table: TableRef = COPY, **fields: Any) -> None:
    told = {"TableName": table.name, "TableStatus": "ACTIVE", **fields}
    aws_answers.add_response("describe_table", {"Table": told}, {"TableName": table.arn})


# -- starting ---------------------------------------------------------------------------------


def test_a_restore_that_has_begun_tells_its_lineage(
    restores: DynamoRestores, aws_answers: Stubber
) -> None:
    summary = {
        "SourceTableArn": ORDERS.arn,
        "RestoreDateTime": BORN,
        "RestoreInProgress": True,
    }
    table = {
        "TableStatus": "CREATING",
        "TableId": "id-1",
        "CreationDateTime": BORN,
        "RestoreSummary": summary,
        "GlobalSecondaryIndexes": [{"IndexName": "by-day", "IndexStatus": "CREATING"}],
    }
    aws_answers.add_response(
        "restore_table_to_point_in_time", {"TableDescription": table}, CALL.parameters
    )
    assert restores.start(CALL) == Target(
        status="CREATING",
        index_statuses=("CREATING",),
        table_id="id-1",
        created_at=BORN.astimezone(UTC),
        lineage=Lineage(source_arn=ORDERS.arn, restored_to=BORN.astimezone(UTC)),
    )


def test_a_restore_from_a_backup_is_another_call(
    restores: DynamoRestores, aws_answers: Stubber
) -> None:
    parameters = {"TargetTableName": COPY.name, "BackupArn": BACKUP}
    summary = {
        "SourceBackupArn": BACKUP,
        "RestoreDateTime": BORN,
        "RestoreInProgress": True,
    }
    aws_answers.add_response(
        "restore_table_from_backup",
        {"TableDescription": {"TableStatus": "CREATING", "RestoreSummary": summary}},
        parameters,
    )
    begun = restores.start(RestoreCall("RestoreTableFromBackup", COPY, parameters))
    assert begun.lineage is not None
    assert begun.lineage.backup_arn == BACKUP


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("TableNotFoundException", 400, RefusedError),
        ("PointInTimeRecoveryUnavailableException", 400, RefusedError),
        ("InvalidRestoreTimeException", 400, RefusedError),
        ("ValidationException", 400, RefusedError),
        ("AccessDeniedException", 400, RefusedError),
        ("KMSAccessDeniedException", 400, RefusedError),
        ("BackupNotFoundException", 400, RefusedError),
        ("TableAlreadyExistsException", 400, TargetTakenError),
        ("TableInUseException", 400, TargetTakenError),
        ("LimitExceededException", 400, AtCapacityError),
        ("ThrottlingException", 400, TryLaterError),
        ("RequestLimitExceeded", 400, TryLaterError),
        ("InternalServerError", 500, TryLaterError),
        ("ServiceUnavailable", 503, TryLaterError),
        ("SomethingNew", 500, TryLaterError),
        ("SomethingNew", 400, RefusedError),
    ],
)
def test_every_error_of_a_restore_means_something(
    restores: DynamoRestores,
    aws_answers: Stubber,
    code: str,
    status: int,
    expected: type[Exception],
) -> None:
    aws_answers.add_client_error(
        "restore_table_to_point_in_time", code, "as AWS says", http_status_code=status
    )
    with pytest.raises(expected) as raised:
        restores.start(CALL)
    assert type(raised.value) is expected
    assert str(raised.value) == f"{code}: as AWS says"
    if isinstance(raised.value, TryLaterError):
        assert raised.value.may_have_happened == (status >= 500)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        # as the Terraform provider's comments quote AWS
        (
            "Subscriber limit exceeded: There is a limit of 256 tables per subscriber",
            TableQuotaError,
        ),
        (
            "Subscriber limit exceeded: There is a limit of 2,500 tables per account",
            TableQuotaError,
        ),
        (
            "Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted "
            "simultaneously",
            AtCapacityError,
        ),
        ("Too many restores in progress. Limit: 50", AtCapacityError),  # nobody knows AWS's words
    ],
)
def test_a_full_account_is_final_and_a_full_house_is_not(
    restores: DynamoRestores, aws_answers: Stubber, message: str, expected: type[Exception]
) -> None:
    aws_answers.add_client_error(
        "restore_table_to_point_in_time", "LimitExceededException", message, http_status_code=400
    )
    with pytest.raises(expected) as raised:
        restores.start(CALL)
    assert str(raised.value) == f"LimitExceededException: {message}"
    assert type(raised.value) is expected


def test_a_restore_without_an_answer_may_have_begun(
    dynamodb: DynamoDBClient, kms: KMSClient
) -> None:
    def lost(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")

    dynamodb.meta.events.register("before-call.dynamodb", lost)
    restores = DynamoRestores(lambda _: dynamodb, lambda _: dynamodb, KmsKeys(lambda _: kms))
    with pytest.raises(TryLaterError, match="no answer from AWS") as raised:
        restores.start(CALL)
    assert raised.value.may_have_happened


@pytest.mark.parametrize("status", [400, 500])
def test_a_restore_is_asked_for_once_whatever_the_answer(
    kms: KMSClient, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several tries only the last is known: throttled, after one that was carried out."""
    monkeypatch.setenv("ACCOUNT", ORDERS.account)
    sent = []

    def refuse(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        sent.append(request)
        body = json.dumps({"__type": "ThrottlingException", "message": "busy"}).encode()
        return AWSResponse(request.url, status, {}, _Body(body))  # type: ignore[arg-type]

    client = clients.dynamodb_once(ORDERS)
    # What a hook returns is taken for the answer; its stubs say None.
    client.meta.events.register_first("before-send.dynamodb", refuse)  # type: ignore[arg-type]
    restores = DynamoRestores(clients.dynamodb, clients.dynamodb_once, KmsKeys(lambda _: kms))
    with pytest.raises(TryLaterError, match="busy"):
        restores.start(CALL)
    assert len(sent) == 1


class _Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


# -- looking ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "TableNotFoundException"])
def test_a_table_that_is_not_there_is_none(
    restores: DynamoRestores, aws_answers: Stubber, code: str
) -> None:
    for _ in range(2):
        aws_answers.add_client_error("describe_table", code)
    assert restores.target_of(COPY) is None
    assert restores.definition_of(COPY) is None


def test_a_table_that_may_not_be_looked_at_is_a_refusal(
    restores: DynamoRestores, aws_answers: Stubber
) -> None:
    aws_answers.add_client_error("describe_table", "AccessDeniedException")
    with pytest.raises(RefusedError, match="AccessDeniedException"):
        restores.target_of(COPY)


def test_a_finished_restore_shows_no_lineage(
    restores: DynamoRestores, aws_answers: Stubber
) -> None:
    described(
        aws_answers,
        TableId="id-1",
        GlobalSecondaryIndexes=[{"IndexName": "by-day", "IndexStatus": "ACTIVE"}],
    )
    found = restores.target_of(COPY)
    assert found == Target("ACTIVE", index_statuses=("ACTIVE",), table_id="id-1")
    assert found.is_active


# -- keys -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manager", "expected"), [("AWS", "AWS_MANAGED"), ("CUSTOMER", "CUSTOMER_MANAGED")]
)
def test_kms_tells_whose_key_it_is(
    restores: DynamoRestores,
    aws_answers: Stubber,
    kms_answers: Stubber,
    manager: str,
    expected: str,
) -> None:
    described(aws_answers, ORDERS, SSEDescription={"Status": "ENABLED", "KMSMasterKeyArn": KEY})
    metadata = {"KeyId": "abc", "KeyManager": manager}
    kms_answers.add_response("describe_key", {"KeyMetadata": metadata}, {"KeyId": KEY})
    definition = restores.definition_of(ORDERS)
    assert definition is not None
    assert definition.encryption_type == expected


def test_a_key_that_may_not_be_described_is_the_customers(
    restores: DynamoRestores, aws_answers: Stubber, kms_answers: Stubber
) -> None:
    described(aws_answers, ORDERS, SSEDescription={"Status": "ENABLED", "KMSMasterKeyArn": KEY})
    kms_answers.add_client_error("describe_key", "AccessDeniedException")
    definition = restores.definition_of(ORDERS)
    assert definition is not None
    assert definition.kms_key_arn == KEY


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Enabled", None),
        ("Disabled", f"the key {KEY} is Disabled; enable it, or name another one"),
        ("PendingDeletion", f"the key {KEY} is PendingDeletion; enable it, or name another one"),
    ],
)
def test_only_an_enabled_key_can_encrypt(
    kms: KMSClient, kms_answers: Stubber, answer: str, expected: str | None
) -> None:
    metadata = {"KeyId": "abc", "KeyState": answer}
    kms_answers.add_response("describe_key", {"KeyMetadata": metadata})
    assert KmsKeys(lambda _: kms).problem_with(KEY, ORDERS) == expected


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException"])
def test_a_key_that_cannot_be_described_cannot_be_used(
    kms: KMSClient, kms_answers: Stubber, code: str
) -> None:
    kms_answers.add_client_error("describe_key", code)
    problem = KmsKeys(lambda _: kms).problem_with(KEY, ORDERS)
    assert problem is not None
    assert problem.startswith(f"the key {KEY} can't be used ({code}); check its ARN")


def test_a_busy_kms_is_asked_later(kms: KMSClient, kms_answers: Stubber) -> None:
    kms_answers.add_client_error("describe_key", "ThrottlingException")
    with pytest.raises(TryLaterError):
        KmsKeys(lambda _: kms).problem_with(KEY, ORDERS)


# -- backups ----------------------------------------------------------------------------------


def summary(arn: str, hour: int, **others: str) -> dict[str, Any]:
    return {
        "BackupArn": arn,
        "BackupCreationDateTime": BORN.replace(hour=hour),
        "BackupStatus": "AVAILABLE",
        "BackupType": "SYSTEM",
        "TableId": "id-1",
        **others,
    }


def test_backups_of_all_types_are_listed_newest_first_but_those_that_cant_be_restored(
    kept: DynamoDeletionBackups, aws_answers: Stubber
) -> None:
    asked = {"TableName": ORDERS.name, "BackupType": "ALL"}
    arns = [f"{ORDERS.arn}/backup/0{number}" for number in range(1, 6)]
    first = [
        summary(arns[0], 9, BackupType="USER"),
        summary(arns[1], 12, TableId="id-2"),
        summary(arns[2], 13, BackupStatus="CREATING", BackupType="USER"),
    ]
    aws_answers.add_response(
        "list_backups", {"BackupSummaries": first, "LastEvaluatedBackupArn": arns[2]}, asked
    )
    second = [
        summary(arns[3], 10, BackupType="AWS_BACKUP"),
        summary(arns[4], 14, BackupStatus="DELETED"),
    ]
    aws_answers.add_response(
        "list_backups",
        {"BackupSummaries": second},
        {**asked, "ExclusiveStartBackupArn": arns[2]},
    )

    def at(hour: int) -> datetime:
        return BORN.replace(hour=hour).astimezone(UTC)

    assert kept.backups_of(ORDERS) == [
        KeptBackup(arns[1], at(12), "SYSTEM", "id-2"),
        KeptBackup(arns[3], at(10), "AWS_BACKUP", "id-1"),
        KeptBackup(arns[0], at(9), "USER", "id-1"),
    ]


def test_a_backup_tells_what_its_table_was_made_of(
    restores: DynamoRestores, kept: DynamoDeletionBackups, aws_answers: Stubber
) -> None:
    details = {
        "BackupArn": BACKUP,
        "BackupName": "orders$DeletedTableBackup",
        "BackupStatus": "AVAILABLE",
        "BackupType": "SYSTEM",
        "BackupCreationDateTime": BORN,
    }
    source = {
        "TableName": ORDERS.name,
        "TableId": "id-1",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "TableCreationDateTime": BORN,
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        "BillingMode": "PAY_PER_REQUEST",
        "TableSizeBytes": 12,
    }
    features = {
        "StreamDescription": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"},
    }
    description = {
        "BackupDetails": details,
        "SourceTableDetails": source,
        "SourceTableFeatureDetails": features,
    }
    aws_answers.add_response(
        "describe_backup", {"BackupDescription": description}, {"BackupArn": BACKUP}
    )
    backup = restores.backup_of(ORDERS, BACKUP)
    assert backup is not None
    assert backup.arn == BACKUP
    assert backup.created_at == BORN.astimezone(UTC)
    assert backup.definition.size_in_bytes == 12
    assert backup.ttl == {"attribute": "expires"}
    assert backup.stream == {"viewType": "KEYS_ONLY"}
    assert (backup.type, backup.status, backup.table_id) == ("SYSTEM", "AVAILABLE", "id-1")
    aws_answers.add_response(
        "describe_backup", {"BackupDescription": description}, {"BackupArn": BACKUP}
    )
    assert kept.birth_of_table(ORDERS, BACKUP) == BORN.astimezone(UTC)
    aws_answers.add_client_error("describe_backup", "BackupNotFoundException")
    assert kept.birth_of_table(ORDERS, BACKUP) is None


def test_a_table_that_left_no_backup_has_none(
    kept: DynamoDeletionBackups, aws_answers: Stubber
) -> None:
    aws_answers.add_response("list_backups", {"BackupSummaries": []})
    assert kept.backups_of(ORDERS) == []


def test_a_backup_that_is_gone_is_none(restores: DynamoRestores, aws_answers: Stubber) -> None:
    aws_answers.add_client_error("describe_backup", "BackupNotFoundException")
    assert restores.backup_of(ORDERS, BACKUP) is None


# -- carriers that moto knows nothing of ------------------------------------------------------


@pytest.fixture
def kinesis(dynamodb: DynamoDBClient) -> KinesisCarrier:
    return KinesisCarrier(lambda _: dynamodb)


def destinations(aws_answers: Stubber, *statuses: str, **more: Any) -> None:
    told = [{"StreamArn": STREAM, "DestinationStatus": status, **more} for status in statuses]
    aws_answers.add_response(
        "describe_kinesis_streaming_destination", {"KinesisDataStreamDestinations": told}
    )


@pytest.mark.parametrize("status", ["ACTIVE", "ENABLING", "UPDATING"])
def test_a_stream_that_is_on_is_read(
    kinesis: KinesisCarrier, aws_answers: Stubber, status: str
) -> None:
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    destinations(aws_answers, "DISABLED", status, **precision)
    assert kinesis.read(ORDERS) == {"streamArn": STREAM, "precision": "MICROSECOND"}


def test_a_stream_that_is_off_is_nothing(kinesis: KinesisCarrier, aws_answers: Stubber) -> None:
    destinations(aws_answers, "DISABLED", "ENABLE_FAILED", "DISABLING")
    assert kinesis.read(ORDERS) is None


@pytest.mark.parametrize("precision", [None, "MILLISECOND"])
def test_changes_go_to_the_same_stream(
    kinesis: KinesisCarrier, aws_answers: Stubber, precision: str | None
) -> None:
    configuration = {
        "EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision}
    }
    destinations(aws_answers)
    aws_answers.add_response(
        "enable_kinesis_streaming_destination",
        {},
        {"TableName": COPY.arn, "StreamArn": STREAM, **(configuration if precision else {})},
    )
    kept = {"streamArn": STREAM, "precision": precision}
    assert kinesis.put(kept, ORDERS, COPY) is None
    destinations(aws_answers, "ENABLING")
    kinesis.put(kept, ORDERS, COPY)


def test_a_stream_of_another_region_stays_behind(kinesis: KinesisCarrier) -> None:
    with pytest.raises(CantGoAlongError, match=f"the Kinesis stream {STREAM} is in {REGION}"):
        kinesis.put({"streamArn": STREAM, "precision": None}, ORDERS, FAR)


def insights(aws_answers: Stubber, *entries: tuple[str, str, str], **page: str) -> None:
    told = [
        {
            "TableName": "orders",
            "ContributorInsightsStatus": status,
            "ContributorInsightsMode": mode,
            **({"IndexName": index} if index else {}),
        }
        for index, status, mode in entries
    ]
    more = {"NextToken": page["before"]} if "before" in page else {}
    aws_answers.add_response(
        "list_contributor_insights", {"ContributorInsightsSummaries": told, **more}
    )


ALL, THROTTLED = "ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"


def test_insights_are_read_of_table_and_indexes_with_their_mode(
    dynamodb: DynamoDBClient, aws_answers: Stubber
) -> None:
    carrier = InsightsCarrier(lambda _: dynamodb)
    insights(aws_answers, ("by-day", "ENABLING", THROTTLED), before="more")
    insights(aws_answers, ("", "ENABLED", ALL), ("by-size", "DISABLED", ALL))
    assert carrier.read(ORDERS) == {
        "insights": [{"index": "", "mode": ALL}, {"index": "by-day", "mode": THROTTLED}]
    }
    insights(aws_answers, ("", "DISABLED", ALL), ("by-day", "FAILED", ALL))
    assert carrier.read(ORDERS) is None


def test_insights_are_put_on_what_is_there_and_not_watched_yet(
    dynamodb: DynamoDBClient, aws_answers: Stubber
) -> None:
    carrier = InsightsCarrier(lambda _: dynamodb)
    kept = {
        "insights": [
            {"index": "", "mode": ALL},
            {"index": "by-day", "mode": THROTTLED},
            {"index": "by-size", "mode": ALL},
        ]
    }
    indexes = [{"IndexName": "by-day"}]
    described(aws_answers, GlobalSecondaryIndexes=indexes)
    insights(aws_answers, ("", "ENABLING", ALL))
    aws_answers.add_response(
        "update_contributor_insights",
        {},
        {
            "TableName": COPY.arn,
            "IndexName": "by-day",
            "ContributorInsightsAction": "ENABLE",
            "ContributorInsightsMode": THROTTLED,
        },
    )
    assert carrier.put(kept, ORDERS, COPY) is None
    described(aws_answers, GlobalSecondaryIndexes=indexes)
    insights(aws_answers, ("", "ENABLED", ALL), ("by-day", "ENABLING", THROTTLED))
    carrier.put(kept, ORDERS, COPY)


RARE = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}


def test_a_table_class_is_carried_once(dynamodb: DynamoDBClient, aws_answers: Stubber) -> None:
    carrier = ClassCarrier(lambda _: dynamodb)
    described(aws_answers, ORDERS, TableClassSummary=RARE)
    kept = carrier.read(ORDERS)
    assert kept == {"tableClass": "STANDARD_INFREQUENT_ACCESS"}
    described(aws_answers)
    aws_answers.add_response(
        "update_table", {"TableDescription": {}}, {"TableName": COPY.arn, **RARE}
    )
    carrier.put(kept, ORDERS, COPY)
    described(aws_answers, TableStatus="UPDATING", TableClassSummary=RARE)
    carrier.put(kept, ORDERS, COPY)


@pytest.mark.parametrize("kind", [ClassCarrier, DeletionProtectionCarrier])
def test_a_table_that_is_being_changed_is_changed_later(
    dynamodb: DynamoDBClient,
    aws_answers: Stubber,
    kind: type[ClassCarrier | DeletionProtectionCarrier],
) -> None:
    kept = {"tableClass": "STANDARD_INFREQUENT_ACCESS", "enabled": True}
    carrier = kind(lambda _: dynamodb)
    described(aws_answers, TableStatus="UPDATING")
    with pytest.raises(TryLaterError, match="orders-copy is UPDATING"):
        carrier.put(kept, ORDERS, COPY)
    described(aws_answers)
    aws_answers.add_client_error("update_table", "ResourceInUseException", "busy")
    with pytest.raises(TryLaterError, match="ResourceInUseException: busy"):
        carrier.put(kept, ORDERS, COPY)


def test_ttl_that_is_set_already_is_not_set_again(
    dynamodb: DynamoDBClient, aws_answers: Stubber
) -> None:
    """It would be a ValidationException, and a second change is refused for half an hour."""
    told = {"TimeToLiveStatus": "ENABLING", "AttributeName": "expires"}
    aws_answers.add_response("describe_time_to_live", {"TimeToLiveDescription": told})
    TtlCarrier(lambda _: dynamodb).put({"attribute": "expires"}, ORDERS, COPY)


def test_who_reads_the_old_stream_is_named(dynamodb: DynamoDBClient, aws_answers: Stubber) -> None:
    functions = boto3.client("lambda", region_name=REGION)
    old = f"{ORDERS.arn}/stream/2026-10-05T09:00:00.000"
    mapping = "a1b2c3d4-5678-90ab-cdef-11111EXAMPLE"
    function = f"arn:aws:lambda:{REGION}:{ORDERS.account}:function:ship"
    reader = {"UUID": mapping, "FunctionArn": function}
    carrier = StreamCarrier(lambda _: dynamodb, lambda _: functions)
    described(
        aws_answers,
        ORDERS,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        LatestStreamArn=old,
    )
    with Stubber(functions) as lambda_answers:
        lambda_answers.add_response(
            "list_event_source_mappings",
            {"EventSourceMappings": [reader]},
            {"EventSourceArn": old},
        )
        kept = carrier.read(ORDERS)
    assert kept == {
        "viewType": "KEYS_ONLY",
        "readers": f"{mapping} to {function}",
    }


def test_readers_that_may_not_be_listed_are_no_reason_to_leave_the_stream(
    dynamodb: DynamoDBClient, aws_answers: Stubber
) -> None:
    functions = boto3.client("lambda", region_name=REGION)
    carrier = StreamCarrier(lambda _: dynamodb, lambda _: functions)
    described(
        aws_answers,
        ORDERS,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        LatestStreamArn=f"{ORDERS.arn}/stream/1",
    )
    with Stubber(functions) as lambda_answers:
        lambda_answers.add_client_error(
            "list_event_source_mappings", "AccessDeniedException", "not you"
        )
        kept = carrier.read(ORDERS)
    assert kept is not None
    assert kept["readers"] == "they could not be listed (AccessDeniedException: not you)"


# -- workflows --------------------------------------------------------------------------------


@pytest.fixture
def stepfunctions() -> SFNClient:
    return boto3.client("stepfunctions", region_name=REGION)


@pytest.fixture
def sfn_answers(stepfunctions: SFNClient) -> Iterator[Stubber]:
    with Stubber(stepfunctions) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_an_execution_has_the_requests_id_and_its_order(
    stepfunctions: SFNClient, sfn_answers: Stubber
) -> None:
    asked = order(encryption={"type": "AWS_OWNED"}, restoreTo="2026-10-05T09:30:00Z")
    written = asked.model_dump_json(by_alias=True)
    arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:r-1"
    sfn_answers.add_response(
        "start_execution",
        {"executionArn": arn, "startDate": BORN},
        {"stateMachineArn": MACHINE, "name": "r-1", "input": written},
    )
    sfn_answers.add_response(
        "describe_execution",
        {
            "executionArn": arn,
            "stateMachineArn": MACHINE,
            "status": "RUNNING",
            "startDate": BORN,
            "input": written,
        },
        {"executionArn": arn},
    )
    workflow = RestoreWorkflow(stepfunctions, MACHINE)
    workflow.start(asked)
    assert workflow.request_of("r-1") == json.loads(json.dumps(asked.request.content()))


def test_an_id_that_is_taken_or_fresh_is_told(
    stepfunctions: SFNClient, sfn_answers: Stubber
) -> None:
    workflow = RestoreWorkflow(stepfunctions, MACHINE)
    sfn_answers.add_client_error("start_execution", "ExecutionAlreadyExists")
    with pytest.raises(RequestIdTakenError):
        workflow.start(order())
    sfn_answers.add_client_error("describe_execution", "ExecutionDoesNotExist")
    assert workflow.request_of("r-1") is None


@pytest.mark.parametrize("call", ["start_execution", "describe_execution"])
def test_busy_workflows_are_asked_later(
    stepfunctions: SFNClient,
    sfn_answers: Stubber,
    call: Literal["start_execution", "describe_execution"],
) -> None:
    workflow = RestoreWorkflow(stepfunctions, MACHINE)
    sfn_answers.add_client_error(call, "ThrottlingException")
    with pytest.raises(TryLaterError):
        workflow.start(order()) if call == "start_execution" else workflow.request_of("r-1")
