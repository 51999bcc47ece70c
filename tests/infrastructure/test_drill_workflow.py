"""The workflow of drills: what it waits for, and for how long.

What holds for every workflow is in test_statemachines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.infrastructure.stack import ROOT, Json

STATES: Json = json.loads((ROOT / "statemachines/drill.asl.json").read_text())["States"]


def ways_into(name: str) -> Iterator[tuple[str, Json]]:
    """Each way into a state: from which one, and the part of it that has the `Next`."""
    for before, state in STATES.items():
        for way in (state, *state.get("Choices", []), *state.get("Catch", [])):
            if way.get("Next") == name:
                yield before, way


def test_exports_have_their_time_from_when_the_copy_is_there() -> None:
    """History up to the request can't be exported at once, and a restore may take long."""
    [(before, way)] = ways_into("Have they been started?")
    assert before == "Is it active?"
    assert way["Assign"]["exportsSince"] == "{% $millis() %}"
    times = [c["Condition"] for c in STATES["Have they been started?"]["Choices"]]
    assert any("$exportsSince" in time for time in times)
