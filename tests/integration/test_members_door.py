"""The door to AWS leads into other accounts by the role that they let the guardian assume."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import monotonic
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from pitr_guardian.aws import clients
from pitr_guardian.aws.deadline import Deadline
from pitr_guardian.aws.tables.deletion_backups import DynamoDeletionBackups
from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.errors import MemberClosedError, TryLaterError
from pitr_guardian.tables.observation import Presence
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT

MEMBER, OTHER = "222222222222", "333333333333"
THEIRS = TableRef("aws", MEMBER, REGION, "orders")
OWN = replace(THEIRS, account=ACCOUNT)
ROLE = f"arn:aws:iam::{MEMBER}:role/PitrGuardianMember"


class Entries:
    """The calls of AssumeRole, and what comes of them."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refusals: dict[str, tuple[int, str]] = {}
        self.lasting = timedelta(hours=1)
        session: Any = clients._session()
        session.register("provide-client-params.sts.AssumeRole", self._note)
        session.register("before-send.sts.AssumeRole", self._refuse)
        session.register("after-call.sts.AssumeRole", self._run_out)

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.asked.append(dict(params))

    def _refuse(self, request: Any, **_: Any) -> AWSResponse | None:
        account = self.asked[-1]["RoleArn"].split(":")[4]
        if account not in self.refusals:
            return None
        status, code = self.refusals[account]
        error = f"<Error><Code>{code}</Code><Message>why</Message></Error>"
        body = f"<ErrorResponse>{error}</ErrorResponse>"
        return AWSResponse(request.url, status, {}, _Body(body.encode()))  # type: ignore[arg-type]

    def _run_out(self, parsed: dict[str, Any], **_: Any) -> None:
        if "Credentials" in parsed:
            parsed["Credentials"]["Expiration"] = datetime.now(UTC) + self.lasting


class _Body(BytesIO):
    def stream(self) -> Any:
        yield self.read()


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> Entries:
    monkeypatch.setenv("MEMBER_ROLE_NAME", "PitrGuardianMember")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pitr-guardian-enforce")
    return Entries()


def create_in(account: str, name: str = "orders", region: str = REGION) -> None:
    role = f"arn:aws:iam::{account}:role/anybody"
    sts = boto3.client("sts", region_name=REGION)
    found = sts.assume_role(RoleArn=role, RoleSessionName="owner")["Credentials"]
    boto3.client(
        "dynamodb",
        region_name=region,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    ).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_table_of_a_member_is_looked_at_and_switched_on_by_the_members_role(
    entries: Entries,
) -> None:
    create_in(MEMBER)
    tables = DynamoTables(clients.dynamodb)
    assert tables.observe(THEIRS).presence is Presence.READY
    tables.enable(THEIRS, 14)
    assert tables.observe(THEIRS).period == 14
    assert tables.observe(OWN).presence is Presence.GONE
    assert entries.asked == [{"RoleArn": ROLE, "RoleSessionName": "pitr-guardian-enforce"}]


def test_the_guardians_own_account_needs_no_role(entries: Entries) -> None:
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert DynamoTables(clients.dynamodb).observe(OWN).presence is Presence.READY
    assert clients.dynamodb(OWN) is clients.own_dynamodb()
    assert entries.asked == []


def test_an_account_is_entered_once_for_all_regions_and_services(entries: Entries) -> None:
    far = replace(THEIRS, region="us-east-1")
    for each in (THEIRS, far):
        DynamoTables(clients.dynamodb).observe(each)
        DynamoDeletionBackups(clients.dynamodb_once).backups_of(each)
    clients.kms(far).list_keys()
    assert len(entries.asked) == 1
    DynamoTables(clients.dynamodb).observe(replace(THEIRS, account=OTHER))
    assert [asked["RoleArn"].split(":")[4] for asked in entries.asked] == [MEMBER, OTHER]


def test_an_account_is_entered_again_when_the_credentials_run_out(entries: Entries) -> None:
    entries.lasting = timedelta(minutes=1)
    DynamoDeletionBackups(clients.dynamodb).backups_of(THEIRS)
    before = len(entries.asked)
    DynamoDeletionBackups(clients.dynamodb).backups_of(THEIRS)
    assert len(entries.asked) > before


def test_an_account_that_lets_nobody_in_is_told_with_the_remedy_and_holds_up_no_other(
    entries: Entries,
) -> None:
    create_in(OTHER)
    entries.refusals[MEMBER] = 403, "AccessDenied"
    tables = DynamoTables(clients.dynamodb)
    with pytest.raises(MemberClosedError) as refused:
        tables.observe(THEIRS)
    assert refused.value.account == MEMBER
    assert str(refused.value) == (
        f"account {MEMBER} doesn't let the guardian in: the role {ROLE} isn't there, or doesn't "
        "trust it; deploy organization/member.yaml to the account in the region that its "
        f"MainRegion names, with the GuardianAccountId {ACCOUNT}"
    )
    assert tables.observe(replace(THEIRS, account=OTHER)).presence is Presence.READY
    del entries.refusals[MEMBER]
    assert tables.observe(THEIRS).presence is Presence.GONE


def test_a_fault_of_sts_that_passes_is_tried_again_later(entries: Entries) -> None:
    entries.refusals[MEMBER] = 400, "Throttling"
    with pytest.raises(TryLaterError, match="Throttling: why"):
        DynamoTables(clients.dynamodb).observe(THEIRS)


def test_without_an_organization_there_is_no_way_into_other_accounts(
    monkeypatch: pytest.MonkeyPatch, entries: Entries
) -> None:
    monkeypatch.setenv("MEMBER_ROLE_NAME", "")
    with pytest.raises(MemberClosedError, match="the parameter OrganizationId of its stack names"):
        DynamoTables(clients.dynamodb).observe(THEIRS)
    assert entries.asked == []


@pytest.mark.parametrize("known", [False, True], ids=["to enter", "to look"])
def test_calls_in_a_member_are_held_to_the_deadline_too(known: bool, entries: Entries) -> None:
    time = monotonic()
    deadline = Deadline(lambda: time)
    clients.hold_to(deadline)
    tables = DynamoTables(clients.dynamodb)
    if known:
        tables.observe(THEIRS)
    deadline.begin(10)
    with pytest.raises(TryLaterError, match="no time was left"):
        tables.observe(THEIRS)
