"""The words of announcements: a heading, particulars and advice for each kind of fact."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.accounts import account_in, in_account
from pitr_guardian.facts.drill_wording import (
    drill_advice,
    drill_heading,
    drill_lines,
    is_of_drill,
)
from pitr_guardian.facts.undo_wording import (
    is_of_undo,
    undo_advice,
    undo_heading,
    undo_instead,
    undo_lines,
)
from pitr_guardian.facts.words import duration, number, word
from pitr_guardian.tables.observation import OUT_OF_REACH

_HEADINGS = {
    "PITR Re-enabled": "PITR is back on {table}; older restore points are lost",
    "Recovery Period Restored": "The recovery period of {table} is back; its oldest days are lost",
    "History Lost": "Restore points of {table} are LOST",
    "Table Protected": "{table} is protected now",
    "Drift Detected": "{table} is not protected as it should be",
    "Drift Tolerated": "{table} is exempt and not protected",
    "Exemption Invalid": "{table} has an exemption that doesn't count",
    "Exemption Expired": "The exemption of {table} is over",
    "Exemption Noted": "{table} is exempt, and PITR is on",
    "Period Invalid": "{table} has a tag with a recovery period nobody can read",
    "Fight Detected": "Somebody keeps taking protection from {table}",
    "Protection Failed": "{table} could NOT be protected",
    "Table Deleted": "{table} was deleted",
    "Restore Accepted": "Restoring {table} to {target}",
    "Restore Waiting": "Restore to {target} waits for its turn",
    "Restore Rejected": "Restore of {table} was refused",
    "Restore Planned": "Plan for restoring {table} to {target}",
    "Restore Completed": "{target} is restored",
    "Restore Failed": "Restore of {table} to {target} FAILED",
    "Sweep Completed": "All tables were checked",
    "Trail Missing": "No trail in {region}: only the sweep finds what happens to tables",
    "Member Joined": "Account {account} is a member in {region}",
    "Member Silent": "Nothing is heard of account {account} in {region}; only sweeps protect it",
    "Member Heard Again": "Account {account} is heard again in {region}",
    "Member Closed": "Account {account} shuts the guardian out: NOT protected",
    "Alerts Folded": "{count} more {many}",
    "Alarm": "Alarm {alarm}",
}

_ADVICE = {
    "PITR Re-enabled": "{ask} Until a new window has grown, take an on-demand backup if the "
    "table's past matters. If it should stay off, tag the table as exempt.",
    "Recovery Period Restored": "Nothing for the table: the days that were cut off are gone, and "
    "the window grows again. If the shorter period is meant, set it by tag.",
    "History Lost": "{ask} Nothing brings these restore points back. Until a new window has grown, "
    "take an on-demand backup if the table's past matters.",
    "Table Protected": "Nothing.",
    "Drift Detected": "Switch PITR on with the table's period, or deploy the guardian with "
    "Mode=remediate.",
    "Drift Tolerated": "Nothing until the exemption ends; then the guardian protects the table.",
    "Protection Failed": "Look at the error. When its cause is gone, redrive the enforcement "
    "dead-letter queue. Until then the table is NOT protected.",
    "Trail Missing": "Switch the trail's logging on again, or create a trail of management events "
    "(write) for the region. Until then drift is found by the sweep only.",
    "Member Joined": "Nothing.",
    "Member Silent": "Look whether the stack of organization/member.yaml is still there, and its "
    "rules enabled. If the account left, nothing: it is forgotten within a week.",
    "Member Heard Again": "Nothing. What happened meanwhile was found by the sweeps.",
    "Member Closed": "Deploy organization/member.yaml to the account, or correct its parameters "
    "as above. Its tables are NOT protected until then.",
    "Sweep Completed": "Look at the report: it names the tables that are not protected, and what "
    "could not be checked.",
    "Table Deleted": "If nobody meant to, send the request above to the request bus before the "
    "backup expires.",
    "Exemption Invalid": "Correct the tag's value to a date YYYY-MM-DD that the stack allows, or "
    "remove the tag.",
    "Exemption Noted": "If PITR isn't wanted, switch it off; the guardian won't switch it on again "
    "before the exemption ends. Otherwise nothing.",
    "Period Invalid": "Correct the tag's value to a whole number of days, or remove the tag.",
    "Exemption Expired": "If the exemption should go on, set a later date; else remove the tag.",
    "Restore Accepted": "Nothing; the outcome will be announced.",
    "Restore Waiting": "Nothing; it goes on by itself.",
    "Restore Planned": "Send the request again without dryRun to carry it out.",
    "Restore Rejected": "Correct the request as the reason says, and send it again.",
    "Restore Completed": "Compare the new table with the old one, then point your application at "
    "it.",
}

_OF_ALL = " The list has each of them, with its reason."

_AGAIN = "send the request again under a new request id"
_MAY_COME = (
    "Look whether {target} is there: AWS finishes what it has begun, and what it made of this "
    "request has PITR off and none of the settings. "
)
_AFTER_FAILURE = {
    "TargetOccupiedError": "Leave that table alone: it is somebody else's. Choose another "
    f"targetTable, and {_AGAIN}.",
    "SourceGoneError": "Look at the source. If it was deleted, ask for restoreTo deletion; if its "
    "PITR was switched off, only an on-demand backup brings its items back.",
    "TableQuotaError": "Ask AWS for more tables in the target's region (Service Quotas, DynamoDB), "
    f"and when they are granted {_AGAIN}.",
    "RefusedError": f"Put right what AWS names (a right, a key, a field), and {_AGAIN}.",
    "MemberClosedError": _MAY_COME + "If it isn't, let the guardian into that account again (the "
    f"error says how), and {_AGAIN}.",
    "NotUnderWayError": "Nothing: somebody answered for this restore while it went on. If the "
    f"table is still wanted, {_AGAIN}.",
    "TryLaterError": _MAY_COME + "If it isn't, see that AWS is well again (AWS Health), and "
    f"{_AGAIN}.",
    "TurnTimeout": "AWS has begun nothing. Ask for fewer restores at once, or let them wait longer "
    f"(RestoreTimeoutHours), and {_AGAIN}.",
    "RestoreTimeout": _MAY_COME + "Large tables take longer: a higher RestoreTimeoutHours lets the "
    "guardian wait for them.",
    "TargetDeleted": "Find out who deleted or replaced the table. What has its name now isn't this "
    f"restore's. If it is still wanted, choose another targetTable, and {_AGAIN}.",
    "WorkflowAborted": _MAY_COME
    + f"Ask who stopped the workflow; if the table isn't there, {_AGAIN}.",
    "WorkflowTimedOut": _MAY_COME + f"If it isn't, {_AGAIN}.",
    "WorkflowFailed": _MAY_COME
    + f"If it isn't, {_AGAIN}; the error says what the workflow ended of.",
    "WorkflowNotStarted": f"Nothing was begun: {_AGAIN}.",
}
_AFTER_ANY_OTHER_FAILURE = (
    _MAY_COME + "The error is a step's of the guardian, which was tried again for as long as made "
    "sense; its logs say more. When its cause is gone, " + _AGAIN + "."
)


_OUT_OF_REACH = (
    "Look at the table's KMS key and its policy: DynamoDB must be let use it. Nothing waits in a "
    "dead-letter queue for this: the guardian looks at the table again with each sweep. What is "
    "archived doesn't come back by the key alone: restore the backup that AWS made when it "
    "archived the table."
)
"""AWS: Archival (InaccessibleEncryptionCredentialsDateTime, ArchivalBackupArn; API reference)."""

_NOTHING_TO_SAY = ("not asked for",)


def heading_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """What happened, to which table, in a few words."""
    table = word(mapping(detail.get("table")).get("name"))
    table = table or word(detail.get("sourceTable")) or "a table"
    if is_of_undo(detail_type):
        return undo_heading(detail_type, table, detail)
    if is_of_drill(detail_type):
        return drill_heading(detail_type, table, detail)
    heading, event = _HEADINGS.get(detail_type), word(detail.get("event")) or "of one kind"
    if detail_type == "Table Deleted":
        heading = _deleted(detail)
    if detail_type == "Drift Detected":
        heading = _DRIFTED.get(word(detail.get("drift")) or "", heading)
    if detail_type == "Sweep Completed" and detail.get("failed"):
        heading = "Not all tables could be checked"
    if heading is None:
        return f"{detail_type} on {table}"
    return heading.format(
        table=table,
        target=word(detail.get("targetTable")) or "a new table",
        region=word(mapping(detail.get("table")).get("region") or detail.get("region"))
        or "a region",
        account=account_in(detail) or "unknown",
        alarm=_alarm(mapping(detail.get("alarm"))),
        count=word(detail.get("count")) or "Many",
        many=_MANY.get(event, f"alerts {event}"),
    )


def names_account(detail_type: str) -> bool:
    """Tell whether the heading itself says whose account it is."""
    return "{account}" in _HEADINGS.get(detail_type, "")


def title_of(detail_type: str, detail: Mapping[str, Any], longest: int) -> str:
    """The heading, in at most so many characters; with the account, where there are members."""
    heading = heading_of(detail_type, detail)
    if names_account(detail_type):
        return heading if len(heading) <= longest else f"{heading[: longest - 3]}..."
    return in_account(heading, detail, longest)


_MANY = {
    "pitr-re-enabled": "tables had PITR switched off; it is back",
    "recovery-period-restored": "tables had their recovery period shortened",
    "history-lost": "tables LOST restore points",
    "table-protected": "tables are protected now",
    "drift-detected": "tables are not protected as they should be",
    "drift-tolerated": "exempt tables are not protected",
    "protection-failed": "tables could NOT be protected",
    "table-deleted": "tables were deleted",
    "restore-completed": "restores are completed",
    "restore-failed": "restores FAILED",
}

_DRIFTED = {
    "pitr-off": "PITR is OFF on {table}",
    "period-shortened": "The recovery period of {table} is too short",
}


def _deleted(detail: Mapping[str, Any]) -> str:
    """The worst comes first: what can't be brought back is told before where it was."""
    what = "{table} was deleted"
    if detail.get("replicaOf"):
        what = "The replica of {table} in {region} was removed"
    if detail.get("backupArn") or detail.get("otherBackups"):
        return what
    return f"{what}, with NO backup left"


