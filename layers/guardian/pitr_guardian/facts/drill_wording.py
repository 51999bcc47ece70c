"""The words of announcements about drills."""

from collections.abc import Iterator, Mapping
from typing import Any

from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.words import duration, number, word

_AGAIN = "ask for the drill again under a new requestId"
_AFTER_FAILURE = {
    "CopyDeleted": "Find out who deleted the copy; its name begins with pitr-guardian-drill-. Then "
    f"{_AGAIN}.",
    "RestoreTimeout": "Large tables take longer: a higher RestoreTimeoutHours lets the guardian "
    "wait for them. The table can't be counted on to be back sooner.",
    "TurnTimeout": "AWS has begun nothing: too many restores were under way. In an emergency that "
    "would be so, too. Ask AWS for more restores at once.",
    "TargetOccupiedError": f"Leave the table of that name alone: it is somebody else's. Then "
    f"{_AGAIN}.",
    "SourceGoneError": "Look at the table: it, or its PITR, was gone before the copy was made.",
    "HistoryGoneError": "Look at the table: it, or its PITR, was gone before the copy was proved.",
    "WindowClosedError": f"The instant has left the table's window meanwhile; {_AGAIN}, with a "
    "later `at`.",
}
_AFTER_ANY_OTHER_FAILURE = (
    "Look at the evidence, and at the error. Items that don't match are a case for AWS Support: "
    "they want the table's ARN and the instant. Until a drill passes, don't count on PITR alone: "
    "take an on-demand backup."
)


def is_of_drill(detail_type: str) -> bool:
    """Tell whether a fact is one of a drill's."""
    return detail_type.startswith("Drill ")


def drill_heading(detail_type: str, table: str, detail: Mapping[str, Any]) -> str:
    """What happened, to which table, in a few words: enough for a phone at night."""
    match detail_type:
        case "Drill Started":
            return f"A restore of {table} is being proved"
        case "Drill Passed":
            return f"{table} can be restored: it was proved"
        case "Drill Failed" if number(mapping(detail.get("items")).get("mismatched")):
            return f"A restored copy of {table} is WRONG"
        case "Drill Failed":
            return f"It is NOT proved that {table} can be restored"
        case "Drill Rejected":
            return f"Drill of {table} was refused"
        case "Drill Skipped":
            return f"{table} is not drilled: the month's budget is used up"
    return f"{detail_type} of {table}"


def drill_advice(detail_type: str, detail: Mapping[str, Any]) -> str:
    """What the reader should do."""
    match detail_type:
        case "Drill Started":
            return "Nothing; the outcome will be announced."
        case "Drill Passed":
            return "Nothing; the evidence is kept."
        case "Drill Rejected":
            return "Correct the event as the reason says, and send it again."
        case "Drill Skipped":
            return (
                "Raise the stack's parameter DrillMonthlyBudgetUsd, or set the table's tag to a "
                "longer period; or ask for the drill yourself."
            )
    name = (word(detail.get("error")) or "").partition(":")[0]
    return _AFTER_FAILURE.get(name, _AFTER_ANY_OTHER_FAILURE)


def drill_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The particulars that only facts about drills have, as label and value."""
    if "drillId" in detail:
        yield "Drill", word(detail.get("drillId"))
    time, point = mapping(detail.get("recoveryTime")), mapping(detail.get("recoveryPoint"))
    items = mapping(detail.get("items"))
    yield "Recovery took", duration(time.get("seconds"))
    yield "Newest restorable instant was behind by", duration(point.get("seconds"))
    yield "Items compared", word(items.get("compared"))
    yield "Changed since, as the history says", word(items.get("explained")) if items else None
    yield "Items that don't match", word(items.get("mismatched")) if items else None
    differences = detail.get("structure")
    told = map(word, differences if isinstance(differences, list) else [])
    yield "Differences in structure", " ".join(filter(None, told))
    if "removed" in detail:
        yield "Copy removed", "yes" if detail["removed"] else "not yet; the guardian goes on"
    if "drillId" in detail:
        yield "Cost in USD", word(detail.get("costInUsd") or detail.get("estimateInUsd"))
    if "budgetInUsd" in detail:
        yield "Would cost in USD", word(detail.get("estimateInUsd"))
        yield "Budget in USD", word(detail.get("budgetInUsd"))
        yield "Left of it in USD", word(detail.get("leftInUsd"))
    yield "Evidence", word(detail.get("evidenceUri"))
    yield "Its SHA-256", word(detail.get("evidenceSha256"))
