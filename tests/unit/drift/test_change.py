"""What a CloudTrail record says: which tables to look at, and who did what to them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.drift.change import (
    Change,
    UnreadableEventError,
    change_from,
)
from tests.fakes.cloudtrail import ACCOUNT, ALICE, created, record, switched_off, switched_on

ORDERS = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/orders"
OTHER = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/other"


def change(detail: Mapping[str, Any]) -> Change:
    read = change_from(detail, "999999999999", "aws")
    assert read is not None
    return read


BIRTHS: dict[str, dict[str, Any]] = {
    "CreateTable": {"tableName": "orders"},
    "ImportTable": {"tableCreationParameters": {"tableName": "orders"}, "s3BucketSource": {}},
    "RestoreTableToPointInTime": {"sourceTableName": "other", "targetTableName": "orders"},
    "RestoreTableFromAwsBackup": {"targetTableName": "orders", "backupArn": "arn:aws:backup:x"},
    "RestoreTableFromBackup": {"targetTableName": "orders", "backupArn": f"{OTHER}/backup/1"},
}


@pytest.mark.parametrize("call", BIRTHS)
def test_every_birth_names_the_new_table(call: str) -> None:
    read = change(record(call, BIRTHS[call]))
    assert read.tables == (ORDERS,)
    assert read.cause.call == call
    assert read.cause.is_birth
    assert not read.cause.disables


@pytest.mark.parametrize("name", ["orders", ORDERS])
def test_a_table_is_named_by_name_or_by_arn(name: str) -> None:
    assert change(switched_off(name)).tables == (ORDERS,)
    assert change(created(name)).tables == (ORDERS,)


def test_switching_off_is_told_from_switching_on() -> None:
    off, on = change(switched_off("orders")).cause, change(switched_on("orders", 7)).cause
    assert (off.disables, off.named_period, off.is_birth) == (True, None, False)
    assert (on.disables, on.named_period, on.is_birth) == (False, 7, False)


def test_switching_on_need_not_name_a_period() -> None:
    assert change(switched_on("orders")).cause.named_period is None


def test_the_cause_tells_who_did_it_when_and_as_which_event() -> None:
    detail = switched_off("orders", time="2026-10-05T09:00:07Z", eventID="e-1")
    cause = change(detail).cause
    assert cause.event_id == "e-1"
    assert cause.time == datetime(2026, 10, 5, 9, 0, 7, tzinfo=UTC)
    assert cause.actor is not None
    assert cause.actor.arn == ALICE["arn"]
    assert cause.actor.source_ip == "203.0.113.7"
    assert cause.actor.tool == "CLI"


def test_a_record_without_an_identity_is_read_all_the_same() -> None:
    detail = switched_off("orders", userIdentity=None, sourceIPAddress=None, userAgent=None)
    assert change(detail).cause.actor is None


def test_each_new_replica_is_a_table_in_its_region() -> None:
    updates = [
        {"create": {"regionName": "eu-west-1"}},
        {"delete": {"regionName": "eu-north-1"}},
        {"update": {"regionName": "eu-south-1"}},
        {"create": {"regionName": "us-east-1"}},
    ]
    read = change(record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates}))
    assert read.tables == (
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders",
    )
    assert read.cause.is_birth
    assert read.removed == (f"arn:aws:dynamodb:eu-north-1:{ACCOUNT}:table/orders",)


def test_a_replica_that_is_removed_is_a_deletion_in_its_region() -> None:
    updates = [
        {"delete": {"regionName": "eu-north-1"}},
        {"create": {"regionName": "us-east-1"}},
        {"delete": {"regionName": "eu-south-1"}},
    ]
    description = {"tableArn": ORDERS, "tableId": "id-1", "creationDateTime": 1700000000}
    detail = record(
        "UpdateTable",
        {"tableName": "orders", "replicaUpdates": updates},
        responseElements={"tableDescription": description},
    )
    causes = dict(change(detail).by_table())
    regions = [arn.split(":")[3] for arn in causes]
    assert regions == ["us-east-1", "eu-north-1", "eu-south-1"]
    born, *removed = causes.values()
    assert (born.is_birth, born.is_deletion, born.replica_of) == (True, False, None)
    for cause in removed:
        assert (cause.is_birth, cause.is_deletion, cause.replica_of) == (False, True, ORDERS)
        # These are the named table's, not the replica's.
        assert (cause.table_id, cause.born_at) == (None, None)
        assert cause.event_id == born.event_id


def test_a_deleted_tables_birth_is_read_from_the_answer() -> None:
    description = {"tableArn": ORDERS, "creationDateTime": "Nov 20, 2026, 11:20:31 AM"}
    detail = record(
        "DeleteTable",
        {"tableName": "orders"},
        responseElements={"tableDescription": description},
    )
    assert change(detail).cause.born_at == datetime(2026, 11, 20, 11, 20, 31, tzinfo=UTC)


@pytest.mark.parametrize("updates", [None, [], [{}], [{"create": None}], "nonsense", 5, [5], {}])
def test_an_update_that_adds_no_replica_concerns_no_table(updates: object) -> None:
    read = change(record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates}))
    assert read.tables == ()


def test_a_replica_that_becomes_a_table_of_its_own_is_looked_at_and_no_birth() -> None:
    replica = {"regionName": "eu-west-1", "disassociationMode": "WAIT_FOR_REPLICATION"}
    updates = [{"disassociate": replica}]
    read = change(record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates}))
    assert read.tables == (f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders",)
    assert not read.cause.is_birth


def test_region_and_account_come_from_the_record_and_the_partition_is_the_stacks() -> None:
    detail = switched_off("orders", awsRegion="cn-north-1", recipientAccountId="222233334444")
    read = change_from(detail, ACCOUNT, "aws-cn")
    assert read is not None
    assert read.tables == ("arn:aws-cn:dynamodb:cn-north-1:222233334444:table/orders",)


def test_the_envelopes_account_stands_in_for_a_missing_one() -> None:
    detail = switched_off("orders", recipientAccountId=None)
    assert change(detail).tables == ("arn:aws:dynamodb:eu-central-1:999999999999:table/orders",)


def test_a_refused_call_changed_nothing() -> None:
    detail = record("UpdateContinuousBackups", None, errorCode="AccessDenied", errorMessage="no")
    assert change_from(detail, ACCOUNT, "aws") is None


def test_without_parameters_the_answer_names_the_table() -> None:
    detail = record(
        "CreateTable", None, responseElements={"tableDescription": {"tableArn": ORDERS}}
    )
    assert change(detail).tables == (ORDERS,)


def test_without_parameters_and_answer_the_only_resource_is_the_table() -> None:
    detail = record(
        "UpdateContinuousBackups",
        None,
        resources=[{"accountId": ACCOUNT, "type": "AWS::DynamoDB::Table", "ARN": ORDERS}],
    )
    read = change(detail)
    assert read.tables == (ORDERS,)
    assert not read.cause.disables  # it isn't known what the call did


def test_the_real_restore_event_has_parameters_two_resources_and_a_null_answer() -> None:
    detail = record(
        "RestoreTableToPointInTime",
        {"sourceTableArn": OTHER, "targetTableName": "orders", "useLatestRestorableTime": True},
        resources=[{"ARN": OTHER}, {"ARN": ORDERS}],
    )
    detail["responseElements"] = None
    assert change(detail).tables == (ORDERS,)


def test_source_and_target_among_the_resources_are_never_mixed_up() -> None:
    detail = record("RestoreTableToPointInTime", None, resources=[{"ARN": OTHER}, {"ARN": ORDERS}])
    with pytest.raises(UnreadableEventError, match="names no table"):
        change(detail)


@pytest.mark.parametrize("call", ["PutItem", "UpdateTimeToLive", "", "updatecontinuousbackups"])
def test_any_other_call_is_refused_by_name(call: str) -> None:
    with pytest.raises(UnreadableEventError, match=f"^{call} is not a call the guardian watches$"):
        change(record(call, {"tableName": "orders"}))


@pytest.mark.parametrize("name", ["x", "a b c", "arn:aws:s3:::orders", ""])
def test_what_is_no_table_is_refused_with_the_call(name: str) -> None:
    with pytest.raises(UnreadableEventError, match=r"^UpdateContinuousBackups: "):
        change(switched_off(name))


@pytest.mark.parametrize(
    ("field", "value"),
    [("awsRegion", "no region"), ("awsRegion", ""), ("recipientAccountId", "me")],
)
def test_an_arn_that_cannot_be_is_refused_before_anybody_looks(field: str, value: str) -> None:
    with pytest.raises(UnreadableEventError, match="is not the ARN of a DynamoDB table"):
        change(switched_off("orders", **{field: value}))


def test_a_replica_in_a_region_that_cannot_be_is_refused() -> None:
    updates = [{"create": {"regionName": "no region"}}]
    with pytest.raises(UnreadableEventError, match="is not the ARN of a DynamoDB table"):
        change(record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates}))


@pytest.mark.parametrize("value", ["7", 7.5, True, None, [7], {"days": 7}])
def test_a_period_that_is_no_whole_number_is_none(value: object) -> None:
    detail = record(
        "UpdateContinuousBackups",
        {
            "tableName": "orders",
            "pointInTimeRecoverySpecification": {"recoveryPeriodInDays": value},
        },
    )
    assert change(detail).cause.named_period is None
