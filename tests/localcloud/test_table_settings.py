"""The settings of a table that a restore leaves behind, as one reads them and puts them back."""

from __future__ import annotations

import json
from typing import Any

from tests.localcloud.account import ELSEWHERE, HOME, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.functions import make_function
from tests.localcloud.test_tables import WITH_INDEX

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_tags_are_listed_ten_at_a_time(aws: Account) -> None:
    aws.active_table()
    arn = aws.arn("orders")
    tags = [{"Key": f"key-{number:02}", "Value": "v"} for number in range(23)]
    aws.dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
    first = aws.dynamodb.list_tags_of_resource(ResourceArn=arn)
    assert len(first["Tags"]) == 10
    assert first["NextToken"]
    pages = aws.dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    assert pages.build_full_result()["Tags"] == tags


def test_tags_of_aws_itself_and_more_than_fifty_are_refused(aws: Account) -> None:
    aws.active_table()
    arn = aws.arn("orders")
    with refused("ValidationException"):
        aws.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "aws:stack", "Value": "s"}])
    for start in (0, 25):
        tags = [{"Key": f"key-{start + number}", "Value": "v"} for number in range(25)]
        aws.dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
    aws.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "key-0", "Value": "another"}])
    with refused("ValidationException"):
        aws.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "one more", "Value": "v"}])


def test_a_resource_policy_is_told_with_its_revision_or_not_found(aws: Account) -> None:
    aws.active_table(StreamSpecification=STREAM)
    arn, dynamodb = aws.arn("orders"), aws.dynamodb
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account_id}:root"},
        "Action": "dynamodb:GetItem",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for resource in (arn, aws.describe("orders")["LatestStreamArn"]):
        with refused("PolicyNotFoundException"):
            dynamodb.get_resource_policy(ResourceArn=resource)
        put = dynamodb.put_resource_policy(ResourceArn=resource, Policy=policy)
        told = dynamodb.get_resource_policy(ResourceArn=resource)
        assert (told["Policy"], told["RevisionId"]) == (policy, put["RevisionId"])
    with refused("PolicyNotFoundException"):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy, ExpectedRevisionId="NO_POLICY")
    with refused("ResourceNotFoundException"):
        dynamodb.get_resource_policy(ResourceArn=aws.arn("nowhere"))


def test_only_a_policy_is_taken_for_a_policy_and_an_index_has_none(aws: Account) -> None:
    aws.active_table(**WITH_INDEX)
    with refused("ValidationException"):
        aws.dynamodb.put_resource_policy(ResourceArn=aws.arn("orders"), Policy="{not json")
    with refused("ValidationException"):
        aws.dynamodb.put_resource_policy(
            ResourceArn=aws.arn("orders") + "/index/by-customer", Policy='{"Statement": []}'
        )


def test_contributor_insights_of_table_and_index_take_a_while_and_keep_their_mode(
    aws: Account,
) -> None:
    aws.active_table(**WITH_INDEX)
    dynamodb = aws.dynamodb

    def told() -> list[tuple[Any, ...]]:
        found = dynamodb.list_contributor_insights(TableName="orders")
        return [
            (each.get("IndexName"), each["ContributorInsightsStatus"])
            for each in found["ContributorInsightsSummaries"]
        ]

    assert told() == []
    for which in ({}, {"IndexName": "by-customer"}):
        changed = dynamodb.update_contributor_insights(
            TableName="orders",
            ContributorInsightsAction="ENABLE",
            ContributorInsightsMode="THROTTLED_KEYS",
            **which,
        )
        assert changed["ContributorInsightsStatus"] == "ENABLING"
    index = {"TableName": aws.arn("orders"), "IndexName": "by-customer"}
    assert dynamodb.describe_contributor_insights(**index)["ContributorInsightsStatus"] == (
        "ENABLING"
    )
    assert told() == [(None, "ENABLING"), ("by-customer", "ENABLING")]
    aws.advance(SETTINGS.updating_seconds)
    assert told() == [(None, "ENABLED"), ("by-customer", "ENABLED")]
    described = dynamodb.describe_contributor_insights(**index)
    assert described["ContributorInsightsStatus"] == "ENABLED"
    assert described["ContributorInsightsMode"] == "THROTTLED_KEYS"
    dynamodb.update_contributor_insights(TableName="orders", ContributorInsightsAction="DISABLE")
    assert told()[0] == (None, "DISABLING")
    with refused("ResourceNotFoundException"):
        dynamodb.update_contributor_insights(
            TableName="orders", IndexName="by-nobody", ContributorInsightsAction="ENABLE"
        )


def make_stream(aws: Account, region: str = HOME) -> str:
    kinesis = aws.client("kinesis", region)
    kinesis.create_stream(StreamName="changes", ShardCount=1)
    summary = kinesis.describe_stream_summary(StreamName="changes")
    arn: str = summary["StreamDescriptionSummary"]["StreamARN"]
    return arn


