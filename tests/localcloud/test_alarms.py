"""CloudWatch alarms of a table: told as they were put, to whoever may see them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.localcloud.account import ELSEWHERE, HOME, Account
from tests.localcloud.errors import refused

TOPIC = "arn:aws:sns:eu-central-1:000000000000:alerts"
METRIC = {"Namespace": "AWS/DynamoDB", "MetricName": "ReadThrottleEvents"}
OF_ORDERS = [{"Name": "TableName", "Value": "orders"}]
BASICS: dict[str, Any] = {
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5.5,
}
PLAIN: dict[str, Any] = {
    **BASICS,
    **METRIC,
    "AlarmName": "orders throttled",
    "AlarmDescription": "Somebody waits.",
    "ActionsEnabled": False,
    "OKActions": [TOPIC],
    "AlarmActions": [TOPIC, TOPIC + "-too"],
    "InsufficientDataActions": [TOPIC],
    "Dimensions": OF_ORDERS,
    "Statistic": "Sum",
    "Period": 60,
    "Unit": "Count",
    "DatapointsToAlarm": 2,
    "TreatMissingData": "notBreaching",
}
PERCENTILE: dict[str, Any] = {
    **BASICS,
    **METRIC,
    "AlarmName": "slow",
    "Dimensions": OF_ORDERS,
    "ExtendedStatistic": "p99",
    "Period": 300,
    "EvaluateLowSampleCountPercentile": "ignore",
}
STATISTIC = {"Metric": {**METRIC, "Dimensions": OF_ORDERS}, "Period": 60, "Stat": "Sum"}
MATH: dict[str, Any] = {
    **BASICS,
    "AlarmName": "share throttled",
    "Metrics": [
        {"Id": "share", "Expression": "m1 / PERIOD(m1)", "Label": "Share", "ReturnData": True},
        {"Id": "m1", "MetricStat": STATISTIC, "ReturnData": False},
    ],
}
BAND: dict[str, Any] = {
    "AlarmName": "unusual",
    "EvaluationPeriods": 1,
    "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    "ThresholdMetricId": "band",
    "Metrics": [
        {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
        {"Id": "m1", "MetricStat": STATISTIC, "ReturnData": True},
    ],
}


@pytest.mark.parametrize("alarm", [PLAIN, PERCENTILE, MATH, BAND], ids=lambda a: a["AlarmName"])
def test_an_alarm_is_told_as_it_was_put_and_no_more(aws: Account, alarm: dict[str, Any]) -> None:
    aws.client("cloudwatch").put_metric_alarm(**alarm)
    [told] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm.items() <= told.items()
    for setting in ("Statistic", "Period", "Threshold", "MetricName", "ThresholdMetricId"):
        assert (setting in told) == (setting in alarm), setting


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param({**MATH, "Dimensions": OF_ORDERS}, id="metric math and dimensions"),
        pytest.param({**PLAIN, "ExtendedStatistic": "p99"}, id="two statistics"),
        pytest.param({**BAND, "Threshold": 1.0}, id="two thresholds"),
    ],
)
def test_what_does_not_go_together_is_refused(aws: Account, alarm: dict[str, Any]) -> None:
    with refused("ValidationError"):
        aws.client("cloudwatch").put_metric_alarm(**alarm)


def test_alarms_come_in_pages_and_are_those_of_a_region(aws: Account) -> None:
    client = aws.client("cloudwatch")
    for alarm in (PLAIN, PERCENTILE, MATH):
        client.put_metric_alarm(**alarm)
    page = client.describe_alarms(MaxRecords=2)
    rest = client.describe_alarms(MaxRecords=2, NextToken=page["NextToken"])
    names = [alarm["AlarmName"] for answer in (page, rest) for alarm in answer["MetricAlarms"]]
    assert names == ["orders throttled", "share throttled", "slow"]
    assert "NextToken" not in rest
    assert aws.client("cloudwatch", ELSEWHERE).describe_alarms()["MetricAlarms"] == []


def test_tags_of_an_alarm_are_kept_and_those_of_a_second_put_are_not(aws: Account) -> None:
    client = aws.client("cloudwatch")
    for team in ("a", "b"):
        client.put_metric_alarm(**PLAIN, Tags=[{"Key": "team", "Value": team}])
    arn = client.describe_alarms()["MetricAlarms"][0]["AlarmArn"]
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "a"}]


def test_rights_on_alarms_are_rights_on_their_names(aws: Account) -> None:
    alarms = f"arn:aws:cloudwatch:{HOME}:{aws.account_id}:alarm:"

    def client(action: str, names: str) -> Any:
        allowed = {"Action": f"cloudwatch:{action}", "Resource": alarms + names}
        return aws.client("cloudwatch", **aws.user(allowed))

    client("PutMetricAlarm", "orders*").put_metric_alarm(**PLAIN)
    with refused("AccessDeniedException"):
        client("PutMetricAlarm", "orders*").put_metric_alarm(**MATH)
    with refused("AccessDeniedException"):
        client("PutMetricAlarm", "*").put_metric_alarm(
            **PLAIN, Tags=[{"Key": "team", "Value": "a"}]
        )
    client("*", "orders*").put_metric_alarm(**PLAIN, Tags=[{"Key": "team", "Value": "a"}])
    assert len(client("DescribeAlarms", "*").describe_alarms()["MetricAlarms"]) == 1
    with refused("AccessDeniedException"):
        client("DescribeAlarms", "orders*").describe_alarms()
    arn = alarms + PLAIN["AlarmName"]
    client("ListTagsForResource", "orders*").list_tags_for_resource(ResourceARN=arn)
    client("DeleteAlarms", "orders*").delete_alarms(AlarmNames=[PLAIN["AlarmName"]])


def test_more_than_three_alarms_a_second_are_throttled(aws: Account) -> None:
    here, far = aws.client("cloudwatch"), aws.client("cloudwatch", ELSEWHERE)
    for number in range(3):
        here.put_metric_alarm(**PLAIN | {"AlarmName": f"alarm-{number}"})
    with refused("Throttling"):
        here.put_metric_alarm(**PLAIN)
    far.put_metric_alarm(**PLAIN)  # each region has its own three
    time.sleep(1)  # AWS counts by its own clock
    here.put_metric_alarm(**PLAIN)
