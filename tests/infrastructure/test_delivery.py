"""From rule to queue to function: who may deliver, and where what can't be delivered ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.stack import ACCOUNT, REGION, Json, Resource, deployed, listed, statements

STACK = deployed()
RULES = {rule.id: rule for rule in STACK.of_type("AWS::Events::Rule")}
TO_ENFORCEMENT = {
    rule.id
    for rule in RULES.values()
    if "EnforcementQueue.Arn" in {target["Arn"] for target in rule.properties["Targets"]}
}
QUEUES = {queue.id for queue in STACK.of_type("AWS::SQS::Queue")}


def statement(policy: str, sid: str) -> Json:
    [found] = [each for each in statements(STACK[policy]) if each["Sid"] == sid]
    return found


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_a_rule_cannot_deliver_is_kept(rule: Resource) -> None:
    for target in rule.properties["Targets"]:
        expected = "EnforcementDeadLetterQueue" if rule.id in TO_ENFORCEMENT else "UndeliveredQueue"
        assert target["DeadLetterConfig"] == {"Arn": f"{expected}.Arn"}


def test_the_enforcement_queues_take_messages_of_their_own_rules_only() -> None:
    assert len(TO_ENFORCEMENT) == 10  # of the own account, and of members
    policy = STACK["EnforcementQueuesPolicy"]
    assert set(policy.properties["Queues"]) == {"EnforcementQueue", "EnforcementDeadLetterQueue"}
    deliver = statement(policy.id, "RulesDeliver")
    assert deliver["Principal"] == {"Service": "events.amazonaws.com"}
    assert deliver["Action"] == "sqs:SendMessage"
    assert set(deliver["Resource"]) == {"EnforcementQueue.Arn", "EnforcementDeadLetterQueue.Arn"}
    assert deliver["Condition"].keys() == {"ArnEquals"}
    sources = deliver["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert set(sources) == {f"{rule}.Arn" for rule in TO_ENFORCEMENT}


def test_every_queue_refuses_plain_http_and_strangers() -> None:
    governed = set()
    for policy in STACK.of_type("AWS::SQS::QueuePolicy"):
        governed.update(policy.properties["Queues"])
        over_tls = statement(policy.id, "OnlyOverTls")
        assert (over_tls["Effect"], over_tls["Principal"]) == ("Deny", "*")
        assert over_tls["Action"] == "sqs:*"
        assert over_tls["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        for allowed in statements(policy):
            if allowed["Effect"] == "Allow":
                assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert governed == QUEUES


def test_a_rule_may_invoke_its_function_and_nobody_else_may() -> None:
    permitted = {
        (permission.properties["FunctionName"], permission.properties["SourceArn"])
        for permission in STACK.of_type("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "events.amazonaws.com"
        and permission.properties["Action"] == "lambda:InvokeFunction"
    }
    assert len(permitted) == len(STACK.of_type("AWS::Lambda::Permission"))
    wanted = {
        (target["Arn"].removesuffix(".Arn"), f"{rule.id}.Arn")
        for rule in RULES.values()
        for target in rule.properties["Targets"]
        if rule.id not in TO_ENFORCEMENT
    }
    assert permitted == wanted


def test_what_an_event_function_cannot_handle_is_kept_after_three_tries() -> None:
    configured = {}
    for config in STACK.of_type("AWS::Lambda::EventInvokeConfig"):
        assert config.properties["MaximumRetryAttempts"] == 2
        destination = config.properties["DestinationConfig"]["OnFailure"]["Destination"]
        configured[config.properties["FunctionName"]] = destination
    invoked_by_events = {
        permission.properties["FunctionName"]
        for permission in STACK.of_type("AWS::Lambda::Permission")
    }
    assert configured == dict.fromkeys(invoked_by_events, "UndeliveredQueue.Arn")


def test_messages_go_to_the_dead_letters_when_the_function_says_it_was_the_last_receive() -> None:
    redrive = STACK["EnforcementQueue"].properties["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == "EnforcementDeadLetterQueue.Arn"
    assert redrive["maxReceiveCount"] == 5
    variables = STACK["EnforceFunction"].properties["Environment"]["Variables"]
    assert variables["MAX_RECEIVES"] == str(redrive["maxReceiveCount"])


def test_only_messages_that_failed_come_back_and_not_before_the_function_has_ended() -> None:
    for mapping in STACK.of_type("AWS::Lambda::EventSourceMapping"):
        properties = mapping.properties
        one_by_one = properties.get("BatchSize") == 1
        assert one_by_one or properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        # Six times the function's time-out: Lambda developer guide, "Using Lambda with Amazon SQS".
        timeout = STACK[properties["FunctionName"]].properties["Timeout"]
        queue = STACK[properties["EventSourceArn"].removesuffix(".Arn")]
        assert queue.properties["VisibilityTimeout"] >= 6 * timeout


def test_a_digest_that_cannot_be_sent_is_kept_with_what_was_not_delivered() -> None:
    redrive = STACK["DigestQueue"].properties["RedrivePolicy"]
    assert redrive == {"deadLetterTargetArn": "UndeliveredQueue.Arn", "maxReceiveCount": 5}
    name = STACK["DigestQueue"].properties["QueueName"]
    assert STACK["UndeliveredQueue"].properties["RedriveAllowPolicy"] == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"],
    }


def test_the_chat_has_a_topic_where_it_is_asked_for() -> None:
    assert "ChatTopic" not in STACK.resources
    environment = STACK["AnnounceFunction"].properties["Environment"]["Variables"]
    assert environment["CHAT_TOPIC_ARN"] == ""
    with_chat = deployed(ChatAlerts="true")
    environment = with_chat["AnnounceFunction"].properties["Environment"]["Variables"]
    assert environment["CHAT_TOPIC_ARN"] == with_chat.outputs["ChatTopicArn"] == "ChatTopic"


def test_the_chats_topic_is_kept_like_the_alerts() -> None:
    with_chat = deployed(ChatAlerts="true")
    of_chat, of_alerts = (
        [{**each, "Resource": "a topic"} for each in statements(with_chat[policy])]
        for policy in ("ChatTopicPolicy", "AlertTopicPolicy")
    )
    assert of_chat == of_alerts
    for topic in ("ChatTopic", "AlertTopic"):
        assert with_chat[topic].properties["KmsMasterKeyId"] == "alias/aws/sns"


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_a_queue_keeps_its_messages_as_long_as_sqs_can(queue: str) -> None:
    assert STACK[queue].properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_an_email_address_is_subscribed_where_it_is_given() -> None:
    assert "AlertEmailSubscription" not in STACK.resources
    subscribed = deployed(AlertEmail="ops@example.com")["AlertEmailSubscription"].properties
    assert subscribed == {
        "TopicArn": "AlertTopic",
        "Protocol": "email",
        "Endpoint": "ops@example.com",
    }


def denied_senders(queue: str, **parameters: str) -> list[Any]:
    """Whom the queue's policy lets past its Deny; an empty list is nobody but services."""
    [denied] = [
        statement
        for policy in deployed(**parameters).of_type("AWS::SQS::QueuePolicy")
        for statement in statements(policy)
        if statement["Effect"] == "Deny" and statement["Resource"] == f"{queue}.Arn"
    ]
    assert denied["Principal"] == "*"
    assert denied["Action"] == "sqs:SendMessage"
    # Rules are services: a Deny that went by `aws:PrincipalArn` alone might be for them, too.
    assert denied["Condition"]["Bool"] == {"aws:PrincipalIsAWSService": False}
    spared = denied["Condition"].get("ArnNotEquals", {"aws:PrincipalArn": []})
    return sorted(spared["aws:PrincipalArn"])


