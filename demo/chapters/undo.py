"""The other ending: the live table is healed in place, and keeps what came since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.text import Text

from ..catalog import ITEMS, REPRICED_ID, TABLE, UNWANTED
from ..narration import Narrator
from ..pitr import clock_time
from ..waiting import wait_for
from ..world import World

_UNDO_SECONDS = 90.0
_ENDINGS = {"undo-completed", "undo-failed", "undo-rejected"}
_PLAN = "demo-undo"
_BETTER = "201 Description, with a bell"
"""What somebody who had every right to writes after the damage, into an item that it spoilt."""


def table_is_healed(tell: Narrator, world: World, instant: datetime) -> None:
    """Undo what was written after the instant, but for what somebody wrote with good reason."""
    tell.chapter(f"Or: {TABLE} itself is healed, and keeps what came since")
    to = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    _await_clock(tell, to)
    world.table(TABLE).update_item(
        Key={"Id": REPRICED_ID},
        UpdateExpression="SET Description = :better",
        ExpressionAttributeValues={":better": _BETTER},
    )
    tell.say(f"Meanwhile, Maria describes {REPRICED_ID} anew: {_BETTER!r}. That has to stay.")

    spoilt = world.items(TABLE)
    planned = _plan(tell, world, instant, to)
    counts = planned["counts"]
    tell.claim(
        "The plan names what it would do: nothing more than the damage",
        (counts["remove"], counts["merge"], counts["conflict"]) == (len(UNWANTED), 1, 0),
        ", ".join(f"{count} {kind}" for kind, count in counts.items() if count),
    )
    tell.say(f"A page to read before anybody approves: {planned['planUri']}")
    tell.claim(
        "Nothing is written before it is approved",
        _by_id(world.items(TABLE)) == _by_id(spoilt),
        f"{len(spoilt)} items as they were",
    )

    completed = _carry_out(tell, world, planned)
    healed = _by_id(world.items(TABLE))
    good = _by_id(ITEMS)
    good[REPRICED_ID] = {**good[REPRICED_ID], "Description": _BETTER}
    tell.claim(
        "The unwanted items are gone from the live table, and the old price is back",
        not healed.keys() & {item["Id"] for item in UNWANTED}
        and healed[REPRICED_ID]["Price"] == good[REPRICED_ID]["Price"],
        f"{len(healed)} items; {REPRICED_ID} costs {healed[REPRICED_ID]['Price']}",
    )
    tell.claim(
        "What Maria wrote since is still there, and all else is as it was",
        healed == good,
        str(healed[REPRICED_ID]["Description"]),
    )
    written = sum(completed["counts"][kind] for kind in ("removed", "reverted", "merged"))
    tell.claim(
        "Each item that was written was read again",
        completed["verified"] == written == len(UNWANTED) + 1,
        f"{completed['verified']} of {written}",
    )


def _plan(tell: Narrator, world: World, since: datetime, to: datetime) -> Mapping[str, Any]:
    tell.say("Onto the request bus goes the event Undo Requested:")
    request = {
        "table": TABLE,
        "from": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{to:%Y-%m-%dT%H:%M:%SZ}",
        "requestId": _PLAN,
        "requestedBy": "maria",
        "reason": "a script wrote nonsense",
    }
    _put(tell, world, "Undo Requested", request)
    return _await(tell, world, "the plan", {"undo-planned"})


def _carry_out(tell: Narrator, world: World, planned: Mapping[str, Any]) -> Mapping[str, Any]:
    tell.say("Somebody has read it, and approves of this very plan with the event Undo Approved:")
    fingerprint = planned["fingerprint"]
    _put(
        tell,
        world,
        "Undo Approved",
        {"planId": _PLAN, "fingerprint": fingerprint, "requestedBy": "pablo"},
    )
    return _await(tell, world, "the undo", {"undo-completed"})


def _put(tell: Narrator, world: World, kind: str, detail: Mapping[str, str]) -> None:
    tell.show(Text(json.dumps(detail, indent=2)))
    entry = {
        "EventBusName": world.stack.outputs["RequestBusName"],
        "Source": "demo",
        "DetailType": kind,
        "Detail": json.dumps(detail),
    }
    answer = world.cloud.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        tell.claim("The bus takes the event", holds=False, detail=str(answer["Entries"]))


def _await(tell: Narrator, world: World, what: str, wanted: set[str]) -> Mapping[str, Any]:
    """Tell each alert as it comes, up to the wanted one; its detail."""
    told = len(world.inbox.alerts)

    def look() -> str:
        nonlocal told
        alerts = world.inbox.read()
        for alert in alerts[told:]:
            tell.say(f"Alert: {alert.subject}")
        told = len(alerts)
        events = {alert.event for alert in alerts}
        return "over" if events & (wanted | _ENDINGS) else "no answer yet"

    with tell.waiting(f"waiting for {what}"):
        wait_for(f"{what} to be told", look, lambda state: state == "over", _UNDO_SECONDS)
    found = [alert for alert in world.inbox.alerts if alert.event in wanted]
    tell.claim(
        f"{what[0].upper()}{what[1:]} is told once", len(found) == 1, world.inbox.alerts[-1].subject
    )
    return found[0].detail


def _await_clock(tell: Narrator, instant: datetime) -> None:
    """The damage ends with a whole second; what comes after it has to come after that."""
    with tell.waiting(f"waiting for {clock_time(instant)}"):
        wait_for(
            f"{clock_time(instant)} to be over",
            lambda: datetime.now(UTC),
            lambda now: now > instant,
            5,
        )


def _by_id(items: Any) -> dict[Any, Mapping[str, Any]]:
    return {item["Id"]: item for item in items}
