"""What was read of restores' sources, in the report bucket, for 30 days."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.restore.order import Order

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class SurveyWriter:
    """``restore.ports.SurveyKeeper`` on S3, which encrypts it as it does all of the bucket."""

    def __init__(self, client: "S3Client", name: str) -> None:
        """Take the client and the bucket's name."""
        self._client = client
        self._name = name

    @needs("s3:PutObject", on="surveys")
    def keep(self, order: Order, survey: Mapping[str, Any]) -> None:
        """See ``restore.ports.SurveyKeeper``."""
        with later_if_passing():
            self._client.put_object(
                Bucket=self._name,
                Key=_key(order),
                Body=json.dumps(survey).encode(),
                ContentType="application/json",
            )


class SurveyReader:
    """``restore.ports.KeptSurveys`` on S3."""

    def __init__(self, client: "S3Client", name: str) -> None:
        """Take the client and the bucket's name."""
        self._client = client
        self._name = name

    @needs("s3:GetObject", on="surveys")
    def recall(self, order: Order) -> Mapping[str, Any]:
        """See ``restore.ports.KeptSurveys``."""
        with later_if_passing():
            answer = self._client.get_object(Bucket=self._name, Key=_key(order))
            survey: Mapping[str, Any] = json.loads(answer["Body"].read())
        return survey


def _key(order: Order) -> str:
    return f"restores/{order.request.request_id}/survey.json"