def error_name(detail: Mapping[str, Any]) -> str:
    """What kind of error a fact tells: the word before the colon; empty where it tells none."""
    return (word(detail.get("error")) or "").partition(":")[0]


def advice_on(detail_type: str, detail: Mapping[str, Any], undo_pattern: str = "") -> str:
    """What the reader should do; a fact may bring advice of its own.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail.
        undo_pattern: the stack's ``UndoTablePattern``; empty where nothing may be undone.
    """
    if advice := word(detail.get("advice")):
        return advice
    if is_of_undo(detail_type):
        return undo_advice(detail_type, detail)
    if is_of_drill(detail_type):
        return drill_advice(detail_type, detail)
    if detail_type == "Table Deleted" and not detail.get("request"):
        if detail.get("backupArn") or detail.get("otherBackups"):
            return "Change the stack's parameter that the reason names, and ask for the backup."
        return "Look for recovery points in AWS Backup's vaults; DynamoDB has no backup of it."
    if detail_type == "Restore Failed":
        advice = _AFTER_FAILURE.get(error_name(detail), _AFTER_ANY_OTHER_FAILURE)
        return advice.format(target=word(detail.get("targetTable")) or "the target")
    if detail_type == "Protection Failed" and error_name(detail) in OUT_OF_REACH:
        return _OUT_OF_REACH
    if detail_type == "Restore Completed" and (instead := undo_instead(detail, undo_pattern)):
        return f"{_ADVICE[detail_type]} {instead}"
    if detail_type == "Alerts Folded":
        return (_advice_on_kind(word(detail.get("event")) or "") + _OF_ALL).strip()
    ask = "Ask who is named above why." if detail.get("actor") else "Find out who did it, and why."
    return _ADVICE.get(detail_type, "See the reason above.").format(ask=ask)


