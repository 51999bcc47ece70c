"""Other accounts and regions that the guardian looks after, as its ledger knows them.

docs/operations.md, "Reading the ledger", tells the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pitr_guardian_cli.times import parsed

if TYPE_CHECKING:
    from pitr_guardian_cli.aws.ledger import Ledger
    from pitr_guardian_cli.aws.stack import Stack

SILENT_AFTER = timedelta(hours=3)
"""docs/facts.md, `Member Silent`."""
_TOLD_EVERY = timedelta(days=1)
"""docs/facts.md, `Member Closed`: told as often while it is so."""


@dataclass(frozen=True)
class Member:
    """One region of one account that sends heartbeats, or did."""

    account: str
    region: str
    heard_at: datetime | None

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing was heard of it for too long."""
        return self.heard_at is None or now - self.heard_at >= SILENT_AFTER


@dataclass(frozen=True)
class Members:
    """All of them, and the accounts that don't let the guardian in."""

    known: list[Member]
    closed: list[str]

    def silent(self, now: datetime) -> list[Member]:
        """Those of which nothing was heard for too long."""
        return [member for member in self.known if member.is_silent(now)]


def members(stack: Stack, ledger: Ledger, now: datetime) -> Members:
    """Read who is a member; nobody is where the stack has no organization."""
    if not stack.parameter("OrganizationId"):
        return Members([], [])
    known = []
    for item in ledger.all_of("members"):
        if str(item["sk"]).startswith("incident#"):  # what was told of one
            continue
        account, _, region = str(item["sk"]).partition("#")
        known.append(Member(account, region, parsed(item.get("heardAt"))))
    closed = [
        str(item["sk"])
        for item in ledger.all_of("closed")
        if (told_at := parsed(item.get("toldAt"))) and now - told_at < _TOLD_EVERY
    ]
    return Members(sorted(known, key=lambda each: (each.account, each.region)), sorted(closed))
