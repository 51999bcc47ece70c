"""The one door to AWS: a client for each service and place, made when it is first asked for."""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

from pitr_guardian.aws import members
from pitr_guardian.settings import setting
from pitr_guardian.tables.reference import Place

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

    from pitr_guardian.aws.deadline import Deadline
    from pitr_guardian.aws.sweep.accounts import OrganizationsClient

AT_ONCE = 24
"""How many calls one client makes side by side; an audit does."""

_KEPT = 64
"""How many clients of members an environment keeps, and how many of their sessions. A client of
DynamoDB takes about a megabyte; a session has the credentials of its account's role."""

# A function that waits for AWS costs money and holds a place in the queue: short time-outs, and
# the rest of the patience is the queue's and the workflow's.
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=AT_ONCE,
    user_agent_extra="pitr-guardian",
)
_HASTY = _CONFIG.merge(Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1}))
_ONCE = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))


# Not boto3's: that would import the resources, the transfers of S3 and multiprocessing as well,
# which a cold start pays for, to make the same clients of botocore.
@cache
def _session() -> Session:
    return get_session()


@lru_cache(_KEPT)
def _session_of(account: str, partition: str) -> Session:
    session = members.session_of(account, partition, _session(), _CONFIG)
    for deadline in _deadlines():
        deadline.hold(session)
    return session


@cache
def _deadlines() -> "list[Deadline]":
    return []


def hold_to(deadline: "Deadline") -> None:
    """Hold every client that is made from now on to a deadline."""
    _deadlines().append(deadline)
    deadline.hold(_session())


@cache
def _own(service: str, region: str | None = None, config: Config = _CONFIG) -> Any:
    """The client of a service in the guardian's account; in its own region where none is named."""
    return _session().create_client(service, region_name=region, config=config)


@lru_cache(_KEPT)
def _of_member(service: str, account: str, partition: str, region: str, config: Config) -> Any:
    session = _session_of(account, partition)
    return session.create_client(service, region_name=region, config=config)


def _in(place: Place, service: str, config: Config = _CONFIG) -> Any:
    """The client of a service in a place.

    In another account than the guardian's, by that account's role. Where there is no such role,
    each of its calls is a ``MemberClosedError``, and where there are no members, this is.
    """
    if place.account == setting("ACCOUNT"):
        return _own(service, place.region, config)
    return _of_member(service, place.account, place.partition, place.region, config)


# Of the place that a table is in.
autoscaling: "Callable[[Place], ApplicationAutoScalingClient]" = partial(
    _in, service="application-autoscaling"
)
cloudtrail: "Callable[[Place], CloudTrailClient]" = partial(_in, service="cloudtrail")
cloudwatch: "Callable[[Place], CloudWatchClient]" = partial(_in, service="cloudwatch")
dynamodb: "Callable[[Place], DynamoDBClient]" = partial(_in, service="dynamodb")
dynamodb_once: "Callable[[Place], DynamoDBClient]" = partial(_in, service="dynamodb", config=_ONCE)
"""The same without further tries, for a caller to whom each try and its answer counts."""
functions: "Callable[[Place], LambdaClient]" = partial(_in, service="lambda")
iam: "Callable[[Place], IAMClient]" = partial(_in, service="iam")
kms: "Callable[[Place], KMSClient]" = partial(_in, service="kms")
tagging: "Callable[[Place], ResourceGroupsTaggingAPIClient]" = partial(
    _in, service="resourcegroupstaggingapi"
)

# Of the guardian's own account, in the region that the stack is in.
events: "Callable[[], EventBridgeClient]" = partial(_own, "events")
own_functions: "Callable[[], LambdaClient]" = partial(_own, "lambda")
organizations: "Callable[[], OrganizationsClient]" = partial(_own, "organizations")
s3: "Callable[[], S3Client]" = partial(_own, "s3")
sns: "Callable[[], SNSClient]" = partial(_own, "sns")
sqs: "Callable[[], SQSClient]" = partial(_own, "sqs")
stepfunctions: "Callable[[], SFNClient]" = partial(_own, "stepfunctions")


def hasty_dynamodb() -> "DynamoDBClient":
    """The same, for what can be done without: it gives up after two seconds."""
    client: DynamoDBClient = _own("dynamodb", setting("AWS_REGION"), _HASTY)
    return client


def own_dynamodb() -> "DynamoDBClient":
    """The client of DynamoDB of the guardian's own, where its ledger is."""
    # The region is named: so it is the very client that the region's tables have.
    client: DynamoDBClient = _own("dynamodb", setting("AWS_REGION"), _CONFIG)
    return client
