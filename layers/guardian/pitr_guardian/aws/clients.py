"""The one door to AWS: a client for each service and region, made when it is first asked for."""

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

    from pitr_guardian.aws.deadline import Deadline

AT_ONCE = 24
"""How many calls one client makes side by side; an audit does."""

# A function that waits for AWS costs money and holds a place in the queue: short time-outs, and
# the rest of the patience is the queue's and the workflow's.
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=AT_ONCE,
    user_agent_extra="pitr-guardian",
)
_ONCE = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))


# Not boto3's: that would import the resources, the transfers of S3 and multiprocessing as well,
# which a cold start pays for, to make the same clients of botocore.
@cache
def _session() -> Session:
    return get_session()


def hold_to(deadline: "Deadline") -> None:
    """Hold every client that is made from now on to a deadline."""
    deadline.hold(_session())


@cache
def _client(service: str, region: str | None = None, config: Config = _CONFIG) -> Any:
    """The client of a service in a region; in the stack's own where none is named."""
    return _session().create_client(service, region_name=region, config=config)


# Of the region that a table is in.
autoscaling: "Callable[[str], ApplicationAutoScalingClient]" = partial(
    _client, "application-autoscaling"
)
cloudtrail: "Callable[[str], CloudTrailClient]" = partial(_client, "cloudtrail")
cloudwatch: "Callable[[str], CloudWatchClient]" = partial(_client, "cloudwatch")
dynamodb: "Callable[[str], DynamoDBClient]" = partial(_client, "dynamodb")
dynamodb_once: "Callable[[str], DynamoDBClient]" = partial(_client, "dynamodb", config=_ONCE)
"""The same without further tries, for a caller to whom each try and its answer counts."""
functions: "Callable[[str], LambdaClient]" = partial(_client, "lambda")
kms: "Callable[[str], KMSClient]" = partial(_client, "kms")
tagging: "Callable[[str], ResourceGroupsTaggingAPIClient]" = partial(
    _client, "resourcegroupstaggingapi"
)

# Of the region that the stack is in.
events: "Callable[[], EventBridgeClient]" = partial(_client, "events")
s3: "Callable[[], S3Client]" = partial(_client, "s3")
sns: "Callable[[], SNSClient]" = partial(_client, "sns")
sqs: "Callable[[], SQSClient]" = partial(_client, "sqs")
stepfunctions: "Callable[[], SFNClient]" = partial(_client, "stepfunctions")
