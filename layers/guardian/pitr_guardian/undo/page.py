"""The page of a plan, and of what was done: something for a person to read before they approve.

Written as a stream: neither the items nor the page need fit into memory. What a browser has to
carry is bounded, all items are in ``items.jsonl``.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2.utils import htmlsafe_json_dumps

from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.undo_facts import UndoCompleted, UndoPlanned
from pitr_guardian.pages.html import render
from pitr_guardian.pages.ring import arcs
from pitr_guardian.pages.words import clean, length, many, minute
from pitr_guardian.undo.item_view import LABELS, AttributeView, ItemView, view_of
from pitr_guardian.undo.line import Applied, Line
from pitr_guardian.undo.order import UndoOrder

AT_ONCE = 25
"""Items shown at once; the script turns the pages, so that 100,000 are as quick as ten."""
MOST = 100_000
"""Items in the page."""
LARGEST = 48 * 2**20
"""Characters of items in the page."""

Items = Iterable[tuple[Line, Applied | None]]
"""The lines of a plan; after applying, each with what became of it, where it was written."""

_ASSETS = Path(__file__).parent / "assets"
_HEADINGS = {"old": "As it was", "new": "After the damage", "live": "Now"}
_HERE = '"@items@"'
"""Where the items go. No text that is shown can hold it: its quotes are escaped there."""
_KINDS = {"removed": "remove", "reverted": "revert", "merged": "merge"}
"""What the counts of what was done call the kinds of the plan."""
_DONE_LABELS = {
    "remove": "Removed",
    "putBack": "Put back",
    "revert": "Reverted",
    "merge": "Merged",
}


def plan_page(order: UndoOrder, planned: UndoPlanned, first: Items, items: Items) -> Iterator[str]:
    """Write the page of a plan.

    Args:
        order: what was asked for.
        planned: the answer to it.
        first: the few that are shown without a script; conflicts, where there are any.
        items: all of them, in any order.
    """
    approval = {"planId": order.plan_id, "fingerprint": planned.fingerprint}
    about = {
        **_asked(order),
        "Costs": f"${planned.estimate.cost_in_usd:,.2f}, estimated, with its planning",
        "Writes": many(round(planned.estimate.write_units), "write unit"),
        "Takes": f"about {length(planned.estimate.seconds)}",
        "Can be approved until": f"{minute(planned.expires_at)} UTC",
    }
    writes = sum(_counts(planned.counts)[kind] for kind in ("remove", "putBack", "revert", "merge"))
    return _page(
        order,
        _counts(planned.counts),
        LABELS,
        first,
        items,
        applied=False,
        about=about,
        headline=f"{many(writes, 'item')} would be put right",
        urgent=_conflicts(planned.counts.conflict),
        approval=json.dumps(approval),
    )


def report_page(
    order: UndoOrder, completed: UndoCompleted, first: Items, items: Items
) -> Iterator[str]:
    """Write the page of what was done; arguments as for `plan_page`."""
    counts = completed.counts
    done = counts.removed + counts.put_back + counts.reverted + counts.merged
    about = {
        **_asked(order),
        "Approved by": clean(completed.requested_by or f"account {completed.account}"),
        "Approved because": clean(completed.request_reason or ""),
        "Read again and found as planned": f"{completed.verified:,} of {done:,}",
        "Took": length(completed.seconds),
    }
    return _page(
        order,
        _counts(counts),
        {**LABELS, **_DONE_LABELS},
        first,
        items,
        applied=True,
        about=about,
        headline=f"{many(done, 'item')} put right",
        urgent=f"{counts.failed:,} failed" if counts.failed else _conflicts(counts.conflict),
        approval="",
    )


def _page(
    order: UndoOrder,
    counts: Mapping[str, int],
    labels: Mapping[str, str],
    first: Items,
    items: Items,
    *,
    applied: bool,
    about: Mapping[str, str],
    **shown: Any,
) -> Iterator[str]:
    counted = [(kind, labels[kind], counts[kind]) for kind in LABELS if kind in counts]
    whole = render(
        _ASSETS,
        title=f"{'undone' if applied else 'plan of an undo'}, {clean(order.table.name)}",
        heading={
            "applied": applied,
            "table": clean(order.table.name),
            "place": f"{order.table.region} · {order.table.account}",
            "window": f"{spoken(order.from_)} to {spoken(order.to)}",
            "plan_id": order.plan_id,
        },
        headings=_HEADINGS,
        ring=arcs({kind: count for kind, _, count in counted}),
        counted=counted,
        total=f"{sum(counts.values()):,}",
        notes=[] if applied else _audience(order),
        about=[(term, said) for term, said in about.items() if said],
        shown=[_labelled(view_of(*each), labels) for each in first],
        empty=_labelled(ItemView("", "", "", "", ()), {"": ""}),
        empty_attribute=AttributeView("", "", "", "", "", ""),
        data={
            "labels": dict(labels),
            "order": list(LABELS),
            "atOnce": AT_ONCE,
            "items": "@items@",
            "leftOut": "@left@",
        },
        **shown,
    )
    head, _, rest = whole.rpartition(_HERE)
    before, _, after = rest.rpartition('"@left@"')
    yield head + "["
    left_out = yield from _data(items)
    yield f"]{before}{left_out}{after}"


def _data(items: Items) -> Generator[str, None, int]:
    """The items as the script takes them, and how many there was no room for."""
    size, left_out = 0, 0
    for at, each in enumerate(items):
        if left_out or at >= MOST:
            left_out += 1
            continue
        view = view_of(*each)
        fields = (view.kind, view.key, view.note, view.rest, view.attributes)
        text = ("," if at else "") + htmlsafe_json_dumps(fields, separators=(",", ":"))
        size += len(text)
        if size > LARGEST:
            left_out += 1
            continue
        yield text
    return left_out


def _labelled(view: ItemView, labels: Mapping[str, str]) -> dict[str, Any]:
    return {**vars(view), "label": labels[view.kind]}


def _counts(counts: WireModel) -> dict[str, int]:
    told: dict[str, int] = counts.model_dump(by_alias=True)
    return {_KINDS.get(kind, kind): count for kind, count in told.items()}


def _conflicts(count: int) -> str:
    if not count:
        return ""
    return f"{many(count, 'conflict')}: what others wrote since stays as it is"


def _asked(order: UndoOrder) -> dict[str, str]:
    request = order.request
    return {
        "Asked for by": clean(request.requested_by or f"account {order.account}"),
        "Because": clean(request.reason or ""),
    }


def _audience(order: UndoOrder) -> list[str]:
    """Who else will see what is written."""
    audience = order.shape.audience
    told = {
        "Replicas get each write": audience.replicas,
        "Its stream gets each write": (audience.stream,) if audience.stream else (),
        "These functions read the stream": audience.triggers,
        "These Kinesis streams get each write": audience.kinesis,
    }
    return [f"{what}: {clean(', '.join(who))}." for what, who in told.items() if who]