@pytest.mark.parametrize(
    "queue", ["EnforcementQueue", "EnforcementDeadLetterQueue", "UndeliveredQueue", "DigestQueue"]
)
def test_only_roles_of_the_stack_that_have_to_may_send_to_a_queue(queue: str) -> None:
    senders = [
        f"{role.id}.Arn"
        for role in STACK.of_type("AWS::IAM::Role")
        for statement in statements(role)
        if "sqs:SendMessage" in listed(statement["Action"])
        and f"{queue}.Arn" in listed(statement["Resource"])
    ]
    assert denied_senders(queue) == sorted(senders)


def test_one_role_more_may_redrive_where_it_is_named() -> None:
    role = "arn:aws:iam::123456789012:role/on-call"
    senders = denied_senders("EnforcementQueue", RedriveRoleArn=role)
    assert senders == sorted([*denied_senders("EnforcementQueue"), role])


def test_queues_let_in_exactly_the_rules_that_send_to_them() -> None:
    for policy in STACK.of_type("AWS::SQS::QueuePolicy"):
        if "DigestQueue" in policy.properties["Queues"]:
            assert not [each for each in statements(policy) if each["Effect"] == "Allow"]
            continue
        [allowed] = [each for each in statements(policy) if each["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
        queues = set(listed(allowed["Resource"]))
        senders = {
            f"{rule.id}.Arn"
            for rule in STACK.of_type("AWS::Events::Rule")
            for target in rule.properties["Targets"]
            if queues & {target["Arn"], target.get("DeadLetterConfig", {}).get("Arn")}
        }
        assert set(allowed["Condition"]["ArnEquals"]["aws:SourceArn"]) == senders


def test_no_other_queue_takes_the_guardians_for_its_dead_letters() -> None:
    enforcement = STACK["EnforcementQueue"].properties
    assert enforcement["RedriveAllowPolicy"] == {"redrivePermission": "denyAll"}
    letters = STACK["EnforcementDeadLetterQueue"].properties["RedriveAllowPolicy"]
    name = enforcement["QueueName"]
    assert letters == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"],
    }


def test_a_function_is_invoked_by_the_very_rule_alone() -> None:
    for permission in STACK.of_type("AWS::Lambda::Permission"):
        rule = permission.properties["SourceArn"].removesuffix(".Arn")
        targets = [target["Arn"] for target in STACK[rule].properties["Targets"]]
        assert permission.properties["FunctionName"] in [
            each.removesuffix(".Arn") for each in targets
        ]
