"""What the stack keeps is encrypted, with a key of the customer's where one is given."""

from __future__ import annotations

import pytest

from tests.infrastructure.stack import ACCOUNT, REGION, Stack, deployed, statements

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/3c1c2b8e-0f4a-4a38-9f59-6f8c8f9f3d10"
WITHOUT_KEY, WITH_KEY = deployed(), deployed(KmsKeyArn=KEY)
QUEUES = sorted(queue.id for queue in WITHOUT_KEY.of_type("AWS::SQS::Queue"))


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_encrypted(queue: str) -> None:
    properties = WITHOUT_KEY[queue].properties
    assert properties["SqsManagedSseEnabled"] is True
    assert "KmsMasterKeyId" not in properties
    properties = WITH_KEY[queue].properties
    assert properties["KmsMasterKeyId"] == KEY
    assert "SqsManagedSseEnabled" not in properties  # SQS takes one of the two


def test_the_topic_is_encrypted() -> None:
    assert WITHOUT_KEY["AlertTopic"].properties["KmsMasterKeyId"] == "alias/aws/sns"
    assert WITH_KEY["AlertTopic"].properties["KmsMasterKeyId"] == KEY


def test_the_ledger_is_encrypted() -> None:
    # DynamoDB encrypts with a key of its own where no other is named.
    assert "SSESpecification" not in WITHOUT_KEY["Ledger"].properties
    assert WITH_KEY["Ledger"].properties["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": KEY,
    }


@pytest.mark.parametrize("stack", [WITHOUT_KEY, WITH_KEY], ids=["own keys", "customer key"])
def test_the_ledger_is_as_safe_as_what_it_guards(stack: Stack) -> None:
    ledger = stack["Ledger"]
    assert ledger.attributes["DeletionPolicy"] == "Retain"
    assert ledger.attributes["UpdateReplacePolicy"] == "Retain"
    assert ledger.properties["DeletionProtectionEnabled"] is True
    switch = ledger.properties["PointInTimeRecoverySpecification"]
    assert switch == {"PointInTimeRecoveryEnabled": True}
    assert ledger.properties["TimeToLiveSpecification"] == {
        "AttributeName": "expiresAt",
        "Enabled": True,
    }


def test_the_customer_key_is_the_only_thing_that_a_key_changes_for_a_role() -> None:
    key = {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": KEY,
    }
    for role in WITHOUT_KEY.of_type("AWS::IAM::Role"):
        before, after = list(statements(role)), list(statements(WITH_KEY[role.id]))
        assert [each for each in after if each not in before] in ([], [key])
        assert [each for each in before if each not in after] == []


def test_whoever_touches_what_is_encrypted_may_use_the_key() -> None:
    encrypted = {f"{queue}.Arn" for queue in QUEUES} | {"AlertTopic", "Ledger.Arn"}
    for role in WITH_KEY.of_type("AWS::IAM::Role"):
        resources = {
            resource
            for each in statements(role)
            for resource in (
                each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]
            )
        }
        if resources & encrypted:
            assert KEY in resources, f"{role.id} can't read or write {resources & encrypted}"
