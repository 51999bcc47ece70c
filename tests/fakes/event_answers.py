"""How events were answered, in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitr_guardian.basics.errors import AnsweredMeanwhileError


class FakeEventAnswers[Answer]:
    """What ``aws.ledger.event_answers`` does: an event is answered or taken up, never both."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.taken: set[str] = set()

    def take(self, event_id: str | None) -> None:
        if event_id in self.answers:
            raise AnsweredMeanwhileError(event_id)
        if event_id is not None:
            self.taken.add(event_id)

    def note(self, event_id: str, answer: Answer) -> Answer | None:
        if event_id in self.taken:
            return None
        return self.answers.setdefault(event_id, answer)


def before_it(
    monkeypatch: pytest.MonkeyPatch, ledger: object, method: str, twin: Callable[[], None]
) -> None:
    """Let an event's twin be handled just before a ledger's method is called, once."""
    called = getattr(ledger, method)

    def after_its_twin(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(ledger, method, called)
        twin()
        return called(*arguments, **named)

    monkeypatch.setattr(ledger, method, after_its_twin)
