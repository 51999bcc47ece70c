"""The enforce function and what Lambda does for it: takes ten messages off the queue, calls the
handler, and deletes those that it doesn't name as failed. Until it is ended.
"""

import os
import time
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.drift.enforce import handler

_REGION = "us-east-1"
_QUEUE_ARN = f"arn:aws:sqs:{_REGION}:123456789012:enforcement"


class Context(LambdaContext):
    _function_name = "benchmark"
    _function_version = "$LATEST"
    _invoked_function_arn = f"arn:aws:lambda:{_REGION}:123456789012:function:benchmark"
    _memory_limit_in_mb = 512
    _aws_request_id = "benchmark"


def _record(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": _QUEUE_ARN,
        "awsRegion": _REGION,
    }


sqs = boto3.client("sqs")
url = os.environ["ENFORCEMENT_QUEUE_URL"]
while True:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    if not messages:
        time.sleep(0.1)
        continue
    answer = handler({"Records": [_record(message) for message in messages]}, Context())
    failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    done = [each for each in messages if each["MessageId"] not in failed]
    if done:
        sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
                for number, each in enumerate(done)
            ],
        )
