"""Somebody who may switch PITR off does so; it comes back, and the alert says what that cost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from ..catalog import PERIOD_DAYS, TABLE
from ..inbox import Alert
from ..narration import Narrator
from ..pitr import Pitr, clock_time, pitr_from, pitr_of
from ..waiting import wait_for
from ..world import Intern, World
from . import REACTION_SECONDS


def drift_is_repaired(tell: Narrator, world: World, intern: Intern) -> datetime:
    """Returns when PITR was seen on again."""
    tell.chapter("An intern switches PITR off")
    tell.say(f"{intern.arn} has an access key of its own, and may change this table.")
    _check_that_iam_is_enforced(tell, intern)
    # The guardian's own call comes back as an event, and makes it look at the table once more. If
    # that look came first, it would repair the table before anybody told it who did it.
    world.calm_down(tell, REACTION_SECONDS)
    before = pitr_of(world.dynamodb, TABLE)

    called_at, began = datetime.now(UTC), time.monotonic()
    answer = intern.dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    answered_at = datetime.now(UTC)
    off = pitr_from(answer["ContinuousBackupsDescription"])
    tell.say(f"The intern calls UpdateContinuousBackups. DynamoDB answers: {off.status}.")
    with tell.waiting("waiting for the guardian to turn PITR on again"):
        after = wait_for(
            f"PITR of {TABLE} to be back",
            lambda: pitr_of(world.dynamodb, TABLE),
            lambda pitr: pitr.is_on,
            REACTION_SECONDS,
            every=0.01,
        )
    seconds, back_at = time.monotonic() - began, datetime.now(UTC)
    tell.claim(
        "PITR was off, and is back",
        not off.is_on and after.is_on,
        f"after {seconds:.2f} s: {after}",
    )
    tell.claim(
        "It is back with the table's own period, not with the default of 35 days",
        after.period == before.period == PERIOD_DAYS,
        f"{after.period} days",
    )
    delay = world.cloud.settings.cloudtrail_delay_seconds
    tell.say(f"CloudTrail tells EventBridge within minutes on AWS, within {delay:g} s here.")
    alert = world.inbox.wait("pitr-re-enabled", TABLE, REACTION_SECONDS)
    tell.say(f"Alert: {alert.subject}")
    _check_alert(tell, alert, intern, before, (called_at, answered_at))
    return back_at


def _check_alert(
    tell: Narrator,
    alert: Alert,
    intern: Intern,
    before: Pitr,
    called: tuple[datetime, datetime],
) -> None:
    """Hold what the alert says against what we saw ourselves: who, for how long, what is lost.

    Args:
        before: the table's PITR until then.
        called: when the intern's call was sent, and when it was answered.
    """
    tell.claim(
        "The alert names who did it",
        alert.actor_arn == intern.arn and intern.arn in alert.text,
        alert.actor_arn,
    )
    exposure = alert.detail["exposure"]
    start, end = (datetime.fromisoformat(exposure[each]) for each in ("from", "to"))
    second = timedelta(seconds=1)  # CloudTrail's times are whole seconds
    tell.claim(
        "It says for how long the table was unprotected",
        called[0] - second < start <= called[1]
        and called[0] <= end <= datetime.now(UTC)
        and abs((end - start).total_seconds() - exposure["seconds"]) < 0.01,
        f"{exposure['seconds']} s, counted from CloudTrail's whole second {clock_time(start)}",
    )
    lost = alert.detail["lostWindow"] or {}
    tell.claim(
        "It says which restore points are lost for good",
        bool(lost)
        and datetime.fromisoformat(lost["earliest"]) == before.earliest
        # A window that the guardian saw within the call's very second ends after that began.
        and start <= datetime.fromisoformat(lost["latest"]) <= called[1],
        f"{lost.get('earliest')} to {lost.get('latest')}",
    )


def _check_that_iam_is_enforced(tell: Narrator, intern: Intern) -> None:
    try:
        intern.dynamodb.delete_table(TableName=TABLE)
        answer = "the table is being deleted"
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    tell.claim(
        "IAM is enforced here: the intern can't delete the table",
        answer == "AccessDeniedException",
        answer,
    )
