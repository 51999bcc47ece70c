"""The logs: one event is one line of JSON, whatever it says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from pitr_guardian import logs
from pitr_guardian.drift.decision import (
    Action,
    Decision,
)
from pitr_guardian.tables.reference import TableRef
from tests.hostile.limits import Stdout
from tests.hostile.strategies import unicode_texts


@given(unicode_texts, unicode_texts)
def test_nobody_writes_a_line_of_the_log(text: str, other: str) -> None:
    stream, said = Stdout(), f"PITR: {text}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs.logger.registered_handler, "stream", stream)
        logs.decided(TableRef("aws", text, other, text), Decision(Action.NOTHING, said))
        logs.received(other, text)
        logs.missing(said)
        logs.logger.exception("message not handled: %s", ValueError(text), message_id=other)
    decided, received, missing, failed = map(json.loads, stream.lines())
    assert decided["message"] == missing["message"] == said
    assert received["message"] == f"restore request {text}"
    assert received["request_id"] == failed["message_id"] == other
    assert [each["level"] for each in (decided, received, missing)] == ["INFO", "INFO", "WARNING"]
    assert failed["message"] == f"message not handled: {text}"
