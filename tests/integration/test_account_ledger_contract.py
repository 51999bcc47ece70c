"""The names of accounts in the ledger: what the sweep keeps is what alerts find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pitr_guardian.aws.ledger.accounts import AccountLedger
from pitr_guardian.basics.errors import RefusedError, TryLaterError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MEMBER, OTHER = "222222222222", "333333333333"


@pytest.fixture
def ledger(dynamodb: DynamoDBClient, ledger_table: str) -> AccountLedger:
    return AccountLedger(lambda: dynamodb, ledger_table)


def test_what_was_kept_last_is_found(ledger: AccountLedger) -> None:
    assert ledger.names_kept() == {}
    assert ledger.name_of(MEMBER) is None
    for name in ("payments", "payments-prod"):
        ledger.keep_name(MEMBER, name)
    assert ledger.name_of(MEMBER) == "payments-prod"
    assert ledger.name_of(OTHER) is None
    assert ledger.names_kept() == {MEMBER: "payments-prod"}


def test_what_another_release_wrote_is_no_name(
    ledger: AccountLedger, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    item = {"pk": {"S": "accounts"}, "sk": {"S": MEMBER}, "name": {"N": "7"}}
    dynamodb.put_item(TableName=ledger_table, Item=item)
    assert ledger.name_of(MEMBER) is None
    assert ledger.names_kept() == {}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadTimeoutError(endpoint_url="https://dynamodb"), TryLaterError),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem"), TryLaterError),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetItem"), RefusedError),
    ],
)
def test_a_ledger_that_does_not_answer_says_so(error: Exception, expected: type[Exception]) -> None:
    class Away:
        def get_item(self, **_: object) -> None:
            raise error

    ledger = AccountLedger(Away, "ledger")  # type: ignore[arg-type]
    with pytest.raises(expected):
        ledger.name_of(MEMBER)
