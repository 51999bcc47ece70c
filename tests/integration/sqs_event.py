"""What Lambda hands to a function for messages on a queue."""

from __future__ import annotations

from typing import Any

from tests.fakes.cloudtrail import ACCOUNT


def sqs_event(*bodies: str, receives: int = 1, account: str = ACCOUNT) -> dict[str, Any]:
    """A batch; the messages are called ``m-0``, ``m-1`` and so on."""
    return {
        "Records": [
            {
                "messageId": f"m-{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(receives),
                    "SentTimestamp": "1791190803000",
                    "SenderId": "events.amazonaws.com",
                    "ApproximateFirstReceiveTimestamp": "1791190803010",
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-central-1:{account}:enforcement",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
