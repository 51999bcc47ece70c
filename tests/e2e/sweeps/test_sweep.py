"""The sweep finds what no event told of, in every region that it was given, and says so."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.memory import Drift
from tests.e2e.embedded_aws import EmbeddedAws
from tests.e2e.guardian import Fact, Guardian, fresh, instant
from tests.e2e.sweeps.sweeper import ELSEWHERE, HOME, TRAIL, TRAILS_HOME, Sweeper
from tests.e2e.waiting import eventually

DESCRIBE = "DescribeContinuousBackups"
LEDGER = 1  # a table like any other


@pytest.fixture(scope="module")
def stack(aws: EmbeddedAws) -> Sweeper:
    parameters = {"SweepRegions": ELSEWHERE, "SweepCallsPerSecond": "10"}
    return Sweeper(aws, aws.deploy("guardian-sweeping", HOME, parameters))


@pytest.fixture
def sweeper(stack: Sweeper) -> Iterator[Sweeper]:
    yield stack
    with stack.trail_stopped():  # a deletion would be looked into
        for region in (HOME, ELSEWHERE):
            dynamodb = stack.client("dynamodb", region)
            for name in dynamodb.list_tables()["TableNames"]:
                if name != stack.stack.outputs["LedgerTableName"]:
                    dynamodb.delete_table(TableName=name)
        eventually(lambda: table_count(stack) == LEDGER, "the tables of the test are gone")


def table_count(guardian: Guardian) -> int:
    regions = (HOME, ELSEWHERE)
    return sum(
        len(guardian.client("dynamodb", region).list_tables()["TableNames"]) for region in regions
    )


def counted(fact: Fact) -> dict[str, int]:
    return {name: fact[name] for name in ("checked", "compliant", "drifted", "exempt", "failed")}


def create_elsewhere(sweeper: Sweeper) -> str:
    name = fresh("Elsewhere")
    dynamodb = sweeper.client("dynamodb", ELSEWHERE)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


def test_drift_whose_event_was_lost_is_found_and_repaired(sweeper: Sweeper) -> None:
    tables = sweeper.protected_tables(3)
    first = sweeper.sweep()
    assert counted(first) == {
        "checked": 3 + LEDGER,
        "compliant": 3 + LEDGER,
        "drifted": 0,
        "exempt": 0,
        "failed": 0,
    }
    assert first["severity"] == "info"
    sweeper.unseen(tables[1], on=False)
    second = sweeper.sweep()
    assert (second["drifted"], second["compliant"], second["failed"]) == (1, 2 + LEDGER, 0)
    assert second["severity"] == "warning"
    assert sweeper.period(tables[1]) == 35
    fact = sweeper.fact(tables[1], "PITR Re-enabled")
    assert fact["actor"] is None
    assert fact["exposure"]["from"] == first["startedAt"]  # it was in order then
    assert sweeper.rows(second)[tables[1]]["status"] == "drifted"
    assert counted(sweeper.sweep()) == counted(first)


def test_restore_points_that_went_unseen_are_told_once(sweeper: Sweeper) -> None:
    table = sweeper.protected_table()
    sweeper.sweep()
    time.sleep(3.1)  # a window begins with a whole second, and clocks differ by two
    with sweeper.trail_stopped():
        sweeper.switch(table, on=False)
        sweeper.switch(table, on=True, days=35)
    assert sweeper.sweep()["drifted"] == 0
    fact = sweeper.fact(table, "History Lost")
    assert (fact["how"], fact["actor"]) == ("switched-off-and-on", None)
    sweeper.sweep()
    assert sweeper.told(table) == ["Table Protected", "History Lost"]


def test_a_table_that_nobody_can_restore_is_not_counted_as_protected(sweeper: Sweeper) -> None:
    kms = sweeper.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    table = sweeper.protected_table(SSESpecification=encryption)
    kms.disable_key(KeyId=key)
    row = sweeper.rows(sweeper.sweep())[table]
    assert row["status"] == "drifted"
    assert row["tableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    sweeper.fact(table, "Protection Failed")


def test_a_period_that_was_shortened_unseen_comes_back(sweeper: Sweeper) -> None:
    table = sweeper.create_table(Tags=[{"Key": "pitr-guardian:recovery-days", "Value": "14"}])
    sweeper.fact(table, "Table Protected")
    sweeper.settle()
    sweeper.unseen(table, on=True, days=7)
    row = sweeper.rows(sweeper.sweep())[table]
    assert (row["status"], row["periodInDays"], row["ownPeriodInDays"]) == ("drifted", 7, 14)
    assert sweeper.fact(table, "Recovery Period Restored")["from"] == 7
    assert sweeper.period(table) == 14


def test_tables_of_a_further_region_are_swept(sweeper: Sweeper) -> None:
    table = create_elsewhere(sweeper)
    fact = sweeper.sweep()
    assert {each["region"]: each["drifted"] for each in fact["regions"]} == {HOME: 0, ELSEWHERE: 1}
    told = sweeper.fact(table, "Table Protected")
    assert told["table"]["region"] == ELSEWHERE
    assert sweeper.period(table, ELSEWHERE) == 35
    assert sweeper.sweep()["drifted"] == 0


def test_of_two_sweeps_at_once_one_runs(sweeper: Sweeper) -> None:
    with sweeper.aws.faults.delay(DESCRIBE, 2.0, region=HOME):
        executions = [sweeper.start_sweep(), sweeper.start_sweep()]
        assert [sweeper.await_end(each) for each in executions] == ["SUCCEEDED", "SUCCEEDED"]
    one, other = (sweeper.told_by(each) for each in executions)
    assert (one is None) != (other is None)
    assert sweeper.sweep()["failed"] == 0  # the lock is free again


def test_a_table_that_is_deleted_between_list_and_look_is_no_error(sweeper: Sweeper) -> None:
    kept, doomed = sweeper.protected_table(), sweeper.protected_table()
    role = sweeper.role_of("AuditFunction")
    with sweeper.aws.faults.delay(DESCRIBE, 2.0, table=doomed, caller=role) as fault:
        execution = sweeper.start_sweep()
        eventually(lambda: fault.hits == 1, "the sweep is about to look", within=60)
        sweeper.client("dynamodb").delete_table(TableName=doomed)
        assert sweeper.await_end(execution) == "SUCCEEDED"
    fact = eventually(lambda: sweeper.told_by(execution), "what the sweep told")
    assert (fact["checked"], fact["failed"]) == (1 + LEDGER, 0)
    assert sweeper.rows(fact).keys() == {kept, sweeper.stack.outputs["LedgerTableName"]}


def test_drift_that_was_put_right_and_never_told_of_is_told_by_the_sweep(sweeper: Sweeper) -> None:
    table = sweeper.protected_table()
    noticed = Drift(noticed_at=datetime.now(UTC) - timedelta(minutes=10))
    sweeper.client("dynamodb").update_item(
        TableName=sweeper.stack.outputs["LedgerTableName"],
        Key={"pk": {"S": sweeper.arn(table)}, "sk": {"S": "memory"}},
        UpdateExpression="SET drift = :drift, driftNoticedAt = :at",
        ExpressionAttributeValues={
            ":drift": {"S": noticed.model_dump_json(by_alias=True)},
            ":at": {"S": iso(noticed.noticed_at)},
        },
    )
    assert sweeper.sweep()["drifted"] == 0
    fact = sweeper.fact(table, "PITR Re-enabled")
    assert instant(fact["exposure"]["to"]) > noticed.noticed_at
    sweeper.sweep()
    assert sweeper.told(table).count("PITR Re-enabled") == 1


def test_an_exempt_table_is_let_be_and_told_of_once(sweeper: Sweeper) -> None:
    table = sweeper.protected_table()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    with sweeper.trail_stopped():
        sweeper.client("dynamodb").tag_resource(
            ResourceArn=sweeper.arn(table),
            Tags=[
                {"Key": "pitr-guardian:exempt", "Value": tomorrow},
                {"Key": "pitr-guardian:exempt-owner", "Value": "team-a"},
            ],
        )
        sweeper.switch(table, on=False)
    first, second = sweeper.sweep(), sweeper.sweep()
    for fact in (first, second):
        assert (fact["exempt"], fact["drifted"], fact["severity"]) == (1, 0, "info")
    row = sweeper.rows(second)[table]
    assert (row["exemptUntil"], row["exemptOwner"]) == (tomorrow, "team-a")
    assert sweeper.period(table) is None
    assert sweeper.told(table).count("Drift Tolerated") == 1


def test_that_no_trail_records_is_told_once_and_not_with_every_sweep(sweeper: Sweeper) -> None:
    with sweeper.trail_stopped():
        first, second = sweeper.sweep_alone(), sweeper.sweep_alone()
    for fact in (first, second):
        assert [each["trail"] for each in fact["regions"]] == ["missing", "missing"]
    told = {fact["region"]: fact for fact in sweeper.facts_of_kind("Trail Missing")}
    assert told.keys() == {HOME, ELSEWHERE}
    assert len(sweeper.facts_of_kind("Trail Missing")) == 2
    assert told[HOME]["severity"] == "critical"
    assert [each["trail"] for each in sweeper.sweep()["regions"]] == ["recording", "recording"]


def test_a_trail_that_may_not_be_read_is_not_taken_for_none(sweeper: Sweeper) -> None:
    iam, role = sweeper.client("iam"), sweeper.role_of("CheckTrailFunction")
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    forbid = {"Effect": "Deny", "Action": "cloudtrail:DescribeTrails", "Resource": "*"}
    narrower = {**policy, "Statement": [*policy["Statement"], forbid]}
    before = len(sweeper.facts_of_kind("Trail Missing"))
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(narrower))
    try:
        with sweeper.aws.refusing(role, "cloudtrail:DescribeTrails"):
            fact = sweeper.sweep()
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    assert [each["trail"] for each in fact["regions"]] == ["unknown", "unknown"]
    assert "cloudtrail:DescribeTrails" in fact["reason"]
    assert len(sweeper.facts_of_kind("Trail Missing")) == before


def test_more_tables_than_one_invocation_takes_are_looked_at_by_several(sweeper: Sweeper) -> None:
    tables = [sweeper.create_table("Many") for _ in range(25)]
    for table in tables:
        sweeper.fact(table, "Table Protected", within=60)
    sweeper.settle()
    with sweeper.audit_seconds(1):  # ten tables
        fact = sweeper.sweep()
    assert counted(fact) == {
        "checked": 25 + LEDGER,
        "compliant": 25 + LEDGER,
        "drifted": 0,
        "exempt": 0,
        "failed": 0,
    }
    prefix = f"sweeps/{fact['sweepId']}/parts/{sweeper.aws.account_id}/{HOME}"
    parts = {key: len(rows) for key, rows in sweeper.parts(fact).items() if HOME in key}
    assert parts == {f"{prefix}/0001.json": 10, f"{prefix}/0002.json": 10, f"{prefix}/0003.json": 6}
    assert sweeper.rows(fact).keys() >= set(tables)


def test_a_region_that_cannot_be_read_stops_no_other(sweeper: Sweeper) -> None:
    table = sweeper.protected_table()
    sweeper.unseen(table, on=False)
    with sweeper.aws.faults.fail(
        "ListTables", "AccessDeniedException", region=ELSEWHERE, times=None
    ):
        fact = sweeper.sweep()
    assert (fact["drifted"], fact["failed"], fact["severity"]) == (1, 1, "warning")
    assert f"{ELSEWHERE} could not be read: AccessDeniedException" in fact["reason"]
    assert sweeper.period(table) == 35
    assert sweeper.sweep()["failed"] == 0


def test_a_stretch_that_was_cut_off_is_looked_at_in_the_next_round(sweeper: Sweeper) -> None:
    table = sweeper.protected_table()
    sweeper.unseen(table, on=False)
    with sweeper.aws.faults.kill(sweeper.role_of("AuditFunction"), times=1) as killed:
        fact = sweeper.sweep()
        assert killed.hits == 1
    assert (fact["failed"], fact["drifted"]) == (0, 1)
    assert sweeper.period(table) == 35
    s3, bucket = sweeper.client("s3"), sweeper.stack.outputs["ReportBucketName"]
    key = f"sweeps/{fact['sweepId']}/rounds/0002.jsonl"
    [again] = s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    assert json.loads(again)["tries"] == 1  # and nobody else's


def test_a_table_that_aws_has_no_time_for_is_looked_at_later(sweeper: Sweeper) -> None:
    table, role = sweeper.protected_table(), sweeper.role_of("AuditFunction")
    with sweeper.aws.faults.fail(
        DESCRIBE, "ThrottlingException", table=table, caller=role, times=2
    ) as fault:
        fact = sweeper.sweep()
    assert fault.hits == 2
    assert (fact["compliant"], fact["failed"]) == (1 + LEDGER, 0)


def test_a_sweep_ends_with_a_report(sweeper: Sweeper) -> None:
    uri = sweeper.sweep()["reportUri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    assert bucket == sweeper.stack.outputs["ReportBucketName"]
    page = sweeper.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert sweeper.stack.outputs["LedgerTableName"] in page


def test_the_schedule_starts_a_sweep(sweeper: Sweeper) -> None:
    scheduler = sweeper.client("scheduler")
    schedule = scheduler.get_schedule(Name=sweeper.physical_id("SweepStart"))
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    before = len(sweeper.facts_of_kind("Sweep Completed"))
    soon = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name=fresh("soon"),
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow=schedule["FlexibleTimeWindow"],
        Target={name: schedule["Target"][name] for name in ("Arn", "RoleArn")},
    )
    eventually(
        lambda: len(sweeper.facts_of_kind("Sweep Completed")) > before,
        "the schedule has started a sweep",
        within=90,
    )


def test_the_trail_of_the_tests_is_the_embedded_aws_own(sweeper: Sweeper) -> None:
    status = sweeper.client("cloudtrail", TRAILS_HOME).get_trail_status(Name=TRAIL)
    assert status["IsLogging"] is True
