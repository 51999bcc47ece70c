"""Every field of a request does what it says; what can't be granted is refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.guardian import fresh, instant
from tests.e2e.restores.restorer import ELSEWHERE, HOME, PATIENCE_SECONDS, Restorer
from tests.e2e.waiting import eventually

UNITS = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "day", "size")]


def index(name: str, *keys: str) -> dict[str, Any]:
    schema = [
        {"AttributeName": key, "KeyType": kind}
        for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


@pytest.fixture(scope="module")
def source(guardian: Restorer) -> str:
    """A table with indexes of both kinds, provisioned."""
    return guardian.protected_table(
        AttributeDefinitions=ATTRIBUTES,
        KeySchema=index("", "id", "day")["KeySchema"],
        BillingMode="PROVISIONED",
        ProvisionedThroughput=UNITS,
        GlobalSecondaryIndexes=[
            {**index("by-day", "day"), "ProvisionedThroughput": UNITS},
            {**index("by-size", "size"), "ProvisionedThroughput": UNITS},
        ],
        LocalSecondaryIndexes=[index("of-size", "id", "size")],
    )


@pytest.fixture(scope="module")
def plain(guardian: Restorer) -> str:
    return guardian.protected_table()


def key(guardian: Restorer, region: str = HOME, **properties: Any) -> str:
    arn: str = guardian.client("kms", region).create_key(**properties)["KeyMetadata"]["Arn"]
    return arn


def indexes_of(table: dict[str, Any]) -> set[str]:
    found = [table.get(kind, []) for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")]
    return {index["IndexName"] for kind in found for index in kind}


def billing_of(table: dict[str, Any]) -> str:
    mode: str = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    return mode


# -- restoreTo --------------------------------------------------------------------------------


def test_a_table_comes_back_as_it_was_at_the_second_that_is_asked_for(guardian: Restorer) -> None:
    source = guardian.protected_table()
    guardian.own_period(source, 7)
    guardian.put(source, kept="as it was", changed="as it was", deleted="as it was")
    second = guardian.next_second(source)
    guardian.put(source, changed="by mistake", added="by mistake")
    guardian.client("dynamodb").delete_item(TableName=source, Key={"id": {"S": "deleted"}})
    asked = guardian.ask(
        source, restoreTo=second.isoformat(), requestedBy="anna@example.com", reason="a mistake"
    )
    completed = guardian.completed(asked)
    as_it_was = dict.fromkeys(("kept", "changed", "deleted"), "as it was")
    assert guardian.items(asked.target) == as_it_was
    assert guardian.items(source) == {
        "kept": "as it was",
        "changed": "by mistake",
        "added": "by mistake",
    }
    assert guardian.kinds(asked) == ["Restore Accepted", "Restore Completed"]
    told = f"{second:%Y-%m-%dT%H:%M:%S}.000Z"
    common = {
        "version": "1",
        "table": {
            "arn": guardian.arn(source),
            "name": source,
            "account": guardian.aws.account_id,
            "region": HOME,
        },
        "requestId": asked.id,
        "requestedBy": "anna@example.com",
        "requestReason": "a mistake",
        "sourceTable": source,
        "targetTable": asked.target,
        "restoreTo": told,
        "severity": "info",
    }
    accepted, _ = guardian.told_of(asked.id)
    assert accepted.detail == common | {
        "id": f"restore/{asked.id}/accepted",
        "time": accepted["time"],
        "reason": f"{source} is being restored to {asked.target}, as of {told}.",
    }
    assert completed.detail == common | {
        "id": f"restore/{asked.id}/completed",
        "time": completed["time"],
        "reason": f"{asked.target} is ACTIVE: {source} as of {told}, with its settings put back.",
        "targetArn": guardian.arn(asked.target),
        "restoredTo": told,
        "seconds": completed["seconds"],
        "settings": completed["settings"],
    }
    assert completed["settings"]["applied"] == ["pitr"]
    assert completed["settings"]["failed"] == []
    assert 0.5 < completed["seconds"] < 60
    assert instant(accepted["time"]) <= instant(completed["time"])
    assert guardian.period(asked.target) == 7
    # The guardian sees the new table's birth too, and may be faster; nothing is put right twice.
    assert guardian.told(asked.target) in ([], ["Table Protected"])
    tags = guardian.client("dynamodb").list_tags_of_resource(ResourceArn=guardian.arn(asked.target))
    assert {tag["Key"]: tag["Value"] for tag in tags["Tags"]} == {
        "pitr-guardian:restored-from": guardian.arn(source),
        "pitr-guardian:restored-to": told,
        "pitr-guardian:request-id": asked.id,
    }
    remembered = guardian.ledger_record(asked.id)
    assert remembered["outcome"] == "completed"
    assert remembered["restoredTo"] == told
    assert json.loads(remembered["settings"]) == completed["settings"]
    order = json.loads(remembered["order"])
    assert order["request"]["reason"] == "a mistake"
    assert order["target"]["arn"] == guardian.arn(asked.target)


def test_a_deleted_table_comes_back_from_the_backup_that_aws_kept(guardian: Restorer) -> None:
    source = guardian.protected_table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}
    )
    guardian.own_period(source, 9)
    dynamodb = guardian.client("dynamodb")
    dynamodb.update_time_to_live(
        TableName=source, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    guardian.put(source, last="words")
    dynamodb.delete_table(TableName=source)
    eventually(lambda: guardian.describe(source) is None, f"{source} is gone")
    eventually(
        lambda: dynamodb.list_backups(TableName=source, BackupType="SYSTEM")["BackupSummaries"],
        f"the backup of {source} shows",
    )
    refused = guardian.rejected(guardian.ask(source))
    assert f"{source} " in refused["error"]
    assert "was deleted, but AWS kept a backup" in refused["error"]
    offered = json.loads(refused["error"].partition("ask for it with ")[2])
    asked = guardian.ask(source, **offered)
    completed = guardian.completed(asked)
    assert guardian.items(offered["targetTable"]) == {"last": "words"}
    assert guardian.period(offered["targetTable"]) == 9
    assert completed["restoreTo"] == offered["restoreTo"]
    assert instant(completed["restoredTo"]) < instant(refused["time"])
    assert completed["settings"]["applied"] == ["pitr", "ttl", "stream"]
    assert completed["settings"]["notes"]["tags"] == (
        "AWS keeps nothing of it when a table is deleted"
    )
    table = guardian.table(offered["targetTable"])
    assert table["StreamSpecification"]["StreamViewType"] == "OLD_IMAGE"


# -- free text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{% $states.context %} {% $eval('1 + 1') %} ${Partition} $.reason <$.detail>",
        'a "quoted" back\\slash\r\n\tand \u202e\x1b[2J \U0001f9ea \u062f\u0639\u0645',
    ],
    ids=["expressions", "signs"],
)
def test_free_text_is_carried_to_the_end_and_never_evaluated(guardian: Restorer, text: str) -> None:
    asked = guardian.ask(guardian.protected_table(), requestedBy=text, reason=text, settings="none")
    completed = guardian.completed(asked)
    for fact in guardian.told_of(asked.id):
        assert (fact["requestedBy"], fact["requestReason"]) == (text, text)
    assert completed["settings"]["failed"] == []
    order = json.loads(guardian.ledger_record(asked.id)["order"])
    assert (order["request"]["requestedBy"], order["request"]["reason"]) == (text, text)


# -- what is restored, and to where -----------------------------------------------------------


def test_a_table_named_by_its_arn_comes_back_in_its_own_region(guardian: Restorer) -> None:
    name = fresh("Far")
    dynamodb = guardian.client("dynamodb", ELSEWHERE)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=ATTRIBUTES[:1],
        BillingMode="PAY_PER_REQUEST",
    )

    def switched_on() -> bool:
        try:
            dynamodb.update_continuous_backups(
                TableName=name,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": 5,
                },
            )
        except dynamodb.exceptions.ClientError:
            return False
        return True

    eventually(switched_on, f"PITR is on for {name}")
    completed = guardian.restore(guardian.arn(name, ELSEWHERE))
    assert completed["table"]["region"] == ELSEWHERE
    assert completed["targetArn"] == guardian.arn(completed["targetTable"], ELSEWHERE)
    assert guardian.period(completed["targetTable"], ELSEWHERE) == 5


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("all", {"by-day", "by-size", "of-size"}),
        ("none", set()),
        (["by-size"], {"by-size"}),
        (["of-size", "by-day"], {"of-size", "by-day"}),
    ],
    ids=["all", "none", "one", "one-of-each-kind"],
)
def test_the_indexes_that_are_asked_for_are_kept(
    guardian: Restorer, source: str, kept: object, expected: set[str]
) -> None:
    completed = guardian.restore(source, indexes=kept, settings="none")
    table = guardian.table(completed["targetTable"])
    assert indexes_of(table) == expected
    for kept_index in table.get("GlobalSecondaryIndexes", []):
        assert kept_index["IndexStatus"] == "ACTIVE"
        assert UNITS.items() <= kept_index["ProvisionedThroughput"].items()


def test_a_provisioned_table_can_come_back_billed_per_request(
    guardian: Restorer, source: str
) -> None:
    completed = guardian.restore(source, billing={"mode": "PAY_PER_REQUEST"}, settings="none")
    table = guardian.table(completed["targetTable"])
    assert billing_of(table) == "PAY_PER_REQUEST"
    assert indexes_of(table) == {"by-day", "by-size", "of-size"}


def test_capacity_that_is_asked_for_is_the_tables_and_its_indexes(
    guardian: Restorer, source: str
) -> None:
    wanted = {"readCapacityUnits": 7, "writeCapacityUnits": 9}
    completed = guardian.restore(
        source, billing={"mode": "PROVISIONED", **wanted}, indexes=["by-day"], settings=[]
    )
    table = guardian.table(completed["targetTable"])
    assert indexes_of(table) == {"by-day"}
    for billed in (table, *table["GlobalSecondaryIndexes"]):
        units = billed["ProvisionedThroughput"]
        assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (7, 9)


def test_a_table_billed_per_request_can_come_back_provisioned(
    guardian: Restorer, plain: str
) -> None:
    wanted = {"readCapacityUnits": 2, "writeCapacityUnits": 1}
    completed = guardian.restore(plain, billing={"mode": "PROVISIONED", **wanted})
    assert billing_of(guardian.table(completed["targetTable"])) == "PROVISIONED"


def test_the_key_that_is_asked_for_encrypts_the_table(guardian: Restorer, plain: str) -> None:
    def sse(**encryption: str) -> dict[str, Any]:
        completed = guardian.restore(plain, encryption=encryption, settings="none")
        found: dict[str, Any] = guardian.table(completed["targetTable"]).get("SSEDescription", {})
        return found

    own = key(guardian)
    assert sse(type="CUSTOMER_MANAGED", kmsKeyArn=own)["KMSMasterKeyArn"] == own
    used = sse(type="AWS_MANAGED")["KMSMasterKeyArn"]
    assert guardian.client("kms").describe_key(KeyId=used)["KeyMetadata"]["KeyManager"] == "AWS"
    assert sse(type="AWS_OWNED").get("Status") != "ENABLED"


def test_pitr_is_on_whatever_settings_are_asked_for(guardian: Restorer, plain: str) -> None:
    completed = guardian.restore(plain, settings="none")
    assert completed["settings"]["applied"] == ["pitr"]
    assert completed["settings"]["skipped"] == []  # it has none
    assert guardian.period(completed["targetTable"]) == 35


def test_a_request_without_an_id_goes_by_its_events(guardian: Restorer, plain: str) -> None:
    target = fresh("Restored")
    event_id = guardian.put_request({"sourceTable": plain, "targetTable": target})
    eventually(
        lambda: (
            [fact.detail_type for fact in guardian.told_of(event_id)][1:] == ["Restore Completed"]
        ),
        f"the restore to {target} is completed",
        PATIENCE_SECONDS,
    )
    assert guardian.execution(event_id) == "SUCCEEDED"


def test_a_dry_run_tells_the_plan_and_starts_nothing(guardian: Restorer, source: str) -> None:
    asked = guardian.ask(
        source,
        dryRun=True,
        targetRegion=ELSEWHERE,
        indexes=["by-day"],
        billing={"mode": "PAY_PER_REQUEST"},
        settings=["tags"],
    )
    planned = guardian.answer(asked)
    assert planned.detail_type == "Restore Planned"
    call = planned["plan"]["call"]
    assert call["operation"] == "RestoreTableToPointInTime"
    assert call["region"] == ELSEWHERE
    parameters = call["parameters"]
    assert parameters["SourceTableArn"] == guardian.arn(source)
    assert parameters["UseLatestRestorableTime"] is True
    assert parameters["SSESpecificationOverride"] == {"Enabled": False}
    assert [each["IndexName"] for each in parameters["GlobalSecondaryIndexOverride"]] == ["by-day"]
    assert planned["plan"]["settings"] == ["pitr", "tags", "lineage"]
    assert planned["plan"]["estimate"]["minutes"]["to"] == 60
    assert guardian.execution(asked.id) is None
    assert guardian.describe(asked.target, ELSEWHERE) is None
    assert [fact.detail_type for fact in guardian.told_of(asked.id)] == ["Restore Planned"]


# -- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"restoreTo": "2001-01-01T00:00:00Z"}, "restoreTo: 2001-01-01T00:00:00.000Z is too early"),
        (
            {"restoreTo": "2101-01-01T00:00:00Z"},
            "restoreTo: 2101-01-01T00:00:00.000Z can't be restored to yet",
        ),
        ({"restoreTo": "yesterday"}, "restoreTo: 'yesterday' is no good; give `latest`"),
        ({"restoreTo": "deletion"}, "restoreTo: AWS keeps no backup of a deleted table"),
        ({"sourceTable": "Nowhere"}, "sourceTable: there is no table Nowhere"),
        ({"targetTable": "x"}, "targetTable: 'x' is no good; give the name"),
        ({"targetRegion": "cn-north-1"}, "targetRegion: cn-north-1 is not a region of aws"),
        ({"indexes": ["by-mood"]}, "indexes: the table has no index by-mood; it has none"),
        ({"encryption": {"type": "MINE"}}, "encryption: 'MINE' is no good; give {"),
        ({"billing": {"mode": "FREE"}}, "billing: 'FREE' is no good; give {"),
        ({"settings": ["colour"]}, "settings: 'colour' is no good; give `all`"),
        ({"requestedBy": 5}, "requestedBy: 5 is no good"),
        ({"dryRun": "yes"}, "dryRun: 'yes' is no good; give true or false"),
        ({"colour": "red"}, "colour: no such field; the fields are sourceTable, targetTable"),
    ],
)
def test_what_cannot_be_granted_is_refused(
    guardian: Restorer, plain: str, fields: dict[str, Any], says: str
) -> None:
    asked = guardian.ask(plain, **fields)
    rejected = guardian.rejected(asked)
    assert rejected["error"].startswith(says)
    where = f" to {fields['targetRegion']}" if "targetRegion" in fields else ""
    assert rejected["reason"] == f"The restore{where} was not started. {rejected['error']}."
    assert rejected["severity"] == "warning"
    assert guardian.execution(asked.id) is None
    assert [fact.detail_type for fact in guardian.told_of(asked.id)] == ["Restore Rejected"]


def test_a_table_of_another_account_is_refused(guardian: Restorer) -> None:
    foreign = "arn:aws:dynamodb:eu-central-1:999988887777:table/Orders"
    rejected = guardian.rejected(guardian.ask(foreign))
    assert rejected["error"].startswith(f"sourceTable: {foreign} is not in this account")


def test_a_target_that_exists_is_refused(guardian: Restorer, plain: str) -> None:
    rejected = guardian.rejected(guardian.ask(plain, plain))
    assert rejected["error"].startswith(f"targetTable: a table {plain} ")
    assert rejected["error"].endswith("exists already; choose another name, or delete it first")


def test_a_table_without_pitr_is_refused(guardian: Restorer) -> None:
    source = guardian.protected_table()
    role = guardian.role_of("EnforceFunction")
    with guardian.aws.faults.fail(
        "UpdateContinuousBackups", "ThrottlingException", table=source, caller=role, times=None
    ):
        guardian.switch(source, on=False)
        rejected = guardian.rejected(guardian.ask(source))
    assert rejected["error"].startswith(f"sourceTable: PITR is off on {source}")


def test_keys_that_cannot_encrypt_the_table_are_refused(guardian: Restorer, plain: str) -> None:
    disabled, far = key(guardian), key(guardian, ELSEWHERE)
    guardian.client("kms").disable_key(KeyId=disabled)
    unknown = disabled.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"

    def error(arn: str) -> str:
        encryption = {"type": "CUSTOMER_MANAGED", "kmsKeyArn": arn}
        found: str = guardian.rejected(guardian.ask(plain, encryption=encryption))["error"]
        return found

    assert error(disabled) == (
        f"encryption: the key {disabled} is Disabled; enable it, or name another one"
    )
    assert error(far).startswith(f"encryption: the key {far} is in {ELSEWHERE}, the new table in")
    assert error(unknown).startswith(f"encryption: the key {unknown} can't be used (NotFound")


def test_an_event_that_is_no_request_at_all_is_refused(guardian: Restorer) -> None:
    event_id = guardian.put_request({})
    [rejected] = eventually(lambda: guardian.told_of(event_id), "an answer to nothing")
    assert rejected["error"].startswith("sourceTable: missing; give the name or the ARN")
    assert rejected["table"] is None
