"""The Kinesis streaming destination."""

from typing import Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import (
    needs,
    passes_on,
)
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.restore.ports import (
    CantGoAlongError,
    Kept,
)
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import TableRef

_GUIDE = "DynamoDB wants them of its caller (developer guide, Kinesis Data Streams and IAM)"
_ON = ("ACTIVE", "ENABLING", "UPDATING")
_PRECISION = "ApproximateCreationDateTimePrecision"


class KinesisCarrier:
    """Carries the destination, within the region it is in."""

    setting = Setting.KINESIS

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    @needs("dynamodb:DescribeKinesisStreamingDestination", on="table")
    @passes_on(
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", on="Kinesis stream", why=_GUIDE
    )
    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        with later_if_passing():
            answer = self._client_for(source).describe_kinesis_streaming_destination(
                TableName=source.arn
            )
        for destination in answer.get("KinesisDataStreamDestinations", []):
            if destination.get("DestinationStatus") in _ON:
                return {
                    "streamArn": destination.get("StreamArn"),
                    "precision": destination.get(_PRECISION),
                }
        return None

    @needs("dynamodb:EnableKinesisStreamingDestination", on="table")
    @passes_on("kinesis:DescribeStream", "kinesis:PutRecords", on="Kinesis stream", why=_GUIDE)
    @passes_on("kinesis:ListStreams", on="everything", why=_GUIDE)
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        if source.region != target.region:
            raise CantGoAlongError(
                f"the Kinesis stream {kept['streamArn']} is in {source.region}; name one of "
                f"{target.region} yourself"
            )
        if (self.read(target) or {}).get("streamArn") == kept["streamArn"]:
            return None
        precision: dict[str, Any] = {
            "EnableKinesisStreamingConfiguration": {_PRECISION: kept["precision"]}
        }
        with later_if_passing("ResourceInUseException"):
            self._client_for(target).enable_kinesis_streaming_destination(
                TableName=target.arn,
                StreamArn=kept["streamArn"],
                **(precision if kept.get("precision") else {}),
            )
        return None
