"""The proof is in the items: both tables, side by side."""

from __future__ import annotations

from ..catalog import ITEMS, REPRICED_ID, RESTORED_TABLE, TABLE, UNWANTED
from ..comparison import compare, table_of
from ..narration import Narrator
from ..world import World


def tables_are_compared(tell: Narrator, world: World) -> None:
    tell.chapter("The two tables, side by side")
    rows = compare(world.items(TABLE), world.items(RESTORED_TABLE))
    tell.show(table_of(rows, TABLE, RESTORED_TABLE))

    left_out = [row.item["Id"] for row in rows if row.is_unwanted]
    tell.claim(
        "No unwanted item is in the restored table",
        left_out == [item["Id"] for item in UNWANTED],
        "left out: " + ", ".join(map(str, left_out)),
    )
    changed = [row for row in rows if row.changed]
    tell.claim(
        "The one price that was changed is the old one again",
        [(row.item["Id"], row.changed) for row in changed] == [(REPRICED_ID, ("Price",))],
        "the tables differ in "
        + "; ".join(f"{', '.join(row.changed)} of {row.item['Id']}" for row in changed),
    )
    restored = {row.restored["Id"]: row.restored for row in rows if row.restored}
    equal = [item["Id"] for item in ITEMS if restored.get(item["Id"]) == item]
    tell.claim(
        "Every real item is restored, attribute by attribute",
        len(restored) == len(equal) == len(ITEMS),
        f"{len(equal)} of {len(ITEMS)} equal what was loaded",
    )
