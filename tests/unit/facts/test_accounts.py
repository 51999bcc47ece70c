"""Accounts by their names: wherever one is told, and never at the price of an alert."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.facts.accounts import ASKED_AGAIN, KEPT, KnownAccounts
from pitr_guardian.facts.announcement import announcement_of
from pitr_guardian.facts.chat import TITLE_LENGTH
from pitr_guardian.facts.text_message import LENGTH
from tests.fakes.alerts import ACCOUNT, REGION, Newsroom

PAYMENTS = "payments-prod"


class Names:
    """``facts.ports.AccountNames`` in memory."""

    def __init__(self, **known: str) -> None:
        self.known = {key.removeprefix("a"): name for key, name in known.items()}
        self.error: Exception | None = None
        self.asked = 0
        self.now = 0.0

    def name_of(self, account: str) -> str | None:
        self.asked += 1
        if self.error:
            raise self.error
        return self.known.get(account)


@pytest.fixture
def names() -> Names:
    return Names(**{f"a{ACCOUNT}": PAYMENTS})


@pytest.fixture
def accounts(names: Names) -> KnownAccounts:
    return KnownAccounts(names, lambda: names.now)


def fact(number: int = 1, **more: Any) -> dict[str, Any]:
    table = {"name": f"orders-{number}", "account": ACCOUNT, "region": REGION}
    return {
        "id": f"f-{number}",
        "time": "2026-10-05T09:00:00.000Z",
        "severity": "critical",
        "reason": "The table is gone.",
        "table": table,
        **more,
    }


def test_a_name_is_told_in_subject_text_message_chat_and_json(accounts: KnownAccounts) -> None:
    news = Newsroom(accounts=accounts)
    news.announce("Table Deleted", fact())
    [told] = news.topic.announced
    assert told.subject == f"[CRITICAL] orders-1 was deleted, with NO backup left ({PAYMENTS})"
    assert f"Account: {PAYMENTS} ({ACCOUNT})" in told.bodies["email"]
    assert f"{REGION} {PAYMENTS}" in told.bodies["sms"]
    assert json.loads(told.bodies["default"])["accountName"] == PAYMENTS
    chat = json.loads(told.chat)
    assert chat["content"]["title"].endswith(f"NO backup left ({PAYMENTS})")
    assert chat["metadata"]["additionalContext"]["account"] == ACCOUNT
    assert chat["metadata"]["additionalContext"]["accountName"] == PAYMENTS
    assert PAYMENTS in chat["content"]["keywords"]
    assert told.attributes["account"] == ACCOUNT  # to filter by: names change


def test_a_digest_and_its_list_tell_it_too(accounts: KnownAccounts) -> None:
    news = Newsroom(accounts=accounts)
    for number in range(8):
        news.announce("Table Deleted", fact(number))
    news.send_digests()
    digest = news.topic.announced[-1]
    assert digest.subject == f"[CRITICAL] 3 more tables were deleted ({PAYMENTS})"
    [listed] = news.lists.written.values()
    assert f"in account {PAYMENTS} ({ACCOUNT}), region" in listed


def test_a_member_is_called_by_its_name(accounts: KnownAccounts) -> None:
    news = Newsroom(accounts=accounts)
    silent = fact(table=None, account=ACCOUNT, region=REGION)
    news.announce("Member Silent", silent)
    [told] = news.topic.announced
    said = f"Nothing is heard of account {PAYMENTS} ({ACCOUNT}) in {REGION}; only sweeps protect it"
    assert told.bodies["sms"] == f"CRITICAL: {said}"
    assert told.subject.startswith("[CRITICAL] Nothing is heard of account payments-prod (")


@pytest.mark.parametrize("error", [TryLaterError("throttled"), RefusedError("no right"), None])
def test_what_nobody_can_name_is_told_by_its_id(
    names: Names, accounts: KnownAccounts, error: Exception | None
) -> None:
    names.error, names.known = error, {}
    news = Newsroom(accounts=accounts)
    news.announce("Table Deleted", fact())
    [told] = news.topic.announced
    assert told.subject == f"[CRITICAL] orders-1 was deleted, with NO backup left ({ACCOUNT})"
    assert f"Account: {ACCOUNT}\n" in told.bodies["email"]


def test_without_members_nothing_is_asked_and_subjects_stay_short() -> None:
    news = Newsroom()
    news.announce("Table Deleted", fact())
    [told] = news.topic.announced
    assert told.subject == "[CRITICAL] orders-1 was deleted, with NO backup left"
    assert "accountName" not in told.bodies["default"]


def test_a_name_is_asked_for_once_an_hour_and_an_unknown_one_sooner(
    names: Names, accounts: KnownAccounts
) -> None:
    for _ in range(5):
        assert accounts.called(ACCOUNT) == PAYMENTS
        assert accounts.called("999999999999") == "999999999999"
    assert names.asked == 2
    names.now = ASKED_AGAIN
    names.known["999999999999"] = "shop"
    assert accounts.called("999999999999") == "shop"
    names.now, names.error = KEPT, TryLaterError("away")
    for _ in range(3):  # what it was called an hour ago is better than digits
        assert accounts.called(ACCOUNT) == PAYMENTS
    assert names.asked == 4


TEXTS = st.text(max_size=300)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["Table Deleted", "Member Closed", "Something New"]))
def test_whatever_an_account_is_called_what_is_sent_fits(
    table: str, name: str, severity: str, kind: str
) -> None:
    detail = fact(table={"name": table, "account": ACCOUNT}, severity=severity, accountName=name)
    told = announcement_of(kind, detail)
    assert 0 < len(told.subject) <= 100
    assert all(" " <= sign <= "~" for sign in told.subject)
    assert len(told.bodies["sms"]) <= LENGTH
    assert len(json.loads(told.chat)["content"]["title"]) <= TITLE_LENGTH


@given(st.text("abcdefghijkl -", min_size=1, max_size=50), st.integers(3, 255))
def test_the_account_is_not_what_a_long_subject_loses(name: str, length: int) -> None:
    detail = fact(table={"name": "x" * length, "account": ACCOUNT}, accountName=name)
    assert announcement_of("Table Deleted", detail).subject.endswith(f"({name})")
