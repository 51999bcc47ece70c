"""The alert topic."""

import json
from typing import TYPE_CHECKING

from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.announcement import Announcement

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


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
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in announcement.attributes.items()
            },
        )
