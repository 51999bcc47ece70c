"""`restore` and `rescue`: a table as it was, as a new table."""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli.aws.requests import ask
from pitr_guardian_cli.command import command
from pitr_guardian_cli.commands.asking import HOW, NoWait, Reason, RequestedBy, RequestId
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import follow, how_to_follow
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage
from pitr_guardian_cli.restoring import RestoreWork, new_request_id
from pitr_guardian_cli.terminal.tables import heading, pairs
from pitr_guardian_cli.times import duration, instant, parsed, wire

_WHAT = "What the new table is like"

Indexes = Annotated[
    str,
    typer.Option(
        metavar="all|none|NAME,…",
        help="Secondary indexes to keep. Fewer are faster.",
        rich_help_panel=_WHAT,
    ),
]
EncryptionOption = Annotated[
    str | None,
    typer.Option(
        metavar="AWS_OWNED|AWS_MANAGED|KEY-ARN",
        help="Key to encrypt with (default: as the source).",
        show_default=False,
        rich_help_panel=_WHAT,
    ),
]
BillingOption = Annotated[
    str | None,
    typer.Option(
        metavar="PAY_PER_REQUEST|READ:WRITE",
        help="Billing mode, or provisioned units such as 5:5 (default: as the source).",
        show_default=False,
        rich_help_panel=_WHAT,
    ),
]
Settings = Annotated[
    str,
    typer.Option(
        metavar="all|none|NAME,…",
        help="Settings to put back: tags ttl stream kinesis autoscaling alarms resourcePolicy "
        "deletionProtection tableClass contributorInsights. PITR is always on.",
        rich_help_panel=_WHAT,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check and plan only.", rich_help_panel=HOW)
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "restore")(restore)
    command(app, "rescue")(rescue)


def restore(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the table.")],
    as_name: Annotated[str, typer.Option("--as", metavar="NAME", help="Name of the new table.")],
    to: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help="latest, an instant (10:14:59, -15m, 2026-11-22T10:14:59Z), deletion, or the ARN "
            "of a backup.",
        ),
    ] = "latest",
    target_region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help="Region of the new table (default: the source's).",
            show_default=False,
            rich_help_panel=_WHAT,
        ),
    ] = None,
    indexes: Indexes = "all",
    encryption: EncryptionOption = None,
    billing: BillingOption = None,
    settings: Settings = "all",
    request_id: RequestId = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
) -> Exit:
    """Restore a table, as it was, to a new table with its settings. Nothing is overwritten.

    \b
    As of the second before the mistake:
      pitr-guardian restore Orders --as Orders-rescued --to 10:14:59
    As of a quarter of an hour ago, without waiting for it:
      pitr-guardian restore Orders --as Orders-rescued --to -15m --no-wait
    The latest state, for a test, without indexes and settings:
      pitr-guardian restore Orders --as Orders-copy --indexes none --settings none
    Would it work, and what would it cost?
      pitr-guardian restore Orders --as Orders-rescued --dry-run
    """
    detail: Json = {
        "sourceTable": table,
        "targetTable": as_name,
        "restoreTo": _restore_to(here, to),
        "indexes": _names(indexes),
        "settings": _names(settings),
    }
    if target_region is not None:
        detail["targetRegion"] = target_region
    if encryption is not None:
        detail["encryption"] = _encryption(encryption)
    if billing is not None:
        detail["billing"] = _billing(billing)
    if dry_run:
        detail["dryRun"] = True
    return _ask(here, detail, request_id, requested_by, reason, no_wait)


def rescue(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the deleted table.")],
    as_name: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME",
            help="Name of the new table (default: its own).",
            show_default=False,
        ),
    ] = None,
    indexes: Indexes = "all",
    encryption: EncryptionOption = None,
    billing: BillingOption = None,
    settings: Settings = "all",
    request_id: RequestId = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
) -> Exit:
    """Bring a deleted table back, from the best backup that is left of it.

    \b
    Under its own name:
      pitr-guardian rescue Orders
    Under another, to look at it first:
      pitr-guardian rescue Orders --as Orders-rescued
    """
    arn = here.stack.table_arn(table)
    told = [fact for fact in here.ledger.incidents_of(arn) if fact.detail_type == "Table Deleted"]
    detail: Json = {"sourceTable": table, "targetTable": as_name, "restoreTo": "deletion"}
    if told:
        here.say(told[0].reason)
        offered = told[0].part("request")
        if not offered and not as_name:
            raise Problem(
                f"the guardian knows no way to bring {table} back under its own name: "
                "no backup is left, or the stack's patterns don't let it",
                remedy="if one is left, name a target that RestoreTargetPattern takes: --as NAME",
            )
        detail |= {name: offered[name] for name in ("sourceTable", "restoreTo") if name in offered}
        detail["targetTable"] = as_name or offered.get("targetTable")
    detail["targetTable"] = detail["targetTable"] or arn.rpartition("/")[2]
    detail |= {"indexes": _names(indexes), "settings": _names(settings)}
    if encryption is not None:
        detail["encryption"] = _encryption(encryption)
    if billing is not None:
        detail["billing"] = _billing(billing)
    if dry_run:
        detail["dryRun"] = True
    return _ask(here, detail, request_id, requested_by, reason, no_wait)


