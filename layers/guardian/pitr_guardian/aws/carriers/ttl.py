"""Time to live."""

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables import ClientFor
from pitr_guardian.ports import Kept
from pitr_guardian.restore_request import Setting
from pitr_guardian.table import TableRef

_ON = ("ENABLED", "ENABLING")


class TtlCarrier:
    """Carries the attribute that items expire by."""

    setting = Setting.TTL

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    @needs("dynamodb:DescribeTimeToLive", on="table")
    def read(self, source: TableRef) -> Kept | None:
        """See ``ports.Carrier``."""
        with later_if_passing():
            answer = self._client_for(source.region).describe_time_to_live(TableName=source.arn)
        description = answer["TimeToLiveDescription"]
        if description.get("TimeToLiveStatus") not in _ON:
            return None
        return {"attribute": description["AttributeName"]}

    @needs("dynamodb:UpdateTimeToLive", on="table")
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``ports.Carrier``."""
        if self.read(target) == kept:  # setting the same again is a ValidationException
            return None
        with later_if_passing("ResourceInUseException"):
            self._client_for(target.region).update_time_to_live(
                TableName=target.arn,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": kept["attribute"]},
            )
        return None
