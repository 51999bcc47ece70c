"""`exempt` and `protect`: the tags that say whether and for how long a table is guarded."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

import typer

from pitr_guardian_cli.aws import live
from pitr_guardian_cli.command import command
from pitr_guardian_cli.facts import Json
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage
from pitr_guardian_cli.terminal.progress import Stage, progress
from pitr_guardian_cli.times import day, duration

REASON_TAG, OWNER_TAG = "pitr-guardian:exempt-reason", "pitr-guardian:exempt-owner"

# What a tag's value may hold (DynamoDB developer guide, "Tagging restrictions").
_TAG_VALUE = re.compile(r"[\w\s+=._:/@-]{1,256}")
_PROTECTED_WITHIN = timedelta(seconds=120)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "exempt")(exempt)
    command(app, "protect")(protect)


def exempt(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the table.")],
    until: Annotated[
        str, typer.Option(metavar="DATE", help="Last day of the exemption, YYYY-MM-DD, UTC.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is reported.")],
    owner: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Who answers for it; reported.", show_default=False),
    ] = None,
) -> Exit:
    """Exempt a table through the end of a day, UTC. Then the guardian protects it again.

    PITR stays as it is: the guardian leaves the table alone, and you may switch it off.

    \b
    A load test until the end of January:
      pitr-guardian exempt Scratch --until 2027-01-31 --reason "load test"
    """
    last_day = day(until)
    _check(here, last_day)
    key = here.stack.parameter("ExemptTagKey", "pitr-guardian:exempt")
    tags = {key: until, REASON_TAG: reason, **({OWNER_TAG: owner} if owner else {})}
    for name, value in tags.items():
        if not _TAG_VALUE.fullmatch(value):
            raise wrong_usage(
                f"{value!r} can't be the value of the tag {name}",
                "give 1 to 256 letters, digits, spaces and + - = . _ : / @",
            )
    arn = _there(here, table)
    client = here.door.dynamodb(live.region_of(arn))
    client.tag_resource(
        ResourceArn=arn, Tags=[{"Key": name, "Value": value} for name, value in tags.items()]
    )
    if owner is None:
        # An exemption's owner is that of an earlier one no longer.
        client.untag_resource(ResourceArn=arn, TagKeys=[OWNER_TAG])
    _tell(here, arn, tags, f"{arn} is exempt through {until} (UTC): {reason}.")
    return Exit.DONE


def protect(
    here: Here,
    table: Annotated[str, typer.Argument(help="Name or ARN of the table.")],
    days: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=35,
            help="Set the table's own recovery period, in days.",
            show_default=False,
        ),
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Don't wait until the guardian has acted.")
    ] = False,
) -> Exit:
    """End a table's exemption, and have the guardian protect it now.

    \b
    The load test is over:
      pitr-guardian protect Scratch
    With a recovery period of its own:
      pitr-guardian protect Orders --days 14
    """
    arn = _there(here, table)
    client = here.door.dynamodb(live.region_of(arn))
    tags: Json = {}
    if days is not None:
        shortest = int(here.stack.parameter("MinimumRecoveryPeriodInDays", "1"))
        if days < shortest:
            raise wrong_usage(
                f"the guardian grants no period under {shortest} days",
                f"give {shortest} to 35, or change MinimumRecoveryPeriodInDays",
            )
        key = here.stack.parameter("RecoveryPeriodTagKey", "pitr-guardian:recovery-days")
        tags = {key: str(days)}
        client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": str(days)}])
    exempt_key = here.stack.parameter("ExemptTagKey", "pitr-guardian:exempt")
    # Also where they aren't there: the guardian looks at a table whose tags somebody touches.
    client.untag_resource(ResourceArn=arn, TagKeys=[exempt_key, REASON_TAG, OWNER_TAG])
    if no_wait:
        _tell(here, arn, tags, f"{arn} isn't exempt any more.")
        return Exit.STILL_GOING_ON
    return _awaited(here, arn, days, tags)


def _awaited(here: Here, arn: str, days: int | None, tags: Json) -> Exit:
    began = here.now()
    client = here.door.dynamodb(live.region_of(arn))
    with progress(here.err) as show:
        while (passed := here.now() - began) < _PROTECTED_WITHIN:
            switch = live.switch_of(client, arn)
            if switch and switch.is_on and (days is None or switch.period == days):
                _tell(here, arn, tags, f"{arn} is protected, with {switch.period} days.")
                return Exit.DONE
            if here.stack.parameter("Mode", "remediate") != "remediate":
                here.say("The guardian is in notify-only mode: switch PITR on yourself.")
                return Exit.NEEDS_A_PERSON
            so_long = duration(passed.total_seconds())
            show(Stage("asked", f"Waiting for the guardian, for {so_long}"))
            here.sleep(1)
    raise Problem(
        f"{arn} isn't protected as it should be after {int(_PROTECTED_WITHIN.total_seconds())} s; "
        "a period that is longer than the tag asks for stays as it is",
        Exit.STILL_GOING_ON,
        remedy=f"{here.command('tables ' + arn)} tells more; {here.command('sweep')} looks at all",
    )


def _check(here: Here, last_day: date) -> None:
    today = here.now().date()
    if last_day < today:
        raise wrong_usage(f"{last_day} is over", "give a day to come")
    most = int(here.stack.parameter("MaximumExemptionDays", "0"))
    if 0 < most < (last_day - today).days:
        raise wrong_usage(
            f"{last_day} is further ahead than exemptions may end here ({most} days)",
            f"give {today + timedelta(days=most)} at the latest",
        )


def _there(here: Here, table: str) -> str:
    """The ARN of a table that is there.

    Raises:
        Problem: it isn't.
    """
    arn = here.stack.table_arn(table)
    if (account := live.account_of(arn)) != here.stack.account:
        raise Problem(
            f"{arn} is a table of the account {account}; its tags are not this account's to set",
            remedy="set them with credentials of that account, by aws dynamodb tag-resource; "
            "docs/exemptions.md lists them",
        )
    client = here.door.dynamodb(live.region_of(arn))
    try:
        return client.describe_table(TableName=arn)["Table"]["TableArn"]
    except client.exceptions.ResourceNotFoundException:
        raise Problem(
            f"there is no table {table} in {live.region_of(arn)}",
            remedy="check its name, and name one of another region by its ARN",
        ) from None


def _tell(here: Here, arn: str, tags: Json, sentence: str) -> None:
    if here.as_json:
        here.print_json({"version": "1", "arn": arn, "tags": tags})
    else:
        here.out.print(sentence, soft_wrap=True)
