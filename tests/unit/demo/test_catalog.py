"""The sample data of the DynamoDB Developer Guide."""

from demo.catalog import ITEMS, REPRICED_ID, UNWANTED, WRONG_PRICE

BY_ID = {item["Id"]: item for item in ITEMS}


def test_it_has_the_guides_three_books_and_five_bicycles() -> None:
    assert list(BY_ID) == [101, 102, 103, 201, 202, 203, 204, 205]
    assert [item["Price"] for item in ITEMS] == [2, 20, 2000, 100, 200, 300, 400, 500]


def test_a_book_is_written_as_in_the_guide() -> None:
    assert BY_ID[102] == {
        "Id": 102,
        "Title": "Book 102 Title",
        "ISBN": "222-2222222222",
        "Authors": ["Author1", "Author2"],
        "Price": 20,
        "Dimensions": "8.5 x 11.0 x 0.8",
        "PageCount": 600,
        "InPublication": True,
        "ProductCategory": "Book",
    }


def test_what_the_script_writes_is_nothing_real() -> None:
    assert not BY_ID.keys() & {item["Id"] for item in UNWANTED}
    assert BY_ID[REPRICED_ID]["Price"] != WRONG_PRICE
