"""What was put on the request bus in a run, and what of it has to be sent again."""

from __future__ import annotations

from collections.abc import Collection

from tests.chaos.record import Asked, Json
from tests.chaos.stage import Stage


class Post:
    """The requests of one run."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._sent: list[tuple[str, Asked]] = []

    def send(self, kind: str, content: Json) -> None:
        """Put a request on the bus; its content is the event's detail."""
        self._sent.append((kind, Asked(self._stage.ask(kind, content), content)))

    def sent(self, kind: str) -> tuple[Asked, ...]:
        """The requests of a kind, but for those that were lost and sent again."""
        return tuple(asked for sent_as, asked in self._sent if sent_as == kind)

    def send_again(self, lost: Collection[str]) -> None:
        """Send once more, as it was, what the bus has lost: the events with these ids."""
        gone = [each for each in self._sent if each[1].event_id in lost]
        self._sent = [each for each in self._sent if each not in gone]
        for kind, asked in gone:
            self.send(kind, asked.content)
