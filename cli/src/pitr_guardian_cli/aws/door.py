"""The one door to AWS: a session by profile and region, and its clients."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import NoRegionError

from pitr_guardian_cli import __version__

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=5,
    read_timeout=30,
    user_agent_extra=f"pitr-guardian-cli/{__version__}",
)
# Where IAM's prefix isn't the name that requests are signed with.
_PREFIXES = {"monitoring": "cloudwatch"}


class Door:
    """Clients for a profile's account; ``region`` is the stack's."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._session = boto3.Session(profile_name=profile, region_name=region)
        self._session.events.register("after-call", _note_action)
        if self._session.region_name is None:
            raise NoRegionError
        self.region: str = self._session.region_name
        # A client is made for each service and region once: making one costs tenths of a second.
        self._client = cache(self._make)

    def _make(self, service: str, region: str) -> Any:
        return self._session.client(service, region_name=region, config=_CONFIG)  # type: ignore[call-overload]

    @cached_property
    def _caller(self) -> Any:
        sts: STSClient = self._client("sts", self.region)
        return sts.get_caller_identity()

    @property
    def account(self) -> str:
        """The account's id."""
        return str(self._caller["Account"])

    @property
    def caller_arn(self) -> str:
        """Who calls."""
        return str(self._caller["Arn"])

    @property
    def partition(self) -> str:
        """The partition, such as ``aws``."""
        return self.caller_arn.split(":")[1]

    def regions_of(self, service: str) -> list[str]:
        """The regions of the partition that have a service, as the SDK knows them."""
        return sorted(self._session.get_available_regions(service, self.partition))

    @property
    def cloudformation(self) -> CloudFormationClient:
        client: CloudFormationClient = self._client("cloudformation", self.region)
        return client

    def cloudtrail(self, region: str | None = None) -> CloudTrailClient:
        client: CloudTrailClient = self._client("cloudtrail", region or self.region)
        return client

    @property
    def cloudwatch(self) -> CloudWatchClient:
        client: CloudWatchClient = self._client("cloudwatch", self.region)
        return client

    def dynamodb(self, region: str | None = None) -> DynamoDBClient:
        client: DynamoDBClient = self._client("dynamodb", region or self.region)
        return client

    @property
    def events(self) -> EventBridgeClient:
        client: EventBridgeClient = self._client("events", self.region)
        return client

    @property
    def iam(self) -> IAMClient:
        client: IAMClient = self._client("iam", self.region)
        return client

    @property
    def functions(self) -> LambdaClient:
        client: LambdaClient = self._client("lambda", self.region)
        return client

    @property
    def s3(self) -> S3Client:
        client: S3Client = self._client("s3", self.region)
        return client

    @property
    def sns(self) -> SNSClient:
        client: SNSClient = self._client("sns", self.region)
        return client

    @property
    def sqs(self) -> SQSClient:
        client: SQSClient = self._client("sqs", self.region)
        return client

    @property
    def workflows(self) -> SFNClient:
        client: SFNClient = self._client("stepfunctions", self.region)
        return client


def _note_action(parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Leave the action's name in an error: not every service's message tells it."""
    if "Error" in parsed:
        signed_as = str(model.service_model.signing_name)
        parsed["Error"]["Action"] = f"{_PREFIXES.get(signed_as, signed_as)}:{model.name}"
