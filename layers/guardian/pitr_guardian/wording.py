"""The words of announcements: a heading, particulars and advice for each kind of fact."""

from collections.abc import Iterator, Mapping
from typing import Any

_HEADINGS = {
    "PITR Re-enabled": "PITR is back on {table}; older restore points are lost",
    "Recovery Period Restored": "Recovery period was shortened on {table}",
    "Table Protected": "{table} is protected now",
    "Drift Detected": "{table} is not protected as it should be",
    "Drift Tolerated": "{table} is exempt and not protected",
    "Exemption Invalid": "{table} has an exemption nobody can read",
    "Exemption Expired": "The exemption of {table} is over",
    "Fight Detected": "Somebody keeps switching PITR off on {table}",
    "Protection Failed": "{table} could NOT be protected",
    "Table Deleted": "{table} was deleted",
    "Restore Accepted": "Restoring {table} to {target}",
    "Restore Waiting": "Restore to {target} waits for its turn",
    "Restore Rejected": "Restore of {table} was refused",
    "Restore Planned": "Plan for restoring {table} to {target}",
    "Restore Completed": "{target} is restored",
    "Restore Failed": "Restore of {table} to {target} FAILED",
    "Sweep Completed": "All tables were checked",
    "Trail Missing": "No trail records what happens to tables in {region}",
    "Alarm": "Alarm {alarm}",
}

_ADVICE = {
    "PITR Re-enabled": "Ask who is named above why. Until a new window has grown, take an "
    "on-demand backup if the table's past matters. If it should stay off, tag the table as exempt.",
    "Recovery Period Restored": "Nothing for the table: the days that were cut off are gone, and "
    "the window grows again. If the shorter period is meant, set it by tag.",
    "Table Protected": "Nothing.",
    "Drift Detected": "Switch PITR on with the table's period, or deploy the guardian with "
    "Mode=remediate.",
    "Drift Tolerated": "Nothing until the exemption ends; then the guardian protects the table.",
    "Protection Failed": "Look at the error. When its cause is gone, redrive the enforcement "
    "dead-letter queue. Until then the table is NOT protected.",
    "Trail Missing": "Switch the trail's logging on again, or create a trail of management events "
    "(write) for the region. Until then drift is found by the sweep only.",
    "Sweep Completed": "Where the sweep found drift, the guardian is putting it right; look at the "
    "report for what could not be checked.",
    "Restore Accepted": "Nothing; the outcome will be announced.",
    "Restore Waiting": "Nothing; it goes on by itself.",
    "Restore Planned": "Send the request again without dryRun to carry it out.",
    "Restore Rejected": "Correct the request as the reason says, and send it again.",
    "Restore Completed": "Compare the new table with the old one, then point your application at "
    "it.",
    "Restore Failed": "Look at the error. Remove what is left of the target table, and send the "
    "request again under a new request id.",
}


_NOTHING_TO_SAY = ("not asked for", "the source has none")


def heading_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """What happened, to which table, in a few words."""
    table = (detail.get("table") or {}).get("name") or detail.get("sourceTable") or "a table"
    heading = _HEADINGS.get(detail_type)
    if heading is None:
        return f"{detail_type} on {table}"
    return heading.format(
        table=table,
        target=detail.get("targetTable") or "a new table",
        region=detail.get("region"),
        alarm=_alarm(detail.get("alarm") or {}),
    )


def advice_on(detail_type: str, detail: Mapping[str, Any]) -> str:
    """What the reader should do; a fact may bring advice of its own."""
    return str(detail.get("advice") or _ADVICE.get(detail_type, "See the reason above."))


def lines_of(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The particulars, as label and value, in the order in which they matter."""
    table = detail.get("table") or {}
    yield "Table", table.get("name")
    yield "Account", table.get("account") or detail.get("account")
    yield "Region", table.get("region") or detail.get("region")
    yield "Who", _who(detail.get("actor"))
    yield "Created by", detail.get("createdBy")
    yield "Unprotected", _exposure(detail.get("exposure"))
    yield "Lost for good", _lost(detail)
    yield "Exempt until", detail.get("exemptUntil")
    yield "Exempt because", detail.get("exemptReason")
    yield "Exempt by order of", detail.get("exemptOwner")
    yield from _restore_lines(detail)
    yield from _sweep_lines(detail)
    yield "Error", detail.get("error")


def _restore_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "From", detail.get("sourceTable")
    yield "To", detail.get("targetTable")
    yield "As of", detail.get("restoredTo") or detail.get("restoreTo")
    yield "Asked for by", detail.get("requestedBy")
    yield "Asked for because", detail.get("requestReason")
    yield "Request", detail.get("requestId")
    if detail.get("seconds") is not None:
        yield "Took", _duration(float(detail["seconds"]))
    settings = detail.get("settings") or {}
    for outcome in ("applied", "skipped", "failed"):
        yield f"Settings {outcome}", ", ".join(map(_setting, settings.get(outcome, [])))
    for setting, note in settings.get("notes", {}).items():
        if note not in _NOTHING_TO_SAY:
            yield f"On {setting}", note


def _alarm(alarm: Mapping[str, Any]) -> str:
    return f"{alarm.get('name')} is {'on' if alarm.get('isOn') else 'over'}"


def _sweep_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for label, field in (
        ("Checked", "checked"),
        ("In order", "compliant"),
        ("Drifted", "drifted"),
        ("Exempt", "exempt"),
        ("Could not be checked", "failed"),
    ):
        yield label, str(detail[field]) if isinstance(detail.get(field), int) else None
    yield "Report", detail.get("reportUri")


def _setting(entry: object) -> str:
    if isinstance(entry, Mapping):
        return f"{entry.get('setting')} ({entry.get('error') or entry.get('reason')})"
    return str(entry)


def _who(actor: Mapping[str, Any] | None) -> str | None:
    if not actor:
        return None
    who = actor.get("arn") or actor.get("invokedBy") or actor.get("type") or "unknown"
    tool = f" with {actor['tool']}" if actor.get("tool") else ""
    place = f" from {actor['sourceIp']}" if actor.get("sourceIp") else ""
    return f"{who}{tool}{place}"


def _exposure(exposure: Mapping[str, Any] | None) -> str | None:
    if not exposure:
        return None
    length = _duration(float(exposure["seconds"]))
    return f"at most {length}, from {exposure['from']} to {exposure['to']}"


def _lost(detail: Mapping[str, Any]) -> str | None:
    if "lostWindow" not in detail:
        return None
    lost = detail["lostWindow"]
    if lost is None:
        return "every restore point before PITR was switched on again"
    return f"every restore point from {lost['earliest']} to {lost['latest']}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{seconds:.1f} s"
