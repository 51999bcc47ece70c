"""Announcing: each fact once, to each topic, or in a digest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.basics.instants import Clock, iso
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.accounts import KnownAccounts, account_in
from pitr_guardian.facts.announcement import Announcement, announcement_of
from pitr_guardian.facts.digest import Order, digest_id, digest_of, list_of
from pitr_guardian.facts.folding import (
    NEVER_FOLDED,
    WITHIN,
    Alert,
    Kind,
    Verdict,
    judge,
)
from pitr_guardian.facts.ports import (
    AlertRecords,
    DigestOrders,
    Facts,
    Floods,
    Lists,
    Topic,
)
from pitr_guardian.facts.words import word

DIGEST = "digest"

_TRIES = 20
"""Of the alerts that come at the same moment one is noted at each try, until they are folded."""

_LONGEST_ID = 200
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Announcer:
    """Announces facts. An alert never waits for the ledger: what can't be asked folds nothing."""

    topics: Mapping[str, Topic]
    """By what the ledger calls them."""
    records: AlertRecords
    digests: DigestOrders
    clock: Clock
    stack: str = "pitr-guardian"
    undo_pattern: str = ""
    accounts: KnownAccounts | None = None
    """None where there are no members."""

    def announce(
        self, detail_type: str, detail: Mapping[str, Any], account: str, region: str
    ) -> str:
        """Announce a fact, unless it was announced before or is folded.

        Args:
            detail_type: the fact's detail-type.
            detail: its detail.
            account: where it was told.
            region: likewise.

        Returns:
            what became of it, in words.
        """
        if self.accounts is not None:
            detail = self.accounts.named(detail)
        announcement = announcement_of(
            detail_type, detail, account, region, self.undo_pattern, self.stack
        )
        alert = alert_of(announcement, detail, self.clock())
        if alert is None:
            return self._tell(announcement)
        try:
            told = self.records.told(alert.id)
            digest = None if told else self._fold(alert)
        except (TryLaterError, RefusedError) as problem:
            return f"{self._tell(announcement)}, as the ledger can't be asked: {problem}"
        if digest is not None:
            self._note(alert, DIGEST, digest)
        if digest is not None or DIGEST in told:
            return "folded" if digest is None else f"folded into the digest {digest}"
        return self._tell(announcement, alert, told)

    def _tell(
        self,
        announcement: Announcement,
        alert: Alert | None = None,
        told: frozenset[str] = frozenset(),
    ) -> str:
        still_open = {name: topic for name, topic in self.topics.items() if name not in told}
        for name, topic in still_open.items():
            topic.announce(announcement)
            if alert is not None:
                self._note(alert, name)
        return "announced" if still_open else "announced before"

    def _note(self, alert: Alert, where: str, digest: str | None = None) -> None:
        """Note what was done. It is done, so that nothing must be tried again for the note."""
        try:
            self.records.note_told(alert, where, self.clock(), digest)
        except (TryLaterError, RefusedError):
            return

    def _fold(self, alert: Alert) -> str | None:
        """Fold an alert that is of a flood; returns the id of its digest, or None."""
        kind = alert.kind
        if kind is None:
            return None
        for _ in range(_TRIES):
            now = self.clock()
            flow = self.records.flow(kind)
            verdict = judge(flow, alert.id, now)
            if verdict is Verdict.AGAIN:
                return None
            if verdict is Verdict.SINGLE:
                if self.records.save(kind, flow.told(alert.id, now), now):
                    return None
                continue
            flood = flow.flood or f"{iso(now)}#{alert.id}"
            if verdict is Verdict.FLOOD:
                # First the order: a flood without one would never be told. An order of a flood
                # that somebody else began meanwhile finds nothing to tell.
                self.digests.order(Order.of(kind, flood), WITHIN)
                if not self.records.save(kind, flow.flooded(flood, now), now):
                    continue
            elif flow.is_overdue(now):
                self.digests.order(Order.of(kind, flood), timedelta())
            if self.records.join(alert, kind, flood, now):
                return digest_id(kind, flood)
        raise TryLaterError(f"{_TRIES} times somebody was faster")


@dataclass(frozen=True, slots=True)
class Digester:
    """Tells of what was folded. Ordered twice it tells the same fact again, with the same id."""

    floods: Floods
    lists: Lists
    facts: Facts
    clock: Clock
    accounts: KnownAccounts | None = None
    """None where there are no members."""

    def digest(self, order: Order) -> str:
        """End a flood and tell of it; returns what became of it, in words.

        Raises:
            TryLaterError: AWS can't do it now; nothing is lost.
        """
        self.floods.close(order.kind, order.flood, self.clock())
        folded = self.floods.folded(order.kind, order.flood)
        if not folded:
            return "nothing was folded"
        uri = self.lists.write(order, list_of(order, folded, self._account(order)))
        self.facts.publish(digest_of(order, folded, uri, self.clock()))
        return f"{len(folded)} alerts told as the digest {order.digest_id}"

    def _account(self, order: Order) -> str:
        asked = {"account": order.account}
        return account_in(self.accounts.named(asked) if self.accounts else asked) or order.account


def alert_of(announcement: Announcement, detail: Mapping[str, Any], now: datetime) -> Alert | None:
    """What is to be known of an alert; None of one that has no name to know it by."""
    alert_id = word(detail.get("id"))
    if alert_id is None or len(alert_id) > _LONGEST_ID or not alert_id.isprintable():
        return None
    attributes = announcement.attributes
    event = attributes.get("event", "")
    alert = Alert(alert_id, event, _instant(detail.get("time")) or now)
    parts = [attributes.get(name) for name in ("severity", "account", "region", "table")]
    if not event or event in NEVER_FOLDED or not all(parts):
        return alert
    severity, account, region, table = (part or "" for part in parts)
    actor = mapping(detail.get("actor"))
    who = word(actor.get("arn") or actor.get("invokedBy") or detail.get("requestedBy"))
    return replace(
        alert,
        kind=Kind(event, severity, account, region),
        table=table,
        who=legible(who, _LONGEST) if who else None,
        reason=legible(word(detail.get("reason")) or "", _LONGEST),
    )


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
