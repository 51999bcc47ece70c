"""What each command needs: the policies that are published for operators, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.embedded_aws import Caller
from tests.e2e.guardian import fresh
from tests.e2e.restores.restorer import Restorer

POLICIES = Path(__file__).parents[3] / "docs/policies"


def operator(guardian: Restorer, *names: str) -> Caller:
    """A user with these policies, for this account."""
    iam, name = guardian.client("iam"), fresh("operator")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    for each in names:
        text = (POLICIES / f"operator-{each}.json").read_text()
        text = text.replace("111122223333", guardian.aws.account_id)
        assert json.loads(text)
        iam.put_user_policy(UserName=name, PolicyName=each, PolicyDocument=text)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Caller(key["AccessKeyId"], key["SecretAccessKey"], arn=arn)


@pytest.fixture(scope="module")
def table(guardian: Restorer) -> str:
    return guardian.protected_table()


@pytest.fixture(scope="module")
def reader(guardian: Restorer) -> Caller:
    return operator(guardian, "read")


@pytest.fixture(scope="module")
def on_call(guardian: Restorer) -> Caller:
    return operator(guardian, "read", "restore")


def test_who_reads_may_look_at_everything(cli: Cli, table: str, reader: Caller) -> None:
    cli("sweep")  # there is something to read
    looks = (
        *(["status"], ["tables"], ["tables", table], ["history"], ["history", "--table", table]),
        *(["report", "--output", "-"], ["doctor"]),
    )
    for words in looks:
        ran = cli(*words, caller=reader)
        assert ran.code in (0, 3), (words, ran.err)


def test_who_only_reads_asks_for_nothing(cli: Cli, table: str, reader: Caller) -> None:
    asks = {
        "events:PutEvents": ["restore", table, "--as", fresh("Rescued")],
        "states:StartExecution": ["sweep"],
        "events:ListRules": ["watch"],
        "dynamodb:UntagResource": ["protect", table],
    }
    for action, words in asks.items():
        ran = cli(*words, caller=reader)
        assert ran.code == 4, (words, ran.err)
        assert action in ran.err


def test_who_is_on_call_restores_and_sweeps(cli: Cli, table: str, on_call: Caller) -> None:
    restore = cli("restore", table, "--as", fresh("Rescued"), "--dry-run", caller=on_call)
    assert restore.code == 0, restore.err
    assert cli("rescue", table, "--dry-run", caller=on_call).code == 1  # it is there
    assert cli("sweep", caller=on_call).code in (0, 3)


def test_who_may_exempt_sets_the_guardians_tags_and_no_others(
    cli: Cli, guardian: Restorer, table: str
) -> None:
    caller = operator(guardian, "read", "exempt")
    ran = cli("protect", table, "--days", "20", caller=caller)
    assert ran.code == 0, ran.err
    dynamodb = guardian.client("dynamodb", caller=caller)
    with pytest.raises(dynamodb.exceptions.ClientError, match="not authorized"):
        dynamodb.tag_resource(
            ResourceArn=guardian.arn(table), Tags=[{"Key": "owner", "Value": "somebody"}]
        )
