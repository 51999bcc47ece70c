"""Plans of undos as their pages show them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pitr_guardian.exports.record import Item
from pitr_guardian.exports.window import windows_of
from pitr_guardian.facts.facts import TableId
from pitr_guardian.facts.undo_facts import (
    OutcomeCounts,
    PlanCounts,
    UndoCompleted,
    UndoEstimate,
    UndoPlanned,
)
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.undo.line import Applied, Line, Outcome, Planned
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.page import AT_ONCE, Items, plan_page, report_page
from pitr_guardian.undo.request import UndoRequest
from pitr_guardian.undo.shape import Audience, Shape

FROM = datetime(2026, 11, 25, 3, 10, tzinfo=UTC)
TO = datetime(2026, 11, 25, 3, 40, tzinfo=UTC)
ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/Orders"
TABLE = TableId(arn=ARN, name="Orders", account="123456789012", region="eu-central-1")
FINGERPRINT = "0f" * 32


def order(audience: Audience | None = None, **asked: Any) -> UndoOrder:
    """An undo of half an hour of Orders."""
    asked = {"requested_by": "ada", "reason": "INC-4711"} | asked
    return UndoOrder(
        request=UndoRequest(table="Orders", from_=FROM, to=TO, request_id="inc-4711", **asked),
        table=TABLE,
        shape=Shape(
            table_id="0000",
            key=Key(partition=KeyAttribute(name="Id", type="S")),
            audience=audience or Audience(),
        ),
        from_=FROM,
        to=TO,
        windows=windows_of(FROM, TO, datetime(2026, 11, 1, tzinfo=UTC)),
        account="123456789012",
        accepted_at=datetime(2026, 11, 25, 4, tzinfo=UTC),
    )


def priced(name: str, price: int | None, **others: str) -> Item | None:
    """An order that costs so much; none where it costs nothing at all."""
    if price is None:
        return None
    texts = {attribute: {"S": text} for attribute, text in others.items()}
    return {"Id": {"S": name}, "Price": {"N": str(price)}, **texts}


def line(
    planned: Planned,
    name: str,
    old: int | None = 40,
    new: int | None = 1,
    live: int | None = 1,
    **others: str,
) -> Line:
    """An order whose price was 40, and that the damage made cost 1."""
    return Line(
        key={"Id": {"S": name}},
        planned=planned,
        old=priced(name, old),
        new=priced(name, new),
        live=priced(name, live, **others),
        why="its Price was changed again" if planned is Planned.CONFLICT else None,
    )


def spoilt_night() -> list[Line]:
    """One of each kind, and more of those that are reverted."""
    return [
        *(line(Planned.REVERT, f"order-{number:03}") for number in range(60)),
        line(Planned.REMOVE, "order-900", old=None),
        line(Planned.PUT_BACK, "order-901", new=None, live=None),
        line(Planned.MERGE, "order-902", Status="shipped"),
        line(Planned.CONFLICT, "order-903", live=35),
        line(Planned.EXPIRED, "order-904", live=None),
        line(Planned.AS_BEFORE, "order-905", live=40),
    ]


def many(count: int) -> Iterator[Line]:
    """Reverted orders, and a conflict at each thousandth."""
    for number in range(count):
        if number % 1000:
            yield line(Planned.REVERT, f"order-{number:06}")
        else:
            yield line(Planned.CONFLICT, f"order-{number:06}", live=35)


_OUTCOMES = {
    Planned.REMOVE: Outcome.REMOVED,
    Planned.PUT_BACK: Outcome.PUT_BACK,
    Planned.REVERT: Outcome.REVERTED,
    Planned.MERGE: Outcome.MERGED,
}


def done(each: Line) -> Applied | None:
    """What becomes of a line when all goes as planned."""
    if not each.planned.writes:
        return None
    return Applied(
        key=each.key,
        planned=each.planned,
        outcome=_OUTCOMES[each.planned],
        before=each.live,
        after=each.old,
    )


def _first(items: Items) -> Items:
    return islice(items, AT_ONCE)


def plan_of(lines: list[Line], **of_order: Any) -> str:
    """The page of a plan."""
    asked = order(**of_order)
    planned = UndoPlanned(
        id="undo/inc-4711/planned",
        time=asked.accepted_at,
        severity="warning",
        reason="A plan.",
        table=asked.table,
        plan_id=asked.plan_id,
        requested_by=asked.request.requested_by,
        request_reason=asked.request.reason,
        from_=FROM,
        to=TO,
        fingerprint=FINGERPRINT,
        expires_at=datetime(2026, 11, 26, 4, tzinfo=UTC),
        counts=PlanCounts.model_validate(_counted(lines)),
        estimate=UndoEstimate(cost_in_usd=1.25, write_units=64.0, seconds=12.0),
        plan_uri="s3://undo/page.html",
        items_uri="s3://undo/items.jsonl",
    )
    items: Items = [(each, None) for each in lines]
    return "".join(plan_page(asked, planned, _first(items), items))


def report_of(lines: list[Line]) -> str:
    """The page of what was done, where all went as planned."""
    asked = order()
    items = [(each, done(each)) for each in lines]
    outcomes = [applied.outcome.value for _, applied in items if applied]
    completed = UndoCompleted(
        id="undo/inc-4711/completed",
        time=asked.accepted_at,
        severity="info",
        reason="Done.",
        table=asked.table,
        plan_id=asked.plan_id,
        requested_by="grace",
        request_reason="read and approved",
        account="123456789012",
        from_=FROM,
        to=TO,
        counts=OutcomeCounts.model_validate(
            {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
            | {"conflict": sum(each.planned is Planned.CONFLICT for each in lines)}
        ),
        verified=len(outcomes),
        seconds=12.5,
        report_uri="s3://undo/report.html",
    )
    return "".join(report_page(asked, completed, _first(items), items))


def _counted(lines: list[Line]) -> dict[str, int]:
    kinds = [each.planned.value for each in lines]
    return {kind: kinds.count(kind) for kind in set(kinds)}
