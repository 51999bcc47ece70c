"""The table is spoilt, by writes that PITR can't prevent but can undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..catalog import ITEMS, REPRICED_ID, TABLE, UNWANTED, WRONG_PRICE
from ..narration import Narrator
from ..pitr import clock_time, pitr_of, wait_until_restorable
from ..world import Intern, World
from . import REACTION_SECONDS

_QUIET_MINUTES = 20


def data_is_spoilt(
    tell: Narrator, world: World, intern: Intern, protected_at: datetime
) -> datetime:
    """Returns the second before the damage."""
    tell.chapter("A script writes what nobody wanted")
    with tell.waiting("waiting for the new window to grow"):
        # The second before the damage has to lie in it, and that second is a whole one.
        wait_until_restorable(
            world.dynamodb, TABLE, protected_at + timedelta(seconds=1), REACTION_SECONDS
        )
    # The shortest export of a table's history that AWS makes is 15 minutes long.
    world.cloud.age(world.table(TABLE).table_arn, minutes=_QUIET_MINUTES)
    pitr = pitr_of(world.dynamodb, TABLE)
    tell.say(
        f"{_QUIET_MINUTES} quiet minutes pass (here, the table's past is made older). "
        f"The table has a window again: {pitr}."
    )

    ran_at = datetime.now(UTC)
    with intern.table.batch_writer() as batch:
        for item in UNWANTED:
            batch.put_item(Item=dict(item))
    intern.table.update_item(
        Key={"Id": REPRICED_ID},
        UpdateExpression="SET Price = :price",
        ExpressionAttributeValues={":price": WRONG_PRICE},
    )
    spoilt = {item["Id"]: item for item in world.items(TABLE)}
    repriced = spoilt[REPRICED_ID]
    tell.say(
        f"{clock_time(ran_at)}: the intern's script runs. {TABLE} has {len(spoilt)} items now, "
        f"and {repriced['Title']} costs {repriced['Price']}."
    )
    tell.claim(
        "The table is spoilt",
        len(spoilt) == len(ITEMS) + len(UNWANTED) and repriced["Price"] == WRONG_PRICE,
        f"{len(spoilt) - len(ITEMS)} items too many, a price of {repriced['Price']}",
    )
    return ran_at.replace(microsecond=0) - timedelta(seconds=1)
