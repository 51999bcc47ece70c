"""What subscribers of the alert topic get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import Guardian
from tests.e2e.test_notify_only import switch_on
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.usefixtures("calm")


@pytest.fixture
def calm(guardian: Guardian, watcher: Guardian) -> None:
    """No test's alerts are folded because of another's."""
    guardian.forget_floods()
    watcher.forget_floods()


class Mailbox:
    """A queue that is subscribed to the topic, and what came."""

    def __init__(self, guardian: Guardian, **attributes: str) -> None:
        self._guardian = guardian
        self._queue = guardian.subscribe(**attributes)
        self._come: list[Json] = []

    def all(self) -> list[Json]:
        while taken := self._guardian.take(self._queue):
            self._come.extend(taken)
        return self._come

    def one(self, *texts: str) -> Json:
        """The first message that holds all of these texts; waits for it."""

        def found() -> Json | None:
            return next(
                (each for each in self.all() if all(t in each["Body"] for t in texts)), None
            )

        return eventually(found, f"a message that says {texts}")


@pytest.fixture(scope="module")
def mailbox(guardian: Guardian) -> Mailbox:
    return Mailbox(guardian)


@pytest.fixture(scope="module")
def raw_mailbox(guardian: Guardian) -> Mailbox:
    return Mailbox(guardian, RawMessageDelivery="true")


def test_a_machine_gets_the_fact_and_the_same_words_as_a_person(
    guardian: Guardian, mailbox: Mailbox, raw_mailbox: Mailbox
) -> None:
    user, table = guardian.user("dynamodb:UpdateContinuousBackups"), guardian.protected_table()
    guardian.switch(table, on=False, caller=user)
    fact = guardian.fact(table, "PITR Re-enabled")

    raw = raw_mailbox.one(table, "PITR Re-enabled")
    body: dict[str, Any] = json.loads(raw["Body"])
    text = body.pop("text")
    assert body == {"detailType": "PITR Re-enabled", **fact.detail}

    envelope = json.loads(mailbox.one(table, "PITR Re-enabled")["Body"])
    assert json.loads(envelope["Message"]) == {**body, "text": text}
    heading = f"PITR is back on {table}; older restore points are lost"
    assert envelope["Subject"] == f"[WARNING] {heading}"

    # What happened comes first, then who and where and since when, then what to do.
    assert text.startswith("PITR was off; it is on now, with 35 days.\n\n")
    assert f"Table: {table}\nAccount: {guardian.aws.account_id}\nRegion: eu-central-1\n" in text
    assert f"Who: {user.arn} with SDK for Python from 127.0.0.1\n" in text
    assert f"from {fact['exposure']['from']} to {fact['exposure']['to']}" in text
    lost = fact["lostWindow"]
    assert f"every restore point from {lost['earliest']} to {lost['latest']}" in text
    assert "\n\nWhat to do: Ask who is named above why." in text


def test_subscribers_can_filter_by_what_happened_where(
    guardian: Guardian, raw_mailbox: Mailbox
) -> None:
    table = guardian.protected_table()
    message = raw_mailbox.one(table)
    attributes = {
        name: attribute["StringValue"] for name, attribute in message["MessageAttributes"].items()
    }
    assert attributes == {
        "event": "table-protected",
        "severity": "info",
        "table": table,
        "account": guardian.aws.account_id,
        "region": "eu-central-1",
    }


def test_who_wants_only_what_is_critical_gets_nothing_else(watcher: Guardian) -> None:
    everything = Mailbox(watcher)
    critical = Mailbox(watcher, FilterPolicy=json.dumps({"severity": ["critical"]}))
    exempt = [{"Key": "pitr-guardian:exempt", "Value": "2999-12-31"}]
    tolerated, unprotected = watcher.create_table("Scratch", Tags=exempt), watcher.create_table()
    everything.one(tolerated, "Drift Tolerated")
    everything.one(unprotected, "Drift Detected")
    switch_on(watcher, unprotected)
    watcher.settle()
    watcher.switch(unprotected, on=False)
    critical.one(unprotected, "Drift Detected", "critical")
    assert len(critical.all()) == 1


def folded(guardian: Guardian) -> int:
    lines = [str(line.get("message")) for line in guardian.log("announce")]
    return sum(line.startswith("folded into the digest") for line in lines)


def test_a_flood_of_births_is_five_alerts_and_one_digest(
    guardian: Guardian, raw_mailbox: Mailbox
) -> None:
    before = folded(guardian)
    tables = {*guardian.protected_tables(8)}

    def came(event: str) -> list[Json]:
        bodies = [json.loads(message["Body"]) for message in raw_mailbox.all()]
        return [body for body in bodies if body["detailType"] == event and tables & named(body)]

    def named(body: Json) -> set[str]:
        return {(body.get("table") or {}).get("name"), *body.get("tables", [])}

    eventually(lambda: len(came("Table Protected")) == 5, "five alerts")
    eventually(lambda: folded(guardian) - before == 3, "three alerts are folded")

    def digested() -> Json | None:
        guardian.digests_are_due()
        return next(iter(came("Alerts Folded")), None)

    digest = eventually(digested, "the digest")
    alone = {body["table"]["name"] for body in came("Table Protected")}
    assert len(alone) == 5
    assert digest["count"] == 3
    assert {*digest["tables"]} == tables - alone
    assert digest["text"].startswith("3 more alerts table-protected, about 3 tables, from ")

    bucket, _, key = digest["reportUri"].removeprefix("s3://").partition("/")
    listed = guardian.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert all(table in listed for table in tables - alone)
    assert len(came("Alerts Folded")) == 1
