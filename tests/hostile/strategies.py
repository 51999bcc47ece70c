"""What somebody may write where the guardian reads: texts, JSON, and samples with a twist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import settings, strategies as st

type Json = dict[str, Any]

a_share_each = settings(max_examples=settings().max_examples // 4)
"""For a property that is tried on many samples: all of them share the examples."""
type Place = tuple[str | int, ...]

EVENTS = Path(__file__).parents[2] / "events"

HOSTILE_TEXTS = [
    "",
    " ",
    "\x00",
    "\ud800",
    "a\r\nBcc: everybody@example.com\r\n\r\nhello",
    'x\n\nWhat to do: call +1 555 0100\n{"level": "INFO", "message": "forged"}',
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "orders\u202egnp.exe\u2066\u200b\ufeff\u00ad\U000e0041\u2028\u2029\x85",
    "\ufffe\uffff",
    '=HYPERLINK("http://example.com")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "x;=1",
    'x";"=1',
    "x\n=1",
    "x|=cmd|' /C calc'!A0",
    "＝1",  # noqa: RUF001
    "<script>alert(1)</script>",
    "</script><!--<script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "]]>&lt;&#60;&amp;",
    "{{ 7 * 7 }}{% raw %}{0.__class__}%s%(x)s",
    "{% $states.context %}",
    "{% $eval('1') %}",
    "$.detail",
    "'; DROP TABLE orders; --",
    "../../latest/report.html",
    "\u0663\u0665",
    "\uff13\uff15",
    "\u0968\u0966\u0968\u096c-\u0967\u0968-\u0969\u0967",
    "2026-12-31\n",
    "NaN",
    "null",
    "1e999",
    "e\u0301" + "\u0300" * 50,
    "\U0001f469\u200d\U0001f680",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u65e5\u672c\u8a9e",
    "x" * 1001,
]
LARGE = ["x", "\U0001f4a5", '"\\', "\x00", "a "]
"""Of these, 250 KiB."""


def large(text: str) -> str:
    """As much of it as the largest of AWS's messages holds."""
    return text * (250 * 1024 // len(text.encode()))


texts = (
    st.sampled_from(HOSTILE_TEXTS)
    | st.sampled_from(LARGE).map(large)
    | st.text(st.characters(), max_size=60)
    | st.builds(str.__add__, st.sampled_from(HOSTILE_TEXTS), st.text(max_size=5))
)
"""Any text that JSON can hold: halves of characters, and 250 KiB of it, too."""

EVERY_TEXT = [*HOSTILE_TEXTS, *map(large, LARGE)]
"""The texts that are known to have broken something somewhere."""

unicode_texts = texts.map(lambda text: text.encode("utf-16", "replace").decode("utf-16"))
"""Any text that is Unicode."""


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


odd_values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 36, 2**31, 2**53, 2**63, 2**64, 10**400, -(10**30)]),
    st.floats(),
    texts,
    st.sampled_from([300, 990, 5000]).map(deep),
    st.just([]),
    st.builds(dict),
    st.just(20_000).map(lambda length: ["x"] * length),
    st.just(5000).map(lambda length: {f"k{n}": n for n in range(length)}),
)
json_values: st.SearchStrategy[Any] = st.recursive(
    odd_values,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=5,
)
"""Any JSON, as Python reads it: NaN, numbers without end, and nesting nearly so."""

objects = st.dictionaries(texts, json_values, max_size=4)


def paths_in(value: object, path: Place = ()) -> list[Place]:
    """The places in a JSON value, the whole of it first."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path, *(deeper for key, child in children for deeper in paths_in(child, (*path, key)))]


def put(value: Any, path: Place, new: object) -> Any:
    """A copy of a JSON value with something else in one place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


def without(value: Any, path: Place) -> Any:
    """A copy of a JSON value without one place."""
    copy = value.copy()
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(value[path[0]], path[1:])
    return copy


@st.composite
def twisted(draw: st.DrawFn, sample: Any, keep: tuple[Place, ...] = ()) -> Any:
    """A sample in which one or two places hold something else, or are missing.

    ``keep`` are places to leave as they are, with all that leads to them.
    """
    kept = {path for path in paths_in(sample) for each in keep if _related(path, each)}
    places = [path for path in paths_in(sample)[1:] if path not in kept]
    first = draw(st.sampled_from(places))
    others = [path for path in places if not _related(path, first)]
    second = draw(st.lists(st.sampled_from(others), max_size=1)) if others else []
    for path in (first, *second):
        if isinstance(path[-1], str) and not draw(st.integers(0, 4)):
            sample = without(sample, path)
        else:
            sample = put(sample, path, draw(json_values))
    return sample


def _related(path: Place, other: Place) -> bool:
    """Whether one leads to the other."""
    return path[: len(other)] == other[: len(path)]


def sample(name: str) -> Json:
    """One of the sample events that are shipped."""
    event: Json = json.loads((EVENTS / f"{name}.json").read_text())
    return event


SAMPLES = {
    file.stem: sample(file.stem)
    for file in sorted(EVENTS.glob("*.json"))
    if '"AWS API Call via CloudTrail"' in file.read_text() and "Records" not in file.read_text()
}
"""The sample events that a rule puts on the enforcement queue."""
