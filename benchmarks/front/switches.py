"""Which tables have PITR off, who is looking at them, and how often it came back on."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

NOW = "$NOW"
"""In an event: when it is delivered, which is when its call is made."""


class Switches:
    """PITR of tables whose drift events are on the queue.

    An event that is marked as `isJustMade` comes true when it is delivered, unless somebody is
    looking at the table: what follows on its heels is the same incident.
    """

    def __init__(self) -> None:
        self.off: set[str] = set()
        self.came_on: Counter[str] = Counter()
        """How often each table's PITR was switched on while it was off: its incidents."""
        self._looked_at: dict[str, str] = {}

    def switch(self, table: str, *, on: bool) -> None:
        if not on:
            self.off.add(table)
        elif table in self.off:
            self.off.discard(table)
            self.came_on[table] += 1

    def delivered(self, message: str, body: str) -> str:
        """The message as it is delivered, with what it tells of done."""
        told = json.loads(body)
        table = self._table_of(told)
        is_busy = table in self._looked_at.values()
        self._looked_at[message] = table
        if told.get("isJustMade") and not is_busy:
            self.switch(table, on=False)
        return body.replace(NOW, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    def handled(self, message: str) -> None:
        self._looked_at.pop(message, None)

    def _table_of(self, told: dict[str, dict[str, dict[str, str]]]) -> str:
        if "look" in told:
            return str(told["look"]["table"]).rpartition("/")[2]
        return told["detail"]["requestParameters"]["tableName"]
