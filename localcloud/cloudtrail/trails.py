"""Which trails an account has: MiniStack's CloudTrail API decides what is delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.wire import (
    Call,
    HttpAnswer,
    Json,
)

DEFAULT_TRAIL = "management-events"


class Trails:
    """Each account begins with one trail: of all regions, of management events, and logging."""

    def __init__(self, engine: Engine, home_region: str, logging: bool) -> None:
        self._engine = engine
        self._home_region = home_region
        self._logging = logging
        self._accounts: set[str] = set()
        self._lock = threading.Lock()
        engine.wrap_handler("cloudtrail", self._beginning_with_a_trail)

    @property
    def logging(self) -> bool:
        """Whether the trail that each account begins with logs, unless its owner said otherwise."""
        return self._logging

    @logging.setter
    def logging(self, on: bool) -> None:
        with self._lock:
            self._logging = on
            for account in self._accounts:
                self._switch(account)

    def record(self, call: Call) -> bool:
        """Whether a trail delivers this management call to EventBridge."""
        self._begin(call.account)
        event = {
            "eventCategory": "Management",
            "readOnly": "false",
            "eventSource": f"{call.service}.amazonaws.com",
            "eventName": call.operation,
            "eventType": "AwsApiCall",
        }
        with self._engine.in_scope(call.account, call.region):
            return any(
                trail.get("IsLogging") and _select(selectors, event)
                for trail, selectors in self._engine.trails()
            )

    def _beginning_with_a_trail(self, handler: Handler) -> Handler:
        async def handle(*request: Any) -> HttpAnswer:
            self._begin(self._engine.scope()[0])
            return await handler(*request)

        return handle

    def _begin(self, account: str) -> None:
        with self._lock:
            if account in self._accounts:
                return
            self._accounts.add(account)
            bucket = f"cloudtrail-{account}"
            with self._engine.in_scope(account, self._home_region):
                self._engine.cloudtrail(
                    "CreateTrail",
                    {"Name": DEFAULT_TRAIL, "S3BucketName": bucket, "IsMultiRegionTrail": True},
                )
            self._switch(account)

    def _switch(self, account: str) -> None:
        operation = "StartLogging" if self._logging else "StopLogging"
        with self._engine.in_scope(account, self._home_region):
            self._engine.cloudtrail(operation, {"Name": DEFAULT_TRAIL})  # or it was deleted


def _select(selectors: Iterable[Json], event: Mapping[str, str]) -> bool:
    """Whether a trail's event selectors, basic or advanced, let an event through."""
    return any(
        all(_lets_through(field, event) for field in selector["FieldSelectors"])
        if "FieldSelectors" in selector
        else selector.get("IncludeManagementEvents", True)
        and selector.get("ReadWriteType", "All") in {"All", "WriteOnly"}
        and event["eventSource"] not in selector.get("ExcludeManagementEventSources", [])
        for selector in selectors
    )


def _lets_through(field: Json, event: Mapping[str, str]) -> bool:
    value = event.get(field["Field"], "")
    checks: Mapping[str, Callable[[str], bool]] = {
        "Equals": lambda wanted: value == wanted,
        "StartsWith": value.startswith,
        "EndsWith": value.endswith,
    }
    return all(
        (operator not in field or any(check(wanted) for wanted in field[operator]))
        and not any(check(unwanted) for unwanted in field.get(f"Not{operator}", []))
        for operator, check in checks.items()
    )
