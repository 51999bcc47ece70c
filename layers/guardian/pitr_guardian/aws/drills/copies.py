"""Drills' copies on DynamoDB."""

from datetime import UTC

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import NOT_FOUND, code_of, later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.drills.copies import Copy
from pitr_guardian.tables.copies import is_named_like_a_copy
from pitr_guardian.tables.reference import TableRef


class DynamoCopies:
    """``drills.ports.RemovableCopies`` on DynamoDB."""

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB, a client for a place."""
        self._client_for = client_for

    @needs("dynamodb:DescribeTable", on="table")
    @refused_if_final()
    def copy_at(self, table: TableRef) -> Copy | None:
        """See ``drills.ports.Copies``."""
        try:
            with later_if_passing():
                answer = self._client_for(table).describe_table(TableName=table.arn)
        except ClientError as error:
            if code_of(error) in NOT_FOUND:
                return None
            raise
        found = answer["Table"]
        created_at = found.get("CreationDateTime")
        return Copy(
            status=found.get("TableStatus", "unknown"),
            table_id=found.get("TableId"),
            created_at=created_at.astimezone(UTC) if created_at else None,
            source_arn=found.get("RestoreSummary", {}).get("SourceTableArn"),
        )

    @needs("dynamodb:DeleteTable", on="table")
    @refused_if_final()
    def delete(self, table: TableRef) -> None:
        """See ``drills.ports.RemovableCopies``."""
        if not is_named_like_a_copy(table.name):  # the role says so, too
            raise ValueError(f"{table} isn't named like a copy")
        try:
            with later_if_passing("ResourceInUseException"):
                self._client_for(table).delete_table(TableName=table.arn)
        except ClientError as error:
            if code_of(error) not in NOT_FOUND:
                raise
