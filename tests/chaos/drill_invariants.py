"""What holds of drills, whatever happened: read from facts, the trail, the ledger, the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.answers import miscounted
from tests.chaos.record import Asked, Fact, Piece, Record
from tests.chaos.ways import ABANDONED_DRILL, OF_DRILLS

PASSED, FAILED = "Drill Passed", "Drill Failed"
_COPY = "pitr-guardian-drill-"
_OUTCOMES = {PASSED: "passed", FAILED: "failed"}
_NO_CHANGE = ("ExportTableToPointInTime", "Describe", "List")
_NOTHING = {"compared": 0, "equal": 0, "explained": 0, "mismatched": 0}


def each_drill_request_got_one_answer(record: Record) -> Iterator[str]:
    """Rejected, or started and then exactly one of passed and failed.

    A drill that nobody asked for was due by the tag, and is answered likewise.
    """
    by_drill: dict[str, list[Asked]] = {}
    for each in record.drill_requests:
        by_drill.setdefault(str(each.content["requestId"]), []).append(each)
    for drill in {*by_drill, *_drills(record)}:
        started, ended = _ids(record, drill, "Drill Started"), _ids(record, drill, *_OUTCOMES)
        if len(started) != len(ended) or len(ended) > 1:
            yield f"{drill} was started {len(started)} times, and ended {len(ended)} times"
        if drill in by_drill:
            refusals = _ids(record, drill, "Drill Rejected")
            yield from miscounted(record, drill, drill, by_drill[drill], ended, refusals)
        elif any(fact.detail["occasion"] != "tag" for fact in _told(record, drill, _STARTED)):
            yield f"nobody asked for {drill}, and it was not due"


def no_drill_was_skipped_twice(record: Record) -> Iterator[str]:
    """Once a month for each table, and it says that the budget doesn't allow it."""
    skipped = {fact.id: fact for fact in record.facts if fact.kind == "Drill Skipped"}
    for table in {fact.table for fact in skipped.values()}:
        told = [fact for fact in skipped.values() if fact.table == table]
        if len(told) > 1:
            yield f"it was told {len(told)} times that the budget leaves {table} out"
        for fact in told:
            if fact.detail["estimateInUsd"] <= fact.detail["leftInUsd"]:
                yield f"{table} was skipped, and the budget allows it: {fact.detail}"


def no_copy_is_left_after_a_day(record: Record) -> Iterator[str]:
    """Nor a backup of one, nor a drill that the ledger takes for open."""
    yield from (f"left after a day: {each}" for each in record.drills.left)
    yield from (f"the ledger has it still: {each}" for each in record.drills.marks)


def what_is_said_to_be_removed_is(record: Record) -> Iterator[str]:
    """Nothing was left for later of a copy that an answer calls removed; and there was one copy."""
    for fact in _answers(record):
        copy = _COPY + fact.detail["drillId"]
        calls = [c for c in record.drills.copy_calls if c.table == copy and not c.refused]
        births = sum(call.name.startswith("Restore") for call in calls)
        if births > 1:
            yield f"{copy} was made {births} times"
        later = [c for c in calls if c.name == "DeleteTable" and ABANDONED_DRILL in c.caller]
        if fact.detail["removed"] and later:
            yield f"{copy} was said to be removed, and was deleted later: {later}"


def nobody_hears_of_a_copy(record: Record) -> Iterator[str]:
    """No alert of its birth, its end, or that it isn't protected; and nobody protects it."""
    for fact in record.facts:
        if (fact.table or "").startswith(_COPY):
            yield f"{fact.kind} was told of {fact.table}"
    for call in record.drills.copy_calls:
        if call.name == "UpdateContinuousBackups":
            yield f"{call.caller} switched PITR of {call.table}"


def the_evidence_is_a_chain(record: Record) -> Iterator[str]:
    """As `verify-evidence` walks it."""
    if record.drills.broken:
        yield f"the chain breaks: {record.drills.broken}"


def each_answer_has_its_evidence(record: Record) -> Iterator[str]:
    """What an answer names is in the chain, once, and says the same; and nothing else is in it."""
    told = _answers(record)
    named = {fact.detail["evidenceSha256"] for fact in told}
    for piece in record.drills.evidence:
        if piece.sha256 not in named:
            yield f"{piece.key} is in the chain, and no answer names it"
    for fact in told:
        drill, sha256 = fact.detail["drillId"], fact.detail["evidenceSha256"]
        if sha256 is None:
            if fact.kind == PASSED:
                yield f"{drill} passed without evidence"
            continue
        found = [piece for piece in record.drills.evidence if piece.sha256 == sha256]
        if len(found) != 1:
            yield f"{drill} names evidence that is {len(found)} times in the chain: {sha256}"
        for piece in found:
            yield from (f"{drill}: {each}" for each in _unlike(fact, piece))


def _unlike(fact: Fact, piece: Piece) -> Iterator[str]:
    detail, document = fact.detail, piece.document
    items = document["items"] or _NOTHING
    pairs = {
        "drill": (detail["drillId"], document["drillId"]),
        "outcome": (_OUTCOMES[fact.kind], document["outcome"]),
        "objections": (fact.kind == FAILED, bool(document["objections"])),
        "place": (True, str(detail["evidenceUri"]).endswith(f"/{piece.key}")),
        "previousSha256": (detail["previousSha256"], document["previous"]["sha256"]),
        "removed": (detail["removed"], document["copyRemoved"]),
        "costInUsd": (detail["costInUsd"], document["costInUsd"]["total"]),
        "items": (detail["items"], {name: items[name] for name in _NOTHING}),
        **{name: (detail[name], document[name]) for name in _SAME},
    }
    for name, (told, kept) in pairs.items():
        if told != kept:
            yield f"its answer says {name} {told}, and its evidence {kept}"


_SAME = ("kind", "table", "restoredTo", "recoveryTime", "recoveryPoint", "structure")


def no_drill_changed_its_source(record: Record) -> Iterator[str]:
    """No role of the drills wrote an item of a table, or called for a change of one."""
    for table, writes in record.writes.items():
        for write in writes:
            if _is_of_drills(write.caller):
                yield f"{write.caller} wrote {write.key} of {table}"
    for call in record.calls:
        if _is_of_drills(call.caller) and not call.name.startswith(_NO_CHANGE):
            yield f"{call.caller} called {call.name} on {call.table}"


def _is_of_drills(caller: str) -> bool:
    return any(role in caller for role in OF_DRILLS.calls)


def _drills(record: Record) -> set[str]:
    kinds = {_STARTED, *_OUTCOMES}
    return {str(fact.detail["drillId"]) for fact in record.facts if fact.kind in kinds}


def _answers(record: Record) -> list[Fact]:
    return list({fact.id: fact for fact in record.facts if fact.kind in _OUTCOMES}.values())


def _told(record: Record, drill: str, *kinds: str) -> list[Fact]:
    return [f for f in record.facts if f.kind in kinds and f.detail["drillId"] == drill]


def _ids(record: Record, drill: str, *kinds: str) -> set[str]:
    return {fact.id for fact in _told(record, drill, *kinds)}


_STARTED = "Drill Started"

DRILL_INVARIANTS = (
    each_drill_request_got_one_answer,
    no_drill_was_skipped_twice,
    no_copy_is_left_after_a_day,
    what_is_said_to_be_removed_is,
    nobody_hears_of_a_copy,
    the_evidence_is_a_chain,
    each_answer_has_its_evidence,
    no_drill_changed_its_source,
)
