"""A shop's items, as they were, and after somebody's script."""

from __future__ import annotations

from tests.e2e.undo.undoer import Items

GOOD: Items = {
    "apples": {"price": {"N": "3"}, "stock": {"N": "12"}},
    "pears": {"price": {"N": "4"}, "raw": {"B": b"\x00\xff"}},
    "plums": {"price": {"N": "5"}, "tags": {"SS": ["blue", "small"]}},
    "figs": {"price": {"N": "6"}, "of": {"M": {"land": {"S": "IT"}}}},
}
BAD: Items = {
    "apples": {"price": {"N": "0"}, "stock": {"N": "12"}},
    "pears": {"price": {"N": "0"}, "raw": {"B": b"\x00\xff"}},
    "figs": GOOD["figs"],
    "junk": {"price": {"N": "-1"}},
}
SOLD = {"price": {"N": "0"}, "stock": {"N": "11"}}
"""The apples after a customer bought one, at the damaged price."""
