"""The page of a drill: what was proved, for an auditor who has never seen the guardian."""

from pathlib import Path

from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.drills.evidence.chain import Link
from pitr_guardian.drills.evidence.evidence import Evidence, ExportTold
from pitr_guardian.pages.html import render
from pitr_guardian.pages.ring import arcs
from pitr_guardian.pages.words import clean, length, many

_ASSETS = Path(__file__).parent / "assets"
_LABELS = {
    "equal": "Equal",
    "explained": "Explained",
    "mismatched": "Not as it was",
    "unsettled": "Not settled",
}
_MOST_EXPORTS = 50
_LONGEST = 1000
"""Characters of a sentence."""


def evidence_page(evidence: Evidence, previous: Link) -> str:
    """Write the page of a drill.

    Args:
        evidence: what it says.
        previous: the piece of evidence before.
    """
    items = evidence.items
    counts = {kind: getattr(items, kind) if items else 0 for kind in _LABELS}
    passed = evidence.outcome == "passed"
    name = clean(evidence.table.name)
    return render(
        _ASSETS,
        title=f"drill {evidence.outcome}, {name}",
        passed=passed,
        heading={
            "table": name,
            "place": f"{evidence.table.region} · {evidence.table.account}",
            "at": spoken(evidence.restored_to),
            "drill_id": evidence.drill_id,
        },
        headline=_headline(evidence, name),
        ring=arcs(counts),
        counted=[(kind, label, counts[kind]) for kind, label in _LABELS.items()],
        compared=f"{items.compared if items else 0:,}",
        proves=items.proves if items else "No item was compared: nothing is proved of them.",
        objections=[legible(each, _LONGEST) for each in evidence.objections],
        measures=_told(_measures(evidence)),
        about=_told(_about(evidence)),
        structure=[legible(each, _LONGEST) for each in evidence.structure],
        no_structure=_no_structure(evidence),
        mismatches=[(each.how, each.key_sha256) for each in items.mismatches] if items else [],
        exports=[_export(each) for each in evidence.exports[:_MOST_EXPORTS]],
        more_exports=max(0, len(evidence.exports) - _MOST_EXPORTS),
        previous=previous,
        data={},
    )


def _headline(evidence: Evidence, name: str) -> str:
    if evidence.outcome == "failed":
        return f"It isn't proved that {name} can be restored"
    if evidence.kind == "small":
        return f"Items of {name} can be read as they were"
    return f"{name} can be restored, and what is restored is right"


def _measures(evidence: Evidence) -> dict[str, str]:
    time, point, targets = evidence.recovery_time, evidence.recovery_point, evidence.targets
    rto, rpo = targets.rto_minutes, targets.rpo_minutes
    return {
        "Asked": spoken(time.asked),
        "Copy could be read": spoken(time.active) if time.active else "",
        "Copy was proved": spoken(time.verified) if time.verified else "",
        "Recovery time": "" if time.seconds is None else length(time.seconds),
        "Target of the recovery time": f"{rto} min" if rto is not None else "none given",
        "Latest restorable instant": spoken(point.latest),
        "Recovery point": f"{length(point.seconds)} behind",
        "Target of the recovery point": f"{rpo} min" if rpo is not None else "none given",
        "Cost": f"${evidence.cost_in_usd.total:,.2f}, counted at prices of us-east-1 of "
        f"{evidence.cost_in_usd.prices_as_of}",
    }


def _about(evidence: Evidence) -> dict[str, str]:
    asked, copy = evidence.asked, evidence.copy_table
    drawn = evidence.items.drawn if evidence.items else {}
    by = asked.requested_by or f"account {asked.account}"
    removed = "removed" if evidence.copy_removed else "not removed yet"
    return {
        "Kind": "The whole table was restored"
        if evidence.kind == "full"
        else "One partition key's items were exported as of the instant; no table was restored",
        "Occasion": "Due by the table's tag" if asked.occasion == "tag" else f"Asked for by {by}",
        "Because": asked.reason or "",
        "Instant": f"{spoken(evidence.restored_to)}"
        + (f" ({asked.at})" if asked.at in {"latest", "random"} else ""),
        "Sample": "all items" if asked.sample == "all" else many(asked.sample, "item"),
        "Drawn from": ", ".join(f"{source} {count:,}" for source, count in drawn.items()),
        "Copy": f"{copy.name} in {copy.region}, {removed}" if copy else "",
        "Concluded": spoken(evidence.concluded_at),
    }


def _no_structure(evidence: Evidence) -> str:
    if evidence.copy_table is None:
        return "No table was restored, so there is none to compare."
    if evidence.items is None:
        return "It didn't come to a comparison."
    return (
        "The copy's key, indexes, throughput and encryption are as the table's, but for what was "
        "asked for otherwise."
    )


def _told(said: dict[str, str]) -> list[tuple[str, str]]:
    return [(term, clean(text)) for term, text in said.items() if text]


def _export(export: ExportTold) -> list[tuple[str, str]]:
    return [
        ("Export", export.arn.rpartition("/")[2]),
        ("From", spoken(export.from_) if export.from_ else "the instant itself"),
        ("To", spoken(export.to)),
        ("Items", f"{export.items:,}"),
    ]
