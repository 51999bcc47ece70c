"""The words of announcements about undos."""

from collections.abc import Iterator, Mapping
from typing import Any

from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.words import duration, number, word
from pitr_guardian.tables.bounds import takes

_PLANNED = ("revert", "putBack", "remove", "merge")
_DONE = ("reverted", "putBack", "removed", "merged")
_LABELS = {
    "revert": "To revert",
    "putBack": "To put back",
    "remove": "To remove",
    "merge": "To merge",
    "expired": "Expired meanwhile",
    "asBefore": "As before already",
}
_DONE_LABELS = {
    "reverted": "Reverted",
    "putBack": "Put back",
    "removed": "Removed",
    "merged": "Merged",
    "failed": "Failed",
}
_CONFLICTS = "Conflicts, left as they are"

_AGAIN = "ask for the undo again under a new requestId"
_AFTER_FAILURE = {
    "BadFileError": "Nothing was changed. Look at the undos' bucket: who else writes there? Then "
    f"{_AGAIN}.",
    "PlanChangedError": "Find out who wrote to the undos' bucket: what lay there wasn't what was "
    f"approved, and wasn't carried out. Then {_AGAIN}.",
    "HistoryGoneError": "The table's history is gone: compare with an on-demand backup, or with "
    "the backup that AWS keeps of a deleted table.",
    "WindowClosedError": f"Give a later `from`, if the table's window has one, and {_AGAIN}.",
    "ExportFailedError": f"Put right what the error names, and {_AGAIN}.",
}
_AFTER_PLANNING = (
    "Nothing was changed. When the error's cause is gone, " + _AGAIN + "; the guardian's logs say "
    "more."
)
_AFTER_APPLYING = (
    "Look at the error. When its cause is gone, " + _AGAIN + ", for the same window: what is put "
    "right already is found so, and the rest is planned anew. What was written can be put back by "
    "`revert` with this plan's id."
)


def is_of_undo(detail_type: str) -> bool:
    """Tell whether a fact is one of an undo's."""
    return detail_type.startswith("Undo ")


def undo_heading(detail_type: str, table: str, detail: Mapping[str, Any]) -> str:
    """What happened, to which table, in a few words: enough for a phone at night."""
    counts = mapping(detail.get("counts"))
    match detail_type:
        case "Undo Accepted":
            return f"An undo in {table} is being planned"
        case "Undo Planned" if not _sum(counts, _PLANNED):
            return f"Nothing can be put right in {table}{_conflicts(counts)}"
        case "Undo Planned":
            return (
                f"Approve? {_items(counts, _PLANNED)} to put right in {table}{_conflicts(counts)}"
            )
        case "Undo Completed":
            failed = number(counts.get("failed"))
            failures = f", {failed:,.0f} FAILED" if failed else ""
            return f"{_items(counts, _DONE)} put right in {table}{_conflicts(counts)}{failures}"
        case "Undo Rejected":
            return f"Undo in {table} was refused"
        case "Undo Failed" if detail.get("phase") == "apply":
            return f"Undo in {table} FAILED half-way"
        case "Undo Failed":
            return f"Undo in {table} could NOT be planned"
    return f"{detail_type} in {table}"


def undo_advice(detail_type: str, detail: Mapping[str, Any]) -> str:
    """What the reader should do."""
    counts = mapping(detail.get("counts"))
    match detail_type:
        case "Undo Accepted":
            return "Nothing; the plan will be announced."
        case "Undo Planned" if not _sum(counts, _PLANNED) and not number(counts.get("conflict")):
            return "If something should have been found, look at the window and the conditions."
        case "Undo Planned":
            return (
                "Read the page, conflicts first. To carry the plan out: pitr-guardian undo approve "
                f"{word(detail.get('planId'))}, or put the event `Undo Approved` with planId and "
                "fingerprint on the request bus. Without that, nothing is changed."
            )
        case "Undo Completed" if _sum(counts, ("conflict", "failed")):
            return (
                "Look at the report: it has the items that were left, side by side. Put them right "
                "by hand, or ask for the same undo with conflicts `overwrite`. To take all of it "
                f"back, ask for an undo with revert {word(detail.get('planId'))}."
            )
        case "Undo Completed":
            return (
                "Look at your application. To take all of it back, ask for an undo with revert "
                f"{word(detail.get('planId'))}."
            )
        case "Undo Rejected":
            return "Correct the event as the reason says, and send it again."
    name = (word(detail.get("error")) or "").partition(":")[0]
    otherwise = _AFTER_APPLYING if detail.get("phase") == "apply" else _AFTER_PLANNING
    return _AFTER_FAILURE.get(name, otherwise)


def undo_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The particulars that only facts about undos have, as label and value."""
    if "planId" not in detail:
        return
    yield "Plan", word(detail.get("planId"))
    yield "Damage since", word(detail.get("from"))
    yield "Damage until", word(detail.get("to"))
    counts, estimate = mapping(detail.get("counts")), mapping(detail.get("estimate"))
    labels = _LABELS if "fingerprint" in detail else _DONE_LABELS
    for field, label in {**labels, "conflict": _CONFLICTS}.items():
        yield label, word(counts.get(field)) if counts.get(field) else None
    yield "Found as planned when read again", word(detail.get("verified"))
    yield "Cost in USD", word(estimate.get("costInUsd"))
    yield "Write units", word(estimate.get("writeUnits"))
    yield "Would take", duration(estimate.get("seconds"))
    yield "Can be approved until", word(detail.get("expiresAt"))
    yield "Fingerprint", word(detail.get("fingerprint"))
    yield "Page", word(detail.get("planUri"))
    yield "Items", word(detail.get("itemsUri"))
    yield "Report", word(detail.get("reportUri"))


def undo_instead(detail: Mapping[str, Any], pattern: str) -> str | None:
    """Say beside a restored table that its source may be put right in place; None where not.

    Args:
        detail: of ``Restore Completed``.
        pattern: ``UndoTablePattern``; empty where nothing may be undone.
    """
    name = word(mapping(detail.get("table")).get("name"))
    if not pattern or name is None or not takes(pattern, name):
        return None
    asked = word(detail.get("restoreTo")) or ""
    if asked == "deletion" or asked.startswith("arn:"):  # what is gone can't be put right in place
        return None
    return (
        f"If only some items of {name} broke, they can be put back in {name} itself, and what came "
        "since stays: put the event `Undo Requested` with table, from and to on the request bus."
    )


def _sum(counts: Mapping[str, Any], fields: tuple[str, ...]) -> float:
    return sum(number(counts.get(field)) or 0 for field in fields)


def _items(counts: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    count = _sum(counts, fields)
    return "1 item" if count == 1 else f"{count:,.0f} items"


def _conflicts(counts: Mapping[str, Any]) -> str:
    conflicts = number(counts.get("conflict"))
    if not conflicts:
        return ""
    return ", 1 conflict" if conflicts == 1 else f", {conflicts:,.0f} conflicts"
