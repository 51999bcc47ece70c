"""Whether alerts reach anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pitr_guardian_cli.checks.finding import Finding, fine, wrong
from pitr_guardian_cli.here import Here

_PENDING = "PendingConfirmation"


def subscribers(here: Here) -> Iterator[Finding]:
    """Whether somebody has subscribed and confirmed, and whether their queues take alerts."""
    topic = here.stack.output("AlertTopicArn")
    pages = here.door.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = [each for page in pages for each in page["Subscriptions"]]
    confirmed = [each for each in found if each["SubscriptionArn"] != _PENDING]
    for each in found:
        if each["SubscriptionArn"] == _PENDING:
            yield wrong(
                "subscribers",
                f"{each['Endpoint']} ({each['Protocol']}) has never confirmed: it is told nothing",
                "open the link in the message from AWS; it is good for three days, then subscribe "
                "again",
            )
    if not confirmed:
        yield wrong(
            "subscribers",
            "nobody is subscribed to the alerts",
            f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint "
            f"YOU@EXAMPLE.COM --region {here.stack.region}",
        )
        return
    dropping = [
        each["Endpoint"]
        for each in confirmed
        if each["Protocol"] == "sqs" and _drops(here, each["Endpoint"], topic)
    ]
    for queue in dropping:
        yield wrong(
            "subscribers",
            f"the queue {queue} takes no alerts: it is gone, or its policy doesn't let SNS send",
            "give it the policy of docs/policies/alert-queue.json (aws sqs set-queue-attributes)",
        )
    if len(dropping) < len(confirmed):
        yield fine("subscribers", f"{len(confirmed) - len(dropping)} confirmed")


def _drops(here: Here, queue_arn: str, topic: str) -> bool:
    """Whether a queue of the stack's account and region takes no alerts; others aren't asked."""
    _, _, _, region, account, name = queue_arn.split(":", 5)
    if (region, account) != (here.stack.region, here.stack.account):
        return False
    sqs = here.door.sqs
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return True
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return not lets_in(answer.get("Attributes", {}).get("Policy"), topic)


def lets_in(policy: str | None, topic: str) -> bool:
    """Whether a queue's policy lets SNS send what is published to a topic.

    Conditions are read as far as they name the source; whatever else they ask for is taken to hold.
    """
    statements = json.loads(policy).get("Statement", []) if policy else []
    if isinstance(statements, dict):
        statements = [statements]
    return any(_allows(each, topic) for each in statements)


def _allows(statement: Any, topic: str) -> bool:
    principal = statement.get("Principal")
    services = (
        principal.get("Service", principal.get("AWS")) if isinstance(principal, dict) else principal
    )
    who = services if isinstance(services, list) else [services]
    actions = statement.get("Action")
    what = [str(each).lower() for each in (actions if isinstance(actions, list) else [actions])]
    sources = [
        value
        for condition in statement.get("Condition", {}).values()
        for key, value in condition.items()
        if key.lower() == "aws:sourcearn"
    ]
    named = [each for value in sources for each in (value if isinstance(value, list) else [value])]
    return (
        statement.get("Effect") == "Allow"
        and bool({"*", "sns.amazonaws.com"} & set(who))
        and bool({"*", "sqs:*", "sqs:sendmessage"} & set(what))
        and (not named or any(_matches(each, topic) for each in named))
    )


def _matches(pattern: str, topic: str) -> bool:
    head, star, _ = pattern.partition("*")
    return topic == pattern or (bool(star) and topic.startswith(head))
