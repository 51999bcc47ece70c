"""Which items are compared: drawn from the copy, from the live table, and from its history.

Half are drawn from the copy; what is missing in it is seen by a quarter drawn from the live table,
and by a quarter from the exports, which name what was deleted since.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

from pitr_guardian.drills.proof.ports import Page
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text

PageOf = Callable[[int, int, Item | None, int | None], Page]
"""Reads a page of a part of a table: number, of how many, behind which key, how many items."""

_A_SEGMENT, _DRAWN_OF_IT = 200, 10
"""About how many items a part has that is looked into, and how many of them are drawn."""
_MOST_SEGMENTS = 1_000_000
_MOST_PAGES, _PAGES_OF_A_SEGMENT = 50, 5
"""A table that looked small, but isn't, is not read to its end; nor is a part with many items of
one partition key."""


def quotas(wanted: int) -> tuple[int, int, int]:
    """How many items to draw from the copy, the live table and its history.

    Of each at least one: what is missing in a copy, only the others show.
    """
    quarter = max(wanted // 4, 1)
    return max(wanted - 2 * quarter, 1), quarter, quarter


def drawn(
    page_of: PageOf, names: Sequence[str], wanted: int, items: int, draw: Random
) -> dict[str, Item]:
    """Draw keys from a table, by parts of its hash range that are drawn at random.

    Args:
        page_of: reads the table.
        names: the names of the key's attributes.
        wanted: how many keys.
        items: about how many items there are; DynamoDB counts every six hours.
        draw: the randomness.

    Returns:
        keys by their texts; fewer where there are fewer.
    """
    of = min(max(items // _A_SEGMENT, 1), _MOST_SEGMENTS)
    found = _drawn(page_of, names, wanted, of, draw)
    if len(found) < wanted and of > 1:
        # It is much smaller than it was counted.
        found |= _drawn(page_of, names, wanted - len(found), 1, draw)
    return found


def _drawn(
    page_of: PageOf, names: Sequence[str], wanted: int, of: int, draw: Random
) -> dict[str, Item]:
    found: dict[str, Item] = {}
    parts = min(of, max(wanted // _DRAWN_OF_IT, 1))
    share = -(-wanted // parts)
    for segment in draw.sample(range(of), min(of, parts * 4)) if wanted else ():
        room = min(share, wanted - len(found))
        limit = None if of == 1 else _A_SEGMENT
        for item in reservoir(_items(page_of, segment, of, limit), room, draw):
            found[key_text(item, names)] = {name: item[name] for name in names}
        if len(found) >= wanted:
            break
    return found


def _items(page_of: PageOf, segment: int, of: int, limit: int | None) -> Iterator[Item]:
    after: Item | None = None
    for _ in range(_MOST_PAGES if of == 1 else _PAGES_OF_A_SEGMENT):
        page = page_of(segment, of, after, limit)
        yield from page.items
        after = page.after
        if after is None:
            return


def reservoir[Each](stream: Iterable[Each], wanted: int, draw: Random) -> list[Each]:
    """Draw so many of a stream, each with the same chance (Vitter's algorithm R)."""
    kept: list[Each] = []
    for number, each in enumerate(stream):
        if number < wanted:
            kept.append(each)
        elif (at := draw.randrange(number + 1)) < wanted:
            kept[at] = each
    return kept


def drawn_by_weight[Each](
    weighted: Sequence[tuple[Each, int]], wanted: int, draw: Random
) -> list[tuple[Each, int]]:
    """Draw so many of what has weights, none twice; the heavier, the likelier.

    Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006.
    """
    keyed = [(draw.random() ** (1 / weight), each, weight) for each, weight in weighted if weight]
    keyed.sort(key=lambda entry: entry[0], reverse=True)
    return [(each, weight) for _, each, weight in keyed[:wanted]]
