"""What was folded, told as one fact, and listed in full for whoever wants to know it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pitr_guardian.basics.instants import Instant, spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.facts.facts import Fact, Severity, fact_id
from pitr_guardian.facts.folding import Kind

TABLES_NAMED = 50
CALLERS_NAMED = 10

_SHOWN = 1000  # characters of each column of the list
_SEVERITIES: dict[str, Severity] = {
    "info": "info",
    "warning": "warning",
    "critical": "critical",
}


class AlertsFolded(Fact):
    """Many alerts of one kind, told as one.

    ``event`` is theirs, in kebab case; ``count`` how many there are. ``tables`` has the first 50
    names and ``who`` the first ten callers, each once; ``report_uri`` is a list of all alerts.
    """

    detail_type: ClassVar[str] = "Alerts Folded"
    account: str
    region: str
    event: str
    count: int
    tables: tuple[str, ...]
    who: tuple[str, ...]
    from_: Instant
    to: Instant
    report_uri: str


class Order(StoredModel):
    """Asks for the digest of one flood."""

    event: str
    severity: str
    account: str
    region: str
    flood: str

    @classmethod
    def of(cls, kind: Kind, flood: str) -> "Order":
        """Ask for the digest of a flood of this kind."""
        return cls(
            event=kind.event,
            severity=kind.severity,
            account=kind.account,
            region=kind.region,
            flood=flood,
        )

    @property
    def kind(self) -> Kind:
        """The kind of alerts that were folded."""
        return Kind(self.event, self.severity, self.account, self.region)

    @property
    def digest_id(self) -> str:
        """The id of the fact that tells of them, however often it is told."""
        return digest_id(self.kind, self.flood)


def digest_id(kind: Kind, flood: str) -> str:
    """The id of a flood's digest."""
    parts = (kind.event, kind.severity, kind.account, kind.region)
    return fact_id("alerts-folded", *parts, flood)


@dataclass(frozen=True, slots=True)
class Folded:
    """One alert that was folded, ``at`` the instant of its fact."""

    id: str
    at: datetime
    table: str
    who: str | None
    reason: str


def digest_of(
    order: Order, folded: Sequence[Folded], report_uri: str, now: datetime
) -> AlertsFolded:
    """Tell of folded alerts, oldest first.

    Args:
        order: what was asked for.
        folded: the alerts; at least one.
        report_uri: where they are listed in full.
        now: when it is told.
    """
    inorder = sorted(folded, key=lambda each: (each.at, each.table))
    tables = tuple(dict.fromkeys(each.table for each in inorder))
    who = tuple(dict.fromkeys(each.who for each in inorder if each.who))
    first, last = inorder[0].at, inorder[-1].at
    return AlertsFolded(
        id=order.digest_id,
        time=now,
        severity=_SEVERITIES.get(order.severity, "critical"),
        reason=(
            f"{len(inorder)} more {'alerts' if len(inorder) != 1 else 'alert'} {order.event}, about"
            f" {len(tables)} {'tables' if len(tables) != 1 else 'table'}, from {spoken(first)} to"
            f" {spoken(last)}: too many to be told one by one."
        ),
        account=order.account,
        region=order.region,
        event=order.event,
        count=len(inorder),
        tables=tables[:TABLES_NAMED],
        who=who[:CALLERS_NAMED],
        from_=first,
        to=last,
        report_uri=report_uri,
    )


def list_of(order: Order, folded: Sequence[Folded], account: str) -> str:
    """Write all folded alerts, a line each: when, table, who, why, and the fact's id.

    Args:
        order: what was asked for.
        folded: the alerts.
        account: the account for a person.
    """
    head = f"{len(folded)} alerts {order.event} ({order.severity})"
    head = f"{head} in account {legible(account, _SHOWN)}, region {order.region}"
    lines = [head, ""]
    for each in sorted(folded, key=lambda each: (each.at, each.table)):
        parts = (each.table, each.who or "nobody known", each.reason, f"fact {each.id}")
        told = "\t".join(legible(part, _SHOWN) for part in parts)
        lines.append(f"{spoken(each.at)}\t{told}")
    return "\n".join([*lines, ""])
