"""The lists of folded alerts, in the report bucket."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.digest import Order

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class DigestLists:
    """``facts.ports.Lists`` on S3: ``digests/<day>/<fact id>.txt``."""

    def __init__(self, client: "Callable[[], S3Client]", bucket: str) -> None:
        """Take the door to S3, which isn't gone through in vain, and the bucket's name."""
        self._client = client
        self._bucket = bucket

    @needs("s3:PutObject", on="digests")
    @later_if_passing()
    def write(self, order: Order, text: str) -> str:
        """See ``facts.ports.Lists``."""
        key = f"digests/{order.flood[:10]}/{order.digest_id}.txt"
        self._client().put_object(
            Bucket=self._bucket,
            Key=key,
            Body=text.encode(),
            ContentType="text/plain; charset=utf-8",
        )
        return f"s3://{self._bucket}/{key}"
