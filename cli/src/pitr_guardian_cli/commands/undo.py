"""`undo`: damaged items go back to what they were, in place, after a plan was seen."""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli import terminal
from pitr_guardian_cli.aws import plans
from pitr_guardian_cli.aws.ledger import UndoRecord
from pitr_guardian_cli.aws.requests import ask
from pitr_guardian_cli.command import command
from pitr_guardian_cli.commands.asking import NoWait, Reason, RequestedBy, RequestId
from pitr_guardian_cli.commands.undo_view import show_outcome, show_plan
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import follow, how_to_follow
from pitr_guardian_cli.groups import with_default
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage
from pitr_guardian_cli.restoring import new_request_id
from pitr_guardian_cli.times import duration, instant, wire
from pitr_guardian_cli.undoing import (
    APPLY,
    PLAN,
    WRITES,
    UndoWork,
    condition,
    partition_key,
)

_WHICH = "Which changes"
_KINDS = ("inserted", "updated", "deleted")

PlanId = Annotated[str, typer.Argument(help="Id of the plan.", metavar="PLAN")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask; only for a plan without conflicts.")]
Open = Annotated[bool, typer.Option("--open", help="Show the plan's page in the browser.")]

group = typer.Typer(cls=with_default("plan"), no_args_is_help=True)


@group.callback()
def main() -> None:
    """Undo damage to items in place: see the plan first, then have it carried out.

    \b
    What a script did between two instants:
      pitr-guardian undo Orders --from 10:14:59 --to 10:20:00
    Only what it set to one price:
      pitr-guardian undo Orders --from -15m --where 'Price = 1'
    Look at a plan again, and carry it out:
      pitr-guardian undo show PLAN --open
      pitr-guardian undo approve PLAN
    It was a mistake:
      pitr-guardian undo revert PLAN
    All options of the first:
      pitr-guardian undo plan --help
    """


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(group, "plan")(plan)
    command(group, "show")(show)
    command(group, "approve")(approve)
    command(group, "revert")(revert)
    app.add_typer(group, name="undo")


def plan(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the table.")],
    since: Annotated[
        str, typer.Option("--from", metavar="WHEN", help="When the items still were good.")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="When the damage was done; at most 24 hours after --from (default: now).",
            show_default=False,
        ),
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE",
            help="Only the items of this partition key.",
            show_default=False,
            rich_help_panel=_WHICH,
        ),
    ] = None,
    changes: Annotated[
        str,
        typer.Option(
            metavar="all|KIND,…",
            help="Which changes are undone: inserted, updated, deleted.",
            rich_help_panel=_WHICH,
        ),
    ] = "all",
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Only items of which this holds, such as 'Price = 1' or 'old: Status = open'; "
            "several must all hold.",
            show_default=False,
            rich_help_panel=_WHICH,
        ),
    ] = None,
    conflicts: Annotated[
        str,
        typer.Option(
            metavar="keep|overwrite",
            help="What others wrote since stays, or the good item wins.",
            rich_help_panel=_WHICH,
        ),
    ] = "keep",
    request_id: RequestId = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    yes: Yes = False,
    open_it: Open = False,
    no_wait: NoWait = False,
) -> Exit:
    """Plan an undo, show the plan, ask, and carry it out. Until you agree nothing is changed.

    \b
    What a script did between two instants:
      pitr-guardian undo Orders --from 10:14:59 --to 10:20:00
    Of one customer, only what it deleted:
      pitr-guardian undo Orders --from -1h --partition c-17 --changes deleted
    Plan it, and look at it later:
      pitr-guardian undo Orders --from -15m --no-wait
    """
    detail: Json = {"table": table, "from": _instant(here, since, "From")}
    if to is not None:
        detail["to"] = _instant(here, to, "To")
    if partition is not None:
        detail["partition"] = partition_key(partition)
    if changes != "all":
        detail["changes"] = _kinds(changes)
    if where:
        detail["where"] = [condition(each) for each in where]
    if conflicts not in ("keep", "overwrite"):
        raise wrong_usage(f"--conflicts {conflicts} is none", "give keep or overwrite")
    if conflicts != "keep":
        detail["conflicts"] = conflicts
    return _plan(here, detail, request_id, requested_by, reason, yes, open_it, no_wait)


def revert(
    here: Here,
    plan_id: PlanId,
    request_id: RequestId = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    yes: Yes = False,
    open_it: Open = False,
    no_wait: NoWait = False,
) -> Exit:
    """Plan to put back what an undo has changed, unless it was changed since; ask; carry it out.

    \b
    The undo was a mistake:
      pitr-guardian undo revert undo-20261122-101502-1a2b
    """
    detail: Json = {"revert": plan_id}
    return _plan(here, detail, request_id, requested_by, reason, yes, open_it, no_wait)


