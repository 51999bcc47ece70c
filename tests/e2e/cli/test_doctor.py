"""`doctor` finds what a stranger forgets, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.restores.restorer import Restorer


@pytest.fixture(autouse=True)
def _swept(cli: Cli) -> None:
    if cli("report", "--json").code:
        assert cli("sweep").code == 0


@pytest.fixture
def subscribed(guardian: Restorer) -> Iterator[str]:
    """A queue that takes alerts."""
    sns, topic = guardian.client("sns"), guardian.stack.outputs["AlertTopicArn"]
    yield guardian.subscribe()
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def found(cli: Cli) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """The exit code, and what each check found."""
    ran = cli("doctor", "--json")
    checks: dict[str, list[dict[str, str]]] = {}
    for each in ran.json["findings"]:
        checks.setdefault(each["check"], []).append(each)
    return ran.code, checks


def test_a_guardian_that_is_well_passes_every_check(cli: Cli, subscribed: str) -> None:
    code, checks = found(cli)
    bad = [each for findings in checks.values() for each in findings if each["level"] != "ok"]
    assert bad == []
    assert code == 0
    assert set(checks) == {
        *("stack", "version", "sweeps", "alarms", "trail", "subscribers"),
        *("dead letters", "trigger", "rights", "regions"),
    }
    assert "WRONG" not in cli("doctor").out


def test_that_nobody_is_told_is_found(cli: Cli) -> None:
    code, checks = found(cli)
    [finding] = checks["subscribers"]
    assert code == 3
    assert finding["level"] == "problem"
    assert finding["remedy"].startswith("aws sns subscribe --topic-arn arn:aws:sns:")
    assert finding["remedy"] in cli("doctor").out


def test_a_queue_that_drops_alerts_is_found(cli: Cli, guardian: Restorer, subscribed: str) -> None:
    guardian.client("sqs").set_queue_attributes(QueueUrl=subscribed, Attributes={"Policy": ""})
    code, checks = found(cli)
    assert code == 3
    assert "takes no alerts" in checks["subscribers"][0]["text"]


def test_a_paused_trigger_is_found_and_its_remedy_mends_it(
    cli: Cli, guardian: Restorer, subscribed: str
) -> None:
    functions = guardian.client("lambda")
    queue = guardian.queue_arn(guardian.stack.outputs["EnforcementQueueUrl"])
    [mapping] = functions.list_event_source_mappings(EventSourceArn=queue)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        code, checks = found(cli)
        assert code == 3
        assert f"--uuid {mapping['UUID']} --enabled" in checks["trigger"][0]["remedy"]
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert found(cli)[0] == 0


def test_a_trail_that_doesnt_log_is_found(cli: Cli, guardian: Restorer, subscribed: str) -> None:
    trails = guardian.client("cloudtrail")
    [trail] = trails.describe_trails()["trailList"]
    trails.stop_logging(Name=trail["TrailARN"])
    try:
        code, checks = found(cli)
        assert code == 3
        assert f"start-logging --name {trail['TrailARN']}" in checks["trail"][0]["remedy"]
    finally:
        trails.start_logging(Name=trail["TrailARN"])


def test_tables_that_no_sweep_looks_at_are_found(
    cli: Cli, guardian: Restorer, subscribed: str
) -> None:
    elsewhere = guardian.client("dynamodb", "us-east-2")
    elsewhere.create_table(
        TableName="Faraway",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    elsewhere.get_waiter("table_exists").wait(TableName="Faraway", WaiterConfig={"Delay": 1})
    try:
        code, checks = found(cli)
        assert code == 3
        assert "us-east-2" in checks["regions"][0]["text"]
        assert "SweepRegions=us-east-2" in checks["regions"][0]["remedy"]
    finally:
        elsewhere.delete_table(TableName="Faraway")


def test_what_one_may_not_look_at_is_named(cli: Cli, guardian: Restorer, subscribed: str) -> None:
    someone = guardian.user("cloudformation:DescribeStacks", "s3:GetObject")
    ran = cli("doctor", "--json", caller=someone)
    assert ran.code == 4
    unknown = [each["text"] for each in ran.json["findings"] if each["level"] == "unknown"]
    assert any("sns:ListSubscriptionsByTopic" in text for text in unknown)
