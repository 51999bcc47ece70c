"""How far back, and up to when, tables' histories go."""

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import NOT_FOUND, code_of, later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor, window_of
from pitr_guardian.tables.observation import Switch
from pitr_guardian.tables.reference import TableRef


class DynamoHistory:
    """``exports.ports.History`` on DynamoDB."""

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB, a client for a place."""
        self._client_for = client_for

    @needs("dynamodb:DescribeContinuousBackups", on="table")
    @refused_if_final()
    def switch_of(self, table: TableRef) -> Switch | None:
        """See ``exports.ports.History``."""
        client = self._client_for(table)
        try:
            with later_if_passing():
                answer = client.describe_continuous_backups(TableName=table.arn)
        except ClientError as error:
            if code_of(error) in NOT_FOUND:
                return None
            raise
        switch = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return Switch(
            on=switch.get("PointInTimeRecoveryStatus") == "ENABLED",
            period=switch.get("RecoveryPeriodInDays"),
            window=window_of(switch),
        )