def show(here: Here, plan_id: PlanId, open_it: Open = False) -> Exit:
    """Show a plan, or what was done.

    \b
    In the terminal, and in the browser:
      pitr-guardian undo show undo-20261122-101502-1a2b --open
    """
    _possible(here)
    record = _recorded(here, plan_id)
    answer = record.outcome or record.plan
    if answer is None:
        raise Problem(
            f"the plan {plan_id} isn't made yet",
            Exit.STILL_GOING_ON,
            remedy=here.command(f"follow {plan_id}"),
        )
    if here.as_json:
        here.print_json(answer.json())
    elif record.outcome is not None:
        show_outcome(here, record.outcome)
    elif answer.detail_type == "Undo Planned":
        show_plan(here, answer, plans.summary(here.door.s3, answer))
    else:
        here.out.print(answer.reason)
    if open_it:
        _open(here, answer)
    return Exit.DONE


def approve(
    here: Here,
    plan_id: PlanId,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            metavar="SHA-256",
            help="Fingerprint of the plan that you have seen: another plan isn't carried out.",
            show_default=False,
        ),
    ] = None,
    requested_by: RequestedBy = None,
    reason: Reason = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Don't ask; with --fingerprint, or without conflicts."),
    ] = False,
    no_wait: NoWait = False,
) -> Exit:
    """Carry a plan out, after you have seen it.

    \b
    Look at it, and type the table's name:
      pitr-guardian undo approve undo-20261122-101502-1a2b
    In a script, exactly the plan that was reviewed:
      pitr-guardian undo approve undo-20261122-101502-1a2b --yes --fingerprint 9f86d08…
    """
    _possible(here)
    record = _recorded(here, plan_id)
    if record.outcome is not None:
        return _show_end(here, record.outcome)
    if record.plan is None or record.plan.detail_type != "Undo Planned":
        told = record.plan.reason if record.plan else f"the plan {plan_id} isn't made yet"
        raise Problem(told, remedy=here.command(f"follow {plan_id}"))
    if fingerprint is not None and fingerprint != record.plan.text("fingerprint"):
        raise Problem(
            f"the plan's fingerprint is {record.plan.text('fingerprint')}: it isn't the plan that "
            "you have seen",
            remedy=f"look at it: {here.command(f'undo show {plan_id}')}",
        )
    if not yes and not here.as_json:
        show_plan(here, record.plan, plans.summary(here.door.s3, record.plan))
    agreed = yes and fingerprint is not None
    return _carry_out(here, record.plan, agreed, yes, requested_by, reason, no_wait)


def undo_work(here: Here, plan_id: str, phase: str) -> UndoWork:
    """An undo's planning or carrying out, by its id."""
    arn = here.stack.execution_arn(here.stack.machine_arn(phase), plan_id)
    return UndoWork(plan_id, here.ledger, here.executions, arn, here.now, phase=phase)


def followed(here: Here, record: UndoRecord) -> Exit:
    """Follow an undo that is under way, and show what came of it."""
    phase = APPLY if record.is_approved else PLAN
    answer = follow(undo_work(here, record.plan_id, phase), here)
    if phase == APPLY:
        return _show_end(here, answer)
    _planned(here, answer)
    here.say("To carry it out:")
    here.say(f"  {here.command(f'undo approve {record.plan_id}')}")
    return Exit.NEEDS_A_PERSON


def _plan(
    here: Here,
    detail: Json,
    request_id: str | None,
    requested_by: str | None,
    reason: str | None,
    yes: bool,
    open_it: bool,
    no_wait: bool,
) -> Exit:
    _possible(here)
    detail["requestId"] = request_id or new_request_id("undo", here.now())
    detail["requestedBy"] = requested_by or here.door.caller_arn
    if reason is not None:
        detail["reason"] = reason
    work = undo_work(here, detail["requestId"], PLAN)
    work.asked = detail
    bus = here.stack.output("RequestBusName")
    work.event_id = ask(here.door.events, bus, "Undo Requested", detail)
    if no_wait:
        here.say("Asked for a plan; nothing is changed until it is approved. To follow it:")
        here.out.print(how_to_follow(work, here), soft_wrap=True)
        return Exit.STILL_GOING_ON
    planned = _planned(here, follow(work, here), quiet=here.as_json and yes)
    if open_it:
        _open(here, planned)
    return _carry_out(here, planned, False, yes, requested_by, reason, False)


