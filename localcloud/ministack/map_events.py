"""A repair of MiniStack's state machines: the history of an inline Map tells of its items.

Whoever follows an execution counts by these events. Their names, fields and order are those of
`HistoryEvent` in Step Functions' API reference and of the histories in its developer guide.
"""

from __future__ import annotations

import contextvars
import importlib
from typing import Any

from localcloud.wire import Json

_map: contextvars.ContextVar[tuple[str, Any] | None] = contextvars.ContextVar("map", default=None)
"""The name of the map that is under way, and its items' states."""


class MapEvents:
    """Adds `MapStateStarted` and the events of a map's iterations to histories."""

    def __init__(self) -> None:
        machines: Any = importlib.import_module("ministack.services.stepfunctions")
        self._machines = machines
        run_items, run_item = machines._run_map_items, machines._run_sub_machine

        def run_items_and_tell(state: Json, raw: Any, execution: Json, context: Json) -> Any:
            processor = state.get("ItemProcessor", {})
            is_inline = processor.get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED"
            if not is_inline or "Items" not in state:  # a JSONPath map of somebody else's
                return run_items(state, raw, execution, context)
            items = machines._jsonata_state_field(state, "Items", "array", raw, context)
            self._add(execution, "MapStateStarted", mapStateStarted={"length": len(items)})
            token = _map.set((context["State"]["Name"], processor["States"]))
            try:
                result = run_items(state, raw, execution, context)
            finally:
                _map.reset(token)
            self._add(execution, "MapStateSucceeded")
            return result

        def run_item_and_tell(
            states: Json, start: str, item: Any, execution: Json, context: Json
        ) -> Any:
            name, items_states = _map.get() or (None, None)
            if states is not items_states:  # a branch within an item
                return run_item(states, start, item, execution, context)
            iteration = {"name": name, "index": context["Map"]["Item"]["Index"]}
            self._add(execution, "MapIterationStarted", mapIterationStarted=iteration)
            try:
                result = run_item(states, start, item, execution, context)
            except BaseException:
                self._add(execution, "MapIterationFailed", mapIterationFailed=iteration)
                raise
            self._add(execution, "MapIterationSucceeded", mapIterationSucceeded=iteration)
            return result

        machines._run_map_items = run_items_and_tell
        machines._run_sub_machine = run_item_and_tell

    def _add(self, execution: Json, kind: str, **details: Json) -> None:
        told = {f"{name}EventDetails": value for name, value in details.items()}
        self._machines._add_event(execution, kind, told)
