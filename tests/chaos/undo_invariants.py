"""What holds of undos, whatever happened: read from each write of an item, and from the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tests.chaos.answers import miscounted
from tests.chaos.record import AskedUndo, Fact, ItemWrite, Json, Record, Undo
from tests.chaos.ways import APPLY

_WRITING = frozenset({"remove", "putBack", "revert", "merge"})
_WROTE = frozenset({"removed", "putBack", "reverted", "merged"})


def each_undo_request_got_one_answer(record: Record) -> Iterator[str]:
    """Rejected, or accepted and then exactly one of planned and failed.

    The same request again is the same request, and shares its answer; another one under the same
    id is rejected.
    """
    for plan, events in _by_plan(record.undo_requests).items():
        accepted = _ids(record, plan, "Undo Accepted")
        ended = _ids(record, plan, "Undo Planned") | _ids(record, plan, "Undo Failed", "plan")
        if len(accepted) != len(ended):
            yield f"{plan} was accepted {len(accepted)} times, and ended {len(ended)} times"
        yield from _miscounted(record, plan, events, ended, "planned")


def each_approval_got_one_answer(record: Record) -> Iterator[str]:
    """Rejected, or exactly one of completed and failed; twice the same approval is one undo."""
    for plan, events in _by_plan(record.approvals).items():
        ended = _ids(record, plan, "Undo Completed") | _ids(record, plan, "Undo Failed", "apply")
        yield from _miscounted(record, plan, events, ended, "carried out")


def _miscounted(
    record: Record, plan: str, events: list[AskedUndo], ended: set[str], what: str
) -> Iterator[str]:
    refusals = {
        fact.id
        for fact in _told(record, plan, "Undo Rejected")
        if fact.detail["reason"].startswith(f"The undo was not {what}")
    }
    yield from miscounted(record, f"{plan} ({what})", plan, events, ended, refusals)


def no_undo_overwrote_a_later_write(record: Record) -> Iterator[str]:
    """Each write of an undo changed nothing but what the plan saw: the damage, or what was to be
    overwritten; and it made it good. What a deletion took too much of was given back at once, or
    told to be in doubt: its function was killed."""
    for table, writes in record.writes.items():
        plans = [undo for undo in record.undos if undo.table == table]
        for place, write in enumerate(writes):
            if APPLY not in write.caller:
                continue
            same_item = [each for each in writes[place + 1 :] if each.key == write.key]
            earlier = [each for each in writes[:place] if each.key == write.key]
            lines = [line for plan in plans for line in plan.lines if _key(line) == write.key]
            if any(_is_as_planned(line, write) for line in lines):
                continue
            if write.after is None and same_item and same_item[0].after == write.before:
                continue  # given back
            if write.after is None and any(_in_doubt(plan, write.key) for plan in plans):
                continue
            if earlier and earlier[-1].after is None and earlier[-1].before == write.after:
                continue  # the giving back
            yield f"an undo overwrote {write.key} of {table}: {write.before} by {write.after}"


def each_item_is_as_planned(record: Record) -> Iterator[str]:
    """After `Undo Completed`, each item was made as the plan says, or is on the list of conflicts
    because others wrote it; and the counts are the items'."""
    for undo in record.undos:
        completed = _told(record, undo.plan, "Undo Completed")
        if not completed:
            continue
        accepted_at = min(fact.time for fact in _told(record, undo.plan, "Undo Accepted"))
        until = _next_undo_of(record, undo)
        planned = [line for line in undo.lines if line["planned"] in _WRITING]
        if len(undo.applied) != len(planned):
            yield f"{undo.plan} planned {len(planned)} writes, and noted {len(undo.applied)}"
        done = {_key(each): each for each in undo.applied}
        for line in planned:
            key = _key(line)
            writes = [w for w in record.writes[undo.table] if w.key == key and w.at < until]
            yield from _unlike(undo.plan, line, done.get(key), writes, accepted_at)
        counts = completed[0].detail["counts"]
        left = sum(line["planned"] == "conflict" for line in undo.lines)
        if sum(counts.values()) != len(planned) + left:
            yield f"{undo.plan} tells of {counts}, and has {len(planned)} writes, {left} conflicts"


def _next_undo_of(record: Record, undo: Undo) -> datetime:
    """When the next undo in the same table was accepted, which may put back other items."""
    ended = max(fact.time for fact in _told(record, undo.plan, "Undo Completed"))
    others = [other.plan for other in record.undos if other.table == undo.table]
    accepted = [fact.time for plan in others for fact in _told(record, plan, "Undo Accepted")]
    return min((at for at in accepted if at > ended), default=datetime.max.replace(tzinfo=UTC))


def _unlike(
    plan: str, line: Json, done: Json | None, writes: list[ItemWrite], accepted_at: datetime
) -> Iterator[str]:
    outcome = done["outcome"] if done else None
    states = [write.after for write in writes if write.at < accepted_at][-1:]
    states += [write.after for write in writes if write.at >= accepted_at]
    others = [write for write in writes if write.at >= accepted_at and APPLY not in write.caller]
    was_made_good = any(_is_good(line, state) for state in states)
    if outcome in _WROTE and not was_made_good:
        yield f"{plan} says {outcome} of {_key(line)}, which was never as planned: {states}"
    if outcome not in _WROTE and not others:
        yield f"{plan} left {_key(line)} ({outcome}), and nobody else wrote it"
    if not others and not (states and _is_good(line, states[-1])):
        yield f"{plan} is completed, and {_key(line)} isn't as planned: {states[-1:]}"


def _in_doubt(undo: Undo, key: str) -> bool:
    return any(each.get("doubtful") and _key(each) == key for each in undo.applied)


def _is_as_planned(line: Json, write: ItemWrite) -> bool:
    old, seen = _item(line["old"]), (_item(line["new"]), _item(line["live"]))
    before, after = write.before, write.after
    if line["planned"] not in _WRITING:
        return False
    if before is None or after is None:
        return after == old and before in seen
    return old is not None and all(
        after.get(name) == old.get(name)
        and any(each is not None and before.get(name) == each.get(name) for each in seen)
        for name in _differing(before, after)
    )


def _is_good(line: Json, state: Json | None) -> bool:
    """Whether all that the line puts back is in an item as it is to be."""
    old, live, new = (_item(line[image]) for image in ("old", "live", "new"))
    if old is None or state is None:
        return state == old
    was = new if line["planned"] == "merge" else live
    return all(state.get(name) == old.get(name) for name in _differing(old, was or {}))


def _differing(one: Json, other: Json) -> list[str]:
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]


def _item(image: Json | None) -> Json | None:
    return None if image is None else {name: image[name] for name in image if name != "id"}


def _key(line: Json) -> str:
    return str(line["key"]["id"]["S"])


def _by_plan(events: Iterable[AskedUndo]) -> dict[str, list[AskedUndo]]:
    found: dict[str, list[AskedUndo]] = {}
    for each in events:
        found.setdefault(each.plan, []).append(each)
    return found


def _told(record: Record, plan: str, kind: str) -> list[Fact]:
    return [fact for fact in record.facts if fact.kind == kind and fact.detail["planId"] == plan]


def _ids(record: Record, plan: str, kind: str, phase: str | None = None) -> set[str]:
    told = _told(record, plan, kind)
    return {fact.id for fact in told if phase is None or fact.detail["phase"] == phase}


UNDO_INVARIANTS = (
    each_undo_request_got_one_answer,
    each_approval_got_one_answer,
    no_undo_overwrote_a_later_write,
    each_item_is_as_planned,
)
