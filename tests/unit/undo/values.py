"""Strategies for attribute values, items and tables of any kind."""

from __future__ import annotations

import base64

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pitr_guardian.exports.record import Item, Value

texts = st.sampled_from(["", "a", "b", "ü"])
numbers = st.sampled_from(
    ["0", "-0", "1", "1.0", "10", "1E1", "1234567890123456789012345678901234567.8"]
)
binaries = st.sampled_from([b"", b"\x00", b"\xff\x00"]).map(
    lambda content: base64.b64encode(content).decode()
)


def _sets_of(members: SearchStrategy[str]) -> SearchStrategy[list[str]]:
    return st.lists(members, min_size=1, max_size=3, unique=True)


_flat: SearchStrategy[Value] = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers.map(lambda number: {"N": number}),
    binaries.map(lambda content: {"B": content}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    _sets_of(texts).map(lambda members: {"SS": members}),
    _sets_of(st.sampled_from(["1", "2", "3.0"])).map(lambda members: {"NS": members}),
    _sets_of(binaries).map(lambda members: {"BS": members}),
)
values: SearchStrategy[Value] = st.recursive(
    _flat,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda members: {"L": members}),
        st.dictionaries(st.sampled_from("xy"), inner, max_size=2).map(lambda each: {"M": each}),
    ),
    max_leaves=3,
)
# Names that are reserved, or no name in an expression.
names = st.sampled_from(["a", "size", "Price in €", "#x", "a.b", ":v"])
rests: SearchStrategy[Item] = st.dictionaries(names, values, max_size=4)


def items(key: Item) -> SearchStrategy[Item | None]:
    """The item of a key, however it is made; or none."""
    return st.none() | rests.map(lambda rest: {**rest, **key})
