"""What the stack keeps is encrypted, with a key of the customer's where one is given."""

from __future__ import annotations

import copy
from fnmatch import fnmatchcase

import pytest

from pitr_guardian.drills import places as drills
from pitr_guardian.undo import places
from tests.infrastructure.stack import (
    ACCOUNT,
    ORGANIZATION,
    REGION,
    Json,
    Stack,
    deployed,
    listed,
    source,
    statements,
)

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/3c1c2b8e-0f4a-4a38-9f59-6f8c8f9f3d10"
THROUGH = [f"{service}.*" for service in ("dynamodb", "s3", "sns", "sqs")]
WITHOUT_KEY, WITH_KEY = deployed(), deployed(KmsKeyArn=KEY)
MEMBER = "222233334444"
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


def test_alerts_travel_encrypted_only() -> None:
    policy = WITHOUT_KEY["AlertTopicPolicy"]
    assert policy.properties["Topics"] == ["AlertTopic"]
    by_sid = {each.pop("Sid"): each for each in copy.deepcopy(list(statements(policy)))}
    denied = {"Effect": "Deny", "Principal": "*", "Resource": "AlertTopic"}
    assert by_sid["OnlyOverTls"] == {
        **denied,
        "Action": "sns:Publish",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    assert by_sid["NoSubscribersInPlainHttp"] == {
        **denied,
        "Action": "sns:Subscribe",
        "Condition": {"StringEquals": {"sns:Protocol": "http"}},
    }


def test_only_the_function_that_announces_publishes_alerts() -> None:
    by_sid = {each["Sid"]: each for each in statements(WITHOUT_KEY["AlertTopicPolicy"])}
    assert by_sid["OnlyTheGuardianAlerts"] == {
        "Sid": "OnlyTheGuardianAlerts",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": "AlertTopic",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "AnnounceRole.Arn"}},
    }
    publishers = {
        role.id
        for role in WITHOUT_KEY.of_type("AWS::IAM::Role")
        for statement in statements(role)
        if "sns:Publish" in listed(statement["Action"])
    }
    assert publishers == {"AnnounceRole"}


@pytest.mark.parametrize(
    ("stack", "encryption"),
    [
        (WITHOUT_KEY, {"SSEAlgorithm": "AES256"}),
        (WITH_KEY, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}),
    ],
    ids=["own keys", "customer key"],
)
@pytest.mark.parametrize("name", ["ReportBucket", "UndoBucket"])
def test_a_bucket_is_encrypted_private_and_reached_over_tls_only(
    stack: Stack, encryption: Json, name: str
) -> None:
    bucket = stack[name].properties
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == encryption
    assert rule["BucketKeyEnabled"] is True
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    policy = stack[f"{name}Policy"]
    assert policy.properties["Bucket"] == name
    denied = [each for each in statements(policy) if each["Effect"] == "Deny"]
    assert [each for each in denied if "ArnLike" not in each["Condition"]] == [
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"{name}.Arn", f"{name}.Arn/*"],
            "Condition": {"Bool": {"aws:SecureTransport": False}},
        }
    ]


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