def _planned(here: Here, answer: Fact, *, quiet: bool = False) -> Fact:
    """Show a plan.

    Raises:
        Problem: there is none.
    """
    if quiet and answer.detail_type == "Undo Planned":
        return answer
    if here.as_json:
        here.print_json(answer.json())
    if answer.detail_type != "Undo Planned":
        raise Problem(answer.reason or f"{answer.detail_type}: {answer.text('error')}")
    if not here.as_json:
        show_plan(here, answer, plans.summary(here.door.s3, answer))
    return answer


def _carry_out(
    here: Here,
    planned: Fact,
    agreed: bool,
    yes: bool,
    requested_by: str | None,
    reason: str | None,
    no_wait: bool,
) -> Exit:
    counts, plan_id = planned.part("counts"), planned.text("planId")
    if not any(counts.get(kind) for kind in WRITES):
        here.say("There is nothing to undo.")
        return Exit.NEEDS_A_PERSON if counts.get("conflict") else Exit.DONE
    approval = f"undo approve {plan_id}"
    whole = f"{approval} --yes --fingerprint {planned.text('fingerprint')}"
    if yes and not agreed and counts.get("conflict"):
        raise Problem(
            f"--yes is not enough: the plan has {counts['conflict']} conflicts",
            Exit.NEEDS_A_PERSON,
            remedy=f"look at it, then: {here.command(whole)}",
        )
    if not yes:
        _agree(here, planned, approval, whole)
    detail = {
        "planId": plan_id,
        "fingerprint": planned.text("fingerprint"),
        "requestedBy": requested_by or here.door.caller_arn,
    }
    if reason is not None:
        detail["reason"] = reason
    work = undo_work(here, plan_id, APPLY)
    bus = here.stack.output("RequestBusName")
    work.event_id = ask(here.door.events, bus, "Undo Approved", detail)
    if no_wait:
        here.say("Approved. To follow it:")
        here.out.print(how_to_follow(work, here), soft_wrap=True)
        return Exit.STILL_GOING_ON
    return _show_end(here, follow(work, here))


def _agree(here: Here, planned: Fact, approval: str, whole: str) -> None:
    """Ask whether it is to be carried out.

    Raises:
        Problem: it isn't, or nobody can be asked.
    """
    if not terminal.is_attended():
        raise Problem(
            "nothing was changed: without a terminal nobody can be asked",
            Exit.NEEDS_A_PERSON,
            remedy=here.command(whole),
        )
    typed = terminal.typed(here.err, f"Type {planned.table} to carry it out, anything else not to")
    if typed != planned.table:
        raise Problem(
            "nothing was changed",
            remedy=f"the plan is good until {planned.text('expiresAt')}: {here.command(approval)}",
        )


def _show_end(here: Here, answer: Fact) -> Exit:
    if here.as_json:
        here.print_json(answer.json())
    if answer.detail_type != "Undo Completed":
        raise Problem(answer.reason or f"{answer.detail_type}: {answer.text('error')}")
    if not here.as_json:
        show_outcome(here, answer)
    counts = answer.part("counts")
    left = (
        counts.get("conflict", 0)
        + counts.get("failed", 0)
        + int(answer.detail.get("doubtful") or 0)
    )
    return Exit.NEEDS_A_PERSON if left else Exit.DONE


def _possible(here: Here) -> None:
    if "UndoBucketName" not in here.stack.outputs:
        raise Problem(
            f"the guardian {here.stack.name} can undo nothing: no role of it may touch an item",
            remedy="name the tables whose items may be put back in UndoTablePattern, and deploy "
            "(docs/deploying.md); a restore needs none of it: "
            + here.command("restore TABLE --as NAME"),
        )


def _recorded(here: Here, plan_id: str) -> UndoRecord:
    record = here.ledger.undo(plan_id)
    if record is None:
        raise Problem(f"there is no plan {plan_id}", remedy=here.command("history"))
    return record


def _open(here: Here, answer: Fact) -> None:
    uri = answer.text("reportUri") or answer.text("planUri")
    page = plans.page(here.door.s3, uri)
    if not terminal.shown_in_browser(page):
        here.say(f"No browser could be started; open {page} yourself.")


def _instant(here: Here, text: str, what: str) -> str:
    at = instant(text, here.now(), here.zone)
    ago = duration((here.now() - at).total_seconds())
    here.say(f"{what} {here.shown(at)}, {ago} ago.")
    return wire(at)


def _kinds(text: str) -> list[str]:
    kinds = [each.strip() for each in text.split(",") if each.strip()]
    unknown = [each for each in kinds if each not in _KINDS]
    if unknown or not kinds:
        raise wrong_usage(f"--changes {text} is none", f"give all, or some of {', '.join(_KINDS)}")
    return kinds
