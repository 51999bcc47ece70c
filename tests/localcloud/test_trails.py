"""Calls are events where a trail records them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localcloud.account import ELSEWHERE, HOME, Account

DEFAULT = "management-events"


@pytest.fixture
def cloudtrail(aws: Account) -> Any:
    return aws.client("cloudtrail")


def delivers(aws: Account, region: str = HOME) -> bool:
    """Whether a call made now, in that region, becomes an event."""
    name = f"probe-{len(aws.records())}"
    dynamodb = aws.client("dynamodb", region)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName=name)
    # Another account's call comes after it, and its event too.
    other = Account(aws.cloud, f"{int(aws.account_id) + 500_000_000_000:012d}")
    seen = len(other.records())
    with pytest.raises(other.dynamodb.exceptions.ResourceNotFoundException):
        other.dynamodb.delete_table(TableName=f"mark-{seen}")
    other.record("DeleteTable", table=f"mark-{seen}")
    return any(record["requestParameters"]["tableName"] == name for record in aws.records())


def test_an_account_begins_with_a_trail_of_all_regions_that_logs(
    aws: Account, cloudtrail: Any
) -> None:
    [trail] = cloudtrail.describe_trails()["trailList"]
    assert (trail["Name"], trail["HomeRegion"], trail["IsMultiRegionTrail"]) == (
        DEFAULT,
        HOME,
        True,
    )
    assert trail["HasCustomEventSelectors"] is False
    assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True
    elsewhere = aws.client("cloudtrail", ELSEWHERE)
    assert elsewhere.describe_trails()["trailList"] == [trail]
    assert elsewhere.get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True
    assert delivers(aws)
    assert delivers(aws, ELSEWHERE)


def test_a_trail_that_is_stopped_delivers_nothing_until_it_is_started(
    aws: Account, cloudtrail: Any
) -> None:
    cloudtrail.stop_logging(Name=DEFAULT)
    assert not delivers(aws)
    assert not delivers(aws, ELSEWHERE)
    cloudtrail.start_logging(Name=DEFAULT)
    assert delivers(aws)


def test_a_trail_that_is_deleted_is_gone(aws: Account, cloudtrail: Any) -> None:
    cloudtrail.delete_trail(Name=DEFAULT)
    assert cloudtrail.describe_trails()["trailList"] == []
    assert not delivers(aws)


def test_a_trail_of_one_region_records_there_only(aws: Account, cloudtrail: Any) -> None:
    cloudtrail.delete_trail(Name=DEFAULT)
    elsewhere = aws.client("cloudtrail", ELSEWHERE)
    elsewhere.create_trail(Name="one-region", S3BucketName="trails")
    assert not delivers(aws, ELSEWHERE)  # a new trail doesn't log yet
    elsewhere.start_logging(Name="one-region")
    assert delivers(aws, ELSEWHERE)
    assert not delivers(aws)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}, True),
        ({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}, False),
        ({"ReadWriteType": "All", "IncludeManagementEvents": False}, False),
    ],
)
def test_a_trail_records_what_its_selectors_name(
    aws: Account, cloudtrail: Any, selector: dict[str, Any], expected: bool
) -> None:
    cloudtrail.put_event_selectors(TrailName=DEFAULT, EventSelectors=[selector])
    assert delivers(aws) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"Field": "readOnly", "Equals": ["false"]}, True),
        ({"Field": "readOnly", "Equals": ["true"]}, False),
        ({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}, True),
        ({"Field": "eventSource", "NotEquals": ["dynamodb.amazonaws.com"]}, False),
        ({"Field": "eventName", "StartsWith": ["Delete"]}, True),
        ({"Field": "eventName", "NotStartsWith": ["Delete"]}, False),
    ],
)
def test_so_it_does_with_advanced_selectors(
    aws: Account, cloudtrail: Any, field: dict[str, Any], expected: bool
) -> None:
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    cloudtrail.put_event_selectors(
        TrailName=DEFAULT, AdvancedEventSelectors=[{"FieldSelectors": [management, field]}]
    )
    assert delivers(aws) is expected


def test_the_shortcut_stops_the_trail_of_every_account(aws: Account, cloudtrail: Any) -> None:
    aws.cloud.trail.logging = False
    assert cloudtrail.get_trail_status(Name=DEFAULT)["IsLogging"] is False
    unseen = aws.create_table(f"unseen-{aws.account_id}")
    aws.cloud.trail.logging = True
    assert cloudtrail.get_trail_status(Name=DEFAULT)["IsLogging"] is True
    assert delivers(aws)
    assert aws.cloud.trail.of_table(unseen) == []
