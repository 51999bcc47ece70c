"""`drill`: prove that a table can be restored, before anybody needs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from pitr_guardian_cli.aws.requests import ask
from pitr_guardian_cli.command import command
from pitr_guardian_cli.commands.asking import NoWait, Reason, RequestedBy, RequestId
from pitr_guardian_cli.drilling import KEPT_FOR, MACHINE, DrillWork, lasting_failures
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import follow, how_to_follow
from pitr_guardian_cli.groups import with_default
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.past import DRILL_COLUMNS, drill_json, drill_row, drills_since
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage
from pitr_guardian_cli.restoring import new_request_id
from pitr_guardian_cli.terminal.tables import columns, heading, pairs
from pitr_guardian_cli.times import duration, instant, parsed, wire

group = typer.Typer(cls=with_default("run"), no_args_is_help=True)


@group.callback()
def main() -> None:
    """Prove that a table can be restored: a copy is made, compared, measured and removed.

    \b
    As of a random second of its history:
      pitr-guardian drill Orders
    What was proved so far:
      pitr-guardian drill list
    Is the evidence as it was written?
      pitr-guardian verify-evidence
    All options of the first:
      pitr-guardian drill run --help
    """


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(group, "run")(run)
    command(group, "list")(drills)
    app.add_typer(group, name="drill")


def run(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the table.")],
    at: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help="random, latest, or an instant (10:14:59, -15m, 2026-11-22T10:14:59Z).",
        ),
    ] = "random",
    sample: Annotated[
        str,
        typer.Option(metavar="N|all", help="How many items are compared, 1 to 10,000, or all."),
    ] = "1000",
    target_region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION", help="Region of the copy (default: the table's).", show_default=False
        ),
    ] = None,
    request_id: RequestId = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    no_wait: NoWait = False,
) -> Exit:
    """Restore a table to a copy, prove the copy, measure, remove it, and keep evidence.

    \b
    As of a random second, a thousand items:
      pitr-guardian drill Orders
    As of an hour ago, all items, and go home:
      pitr-guardian drill Orders --at -1h --sample all --no-wait
    """
    possible(here)
    detail: Json = {"table": table, "at": _at(here, at), "sample": _sample(sample)}
    if target_region is not None:
        detail["targetRegion"] = target_region
    detail["requestId"] = request_id or new_request_id("drill", here.now())
    detail["requestedBy"] = requested_by or here.door.caller_arn
    if reason is not None:
        detail["reason"] = reason
    work = drill_work(here, detail["requestId"])
    work.asked = detail
    bus = here.stack.output("RequestBusName")
    work.event_id = ask(here.door.events, bus, "Drill Requested", detail)
    if no_wait:
        here.say(f"Asked for a drill of {table}. To follow it:")
        here.out.print(how_to_follow(work, here), soft_wrap=True)
        return Exit.STILL_GOING_ON
    return show(here, follow(work, here))


def drills(
    here: Here,
    table: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name or ARN of one table.", show_default=False),
    ] = None,
    days: Annotated[
        int, typer.Option(metavar="N", min=1, max=KEPT_FOR.days, help="How far back.")
    ] = KEPT_FOR.days,
) -> Exit:
    """List the drills, newest first, and what they proved. Older ones are in the year's page.

    \b
    All of the last 90 days:
      pitr-guardian drill list
    Of one table:
      pitr-guardian drill list --table Orders
    """
    possible(here)
    arn = here.stack.table_arn(table) if table is not None else None
    found = drills_since(here, here.now() - timedelta(days=days), arn)
    if here.as_json:
        here.print_json({"version": "1", "drills": [drill_json(each) for each in found]})
    elif found:
        columns(here.out, DRILL_COLUMNS, [drill_row(here, each) for each in found])
    else:
        here.say(f"No drill began in the last {days} days.")
    failed = lasting_failures(found)
    if failed and not here.as_json:
        names = ", ".join(sorted(str(each.table.get("name")) for each in failed))
        here.say(f"The last drill of these failed: {names}.")
    return Exit.NEEDS_A_PERSON if failed else Exit.DONE


def drill_work(here: Here, request_id: str) -> DrillWork:
    """A drill, by its request's id."""
    arn = here.stack.execution_arn(here.stack.machine_arn(MACHINE), request_id)
    return DrillWork(request_id, here.ledger, here.executions, arn, here.now)


def show(here: Here, answer: Fact) -> Exit:
    """Show what a drill came to."""
    if here.as_json:
        here.print_json(answer.json())
    elif answer.detail_type != "Drill Rejected":
        _show(here, answer)
    if answer.detail_type == "Drill Passed":
        return Exit.DONE
    # The guardian's sentence says what speaks against it.
    raise Problem(answer.reason or f"{answer.detail_type}: {answer.text('error')}")


def _show(here: Here, answer: Fact) -> None:
    if answer.detail_type == "Drill Passed":
        here.out.print(answer.reason)
    time, point, items = (answer.part(name) for name in ("recoveryTime", "recoveryPoint", "items"))
    seconds, lag = time.get("seconds"), point.get("seconds")
    pairs(
        here.out,
        [
            ("Table", answer.part("table").get("arn")),
            ("As of", here.shown(parsed(answer.detail.get("restoredTo")))),
            ("Recovery time", None if seconds is None else duration(float(seconds))),
            ("Recovery point", None if lag is None else f"{duration(float(lag))} behind"),
            ("Compared", f"{items.get('compared', 0):,}"),
            ("Equal", f"{items.get('equal', 0):,}"),
            ("Explained", f"{items.get('explained', 0):,}"),
            ("Not as it was", f"{items.get('mismatched', 0):,}"),
            ("Copy", "removed" if answer.detail.get("removed") else "not removed yet"),
            ("Cost", f"about {answer.detail.get('costInUsd')} US dollars"),
            ("Evidence", answer.text("evidenceUri")),
            ("Its SHA-256", answer.text("evidenceSha256")),
        ],
    )
    differences = answer.listed("structure")
    if differences:
        heading(here.out, "The structure differs")
        for line in differences:
            here.out.print(f"- {line}")


def possible(here: Here) -> None:
    """See that the stack has drills.

    Raises:
        Problem: it has none.
    """
    if "EvidenceBucketName" not in here.stack.outputs:
        raise Problem(
            f"the guardian {here.stack.name} in {here.stack.region} has no drills",
            remedy="deploy it with DrillTagKey (docs/deploying.md), or upgrade it if it is older "
            "than drills; until then, prove a restore by hand: "
            + here.command("restore TABLE --as NAME"),
        )


def _at(here: Here, text: str) -> str:
    if text in ("random", "latest"):
        return text
    at = instant(text, here.now(), here.zone)
    ago = duration((here.now() - at).total_seconds())
    here.say(f"As of {here.shown(at)}, {ago} ago.")
    return wire(at)


def _sample(text: str) -> int | str:
    if text == "all":
        return text
    if not text.isdecimal():
        raise wrong_usage(f"--sample {text} is no number", "give 1 to 10000, or all")
    return int(text)
