"""A plan, and what was done, on a terminal."""

from __future__ import annotations

from rich.text import Text

from pitr_guardian_cli.aws.plans import Summary
from pitr_guardian_cli.facts import Fact
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.terminal.tables import columns, heading, pairs
from pitr_guardian_cli.times import duration, parsed

_PLANNED = {
    "remove": "removed: they were inserted",
    "putBack": "put back: they were deleted",
    "revert": "reverted: they were updated",
    "merge": "merged: what others wrote since stays",
    "conflict": "conflicts: not touched",
    "expired": "expired by now: not touched",
    "asBefore": "as they were: nothing to do",
}
_DONE = {
    "removed": "removed",
    "putBack": "put back",
    "reverted": "reverted",
    "merged": "merged",
    "conflict": "conflicts: changed meanwhile, not touched",
    "failed": "failed",
}
_BAD = ("conflict", "failed")


def show_plan(here: Here, planned: Fact, summary: Summary) -> None:
    """Show a plan: counts, samples, cost, conflicts."""
    estimate = planned.part("estimate")
    seconds = duration(float(estimate.get("seconds") or 0))
    here.out.print(planned.reason)
    pairs(
        here.out,
        [
            ("Plan", planned.text("planId")),
            ("Table", planned.part("table").get("arn")),
            ("Items as of", here.shown(parsed(planned.detail.get("from")))),
            ("Damage until", here.shown(parsed(planned.detail.get("to")))),
            ("Costs", f"about {estimate.get('costInUsd')} US dollars, and {seconds}"),
            ("Good until", here.shown(parsed(planned.detail.get("expiresAt")))),
            ("Fingerprint", planned.text("fingerprint")),
        ],
    )
    heading(here.out, "Items")
    _counts(here, planned, _PLANNED)
    if summary.samples:
        heading(here.out, f"The first {len(summary.samples)} of them")
        columns(here.out, ["Planned", "Key", "Why"], summary.samples)


def show_outcome(here: Here, completed: Fact) -> None:
    """Show what was done; on a terminal it stands below the plan."""
    if here.out.is_terminal:
        here.out.print()
    here.out.print(completed.reason)
    pairs(
        here.out,
        [
            ("Plan", completed.text("planId")),
            ("Took", duration(float(completed.detail.get("seconds") or 0))),
            ("Verified", f"{completed.detail.get('verified')} items, read again"),
            *_in_doubt(completed),
        ],
    )
    heading(here.out, "Items")
    _counts(here, completed, _DONE)
    here.say(
        f"To put back what it changed: {here.command('undo revert ' + completed.text('planId'))}"
    )


def _in_doubt(completed: Fact) -> list[tuple[str, str]]:
    count = int(completed.detail.get("doubtful") or 0)
    return [("In doubt", f"{count} removed without an answer; see the report")] if count else []


def _counts(here: Here, fact: Fact, words: dict[str, str]) -> None:
    counts = fact.part("counts")
    rows = [
        (
            Text(f"{counts[kind]:>9,}", style="bold red" if kind in _BAD else "bold"),
            said,
        )
        for kind, said in words.items()
        if counts.get(kind)
    ]
    columns(here.out, ["Number", ""], rows)
