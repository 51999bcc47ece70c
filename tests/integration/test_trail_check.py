"""The function that looks for trails, on CloudTrail as moto has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.sweep.trail import handler
from pitr_guardian.aws.sweep.trails import CloudTrails
from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.tables.reference import Home
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit"
HOME = Home("aws", ACCOUNT, REGION)


@pytest.fixture
def cloudtrail() -> CloudTrailClient:
    return boto3.client("cloudtrail", region_name=REGION)


@pytest.fixture(autouse=True)
def _environment(ledger_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("events", region_name=REGION).create_event_bus(Name="facts")
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="trails")
    for name, value in {
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "LEDGER_TABLE": ledger_table,
        "FACT_BUS": "facts",
    }.items():
        monkeypatch.setenv(name, value)


def check(region: str = REGION) -> dict[str, Any]:
    return handler({"account": ACCOUNT, "region": region}, lambda_context())


def test_no_trail_is_missing() -> None:
    sample = json.loads((Path(__file__).parents[2] / "events/sweep-region.json").read_text())
    assert handler(sample, lambda_context()) == {
        "trail": "missing",
        "error": None,
        "lastSweptAt": None,
    }


def test_a_trail_records_once_it_logs(cloudtrail: CloudTrailClient) -> None:
    cloudtrail.create_trail(Name="audit", S3BucketName="trails")
    assert check()["trail"] == "missing"
    cloudtrail.start_logging(Name="audit")
    assert check() == {"trail": "recording", "error": None, "lastSweptAt": None}
    cloudtrail.stop_logging(Name="audit")
    assert check()["trail"] == "missing"


def test_a_trail_of_all_regions_records_in_all(cloudtrail: CloudTrailClient) -> None:
    cloudtrail.create_trail(Name="audit", S3BucketName="trails", IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name="audit")
    assert check("eu-west-1")["trail"] == "recording"


def test_a_trail_of_another_region_does_not(cloudtrail: CloudTrailClient) -> None:
    cloudtrail.create_trail(Name="audit", S3BucketName="trails")
    cloudtrail.start_logging(Name="audit")
    assert check("eu-west-1")["trail"] == "missing"


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, True),
        (
            {
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                ]
            },
            True,
        ),
    ],
    ids=["reads", "writes", "advanced"],
)
def test_a_trail_with_selectors_of_its_own_is_asked_for_them(
    cloudtrail: CloudTrailClient, selectors: dict[str, Any], expected: bool
) -> None:
    with Stubber(cloudtrail) as stubber:
        custom = {"TrailARN": ARN, "HasCustomEventSelectors": True}
        stubber.add_response("describe_trails", {"trailList": [custom]})
        stubber.add_response("get_trail_status", {"IsLogging": True}, {"Name": ARN})
        stubber.add_response("get_event_selectors", selectors, {"TrailName": ARN})
        assert CloudTrails(lambda _: cloudtrail).records_switching(HOME) is expected


def described(*names: str) -> dict[str, Any]:
    return {
        "trailList": [
            {"TrailARN": ARN.replace("audit", name), "HasCustomEventSelectors": False}
            for name in names
        ]
    }


def test_a_trail_that_cannot_be_read_matters_only_where_no_other_records(
    cloudtrail: CloudTrailClient,
) -> None:
    trails = CloudTrails(lambda _: cloudtrail)
    for others, error in ((True, None), (False, RefusedError)):
        with Stubber(cloudtrail) as stubber:
            stubber.add_response("describe_trails", described("secret", "audit"))
            stubber.add_client_error("get_trail_status", "AccessDeniedException", "not yours")
            stubber.add_response("get_trail_status", {"IsLogging": others})
            if error is None:
                assert trails.records_switching(HOME)
                continue
            with pytest.raises(error, match="AccessDeniedException: not yours"):
                trails.records_switching(HOME)


def test_a_right_that_is_missing_is_no_missing_trail(
    cloudtrail: CloudTrailClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pitr_guardian.aws.clients.cloudtrail", lambda _: cloudtrail)
    with Stubber(cloudtrail) as stubber:
        stubber.add_client_error("describe_trails", "AccessDeniedException", "not you")
        assert check() == {
            "trail": "unknown",
            "error": "AccessDeniedException: not you",
            "lastSweptAt": None,
        }


def test_throttling_is_tried_again_by_the_workflow(cloudtrail: CloudTrailClient) -> None:
    trails = CloudTrails(lambda _: cloudtrail)
    with Stubber(cloudtrail) as stubber:
        stubber.add_client_error("describe_trails", "ThrottlingException")
        with pytest.raises(TryLaterError):
            trails.records_switching(HOME)
