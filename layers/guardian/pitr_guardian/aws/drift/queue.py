"""The enforcement queue."""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import TYPE_CHECKING

from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.look import (
    Look,
    body_of,
)

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_AT_ONCE = 10  # the most that SendMessageBatch takes


class EnforcementQueue:
    """``drift.ports.Looks`` and ``sweep.ports.Requests`` on SQS."""

    def __init__(self, client: "Callable[[], SQSClient]", url: str) -> None:
        """Take the door to SQS, which isn't gone through in vain, and the queue's URL."""
        self._client = client
        self._url = url

    @needs("sqs:SendMessage", on="enforcement queue")
    def put_back(self, look: Look) -> None:
        """See ``drift.ports.Looks``.

        A new message instead of a longer visibility time-out: each receive of the old one counts
        towards the dead-letter queue.
        """
        self._client().send_message(
            QueueUrl=self._url, MessageBody=body_of(look), DelaySeconds=look.delay
        )

    @needs("sqs:SendMessage", on="enforcement queue")
    def put_all(self, looks: Sequence[Look]) -> None:
        """See ``drift.ports.Looks`` and ``sweep.ports.Requests``."""
        for batch in batched(looks, _AT_ONCE, strict=False):
            answer = self._client().send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(number),
                        "MessageBody": body_of(look),
                        "DelaySeconds": look.delay,
                    }
                    for number, look in enumerate(batch)
                ],
            )
            if refused := answer.get("Failed"):  # it answers 200 for messages that it refuses
                raise TryLaterError(f"SQS took not all looks: {refused[0].get('Message')}")
