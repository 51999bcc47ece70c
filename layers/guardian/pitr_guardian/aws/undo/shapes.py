"""What a table is made of, as DynamoDB and Lambda tell it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import NOT_FOUND, code_of, later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.keys import key_of
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.tables.reference import Place, TableRef
from pitr_guardian.undo.shape import Audience, Shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient


class DynamoShapes:
    """``undo.ports.Shapes`` on DynamoDB, and Lambda, which knows who reads a stream."""

    def __init__(
        self, client_for: ClientFor, functions_for: "Callable[[Place], LambdaClient]"
    ) -> None:
        """Take the doors to DynamoDB and Lambda, a client for a place."""
        self._client_for = client_for
        self._functions_for = functions_for

    @needs("dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", on="table")
    @refused_if_final()
    def shape_of(self, table: TableRef) -> Shape | None:
        """See ``undo.ports.Shapes``."""
        client = self._client_for(table)
        try:
            with later_if_passing():
                described: Any = client.describe_table(TableName=table.arn)["Table"]
                ttl = client.describe_time_to_live(TableName=table.arn)["TimeToLiveDescription"]
        except ClientError as error:
            if code_of(error) in NOT_FOUND:
                return None
            raise
        streams = described.get("StreamSpecification", {}).get("StreamEnabled", False)
        stream = described.get("LatestStreamArn") if streams else None
        return Shape(
            table_id=described["TableId"],
            key=key_of(described),
            ttl_attribute=ttl["AttributeName"] if ttl["TimeToLiveStatus"] == "ENABLED" else None,
            audience=Audience(
                replicas=tuple(_replicas(described, table)),
                stream=stream,
                triggers=self._triggers(table, stream) if stream else (),
                kinesis=self._kinesis(client, table),
            ),
            strongly_consistent=described.get("MultiRegionConsistency") == "STRONG",
        )

    @needs("lambda:ListEventSourceMappings", on="everything")
    def _triggers(self, place: Place, stream: str) -> tuple[str, ...]:
        with later_if_passing():
            pages = self._functions_for(place).get_paginator("list_event_source_mappings")
            return tuple(
                mapping["FunctionArn"]
                for page in pages.paginate(EventSourceArn=stream)
                for mapping in page["EventSourceMappings"]
                if mapping.get("State") != "Disabled"
            )

    @needs("dynamodb:DescribeKinesisStreamingDestination", on="table")
    def _kinesis(self, client: "DynamoDBClient", table: TableRef) -> tuple[str, ...]:
        with later_if_passing():
            answer = client.describe_kinesis_streaming_destination(TableName=table.arn)
        return tuple(
            destination["StreamArn"]
            for destination in answer.get("KinesisDataStreamDestinations", [])
            if destination.get("DestinationStatus") == "ACTIVE"
        )


def _replicas(described: Any, table: TableRef) -> list[str]:
    """The other replicas: by their ARN where they are another account's, else by their region."""
    found = []
    for replica in described.get("Replicas", []):
        arn = replica.get("ReplicaArn", "")
        if arn and TableRef.from_arn(arn).account != table.account:
            found.append(arn)
        elif replica["RegionName"] != table.region:
            found.append(replica["RegionName"])
    return found
