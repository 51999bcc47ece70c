"""The fact bus."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import (
    later_if_passing,
    passes,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.facts.facts import (
    SOURCE,
    Fact,
)

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class FactNotTakenError(Exception):
    """EventBridge answered, but didn't take the fact, and won't."""


class FactBus:
    """``facts.ports.Facts`` on EventBridge."""

    def __init__(self, client: "Callable[[], EventBridgeClient]", bus: str) -> None:
        """Take the door to EventBridge, which isn't gone through in vain, and the bus's name."""
        self._client = client
        self._bus = bus

    @needs("events:PutEvents", on="fact bus")
    @later_if_passing()
    def publish(self, fact: Fact) -> None:
        """See ``facts.ports.Facts``."""
        answer = self._client().put_events(
            Entries=[
                {
                    "EventBusName": self._bus,
                    "Source": SOURCE,
                    "DetailType": fact.detail_type,
                    "Detail": json.dumps(fact.detail()),
                    "Time": fact.time,
                }
            ]
        )
        if answer["FailedEntryCount"]:  # PutEvents answers 200 for entries that it refuses
            refused = answer["Entries"][0]
            code, message = refused.get("ErrorCode"), refused.get("ErrorMessage")
            error = TryLaterError if passes(code) else FactNotTakenError
            raise error(f"{fact.detail_type}: {code}: {message}")
