"""Two tables side by side."""

from io import StringIO

from rich.console import Console

from demo.catalog import ITEMS, REPRICED_ID, UNWANTED, WRONG_PRICE
from demo.comparison import compare, table_of

SPOILT = [
    {**item, "Price": WRONG_PRICE} if item["Id"] == REPRICED_ID else item
    for item in (*UNWANTED, *ITEMS)
]


def test_rows_are_in_order_of_id_and_say_what_differs() -> None:
    rows = compare(SPOILT, ITEMS)
    assert [row.item["Id"] for row in rows] == [
        *(101, 102, 103),
        *(201, 202, 203, 204, 205),
        *(9001, 9002, 9003, 9004),
    ]
    assert {row.item["Id"]: row.changed for row in rows if row.changed} == {REPRICED_ID: ("Price",)}
    assert [row.item["Id"] for row in rows if row.is_unwanted] == [9001, 9002, 9003, 9004]


def test_an_attribute_that_only_one_of_the_two_has_is_a_change() -> None:
    (row,) = compare([{"Id": 1, "Color": ["Red"]}], [{"Id": 1}])
    assert row.changed == ("Color",)


def test_an_item_that_only_the_restored_table_has_is_told() -> None:
    (row,) = compare([], [{"Id": 1}])
    assert not row.is_unwanted
    assert row.verdict == "not in the source"


def test_the_drawing_shows_both_prices() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(table_of(compare(SPOILT, ITEMS), "Spoilt", "Good"))
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    (line,) = (line for line in drawn.splitlines() if line.strip().startswith("201"))
    cells = [cell.strip() for cell in line.split("\N{BOX DRAWINGS LIGHT VERTICAL}")]
    assert cells == ["201", "18-Bike-201", "1", "100", "Price as it was"]
