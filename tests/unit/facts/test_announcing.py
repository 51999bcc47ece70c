"""Each fact is announced once, or is in one digest; whatever dies in between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.facts.folding import WITHIN
from tests.fakes.alerts import ACCOUNT, REGION, FakeTopic, Newsroom

BIRTH = "Table Protected"


class KilledError(Exception):
    """A function that is killed."""


@pytest.fixture
def news() -> Newsroom:
    return Newsroom()


def fact(number: int, severity: str = "info", **more: Any) -> dict[str, Any]:
    name = f"table-{number:03}"
    table = {"arn": f"arn:{name}", "name": name, "account": ACCOUNT, "region": REGION}
    return {
        "version": "1",
        "id": f"f-{number}",
        "time": f"2026-10-05T09:00:{number % 60:02}.000Z",
        "severity": severity,
        "reason": f"{name} is protected now.",
        "table": table,
        "actor": {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
        **more,
    }


def born(news: Newsroom, *numbers: int) -> None:
    for number in numbers:
        news.announce(BIRTH, fact(number))


def digest(news: Newsroom) -> dict[str, Any]:
    """The one digest that is ordered."""
    orders, news.queue.orders = news.queue.orders, []
    for order, _ in orders:
        news.digester.digest(order)
    [told] = news.facts.published
    return told.detail()


def test_five_births_are_told_one_by_one_and_three_hundred_in_one_digest(news: Newsroom) -> None:
    born(news, *range(300))
    assert news.topic.tables("table-protected") == [f"table-{n:03}" for n in range(5)]
    [(_, delay)] = news.queue.orders
    assert delay == WITHIN

    told = digest(news)
    assert (told["event"], told["count"], told["severity"]) == ("table-protected", 295, "info")
    assert (told["account"], told["region"]) == (ACCOUNT, REGION)
    assert len(told["tables"]) == 50
    assert told["who"] == [f"arn:aws:iam::{ACCOUNT}:user/alice"]
    listed = news.lists.written[told["reportUri"]]
    assert [f"table-{n:03}" in listed for n in range(300)] == [False] * 5 + [True] * 295


def test_the_digest_is_an_alert_itself_and_never_folded(news: Newsroom) -> None:
    for storm in range(10):
        born(news, *range(storm * 100, storm * 100 + 10))
        news.send_digests()
    digests = [a for a in news.topic.announced if a.attributes["event"] == "alerts-folded"]
    assert len(digests) == 10


def test_a_critical_deletion_is_not_folded_among_those_of_test_tables(news: Newsroom) -> None:
    for number in range(20):
        news.announce("Table Deleted", fact(number, "info"))
    news.announce("Table Deleted", fact(99, "critical"))
    assert news.topic.tables("table-deleted")[-1] == "table-099"


def test_other_accounts_and_regions_are_floods_of_their_own(news: Newsroom) -> None:
    born(news, *range(20))
    elsewhere = fact(99)
    elsewhere["table"] = elsewhere["table"] | {"region": "eu-west-1"}
    news.announce(BIRTH, elsewhere)
    assert news.topic.tables("table-protected")[-1] == "table-099"


def test_what_is_about_no_table_and_what_has_to_be_answered_is_not_folded(news: Newsroom) -> None:
    for number in range(9):
        news.announce("Undo Planned", fact(number))
        news.announce("Sweep Completed", fact(100 + number, table=None))
    assert len(news.topic.announced) == 18


def test_a_fact_that_comes_twice_is_announced_once(news: Newsroom) -> None:
    born(news, 1, 1, *range(10, 30), 25, 2, 25)
    digested = digest(news)
    assert news.topic.tables("table-protected").count("table-001") == 1
    assert digested["count"] == 17
    assert digested["tables"].count("table-025") == 1


def test_a_fact_that_one_topic_refused_goes_to_that_topic_alone_again(news: Newsroom) -> None:
    chat = FakeTopic()
    chat.refuses = 1
    both = replace(news.announcer, topics={"alerts": news.topic, "chat": chat})
    with pytest.raises(TryLaterError):
        both.announce(BIRTH, fact(1), ACCOUNT, REGION)
    both.announce(BIRTH, fact(1), ACCOUNT, REGION)
    assert news.topic.tables("table-protected") == ["table-001"]
    assert chat.tables("table-protected") == ["table-001"]


def test_an_alert_never_waits_for_the_ledger(news: Newsroom) -> None:
    news.ledger.is_away = True
    born(news, *range(20))
    assert len(news.topic.announced) == 20


def test_what_cannot_be_noted_after_it_was_told_fails_nothing(news: Newsroom) -> None:
    def go_away(call: str) -> None:
        if call == "note_told":
            raise TryLaterError("gone")

    news.ledger.before = go_away
    born(news, 1)
    assert news.topic.tables("table-protected") == ["table-001"]


def test_a_digest_that_is_ordered_twice_is_announced_once(news: Newsroom) -> None:
    born(news, *range(10))
    news.queue.orders *= 3
    news.send_digests()
    digests = [a for a in news.topic.announced if a.attributes["event"] == "alerts-folded"]
    assert len(digests) == 1


def test_a_digest_whose_function_dies_half_way_is_told_by_the_next(news: Newsroom) -> None:
    born(news, *range(10))
    orders = list(news.queue.orders)
    for call in ("close", "folded"):
        news.ledger.before = _dies_at(call)
        with pytest.raises(KilledError):
            news.digester.digest(orders[0][0])
        news.ledger.before = lambda _: None
    assert digest(news)["count"] == 5


def test_a_flood_whose_order_was_lost_is_ordered_again_by_the_next_alert(news: Newsroom) -> None:
    born(news, *range(7))
    news.queue.orders.clear()
    news.clock.advance(16 * 60)
    born(news, 7)
    assert digest(news)["count"] == 3


def test_an_alert_that_is_late_for_a_flood_joins_the_next_and_no_other(news: Newsroom) -> None:
    born(news, *range(7))
    [(order, _)] = news.queue.orders
    news.ledger.before = _once("join: recorded", lambda: news.digester.digest(order))
    born(news, 7)
    first = news.facts.published[0].detail()
    assert first["count"] == 3  # recorded, and told with the others: named twice rather than never
    news.facts.published.clear()
    news.queue.orders.remove((order, WITHIN))
    assert digest(news)["tables"] == ["table-007"]


@given(
    deaths=st.lists(
        st.tuples(
            st.integers(0, 25),
            st.sampled_from(
                ["told", "flow", "save", "join", "join: recorded", "note_told", "topic"]
            ),
        ),
        max_size=12,
    )
)
def test_whoever_dies_when_every_table_is_named(deaths: list[tuple[int, str]]) -> None:
    news = Newsroom()
    for number in range(26):
        for call in [call for at, call in deaths if at == number]:
            news.ledger.before = _dies_at(call)
            news.topic.refuses = int(call == "topic")
            with contextlib.suppress(KilledError, TryLaterError):  # Lambda tries again
                born(news, number)
            news.ledger.before, news.topic.refuses = lambda _: None, 0
        born(news, number)
    news.send_digests()
    named = set(news.topic.tables("table-protected"))
    for text in news.lists.written.values():
        named |= {f"table-{n:03}" for n in range(26) if f"table-{n:03}" in text}
    assert named == {f"table-{n:03}" for n in range(26)}


def _dies_at(wanted: str) -> Callable[[str], None]:
    def die(call: str) -> None:
        if call == wanted:
            raise KilledError(call)

    return die


def _once(wanted: str, do: Callable[[], object]) -> Callable[[str], None]:
    done: list[str] = []

    def act(call: str) -> None:
        if call == wanted and not done:
            done.append(call)
            do()

    return act
