"""The one door to AWS: clients for the region a table is in."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

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


@cache
def dynamodb(region: str) -> "DynamoDBClient":
    """The DynamoDB client of a region."""
    return boto3.client("dynamodb", region_name=region, config=_CONFIG)


@cache
def dynamodb_once(region: str) -> "DynamoDBClient":
    """The same without further tries, for a caller to whom each try and its answer counts."""
    once = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))
    return boto3.client("dynamodb", region_name=region, config=once)


@cache
def autoscaling(region: str) -> "ApplicationAutoScalingClient":
    """The Application Auto Scaling client of a region."""
    return boto3.client("application-autoscaling", region_name=region, config=_CONFIG)


@cache
def cloudtrail(region: str) -> "CloudTrailClient":
    """The CloudTrail client of a region."""
    return boto3.client("cloudtrail", region_name=region, config=_CONFIG)


@cache
def tagging(region: str) -> "ResourceGroupsTaggingAPIClient":
    """The Resource Groups Tagging client of a region."""
    return boto3.client("resourcegroupstaggingapi", region_name=region, config=_CONFIG)


@cache
def cloudwatch(region: str) -> "CloudWatchClient":
    """The CloudWatch client of a region."""
    return boto3.client("cloudwatch", region_name=region, config=_CONFIG)


@cache
def kms(region: str) -> "KMSClient":
    """The KMS client of a region."""
    return boto3.client("kms", region_name=region, config=_CONFIG)


@cache
def functions(region: str) -> "LambdaClient":
    """The Lambda client of a region."""
    return boto3.client("lambda", region_name=region, config=_CONFIG)


@cache
def events() -> "EventBridgeClient":
    """The EventBridge client of the stack's region."""
    return boto3.client("events", config=_CONFIG)


@cache
def sqs() -> "SQSClient":
    """The SQS client of the stack's region."""
    return boto3.client("sqs", config=_CONFIG)


@cache
def sns() -> "SNSClient":
    """The SNS client of the stack's region."""
    return boto3.client("sns", config=_CONFIG)


@cache
def s3() -> "S3Client":
    """The S3 client of the stack's region."""
    return boto3.client("s3", config=_CONFIG)


@cache
def stepfunctions() -> "SFNClient":
    """The Step Functions client of the stack's region."""
    return boto3.client("stepfunctions", config=_CONFIG)
