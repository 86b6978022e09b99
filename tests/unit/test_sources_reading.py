"""What sources yield: rows, rejections and line numbers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from cc_async.models import (
    Contact,
    ContactCustomField,
    ContactList,
    CustomField,
    EmailAddress,
    ImportRow,
    PhoneNumber,
    SignUp,
    StreetAddress,
)
from cc_async.sources import Rejection, Row, Rules, open_source, sign_up_values
from cc_async.wire import CONVERTER

LISTS = (ContactList("id-1", "News"), ContactList("id-2", "Events; and more"))
FIELDS = (CustomField("f-1", "Favourite Colour", "favourite_colour"),)
IMPORT = Rules(custom_fields=FIELDS, lists=LISTS)
SIGN_UP = Rules("sign_up", custom_fields=FIELDS, lists=LISTS)


async def read(
    data: Any, rules: Rules = IMPORT, *, max_rows: int = 500, **options: Any
) -> list[Row | Rejection]:
    """Return everything that is in *data*."""
    source = open_source(data, **options)
    return [row async for rows in source.read(rules, max_rows=max_rows) for row in rows]


async def values_of(data: Any, rules: Rules = IMPORT) -> list[dict[str, str | int]]:
    """Return the values of the rows in *data*, all of which must be good."""
    return [row.values for row in await read(data, rules) if isinstance(row, Row)]


async def reasons_in(data: Any, rules: Rules = IMPORT) -> list[tuple[int, str, str]]:
    """Return line, column and reason of what is rejected in *data*."""
    return [
        (row.line, row.column, row.reason)
        for row in await read(data, rules)
        if isinstance(row, Rejection)
    ]


async def test_headings_as_people_write_them_become_the_names_of_the_api() -> None:
    """Headings are known whatever their letter case, blanks and punctuation."""
    heading = "E-mail,First Name,LAST_NAME,Zip/Postal Code - Home,Phone - mobile,Company"
    rows = await values_of(f"{heading}\na@example.com,Ann,Lee,02139,781-555-0100,Acme\n".encode())
    assert rows == [
        {
            "email": "a@example.com",
            "first_name": "Ann",
            "last_name": "Lee",
            "zip": "02139",
            "mobile_phone": "781-555-0100",
            "company_name": "Acme",
        }
    ]


async def test_blank_cells_are_left_out_and_blanks_around_values_are_taken_away() -> None:
    """A blank cell is no value, and the identity is the address in lower case."""
    (row,) = await read(b"email,first name,last name\n  Ann@Example.COM , ,Lee \n")
    assert isinstance(row, Row)
    assert row.identity == "ann@example.com"
    assert row.values == {"email": "Ann@Example.COM", "last_name": "Lee"}


async def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """Line breaks in quotes, blank lines and all three line ends are counted."""
    text = 'email,street\r\na@example.com,"1 Main\r\nSt\nFlat 2"\r\r\n\nb@example.com,x\rbad,y\n'
    rows = await read(text.encode())
    assert [row.line for row in rows] == [2, 7, 8]
    assert isinstance(rows[0], Row)
    assert rows[0].values["street"] == "1 Main St Flat 2"


async def test_bad_rows_are_set_aside_and_good_rows_go_on() -> None:
    """A rejection names line and column and keeps the cells as they were read."""
    rows = await read(b"email,first name\nno-at-sign,Ann\nb@example.com,Bob\n")
    assert rows[0] == Rejection(
        2, "email", "there is no @ in the address; correct it", ("no-at-sign", "Ann")
    )
    assert isinstance(rows[1], Row)


async def test_semicolons_and_tabs_separate_cells_where_the_heading_says_so() -> None:
    """The heading decides what separates cells."""
    for delimiter in ";\t":
        text = "email,first name\na@example.com,Ann\n".replace(",", delimiter)
        assert await values_of(text.encode()) == [{"email": "a@example.com", "first_name": "Ann"}]


async def test_custom_fields_are_found_by_name_and_by_label() -> None:
    """A custom field is sent under its name, however the heading calls it."""
    for heading in (
        "cf:favourite_colour",
        "cf:Favourite Colour",
        "CF: favourite colour",
        "Favourite Colour",
    ):
        rows = await values_of(f"email,{heading}\na@example.com,red\n".encode())
        assert rows == [{"email": "a@example.com", "cf:favourite_colour": "red"}]


async def test_rows_name_lists_of_their_own_by_name_or_id() -> None:
    """Lists are resolved to ids, sorted and each once; an unknown one rejects the row."""
    text = "email,lists\na@example.com,id-2|News;id-1\nb@example.com,Events; and more\nc@example.com,X\n"
    first, second, third = await read(text.encode())
    assert isinstance(first, Row)
    assert first.lists == ("id-1", "id-2")
    assert isinstance(second, Row)
    assert second.lists == ("id-2",)
    assert isinstance(third, Rejection)
    assert "'X'" in third.reason


async def test_a_contact_goes_on_fifty_lists_at_most() -> None:
    """A row that names more lists than a contact can be on is set aside."""
    lists = tuple(ContactList(f"id-{n}", f"List {n}") for n in range(51))
    items = [
        {"email": "a@example.com", "lists": [each.name for each in lists[:n]]} for n in (50, 51)
    ]
    first, second = await read(items, Rules(lists=lists))
    assert isinstance(first, Row)
    assert len(first.lists) == 50
    assert isinstance(second, Rejection)
    assert "51 lists" in second.reason


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


async def test_json_lines_arrays_and_import_bodies_give_the_same_rows() -> None:
    """All three forms of JSON are told apart by how they begin."""
    one, two = '{"email": "a@example.com"}', '{"email": "b@example.com", "city": "Rome"}'
    for text, lines in (
        (f"{one}\n\n{two}", [1, 3]),
        (f"[{one},\n{two}]", [1, 2]),
        (f'{{"import_data": [\n{one}, {two}], "list_ids": []}}', [2, 2]),
    ):
        rows = await read(text.encode())
        assert [row.line for row in rows] == lines
        assert [row.identity for row in rows if isinstance(row, Row)] == [
            "a@example.com",
            "b@example.com",
        ]


async def test_a_row_becomes_a_sign_up() -> None:
    """Phone, address and custom fields take the form that sign-ups have."""
    person = SignUp(
        "A@example.com",
        ("News",),
        first_name="Ann",
        phone_number="781",
        custom_fields=(ContactCustomField("f-1", "red"),),
        street_address=StreetAddress("work", city="Rome"),
        consented_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    )
    (row,) = await read([person], SIGN_UP)
    assert isinstance(row, Row)
    assert row.consented_at == person.consented_at
    assert sign_up_values(row, FIELDS, ["id-9"]) == {
        **CONVERTER.unstructure(person),
        "list_memberships": ("id-1",),
    }


async def test_columns_hold_what_the_rows_hold() -> None:
    """A batch gives the same contacts in columns, and says which of them were set aside."""
    text = b"email,city,lists\na@example.com,Rome,News\nb,Bern,\nc@example.com,,id-2\n"
    (batch,) = [batch async for batch in open_source(text).read_batches(IMPORT)]
    assert list(batch.lines) == [2, 3, 4]
    assert list(batch.rejections) == [1]
    assert list(batch.cells["city"]) == ["Rome", "Bern", ""]
    assert batch.lists == [("id-1",), (), ("id-2",)]
    assert batch.contacts() == await read(text)


@pytest.mark.parametrize("text", ["email\na@example.com\n", '{"email": "a@example.com"}\n'])
async def test_a_file_that_is_left_early_is_closed_at_once(tmp_path: Path, text: str) -> None:
    """Whoever stops reading keeps no file open and leaves nothing to be cleaned up."""
    path = tmp_path / "contacts"
    path.write_text(text * 20_000)
    if text.startswith("email"):
        path.write_text(text + "b@example.com\n" * 20_000)
    async with aclosing(open_source(path).read(IMPORT)) as batches:
        async for rows in batches:
            assert rows
            break
    await anyio.lowlevel.checkpoint()
    files = Path("/proc/self/fd")
    if files.exists():
        assert str(path) not in {os.path.realpath(each) for each in files.iterdir()}
