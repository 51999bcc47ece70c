"""Links lead into the console of the fact's own region and partition, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.facts.links import links_of

TABLE = {"name": "orders", "region": "eu-central-1"}


def links(detail: dict[str, Any], detail_type: str = "PITR Re-enabled") -> dict[str, str]:
    return dict(links_of(detail_type, detail, "eu-west-1"))


def test_a_table_and_the_call_are_a_click_away() -> None:
    assert links({"table": TABLE, "actor": {"eventId": "4f2c-1"}}) == {
        "Table in the console": "https://eu-central-1.console.aws.amazon.com/dynamodbv2/home"
        "?region=eu-central-1#table?name=orders",
        "Call in CloudTrail": "https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home"
        "?region=eu-central-1#/events/4f2c-1",
    }


def test_a_report_is_in_the_guardians_own_region() -> None:
    assert links({"reportUri": "s3://reports/latest/report.html"}) == {
        "Report in the console": "https://eu-west-1.console.aws.amazon.com/s3/object/reports"
        "?prefix=latest%2Freport.html&region=eu-west-1"
    }


def test_a_table_that_is_gone_has_no_page() -> None:
    assert links({"table": TABLE}, "Table Deleted") == {}


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
        ("us-iso-east-1", None),
        ("us-isob-east-1", None),
        ("eu-isoe-west-1", None),
        ("eusc-de-east-1", None),
        ("evil.example/", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_each_partition_has_its_console(region: object, host: str | None) -> None:
    found = links({"table": TABLE | {"region": region}})
    assert [link.split("/")[2] for link in found.values()] == ([host] if host else [])


@pytest.mark.parametrize(
    "detail",
    [
        {"table": TABLE | {"name": "orders&x=https://evil.example"}},
        {"table": {"region": "eu-central-1"}, "actor": {"eventId": "../../x"}},
        {"reportUri": "https://evil.example/report"},
        {"reportUri": "s3://reports/a b"},
        {"reportUri": ["s3://reports/a"]},
    ],
)
def test_what_is_no_name_is_no_link(detail: dict[str, Any]) -> None:
    assert links(detail) == {}
