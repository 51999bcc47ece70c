"""What can't be handled reaches the dead letters, is said aloud, and can be put back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.e2e.conftest import REDRIVER
from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import Guardian, fresh
from tests.e2e.waiting import eventually


@pytest.fixture
def dead_letters(guardian: Guardian) -> Iterator[str]:
    queue = guardian.stack.outputs["EnforcementDeadLetterQueueUrl"]
    while guardian.take(queue):
        pass
    yield queue
    while guardian.take(queue):
        pass


@pytest.fixture(scope="module")
def redriver(guardian: Guardian) -> Caller:
    """The one role that may put messages on the queue, beside the guardian's own."""
    return guardian.session("sqs:SendMessage", role=REDRIVER)


def send(guardian: Guardian, redriver: Caller, *bodies: str) -> None:
    guardian.client("sqs", caller=redriver).send_message_batch(
        QueueUrl=guardian.stack.outputs["EnforcementQueueUrl"],
        Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)],
    )


def test_a_message_nobody_understands_does_not_hold_up_the_others(
    guardian: Guardian, redriver: Caller, dead_letters: str
) -> None:
    # Its birth is not reported: the message below is the only thing that leads to it.
    with guardian.aws.faults.hold_events("CreateTable") as held:
        table = guardian.create_table()
        look = {"table": guardian.arn(table), "since": datetime.now(UTC).isoformat()}
        nonsense = f"nonsense {fresh('message')}"
        with guardian.impatient_queue(3):  # longer than a look takes, also on a busy machine
            send(guardian, redriver, nonsense, json.dumps({"look": look}))
            guardian.fact(table, "Table Protected")
            [letter] = eventually(lambda: guardian.take(dead_letters), "a dead letter")
        assert letter["Body"] == nonsense
        held.release()
    assert guardian.told(table) == ["Table Protected"]
    complaints = _complaints(guardian, letter["MessageId"])
    assert len(complaints) == 5
    assert "the message is not JSON" in complaints[0]["message"]
    assert {line["level"] for line in complaints} == {"ERROR"}


def test_a_right_that_was_taken_from_the_guardian_is_missed_and_made_up_for(
    guardian: Guardian, redriver: Caller, dead_letters: str
) -> None:
    user, table = guardian.user("dynamodb:UpdateContinuousBackups"), guardian.protected_table()
    with _without("SwitchPitrOn", guardian), guardian.impatient_queue(1):
        guardian.switch(table, on=False, caller=user)
        fact = guardian.fact(table, "Protection Failed")
        [letter] = eventually(lambda: guardian.take(dead_letters), "a dead letter")
        assert guardian.told(table) == ["Table Protected", "Protection Failed"]
    assert fact["severity"] == "critical"
    assert "dynamodb:UpdateContinuousBackups" in fact["error"]
    assert fact["actor"]["arn"] == user.arn
    assert guardian.period(table) is None
    # The cause is gone: a person redrives the dead letters.
    send(guardian, redriver, letter["Body"])
    fact = guardian.fact(table, "PITR Re-enabled")
    assert fact["actor"]["arn"] == user.arn
    assert guardian.told(table) == ["Table Protected", "Protection Failed", "PITR Re-enabled"]
    assert guardian.period(table) == 35


@contextlib.contextmanager
def _without(sid: str, guardian: Guardian) -> Iterator[None]:
    """The role of the enforcing function lacks one of its statements."""
    iam, role = guardian.client("iam"), guardian.role_of("EnforceFunction")

    def put(document: Json) -> None:
        iam.put_role_policy(
            RoleName=role, PolicyName="Enforce", PolicyDocument=json.dumps(document)
        )

    document = iam.get_role_policy(RoleName=role, PolicyName="Enforce")["PolicyDocument"]
    left = [statement for statement in document["Statement"] if statement["Sid"] != sid]
    assert len(left) == len(document["Statement"]) - 1
    [lacking] = [each for each in document["Statement"] if each not in left]
    put({**document, "Statement": left})
    try:
        with guardian.aws.refusing(role, lacking["Action"]):
            yield
    finally:
        put(document)


def _complaints(guardian: Guardian, message_id: str) -> list[Json]:
    """What the function logged about a message that it didn't handle."""
    return [line for line in guardian.log("enforce") if line.get("message_id") == message_id]
