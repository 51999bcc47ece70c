"""The fields of a Map state, in either query language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localcloud.wire import Json


@dataclass(frozen=True)
class Fields:
    """The fields of a Map state, in either query language."""

    machines: Any
    state: Json
    raw: Any
    effective: Any
    context: Json

    @property
    def _is_jsonata(self) -> bool:
        return bool(self.machines._state_query_language(self.state, self.context) == "JSONata")

    def has(self, name: str) -> bool:
        return name in self.state or f"{name}Path" in self.state

    def evaluated(self, template: Any, context: Json | None = None) -> Any:
        context = context or self.context
        if self._is_jsonata:
            return self.machines._apply_jsonata_template(template, self.raw, context)
        return self.machines._resolve_params_obj(template, self.effective, context)

    def number(self, name: str, holder: Json | None = None) -> float:
        """A number of the state, or of a field that it has; 0 where there is none."""
        holder = self.state if holder is None else holder
        if self._is_jsonata and name in holder:
            return float(
                self.machines._jsonata_state_field(holder, name, "number", self.raw, self.context)
            )
        if path := holder.get(f"{name}Path"):
            return float(self.machines._resolve_path_or_ctx(path, self.effective, self.context))
        return float(holder.get(name) or 0)

    def items(self) -> list[Any]:
        if self._is_jsonata:
            if "Items" in self.state:
                found = self.machines._jsonata_state_field(
                    self.state, "Items", "array", self.raw, self.context
                )
            else:
                found = self.raw
        else:
            path = self.state.get("ItemsPath", "$")
            found = self.machines._resolve_path_or_ctx(path, self.effective, self.context)
        if not isinstance(found, list):
            raise self.machines._ExecutionError(
                "States.Runtime", "a Map state's items are no array"
            )
        return found

    def selected(self, index: int, item: Any) -> Any:
        """What ItemSelector makes of an item; the item where there is no selector."""
        selector = self.state.get("ItemSelector") or self.state.get("Parameters")
        if not selector:
            return item
        context = {**self.context, "Map": {"Item": {"Index": index, "Value": item}}}
        return self.evaluated(selector, context)

    def output(self, result: Any) -> Any:
        machines, state = self.machines, self.state
        if self._is_jsonata:
            output = machines._apply_jsonata_output(
                state, self.raw, self.context, result=result, default=result
            )
            machines._apply_state_assign(state, self.raw, self.context, result=result)
            return output
        selected = machines._apply_result_selector(state, result)
        placed = machines._apply_result_path(state, self.raw, selected)
        return machines._apply_output_path(state, placed, self.context)
