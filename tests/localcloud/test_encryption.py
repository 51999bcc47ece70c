"""Which key encrypts a table, and which key cannot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localcloud.account import ELSEWHERE, HOME, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.test_restore import restore, restored

MANAGED = "alias/aws/dynamodb"


def new_key(aws: Account, region: str = HOME) -> str:
    arn: str = aws.client("kms", region).create_key()["KeyMetadata"]["Arn"]
    return arn


def with_key(key: str) -> dict[str, Any]:
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}


def managed_key(aws: Account, region: str = HOME) -> Any:
    return aws.client("kms", region).describe_key(KeyId=MANAGED)["KeyMetadata"]


def test_the_key_of_dynamodb_is_aws_own_and_each_region_has_another(aws: Account) -> None:
    key = managed_key(aws)
    assert (key["KeyManager"], key["KeyState"]) == ("AWS", "Enabled")
    kms = aws.client("kms")
    by_arn = kms.describe_key(KeyId=f"arn:aws:kms:{HOME}:{aws.account_id}:{MANAGED}")
    assert by_arn["KeyMetadata"]["Arn"] == key["Arn"]
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"]["KeyManager"] == "AWS"
    assert managed_key(aws, ELSEWHERE)["Arn"] != key["Arn"]
    assert kms.describe_key(KeyId=new_key(aws))["KeyMetadata"]["KeyManager"] == "CUSTOMER"


def test_keys_that_are_not_here_are_not_found_and_disabled_ones_say_so(aws: Account) -> None:
    kms, key = aws.client("kms"), new_key(aws)
    for nowhere in ("alias/nowhere", "00000000-0000-0000-0000-000000000000"):
        with refused("NotFoundException"):
            kms.describe_key(KeyId=nowhere)
    with refused("NotFoundException"):
        aws.client("kms", ELSEWHERE).describe_key(KeyId=key)
    kms.disable_key(KeyId=key)
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("Disabled", False)


def test_a_right_on_a_key_holds_for_its_aliases(aws: Account) -> None:
    key = new_key(aws)
    aws.client("kms").create_alias(AliasName="alias/mine", TargetKeyId=key)
    allowed = aws.user({"Action": "kms:DescribeKey", "Resource": key})
    aws.client("kms", **allowed).describe_key(KeyId="alias/mine")
    with refused("AccessDeniedException"):
        aws.client("kms", **allowed).describe_key(KeyId=MANAGED)


@pytest.mark.parametrize("region", [HOME, ELSEWHERE])
def test_a_restored_table_tells_the_key_that_was_asked_for(aws: Account, region: str) -> None:
    aws.protected_table()
    aws.advance(SETTINGS.latest_lag_seconds)
    key = new_key(aws, region)
    aws.client("kms", region).create_alias(AliasName="alias/mine", TargetKeyId=key)
    encryptions: dict[str, tuple[dict[str, Any], str | None]] = {
        "aws-owned": ({"Enabled": False}, None),
        "aws-managed": ({"Enabled": True}, managed_key(aws, region)["Arn"]),
        "customer": (with_key(key), key),
        "customer-by-alias": (with_key("alias/mine"), key),
    }
    for name, (override, expected) in encryptions.items():
        aws.client("dynamodb", region).restore_table_to_point_in_time(
            SourceTableArn=aws.arn("orders"),
            TargetTableName=name,
            UseLatestRestorableTime=True,
            SSESpecificationOverride=override,
        )
        aws.advance(SETTINGS.restore_seconds)
        described = aws.describe(name, region).get("SSEDescription")
        assert described == (
            expected and {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": expected}
        )


def test_a_restore_to_a_key_that_cannot_be_used_is_refused(aws: Account) -> None:
    aws.protected_table()
    aws.advance(SETTINGS.latest_lag_seconds)
    disabled, elsewhere = new_key(aws), new_key(aws, ELSEWHERE)
    aws.client("kms").disable_key(KeyId=disabled)
    dying = new_key(aws)
    aws.client("kms").schedule_key_deletion(KeyId=dying)
    nowhere = f"arn:aws:kms:{HOME}:{aws.account_id}:key/00000000-0000-0000-0000-000000000000"
    for key in (disabled, dying, elsewhere, nowhere, "alias/nowhere"):
        with refused("ValidationException"):
            restore(aws, SSESpecificationOverride=with_key(key))
    with refused("ValidationException"):
        restore(aws, SSESpecificationOverride={"Enabled": True, "SSEType": "AES256"})
    with refused("ValidationException"):
        restore(aws, SSESpecificationOverride={"Enabled": True, "KMSMasterKeyId": new_key(aws)})
    assert aws.dynamodb.list_tables()["TableNames"] == ["orders"]


def test_a_table_whose_key_was_disabled_is_restored_to_another_key_only(aws: Account) -> None:
    key = new_key(aws)
    aws.protected_table(SSESpecification=with_key(key))
    aws.advance(SETTINGS.latest_lag_seconds)
    aws.client("kms").disable_key(KeyId=key)
    with refused("ValidationException"):
        restore(aws)
    assert "SSEDescription" not in restored(aws, SSESpecificationOverride={"Enabled": False})


def test_a_restore_to_a_customers_key_needs_rights_on_it(aws: Account) -> None:
    key = new_key(aws)
    aws.protected_table(SSESpecification=with_key(key))
    aws.advance(SETTINGS.latest_lag_seconds)
    tables = {"Action": "dynamodb:*", "Resource": [aws.arn("orders"), aws.arn("restored")]}
    through_dynamodb = {"StringEquals": {"kms:ViaService": f"dynamodb.{HOME}.amazonaws.com"}}
    describe = {"Action": "kms:DescribeKey", "Resource": key, "Condition": through_dynamodb}
    grant = {"Action": "kms:CreateGrant", "Resource": key}

    def attempt(*statements: dict[str, Any]) -> None:
        aws.client("dynamodb", **aws.user(*statements)).restore_table_to_point_in_time(
            SourceTableName="orders", TargetTableName="restored", UseLatestRestorableTime=True
        )

    with refused("AccessDeniedException"):
        attempt(tables)
    with refused("AccessDeniedException"):
        attempt(tables, describe)
    attempt(tables, describe, grant)


def test_a_table_goes_back_to_the_aws_owned_key(aws: Account) -> None:
    aws.active_table(SSESpecification={"Enabled": True})
    assert aws.describe("orders")["SSEDescription"]["KMSMasterKeyArn"] == managed_key(aws)["Arn"]
    aws.dynamodb.update_table(TableName="orders", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in aws.describe("orders")


def test_a_table_whose_key_is_gone_is_out_of_reach_until_it_is_back(aws: Account) -> None:
    dynamodb, kms, key = aws.client("dynamodb"), aws.client("kms"), new_key(aws)
    aws.protected_table("Locked", SSESpecification=with_key(key))

    def status() -> str:
        found: str = dynamodb.describe_table(TableName="Locked")["Table"]["TableStatus"]
        return found

    kms.disable_key(KeyId=key)
    assert status() == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    kms.enable_key(KeyId=key)
    assert status() == "ACTIVE"