def _advice_on_kind(event: str) -> str:
    """The advice on one of them, as far as it is the same for all."""
    advice = next((text for kind, text in _ADVICE.items() if kebab(kind) == event), "")
    return "" if "{" in advice or "above" in advice else advice


def kebab(detail_type: str) -> str:
    """A detail-type as subscribers filter by it."""
    return detail_type.lower().replace(" ", "-")


def lines_of(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The particulars, as label and value, in the order in which they matter."""
    table = mapping(detail.get("table"))
    yield "Table", word(table.get("name"))
    yield "Account", account_in(detail)
    yield "Region", word(table.get("region") or detail.get("region"))
    yield "Who", _who(mapping(detail.get("actor")))
    yield "Created by", word(detail.get("createdBy"))
    yield "Unprotected", _exposure(mapping(detail.get("exposure")))
    yield "Lost for good", _lost(detail)
    yield "Exempt until", word(detail.get("exemptUntil"))
    yield "Exempt because", word(detail.get("exemptReason"))
    yield "Exempt by order of", word(detail.get("exemptOwner"))
    yield from _restore_lines(detail)
    yield from undo_lines(detail)
    yield from drill_lines(detail)
    yield from _plan_lines(mapping(detail.get("plan")))
    yield from _sweep_lines(detail)
    yield from _digest_lines(detail)
    yield "Replica of", word(detail.get("replicaOf"))
    yield "Backup", word(detail.get("backupArn"))
    yield "Other backups", _backups(detail.get("otherBackups"))
    yield "Request that brings it back", _request(mapping(detail.get("request")))
    yield "Error", word(detail.get("error"))


def _backups(told: object) -> str | None:
    """The newest of them; the fact itself has more."""
    backups = [mapping(each) for each in (told if isinstance(told, list | tuple) else [])]
    named = [f"{each.get('createdAt')} {each.get('arn')}" for each in backups[:3]]
    more = [f"and {len(backups) - 3} more"] if len(backups) > 3 else []
    return ", ".join([*named, *more]) or None


def _restore_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "From", word(detail.get("sourceTable"))
    yield "To", word(detail.get("targetTable"))
    yield "New table", word(detail.get("targetArn"))
    yield "As of", word(detail.get("restoredTo") or detail.get("restoreTo"))
    yield "Asked for by", word(detail.get("requestedBy"))
    yield "Asked for because", word(detail.get("requestReason"))
    yield "Request", word(detail.get("requestId"))
    yield "Took", duration(detail.get("seconds"))
    settings = mapping(detail.get("settings"))
    for outcome in ("applied", "skipped", "failed"):
        entries = settings.get(outcome)
        told = map(_setting, entries if isinstance(entries, list) else [])
        yield f"Settings {outcome}", ", ".join(told)
    for setting, note in mapping(settings.get("notes")).items():
        if note not in _NOTHING_TO_SAY:
            yield f"On {setting}", word(note)


def _plan_lines(plan: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    estimate = mapping(plan.get("estimate"))
    minutes = mapping(estimate.get("minutes"))
    yield "Encryption", word(plan.get("encryption"))
    settings = plan.get("settings")
    named = map(word, settings if isinstance(settings, list) else [])
    yield "Settings to put back", ", ".join(filter(None, named))
    yield "Size in bytes", word(estimate.get("sizeInBytes"))
    yield "Cost in USD", word(estimate.get("costInUsd"))
    first, last = word(minutes.get("from")), word(minutes.get("to"))
    yield "Minutes", f"{first} to {last}" if first and last else None


def _request(request: Mapping[str, Any]) -> str | None:
    """The detail of a restore request, to be sent as it stands."""
    fields = {name: value for name, value in request.items() if isinstance(value, str)}
    return json.dumps(fields, ensure_ascii=False) if fields else None


def _alarm(alarm: Mapping[str, Any]) -> str:
    return f"{word(alarm.get('name'))} is {'on' if alarm.get('isOn') else 'over'}"


def _sweep_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for label, field in (
        ("Checked", "checked"),
        ("In order", "compliant"),
        ("Drifted", "drifted"),
        ("Exempt", "exempt"),
        ("Could not be checked", "failed"),
    ):
        yield label, word(detail.get(field))
    yield "Report", word(detail.get("reportUri"))


_ROOM = 900  # characters of names in one line

_NAMED = 50


def _digest_lines(detail: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Names, in as many lines as they need: a line that is too long is cut."""
    named = _words(detail.get("tables"))
    line = ""
    for name in named[:_NAMED]:
        if line and len(line) + len(name) > _ROOM:
            yield "Tables", line
            line = ""
        line += f", {name}" if line else name
    count = number(detail.get("count"))
    if named and count is not None and len(named) >= _NAMED and count > len(named):
        line += " and more; the list has all"
    yield "Tables", line
    yield "Callers", ", ".join(_words(detail.get("who")))


def _words(told: object) -> list[str]:
    return [each for each in map(word, told if isinstance(told, list | tuple) else []) if each]


def _setting(entry: object) -> str:
    if isinstance(entry, Mapping):
        why = word(entry.get("error") or entry.get("reason")) or "nobody knows why"
        return f"{word(entry.get('setting'))} ({why})"
    return word(entry) or "unknown"


def _who(actor: Mapping[str, Any]) -> str | None:
    if not actor:
        return None
    who = word(actor.get("arn") or actor.get("invokedBy") or actor.get("type")) or "unknown"
    tool, place = word(actor.get("tool")), word(actor.get("sourceIp"))
    return who + (f" with {tool}" if tool else "") + (f" from {place}" if place else "")


def _exposure(exposure: Mapping[str, Any]) -> str | None:
    length = duration(exposure.get("seconds"))
    if length is None:
        return None
    return f"at most {length}, from {word(exposure.get('from'))} to {word(exposure.get('to'))}"


def _lost(detail: Mapping[str, Any]) -> str | None:
    if "lostWindow" not in detail:
        return None
    lost = detail["lostWindow"]
    if lost is None:
        return "every restore point before PITR was switched on again"
    lost = mapping(lost)
    earliest, latest = word(lost.get("earliest")), word(lost.get("latest"))
    return f"every restore point from {earliest} to {latest}"
