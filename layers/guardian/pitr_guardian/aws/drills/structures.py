"""What tables are made of, as a drill surveys and compares them."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import NOT_FOUND, code_of, later_if_passing, refused_if_final
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.keys import key_of
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.drills.structure import Structure
from pitr_guardian.tables.definition import definition_of
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef


class DynamoStructures:
    """``drills.ports.Structures`` on DynamoDB, and KMS, which knows whose a key is."""

    def __init__(self, client_for: ClientFor, keys: KmsKeys) -> None:
        """Take the door to DynamoDB, a client for a place, and the keys."""
        self._client_for = client_for
        self._keys = keys

    @needs("dynamodb:DescribeTable", on="table")
    @refused_if_final()
    def structure_of(self, table: TableRef) -> Structure | None:
        """See ``drills.ports.Structures``."""
        try:
            with later_if_passing():
                described = self._client_for(table).describe_table(TableName=table.arn)
        except ClientError as error:
            if code_of(error) in NOT_FOUND:
                return None
            raise
        found = described["Table"]
        return Structure(
            table_id=found["TableId"],
            key=key_of(found),
            definition=definition_of(found, self._is_aws_managed(found, table)),
            items=found.get("ItemCount", 0),
        )

    def _is_aws_managed(self, described: "TableDescriptionTypeDef", table: TableRef) -> bool:
        key = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
        return key is not None and self._keys.is_aws_managed(key, table)
