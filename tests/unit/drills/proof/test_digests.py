"""Two items have one digest exactly if DynamoDB calls them equal."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import given, strategies as st

from pitr_guardian.drills.proof.digests import digest_of, salted
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import same_item

numbers = st.sampled_from(["0", "-0", "0.0", "1", "1.0", "10E-1", "100", "1E2", "-1", "0.1", ".10"])
texts = st.sampled_from(["", "a", "1", "1.0", "é", "é", "\ud800", '"', "[", "S"])
binaries = st.sampled_from([b"", b"a", b"1", b"\x00"]).map(lambda b: base64.b64encode(b).decode())


def _sets(members: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(members, min_size=1, max_size=3)


scalars: st.SearchStrategy[dict[str, Any]] = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers.map(lambda number: {"N": number}),
    binaries.map(lambda content: {"B": content}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    _sets(texts).map(lambda members: {"SS": members}),
    _sets(numbers).map(lambda members: {"NS": members}),
    _sets(binaries).map(lambda members: {"BS": members}),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda members: {"L": members}),
        st.dictionaries(texts, inner, max_size=2).map(lambda members: {"M": members}),
    ),
    max_leaves=3,
)
items = st.dictionaries(st.sampled_from(["a", "b"]), values, max_size=2)


@given(items, items)
def test_equal_items_have_one_digest_and_others_have_another(one: Item, other: Item) -> None:
    assert (digest_of(one) == digest_of(other)) == same_item(one, other)


@given(scalars, scalars)
def test_so_do_single_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (digest_of({"a": one}) == digest_of({"a": other})) == same_item({"a": one}, {"a": other})


def test_no_item_has_no_digest() -> None:
    assert digest_of(None) is None
    assert digest_of({}) is not None


def test_a_salted_key_tells_nothing_across_drills() -> None:
    assert salted('[["S", "k"]]', "d-1") != salted('[["S", "k"]]', "d-2")
    assert salted('[["S", "k"]]', "d-1") == salted('[["S", "k"]]', "d-1")
