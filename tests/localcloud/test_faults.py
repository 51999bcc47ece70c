"""Faults on demand: calls and events that go wrong as told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from botocore.exceptions import ClientError

from tests.localcloud.account import ELSEWHERE, HOME, Account
from tests.localcloud.errors import refused


def test_a_call_may_fail_before_it_is_carried_out(aws: Account) -> None:
    aws.active_table()
    with aws.cloud.faults.fail("UpdateContinuousBackups", "ThrottlingException") as fault:
        with refused("ThrottlingException"):
            aws.switch("orders", on=True)
        assert aws.pitr("orders")["PointInTimeRecoveryStatus"] == "DISABLED"
        assert fault.hits == 1
        aws.switch("orders", on=True)
    record = aws.record("UpdateContinuousBackups")
    assert record["errorCode"] == "ThrottlingException"


def test_the_answer_may_be_lost_after_the_call_was_carried_out(aws: Account) -> None:
    aws.active_table()
    with (
        aws.cloud.faults.lose_answer("UpdateContinuousBackups"),
        refused("InternalServerError"),
    ):
        aws.switch("orders", on=True)
    assert aws.pitr("orders")["PointInTimeRecoveryStatus"] == "ENABLED"
    assert "errorCode" not in aws.record("UpdateContinuousBackups")


def test_a_call_may_be_late(aws: Account) -> None:
    started = time.monotonic()
    with aws.cloud.faults.delay("ListTables", 0.2):
        aws.dynamodb.list_tables()
    assert time.monotonic() - started >= 0.2


def test_a_fault_lasts_for_so_many_calls_or_until_it_ends(aws: Account) -> None:
    def fails() -> bool:
        try:
            aws.dynamodb.list_tables()
        except ClientError:
            return True
        return False

    aws.cloud.faults.fail("ListTables", times=2)
    assert [fails() for _ in range(3)] == [True, True, False]
    with aws.cloud.faults.fail("ListTables", times=None) as fault:
        assert [fails() for _ in range(3)] == [True, True, True]
    assert fault.hits == 3
    assert not fails()


def test_a_fault_may_be_meant_for_one_table_region_or_caller(aws: Account) -> None:
    role = aws.role({"Action": "dynamodb:*", "Resource": "*"}, name="guardian")
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="sweep")["Credentials"]
    guardian = aws.client(
        "dynamodb",
        access_key=session["AccessKeyId"],
        secret_key=session["SecretAccessKey"],
        session_token=session["SessionToken"],
    )
    for name in ("orders", "customers"):
        aws.active_table(name)
    faults = aws.cloud.faults
    with faults.fail("DescribeTable", table="orders", times=None):
        aws.describe("customers")
        with refused("InternalServerError"):
            aws.describe("orders")
        with refused("InternalServerError"):
            aws.describe(aws.arn("orders"))
    with faults.fail("ListTables", region=ELSEWHERE, times=None):
        aws.dynamodb.list_tables()
        with refused("InternalServerError"):
            aws.client("dynamodb", ELSEWHERE).list_tables()
    with faults.fail("ListTables", caller=":role/of/guardian", times=None):
        aws.dynamodb.list_tables()
        with refused("InternalServerError"):
            guardian.list_tables()


def test_other_services_may_fail_too(aws: Account) -> None:
    topic = aws.client("sns").create_topic(Name="alerts")["TopicArn"]
    with (
        aws.cloud.faults.fail("Publish", "InternalError", service="sns"),
        refused("InternalError"),
    ):
        aws.client("sns").publish(TopicArn=topic, Message="lost")
    entry = {"Source": "test", "DetailType": "t", "Detail": "{}"}
    with (
        aws.cloud.faults.fail("PutEvents", "ThrottlingException", service="events"),
        refused("ThrottlingException"),
    ):
        aws.client("events").put_events(Entries=[entry])
    aws.client("events").put_events(Entries=[entry])


def test_s3_may_fail_by_the_action_of_a_call(aws: Account) -> None:
    s3 = aws.client("s3")
    bucket = f"faults-{aws.account_id}"
    place = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    faults = aws.cloud.faults
    with faults.fail("PutObject", "SlowDown", service="s3") as fault, refused("SlowDown"):
        s3.put_object(Bucket=bucket, Key="folder/lost", Body=b"x")
    assert fault.struck[0].call.parameters == {"Bucket": bucket, "Key": "folder/lost"}
    with faults.lose_answer("PutObject", "InternalError", service="s3"), refused("InternalError"):
        s3.put_object(Bucket=bucket, Key="folder/kept", Body=b"x")
    with faults.fail("ListBucket", "AccessDenied", service="s3"), refused("AccessDenied"):
        s3.list_objects_v2(Bucket=bucket)
    with faults.fail("GetObject", "NoSuchKey", service="s3"), refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="folder/kept")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [found["Key"] for found in listed] == ["folder/kept"]


def test_events_may_be_dropped(aws: Account) -> None:
    with aws.cloud.faults.drop_events("CreateTable", table="unseen"):
        aws.create_table("unseen")
        aws.create_table("seen")
    aws.record("CreateTable", table="seen")
    assert [record["requestParameters"]["tableName"] for record in aws.records()] == ["seen"]


def test_events_may_come_twice(aws: Account) -> None:
    with aws.cloud.faults.duplicate_events("CreateTable"):
        aws.create_table("twice")
        aws.create_table("once")
    aws.record("CreateTable", table="once")
    names = [record["requestParameters"]["tableName"] for record in aws.records()]
    assert names == ["twice", "twice", "once"]
    assert aws.records()[0]["eventID"] == aws.records()[1]["eventID"]


def test_events_may_come_in_another_order(aws: Account) -> None:
    with aws.cloud.faults.hold_events("CreateTable") as held:
        for name in ("first", "second"):
            aws.create_table(name)
        assert aws.records() == []
        held.release(newest_first=True)
    aws.record("CreateTable", table="first")
    names = [record["requestParameters"]["tableName"] for record in aws.records()]
    assert names == ["second", "first"]


def _bus(aws: Account) -> Callable[[str, str], list[str]]:
    """A bus that hands on to a queue: put an event, and see the ids that arrived since."""
    events, sqs = aws.client("events"), aws.client("sqs")
    events.create_event_bus(Name="requests")
    queue = sqs.create_queue(QueueName="requests")["QueueUrl"]
    arn = f"arn:aws:sqs:{HOME}:{aws.account_id}:requests"
    events.put_rule(Name="all", EventBusName="requests", EventPattern='{"version": ["0"]}')
    targets = [{"Id": "queue", "Arn": arn}]
    events.put_targets(Rule="all", EventBusName="requests", Targets=targets)

    def put(kind: str, detail: str) -> list[str]:
        entry = {"EventBusName": "requests", "Source": "a", "DetailType": kind, "Detail": detail}
        put_as = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        ids = [json.loads(message["Body"])["id"] for message in messages]
        assert {*ids} <= {put_as}
        return ids

    return put


def test_a_bus_may_lose_an_event_it_took_in_or_deliver_it_twice(aws: Account) -> None:
    put, faults = _bus(aws), aws.cloud.faults
    with faults.lose_on_bus("Asked", text="mine") as lost:
        assert len(put("Told", '{"of": "mine"}')) == 1
        assert len(put("Asked", '{"of": "yours"}')) == 1
        assert put("Asked", '{"of": "mine"}') == []
        assert len(put("Asked", '{"of": "mine"}')) == 1
    assert lost.hits == 1
    with faults.repeat_on_bus("Asked", copies=3):
        assert len(put("Asked", "{}")) == 3
        assert len(put("Asked", "{}")) == 1
    faults.lose_on_bus(times=None)
    faults.clear()
    assert len(put("Asked", "{}")) == 1


def test_the_default_bus_loses_nothing(aws: Account) -> None:
    with aws.cloud.faults.lose_on_bus(times=None):
        aws.create_table()
        aws.record("CreateTable")


def test_clearing_ends_all_faults(aws: Account) -> None:
    aws.cloud.faults.fail("ListTables", times=None)
    aws.cloud.faults.drop_events(times=None)
    aws.cloud.faults.clear()
    aws.dynamodb.list_tables()
    aws.create_table()
    aws.record("CreateTable")
