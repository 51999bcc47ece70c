"""The table of the story: ProductCatalog, with the sample items of the DynamoDB Developer Guide.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AppendixSampleTables.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]

TABLE = "ProductCatalog"
RESTORED_TABLE = "ProductCatalogPITR"
"""The names that the workshop gives to both."""

PERIOD_DAYS = 14
"""The table's own recovery period, by tag. Not the default 35: what is kept has to be seen."""


def _book(number: int, price: int, pages: int, thickness: str, authors: int, printed: bool) -> Item:
    isbn_digit = str(number % 100)
    return {
        "Id": number,
        "Title": f"Book {number} Title",
        "ISBN": f"{isbn_digit * 3}-{isbn_digit * 10}",
        "Authors": [f"Author{each}" for each in range(1, authors + 1)],
        "Price": price,
        "Dimensions": f"8.5 x 11.0 x {thickness}",
        "PageCount": pages,
        "InPublication": printed,
        "ProductCategory": "Book",
    }


def _bicycle(number: int, title: str, kind: str, brand: str, price: int, *colors: str) -> Item:
    return {
        "Id": number,
        "Title": title,
        "Description": f"{number} Description",
        "BicycleType": kind,
        "Brand": brand,
        "Price": price,
        "Color": list(colors),
        "ProductCategory": "Bicycle",
    }


ITEMS: tuple[Item, ...] = (
    _book(101, 2, 500, "0.5", authors=1, printed=True),
    _book(102, 20, 600, "0.8", authors=2, printed=True),
    _book(103, 2000, 600, "1.5", authors=2, printed=False),
    _bicycle(201, "18-Bike-201", "Road", "Mountain A", 100, "Red", "Black"),
    _bicycle(202, "21-Bike-202", "Road", "Brand-Company A", 200, "Green", "Black"),
    _bicycle(203, "19-Bike-203", "Road", "Brand-Company B", 300, "Red", "Green", "Black"),
    _bicycle(204, "18-Bike-204", "Mountain", "Brand-Company B", 400, "Red"),
    _bicycle(205, "18-Bike-204", "Hybrid", "Brand-Company C", 500, "Red", "Black"),  # sic
)

UNWANTED: tuple[Item, ...] = tuple(
    {"Id": number, "Title": title, "Price": price, "ProductCategory": "test"}
    for number, title, price in (
        (9001, "test test test", 0),
        (9002, "asdf", -1),
        (9003, "DELETE ME", 999999),
        (9004, "undefined", 42),
    )
)
"""What the intern's script leaves behind."""

REPRICED_ID = 201
WRONG_PRICE = 1
"""The real item that the intern's script spoils, and the price that it writes."""