def _ask(
    here: Here,
    detail: Json,
    request_id: str | None,
    requested_by: str | None,
    reason: str | None,
    no_wait: bool,
) -> Exit:
    detail["requestId"] = request_id or new_request_id("restore", here.now())
    detail["requestedBy"] = requested_by or here.door.caller_arn
    if reason is not None:
        detail["reason"] = reason
    work = restore_work(here, detail["requestId"])
    work.asked = detail
    work.event_id = ask(
        here.door.events, here.stack.output("RequestBusName"), "Restore Requested", detail
    )
    if no_wait:
        here.say(f"Asked for {detail['targetTable']}. To follow it:")
        here.out.print(how_to_follow(work, here), soft_wrap=True)
        return Exit.STILL_GOING_ON
    return show(here, follow(work, here))


def restore_work(here: Here, request_id: str) -> RestoreWork:
    """A restore, by its request's id."""
    arn = here.stack.execution_arn(here.stack.output("RestoreStateMachineArn"), request_id)
    return RestoreWork(request_id, here.ledger, here.executions, arn, here.now)


def show(here: Here, answer: Fact) -> Exit:
    """Show the answer to a restore request, and tell how it ended."""
    if here.as_json:
        here.print_json(answer.json())
    elif answer.detail_type == "Restore Planned":
        _show_plan(here, answer)
    elif answer.detail_type == "Restore Completed":
        _show_completed(here, answer)
    match answer.detail_type:
        case "Restore Completed":
            failed = answer.part("settings").get("failed")
            return Exit.NEEDS_A_PERSON if failed else Exit.DONE
        case "Restore Planned":
            return Exit.DONE
    # The guardian's sentence says what to do about it.
    raise Problem(answer.reason or f"{answer.detail_type}: {answer.text('error')}")


def _show_completed(here: Here, answer: Fact) -> None:
    settings = answer.part("settings")
    here.out.print(answer.reason)
    pairs(
        here.out,
        [
            ("Table", answer.text("targetArn")),
            ("As of", here.shown(parsed(answer.detail.get("restoredTo")))),
            ("Took", duration(float(answer.detail.get("seconds") or 0))),
            ("Request", answer.text("requestId")),
            ("Put back", ", ".join(settings.get("applied", []))),
        ],
    )
    notes = settings.get("notes", {})
    skipped = [(each, notes.get(each, "")) for each in settings.get("skipped", [])]
    failed = [(each["setting"], each["error"]) for each in settings.get("failed", [])]
    for title, entries in (
        ("Not carried over", skipped),
        ("Failed: put these back by hand", failed),
    ):
        if entries:
            heading(here.out, title)
            pairs(here.out, [(name, why or "-") for name, why in entries])


def _show_plan(here: Here, answer: Fact) -> None:
    plan = answer.part("plan")
    estimate, call = plan.get("estimate", {}), plan.get("call", {})
    minutes = estimate.get("minutes", {})
    here.out.print(answer.reason)
    pairs(
        here.out,
        [
            ("Call", f"{call.get('operation')} in {call.get('region')}"),
            ("Encryption", plan.get("encryption")),
            ("Settings", ", ".join(plan.get("settings", []))),
            ("Size", f"{estimate.get('sizeInBytes', 0):,} bytes"),
            ("Cost", f"about {estimate.get('costInUsd')} US dollars"),
            ("Time", f"{minutes.get('from')} to {minutes.get('to')} minutes"),
        ],
    )
    for assumption in estimate.get("assumptions", []):
        here.out.print(f"- {assumption}", style="dim")


def _restore_to(here: Here, text: str) -> str:
    if text in ("latest", "deletion") or text.startswith("arn:"):
        return text
    at = instant(text, here.now(), here.zone)
    ago = duration((here.now() - at).total_seconds())
    here.say(f"As of {here.shown(at)}, {ago} ago.")
    return wire(at)


def _names(text: str) -> str | list[str]:
    if text in ("all", "none"):
        return text
    return [each.strip() for each in text.split(",") if each.strip()]


def _encryption(text: str) -> Json:
    if text in ("AWS_OWNED", "AWS_MANAGED"):
        return {"type": text}
    return {"type": "CUSTOMER_MANAGED", "kmsKeyArn": text}


def _billing(text: str) -> Json:
    if text == "PAY_PER_REQUEST":
        return {"mode": text}
    read, _, write = text.partition(":")
    if not (read.isdecimal() and write.isdecimal()):
        raise wrong_usage(
            f"--billing {text} is no billing mode", "give PAY_PER_REQUEST, or units such as 5:5"
        )
    return {
        "mode": "PROVISIONED",
        "readCapacityUnits": int(read),
        "writeCapacityUnits": int(write),
    }