def test_a_kinesis_destination_is_enabling_for_a_while(aws: Account) -> None:
    aws.active_table()
    stream = make_stream(aws)
    enabled = aws.dynamodb.enable_kinesis_streaming_destination(
        TableName="orders",
        StreamArn=stream,
        EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"},
    )
    assert enabled["DestinationStatus"] == "ENABLING"

    def status() -> str:
        [told] = aws.dynamodb.describe_kinesis_streaming_destination(TableName="orders")[
            "KinesisDataStreamDestinations"
        ]
        assert told["StreamArn"] == stream
        assert told["ApproximateCreationDateTimePrecision"] == "MICROSECOND"
        return str(told["DestinationStatus"])

    assert status() == "ENABLING"
    with refused("ResourceInUseException"):
        aws.dynamodb.disable_kinesis_streaming_destination(TableName="orders", StreamArn=stream)
    aws.advance(SETTINGS.updating_seconds)
    assert status() == "ACTIVE"
    aws.dynamodb.disable_kinesis_streaming_destination(TableName="orders", StreamArn=stream)
    assert status() == "DISABLING"
    aws.advance(SETTINGS.updating_seconds)
    assert status() == "DISABLED"


def test_a_kinesis_destination_is_a_stream_of_the_region_that_exists(aws: Account) -> None:
    aws.active_table()
    nowhere = f"arn:aws:kinesis:{HOME}:{aws.account_id}:stream/nowhere"
    with refused("ResourceNotFoundException"):
        aws.dynamodb.enable_kinesis_streaming_destination(TableName="orders", StreamArn=nowhere)
    elsewhere = make_stream(aws, ELSEWHERE)
    with refused("ValidationException"):
        aws.dynamodb.enable_kinesis_streaming_destination(TableName="orders", StreamArn=elsewhere)


def test_a_kinesis_destination_needs_rights_on_the_stream(aws: Account) -> None:
    aws.active_table()
    stream = make_stream(aws)
    table = {"Action": "dynamodb:EnableKinesisStreamingDestination", "Resource": aws.arn("orders")}
    writing = {"Action": ["kinesis:DescribeStream", "kinesis:PutRecords"], "Resource": stream}
    listing = {"Action": "kinesis:ListStreams", "Resource": "*"}

    def enable(*statements: dict[str, Any]) -> None:
        aws.client("dynamodb", **aws.user(*statements)).enable_kinesis_streaming_destination(
            TableName="orders", StreamArn=stream
        )

    with refused("AccessDeniedException"):
        enable(table, listing)
    enable(table, writing, listing)


def test_stream_class_and_protection_are_changed_one_after_the_other(aws: Account) -> None:
    aws.active_table()
    changes: list[dict[str, Any]] = [
        {"StreamSpecification": STREAM},
        {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        {"DeletionProtectionEnabled": True},
    ]
    for change in changes:
        aws.dynamodb.update_table(TableName="orders", **change)
        assert aws.status("orders") == "UPDATING"
        with refused("ResourceInUseException"):
            aws.dynamodb.update_table(TableName="orders", **change)
        aws.advance(SETTINGS.updating_seconds)
    table = aws.describe("orders")
    assert table["StreamSpecification"] == STREAM
    assert table["LatestStreamArn"].startswith(aws.arn("orders") + "/stream/")
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["DeletionProtectionEnabled"] is True


def test_a_stream_that_is_on_is_not_switched_on_and_one_that_is_off_is_not_told(
    aws: Account,
) -> None:
    aws.active_table(StreamSpecification=STREAM)
    with refused("ValidationException"):
        aws.dynamodb.update_table(TableName="orders", StreamSpecification=STREAM)
    off = {"StreamEnabled": False}
    aws.dynamodb.update_table(TableName="orders", StreamSpecification=off)
    aws.advance(SETTINGS.updating_seconds)
    assert "StreamSpecification" not in aws.describe("orders")
    with refused("ValidationException"):
        aws.dynamodb.update_table(TableName="orders", StreamSpecification=off)


def test_the_functions_that_a_stream_triggers_are_found_by_the_stream(aws: Account) -> None:
    aws.active_table(StreamSpecification=STREAM)
    stream = aws.describe("orders")["LatestStreamArn"]
    make_function(
        aws, "def handler(event, context): pass", {"Action": "dynamodb:*", "Resource": "*"}
    )
    created = aws.client("lambda").create_event_source_mapping(
        FunctionName="function", EventSourceArn=stream, StartingPosition="LATEST", BatchSize=7
    )

    def found(arn: str, region: str = HOME, **credentials: Any) -> Any:
        client = aws.client("lambda", region, **credentials)
        return client.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]

    [mapping] = found(stream)
    assert (mapping["UUID"], mapping["BatchSize"]) == (created["UUID"], 7)
    assert mapping["FunctionArn"].endswith(":function:function")
    assert found(stream + "-of-another") == []
    assert found(stream, ELSEWHERE) == []
    listing = {"Action": "lambda:ListEventSourceMappings", "Resource": "*"}
    assert len(found(stream, **aws.user(listing))) == 1
    with refused("AccessDeniedException"):
        found(stream, **aws.user({**listing, "Action": "lambda:ListFunctions"}))
