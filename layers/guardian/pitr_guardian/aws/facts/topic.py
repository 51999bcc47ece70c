"""The topics: for people and programs, and for chat."""

import json
from typing import TYPE_CHECKING

from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.announcement import Announcement

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class AlertTopic:
    """The SNS topic that subscribers listen to."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        """Take the client and the topic's ARN."""
        self._client = client
        self._arn = arn

    @needs("sns:Publish", on="alert topic")
    def announce(self, announcement: Announcement) -> None:
        """Publish one message, worded for each kind of subscriber."""
        self._client.publish(
            TopicArn=self._arn,
            Subject=announcement.subject,
            MessageStructure="json",
            Message=json.dumps(announcement.bodies),
            MessageAttributes=_attributes(announcement),
        )


class ChatTopic:
    """The SNS topic that chat programs show: of its messages only what is in their schema."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        """Take the client and the topic's ARN."""
        self._client = client
        self._arn = arn

    @needs("sns:Publish", on="chat topic")
    def announce(self, announcement: Announcement) -> None:
        """Publish one message, as it is, with attributes to filter by."""
        self._client.publish(
            TopicArn=self._arn,
            Message=announcement.chat,
            MessageAttributes=_attributes(announcement),
        )


def _attributes(announcement: Announcement) -> "dict[str, MessageAttributeValueTypeDef]":
    return {
        name: {"DataType": "String", "StringValue": value}
        for name, value in announcement.attributes.items()
    }
