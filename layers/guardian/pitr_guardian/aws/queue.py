"""The enforcement queue."""

from typing import TYPE_CHECKING

from pitr_guardian.look import Look, body_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class EnforcementQueue:
    """``ports.Looks`` on SQS."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """Take the client and the queue's URL."""
        self._client = client
        self._url = url

    def put_back(self, look: Look) -> None:
        """See ``ports.Looks``.

        A new message instead of a longer visibility time-out: each receive of the old one counts
        towards the dead-letter queue.
        """
        self._client.send_message(
            QueueUrl=self._url, MessageBody=body_of(look), DelaySeconds=look.delay
        )
