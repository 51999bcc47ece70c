"""The queue on which digests wait until they are due."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.digest import Order

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DigestQueue:
    """``facts.ports.DigestOrders`` on SQS, whose delay is the clock: it reaches 15 minutes."""

    def __init__(self, client: "Callable[[], SQSClient]", url: str) -> None:
        """Take the door to SQS, which isn't gone through in vain, and the queue's URL."""
        self._client = client
        self._url = url

    @needs("sqs:SendMessage", on="digest queue")
    def order(self, order: Order, delay: timedelta) -> None:
        """See ``facts.ports.DigestOrders``."""
        with refused_if_final(), later_if_passing():
            self._client().send_message(
                QueueUrl=self._url,
                MessageBody=order.model_dump_json(by_alias=True),
                DelaySeconds=int(delay.total_seconds()),
            )
