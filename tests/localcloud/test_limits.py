"""How much may be sent at once, and how."""

from __future__ import annotations

import pytest

from localcloud.ministack.limits import EVENTS_BYTES
from tests.localcloud.account import Account
from tests.localcloud.errors import refused


def entry(size: int) -> dict[str, str]:
    """An event that counts so many bytes."""
    detail = '{"a": ""}'
    filling = "x" * (size - len("test") - len("Noted") - len(detail))
    return {"Source": "test", "DetailType": "Noted", "Detail": f'{{"a": "{filling}"}}'}


def test_events_may_be_a_megabyte_together_and_no_more(aws: Account) -> None:
    events = aws.client("events")
    events.put_events(Entries=[entry(EVENTS_BYTES)])
    for entries in ([entry(EVENTS_BYTES + 1)], [entry(EVENTS_BYTES // 2)] * 3):
        with refused("ValidationException"):
            events.put_events(Entries=entries)


def test_an_event_is_measured_in_bytes(aws: Account) -> None:
    wide = {**entry(1000), "Detail": '{"a": "%s"}' % ("ä" * (EVENTS_BYTES // 2))}
    with refused("ValidationException"):
        aws.client("events").put_events(Entries=[wide])


@pytest.mark.parametrize("subject", ["x" * 101, "two\nlines", "a\tb"])
def test_a_subject_is_one_line_of_at_most_100_characters(aws: Account, subject: str) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.publish(TopicArn=topic, Message="m", Subject="x" * 100)
    with refused("InvalidParameter"):
        sns.publish(TopicArn=topic, Message="m", Subject=subject)


def test_a_message_is_held_back_for_15_minutes_at_most(aws: Account) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=900)
    with refused("InvalidParameterValue"):
        sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=901)
    entries = [{"Id": str(delay), "MessageBody": "m", "DelaySeconds": delay} for delay in (0, 901)]
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [each["Id"] for each in answer["Failed"]] == ["901"]
