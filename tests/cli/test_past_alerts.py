"""What became of alerts, read from the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from pitr_guardian_cli.aws.ledger import Ledger
from tests.cli.ledger import NAME, Written


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Written()


def test_each_alert_was_sent_or_folded_or_is_not_known(written: Written) -> None:
    written.put("alert#one", "alert", event="table-protected", sentAt="2026-11-25T10:00:00.000Z")
    written.put("alert#two", "alert", event="table-protected", foldedInto="digest-1")
    alerts = Ledger(written.client, NAME).alerts(["one", "two", "one", "three"])
    assert alerts == {
        "one": {"sentAt": "2026-11-25T10:00:00.000Z"},
        "two": {"foldedInto": "digest-1"},
    }


def test_of_no_facts_nothing_is_asked(written: Written) -> None:
    assert Ledger(written.client, NAME).alerts([]) == {}