def test_only_the_ledger_and_the_buckets_outlive_the_stack() -> None:
    kept = {
        name: resource.attributes
        for name, resource in WITHOUT_KEY.resources.items()
        if resource.attributes.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert kept.keys() == {"Ledger", "ReportBucket", "UndoBucket", "EvidenceBucket"}
    for attributes in kept.values():
        assert attributes["UpdateReplacePolicy"] == "Retain"


def test_the_parameter_says_what_the_key_is_for() -> None:
    described = source()["Parameters"]["KmsKeyArn"]["Description"]
    for what in ("queue", "topic", "ledger", "bucket"):
        assert what in described


def test_the_customer_key_is_the_only_thing_that_a_key_changes_for_a_role() -> None:
    key = {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": KEY,
        "Condition": {"StringLike": {"kms:ViaService": THROUGH}},
    }
    for role in WITHOUT_KEY.of_type("AWS::IAM::Role"):
        before, after = list(statements(role)), list(statements(WITH_KEY[role.id]))
        assert [each for each in after if each not in before] in ([], [key])
        assert [each for each in before if each not in after] == []


def test_whoever_touches_what_is_encrypted_may_use_the_key() -> None:
    encrypted = {f"{queue}.Arn" for queue in QUEUES} | {"AlertTopic", "Ledger.Arn"}
    encrypted |= {"ReportBucket.Arn/sweeps/*", "ReportBucket.Arn/reports/*"}
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


def test_no_member_writes_where_an_undo_reads_what_it_has_written_itself() -> None:
    """A `*` stands for slashes as well: the place of exports could be put below any other."""
    policy = list(statements(WITH_KEY["UndoBucketPolicy"]))
    [allow] = [each for each in policy if each["Effect"] == "Allow"]
    [deny] = [each for each in policy if each["Sid"] == "MembersWriteNothingElse"]
    assert deny["Effect"] == "Deny"
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"ArnLike": allow["Condition"]["ArnLike"]}
    assert set(allow["Action"]) <= set(deny["Action"])

    def may_write(key: str) -> bool:
        allowed = allow["Resource"].replace("${aws:PrincipalAccount}", MEMBER)
        asked = f"UndoBucket.Arn/{key}"
        denied = any(fnmatchcase(asked, each) for each in deny["Resource"])
        return fnmatchcase(asked, allowed) and not denied

    written = [places.shard("p", 1), places.closing("p", 1), places.part("p", "1")]
    written += [places.parts_list("p"), places.items("p"), places.page("p"), places.summary("p")]
    written += [places.applied("p", "1", 0), places.verified("p", "1"), places.report("p")]
    for place in written:
        folder = place.rpartition("/")[0]
        assert not may_write(f"{folder}/exports/{MEMBER}/0001.jsonl.gz"), place
    for plan in ("p", "shards", "exports"):
        key = f"{places.exports(plan, MEMBER)}/AWSDynamoDB/data/a.json.gz"
        assert may_write(key), key


def test_members_write_exports_of_their_own_into_the_undos_bucket_and_nothing_else() -> None:
    allowed = [
        each
        for name in ("ReportBucketPolicy", "UndoBucketPolicy", "EvidenceBucketPolicy")
        for each in statements(WITH_KEY[name])
        if each["Effect"] == "Allow"
    ]
    assert allowed == [
        {
            "Sid": "MembersExportIntoIt",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"],
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/PitrGuardianMember"},
            },
        }
        | {"Resource": resource}
        for resource in (
            "UndoBucket.Arn/undos/*/exports/${aws:PrincipalAccount}/*",
            "EvidenceBucket.Arn/work/exports/${aws:PrincipalAccount}/*",
        )
    ]


def test_no_member_writes_where_a_drill_reads_anything_but_that_members_exports() -> None:
    """Nothing stands before the account that a `*`, or a drill's id, could be put for."""
    [allow] = [
        each for each in statements(WITH_KEY["EvidenceBucketPolicy"]) if each["Effect"] == "Allow"
    ]
    pattern = allow["Resource"].replace("${aws:PrincipalAccount}", MEMBER)
    assert pattern.index("*") == len(pattern) - 1

    def may_write(key: str) -> bool:
        return fnmatchcase(f"EvidenceBucket.Arn/{key}", pattern)

    for drill in ("d-1", "exports", MEMBER):
        assert may_write(f"{drills.exported(drill, 0, '0-000', MEMBER)}/AWSDynamoDB/data/a.json.gz")
        assert not may_write(drills.exported(drill, 0, "0-000", "999999999999"))
        for own in (
            *(drills.work(drill), drills.planned(drill, 1), drills.billed(drill, 0)),
            *(drills.readings(drill, 0, "x"), drills.partition(drill), drills.shard(drill, 0)),
            *(drills.looked(drill, 0, 0), drills.left_open(drill, 0, 0), drills.proof(drill)),
            *(drills.differences(drill), drills.evidence(drill, 2026, "a" * 64)),
        ):
            assert not may_write(f"{own}x"), own
