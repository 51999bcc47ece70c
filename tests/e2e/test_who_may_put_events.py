"""Who may put events on the stack's buses: facts the guardian alone, requests whom it lets.

Facts that workflows put are not proved here: MiniStack's state machines put events in its own
process, without their role, so that no policy is asked.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import ALLOWED_ACCOUNT
from tests.e2e.embedded_aws import Caller
from tests.e2e.guardian import Guardian, fresh
from tests.e2e.waiting import eventually

STRANGER = Caller("444455556666", "local")
FRIEND = Caller(ALLOWED_ACCOUNT, "local")
FACT, REQUEST = "PITR Re-enabled", "Restore Requested"


def put(
    guardian: Guardian, bus: str, detail_type: str, caller: Caller | None, **detail: Any
) -> None:
    events = guardian.client("events", caller=caller)
    place = f"{guardian.stack.region}:{guardian.aws.account_id}"
    entry = {
        "EventBusName": f"arn:aws:events:{place}:event-bus/{guardian.stack.outputs[bus]}",
        "Source": "pitr-guardian",
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def is_refused(
    guardian: Guardian, bus: str, detail_type: str, caller: Caller | None, **detail: Any
) -> bool:
    with pytest.raises(ClientError) as raised:
        put(guardian, bus, detail_type, caller, **detail)
    return raised.value.response["Error"]["Code"] == "AccessDeniedException"


def answered(guardian: Guardian, caller: Caller | None) -> str:
    """The id of a request for a restore that got its answer: there is no such table."""
    request_id = fresh("request")
    names = {"sourceTable": fresh("NoSuch"), "targetTable": fresh("Restored")}
    put(guardian, "RequestBusName", REQUEST, caller, requestId=request_id, **names)
    eventually(
        lambda: [
            fact
            for fact in guardian.facts_of_kind("Restore Rejected")
            if fact["requestId"] == request_id
        ],
        f"the answer to {request_id}",
    )
    return request_id


def test_the_guardians_functions_tell_facts_and_nobody_else_does(guardian: Guardian) -> None:
    table = guardian.protected_table()
    assert guardian.told(table) == ["Table Protected"]
    root, administrator = None, guardian.session("*")
    for caller in (root, administrator, guardian.user("events:PutEvents"), STRANGER, FRIEND):
        assert is_refused(guardian, "FactBusName", FACT, caller, table={"name": table})
    assert guardian.told(table) == ["Table Protected"]


def test_nobody_but_the_guardian_publishes_alerts(guardian: Guardian) -> None:
    topic = guardian.stack.outputs["AlertTopicArn"]
    sns = guardian.client("sns", caller=guardian.session("*"))
    with pytest.raises(ClientError, match="not authorized"):
        sns.publish(TopicArn=topic, Subject="[INFO] All is well", Message="It isn't.")


def test_who_may_put_events_in_the_account_may_ask_for_a_restore(guardian: Guardian) -> None:
    assert answered(guardian, guardian.user("events:PutEvents"))
    assert is_refused(guardian, "RequestBusName", REQUEST, guardian.user("dynamodb:*"))


def test_another_account_may_ask_for_a_restore_only_if_it_is_named(guardian: Guardian) -> None:
    assert answered(guardian, FRIEND)
    assert is_refused(guardian, "RequestBusName", REQUEST, STRANGER)


@pytest.mark.parametrize("caller", [None, FRIEND], ids=["own account", "other account"])
def test_the_log_tells_which_account_asked(guardian: Guardian, caller: Caller | None) -> None:
    account = caller.access_key if caller else guardian.aws.account_id
    request_id = answered(guardian, caller)
    [line] = eventually(
        lambda: [
            line for line in guardian.log("accept-restore") if line.get("request_id") == request_id
        ],
        f"{request_id} in the log",
    )
    assert line["account"] == account
    assert line["event_id"]


def test_no_other_account_may_ask_by_default(watcher: Guardian) -> None:
    assert is_refused(watcher, "RequestBusName", REQUEST, FRIEND)
    bus = watcher.stack.outputs["RequestBusName"]
    assert "Policy" not in watcher.client("events").describe_event_bus(Name=bus)


def test_another_account_that_may_ask_may_put_nothing_else(guardian: Guardian) -> None:
    assert is_refused(guardian, "RequestBusName", FACT, FRIEND)


def test_nobody_but_the_guardian_asks_for_looks(guardian: Guardian) -> None:
    administrator = guardian.session("*")
    for output in ("EnforcementQueueUrl", "EnforcementDeadLetterQueueUrl"):
        with pytest.raises(ClientError) as raised:
            guardian.client("sqs", caller=administrator).send_message(
                QueueUrl=guardian.stack.outputs[output], MessageBody="{}"
            )
        assert "AccessDenied" in raised.value.response["Error"]["Code"]


def test_anybodys_alarm_is_not_announced(guardian: Guardian) -> None:
    pager = guardian.subscribe(FilterPolicy=json.dumps({"event": ["alarm"]}))
    name = f"{guardian.stack.name}/{fresh('call-mallory')}"
    place = f"{guardian.stack.region}:{guardian.aws.account_id}"
    event = {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "account": guardian.aws.account_id,
        "region": guardian.stack.region,
        "resources": [f"arn:aws:cloudwatch:{place}:alarm:{name}"],
        "detail": {"alarmName": name, "state": {"value": "ALARM", "reason": "Call Mallory."}},
    }
    answer = guardian.client("lambda").invoke(
        FunctionName=guardian.physical_id("AnnounceFunction"), Payload=json.dumps(event)
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    lines = eventually(
        lambda: [line for line in guardian.log("announce") if name in str(line.get("message"))],
        "the refusal in the log",
    )
    assert "is no alarm of the stack" in lines[0]["message"]
    assert guardian.take(pager) == []
