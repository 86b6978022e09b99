"""Contacts from a program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cc_async.models import (
    Contact,
    ContactCustomField,
    EmailAddress,
    ImportRow,
    PhoneNumber,
    StreetAddress,
)
from cc_async.sources import Row, open_source
from tests.support.sources import (
    EMAIL,
    IMPORT,
    error_of,
    read,
)


async def test_items_of_a_program_are_read_like_rows_of_a_file() -> None:
    """Mappings and the package's values give the same rows, numbered from 1."""
    items = [
        {"email": "a@example.com", "birthday_month": 2, "birthday_day": "29", "city": None},
        ImportRow(
            email="b@example.com", custom_fields={"favourite_colour": "red"}, lists=("News",)
        ),
        Contact(
            email_address=EmailAddress("c@example.com"),
            phone_numbers=(PhoneNumber("781", "work"),),
            street_addresses=(StreetAddress("work", street="1 Main St", postal_code="02139"),),
            custom_fields=(ContactCustomField("f-1", "blue"),),
        ),
    ]
    first, second, third = await read(items)
    assert isinstance(first, Row)
    assert first.values == {"email": "a@example.com", "birthday_month": 2, "birthday_day": 29}
    assert isinstance(second, Row)
    assert second.values == {"email": "b@example.com", "cf:favourite_colour": "red"}
    assert (second.line, second.lists) == (2, ("id-1",))
    assert isinstance(third, Row)
    assert third.values == {
        "email": "c@example.com",
        "work_phone": "781",
        "work_street": "1 Main St",
        "work_zip": "02139",
        "cf:favourite_colour": "blue",
    }


async def test_a_list_of_one_takes_no_more_than_one_item_ahead() -> None:
    """With max_rows=1 an item is pulled only when the one before has been used."""
    pulled = []

    def people() -> Any:
        for number in range(5):
            pulled.append(number)
            yield {"email": f"p{number}@example.com"}

    async for rows in open_source(people()).read(IMPORT, max_rows=1):
        assert len(rows) == 1
        assert pulled == list(range(rows[0].line))


async def test_async_iterables_are_read_in_lists_of_the_size_asked_for() -> None:
    """No list is longer than max_rows, and nothing is pulled before it is needed."""
    pulled = []

    async def people() -> AsyncIterator[dict[str, str]]:
        for number in range(5):
            pulled.append(number)
            yield {"email": f"p{number}@example.com"}

    sizes = [len(rows) async for rows in open_source(people()).read(IMPORT, max_rows=2)]
    assert sizes == [2, 2, 1]
    pulled.clear()
    async for rows in open_source(people()).read(IMPORT, max_rows=1):
        assert pulled == list(range(rows[0].line))


@pytest.mark.parametrize("max_rows", [1, 500])
@pytest.mark.parametrize("count", [1, 600])
async def test_rows_of_an_unreadable_kind_alone_are_one_error(max_rows: int, count: int) -> None:
    """Tuples, rows of databases or models are a mistake of the program, not of each row."""
    error = await error_of([("a@example.com", "Ann")] * count, max_rows=max_rows)
    assert "none of the rows" in error.message
    assert "dict(row)" in error.hint


async def test_an_unreadable_row_among_others_is_rejected() -> None:
    """Rows are held back until one can be read, and then come in their order."""
    rows = await read([("x",), ("y",), {"email": EMAIL}, ("z",)], max_rows=1)
    assert [(row.line, isinstance(row, Row)) for row in rows] == [
        (1, False), (2, False), (3, True), (4, False),
    ]  # fmt: skip


async def test_a_number_of_thousands_of_digits_rejects_its_row() -> None:
    """Python writes no such number as text, neither for the row nor for the file of rejects."""
    rows = await read([{"email": EMAIL, "cf:field_1": 10**5_000}])
    assert [(type(row).__name__, row.record) for row in rows if not isinstance(row, Row)] == [
        ("Rejection", (EMAIL, "a number"))
    ]
