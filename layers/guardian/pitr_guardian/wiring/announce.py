"""Announce's part."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.facts.topic import AlertTopic
from pitr_guardian.settings import setting


@cache
def alert_topic() -> AlertTopic:
    """The alert topic."""
    return AlertTopic(clients.sns(), setting("ALERT_TOPIC_ARN"))
