"""A table is born without PITR; the guardian turns it on."""

from __future__ import annotations

from ..catalog import ITEMS, PERIOD_DAYS, TABLE
from ..narration import Narrator
from ..pitr import Pitr, pitr_of
from ..waiting import wait_for
from ..world import World
from . import REACTION_SECONDS


def table_is_protected(tell: Narrator, world: World) -> None:
    tell.chapter("A table is created, and protected")
    world.dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        Tags=[{"Key": "pitr-guardian:recovery-days", "Value": str(PERIOD_DAYS)}],
    )
    tell.say(
        f"CreateTable {TABLE}: not a word about PITR, but a tag, "
        f"pitr-guardian:recovery-days = {PERIOD_DAYS}."
    )
    pitr = _wait_for_pitr(tell, world)
    tell.claim("A new table is protected without anybody asking", pitr.is_on, str(pitr))
    tell.claim(
        "The table's tag decides its recovery period",
        pitr.period == PERIOD_DAYS,
        f"{pitr.period} days",
    )
    _check_who_did_it(tell, world)
    alert = world.inbox.wait("table-protected", TABLE, REACTION_SECONDS)
    tell.say(f"Alert: {alert.subject}")
    tell.claim(
        "The alert says which call made the table",
        alert.detail["createdBy"] == "CreateTable",
        f"{alert.detail['createdBy']} by {alert.actor_arn}",
    )
    with world.table(TABLE).batch_writer() as batch:
        for item in ITEMS:
            batch.put_item(Item=dict(item))
    tell.say(f"{len(world.items(TABLE))} items are loaded, the Developer Guide's own.")


def _wait_for_pitr(tell: Narrator, world: World) -> Pitr:
    """Tell each state on the way, so that one can see where it comes from."""
    told: set[str] = set()

    def look() -> Pitr:
        pitr = pitr_of(world.dynamodb, TABLE)
        if pitr.status not in told:
            told.add(pitr.status)
            tell.say(f"DescribeContinuousBackups: {pitr.status}.")
        return pitr

    with tell.waiting("waiting for the guardian to turn PITR on"):
        return wait_for(
            f"PITR of {TABLE} to be on", look, lambda pitr: pitr.is_on, REACTION_SECONDS
        )


def _check_who_did_it(tell: Narrator, world: World) -> None:
    record = world.cloud.trail.wait_for(
        lambda record: (
            record["eventName"] == "UpdateContinuousBackups"
            and record["requestParameters"]["tableName"].endswith(TABLE)
        ),
        REACTION_SECONDS,
    )
    arn = record["userIdentity"].get("arn", "nobody")
    tell.claim(
        "CloudTrail says that it was the guardian",
        f"assumed-role/{world.stack.name}-" in arn,
        f"{record['eventName']} by {arn}",
    )
