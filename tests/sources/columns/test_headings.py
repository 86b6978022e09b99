"""Headings, and the columns that they mean."""

from __future__ import annotations

from typing import get_args

import pytest

from cc_async.models import (
    CustomField,
    ValueKind,
)
from cc_async.sources import ReadingOptions, Rules, open_source
from cc_async.sources.columns._headings import _CHECKS
from tests.support.sources import (
    error_of,
    sent,
    values_of,
)


async def test_headings_as_people_write_them_become_the_names_of_the_api() -> None:
    """Letter case, blanks and punctuation of a heading make no difference."""
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


async def test_home_addresses_go_out_without_a_prefix() -> None:
    """Columns without a prefix mean the home address; the prefixed names are never sent."""
    assert await sent(home_city="Rome", **{"Country - Home": "IT"}) == {
        "city": "Rome",
        "country": "IT",
    }


async def test_a_mapping_renames_headings_and_leaves_columns_out() -> None:
    """The remedies work: a mapping to a column, and to nothing."""
    reading = ReadingOptions(mapping={"Mail2": "email", "Junk": ""})
    source = open_source(b"Mail2,Junk,City\na@example.com,x,Rome\n", reading)
    ((row,),) = [rows async for rows in source.read(RULES)]
    assert getattr(row, "values", None) == {"email": "a@example.com", "city": "Rome"}


async def test_a_mapping_of_a_heading_that_is_not_there_is_an_error() -> None:
    """A misspelt heading in a mapping is an error."""
    error = await error_of(b"email\n", {"Naem": "first_name"})
    assert "'Naem'" in error.message
    error = await error_of(b"email,x\n", {"x": "y"})
    assert "mapped to 'y'" in error.message


RULES = Rules(
    custom_fields=(CustomField("1", "Shoe Size", "shoe_size"), CustomField("2", "shoe size", "b"))
)


BAD_FILES = [
    pytest.param(b"first,last\nA,B\n", 1, "", "no heading names", "map its heading", id="no email"),
    pytest.param(b"a@example.com,A\n", 1, "", "a contact, not a heading", "on top", id="no heading"),
    pytest.param(b"email,Email\n", 1, "Email", "same column as 'email'", "empty column", id="email twice"),
    pytest.param(b"city,E-mail,city\n", 1, "city", "there twice", "empty column", id="city twice"),
    pytest.param(
        b"email,home_street,street\n", 1, "street", "same column", "Keep one", id="home is unprefixed"
    ),
    pytest.param(
        b"email,birthday,birthday_day\n", 1, "birthday_day", "same column", "Keep one", id="birthday"
    ),
    pytest.param(
        b"email,Shoesize\n", 1, "Shoesize", "no column", "Map it to a column", id="unknown"
    ),
    pytest.param(
        b"email,cf:hat\n", 1, "cf:hat", "no such custom field", "cf:shoe_size", id="unknown field"
    ),
    pytest.param(
        b"email,cf:SHOE SIZE\n", 1, "cf:SHOE SIZE", "more than one", "exact", id="which field"
    ),
    pytest.param(
        b"email,consented_at\n", 1, "consented_at", "no consent", "leave it out", id="consent in an import"
    ),
    pytest.param(b'\n{"mail2": "x"}\n', 2, "mail2", "no column", "Map it", id="unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "message", "remedy"), BAD_FILES)
async def test_a_heading_that_cannot_be_used_is_one_error_with_its_remedy(
    data: bytes, line: int, column: str, message: str, remedy: str
) -> None:
    """The error names line, heading, fault and remedy, and no address."""
    error = await error_of(data, rules=RULES, name="people.csv")
    assert (error.source, error.line, error.column) == ("people.csv", line, column)
    assert message in error.message
    assert remedy in error.hint
    assert "@" not in str(error) + error.hint


def test_every_kind_of_value_has_a_check() -> None:
    """A row of the table with a new kind of value needs a check for it."""
    assert set(_CHECKS) == set(get_args(ValueKind))
