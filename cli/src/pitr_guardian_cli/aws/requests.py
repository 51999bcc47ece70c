"""What is asked of the guardian: events on its request bus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pitr_guardian_cli.facts import Json
from pitr_guardian_cli.problems import Exit, Problem

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "pitr-guardian-cli"


def ask(client: EventBridgeClient, bus: str, detail_type: str, detail: Json) -> str:
    """Put a request on the bus, and give the event's id.

    Raises:
        Problem: the bus doesn't take it.
    """
    answer = client.put_events(
        Entries=[
            {
                "EventBusName": bus,
                "Source": SOURCE,
                "DetailType": detail_type,
                "Detail": json.dumps(detail),
            }
        ]
    )
    [entry] = answer["Entries"]
    if "ErrorCode" in entry:
        told = f"{entry['ErrorCode']}: {entry.get('ErrorMessage', '')}"
        denied = "NotAuthorized" in entry["ErrorCode"] or "AccessDenied" in entry["ErrorCode"]
        raise Problem(
            f"not permitted: events:PutEvents on the bus {bus} ({told})"
            if denied
            else f"the bus {bus} didn't take the request ({told})",
            Exit.NOT_PERMITTED if denied else Exit.FAILED,
        )
    return entry["EventId"]
