"""Rows checked many at a time."""

from __future__ import annotations

import pytest

from cc_async.sources import Rejection, Row, open_source
from tests.support.sources import (
    EMAIL,
    IMPORT,
    check,
    read,
    refused,
    sent,
)


async def test_a_second_street_line_is_put_behind_the_first() -> None:
    """Both lines go out in one street, in their order."""
    assert await sent(street="1 Main St", street2="Flat 4") == {"street": "1 Main St, Flat 4"}
    assert await sent(work_street2="Flat 4") == {"work_street": "Flat 4"}
    column, reason = await refused({"email": EMAIL, "street": "x" * 200, "street2": "y" * 60})
    assert (column, "255" in reason) == ("street2", True)


@pytest.mark.parametrize("row", ["a@example.com", "a@example.com,Ann,Rome,x", "a@example.com,Ann,"])
async def test_rows_of_another_width_than_the_heading_are_refused(row: str) -> None:
    """A row that is short or long may be half of another one, so it is not guessed at."""
    text = f"email,first name\n{row}\nb@example.com,Bob\n"
    ((first, second),) = [rows async for rows in open_source(text.encode()).read(IMPORT)]
    assert isinstance(first, Rejection)
    assert "cells" in first.reason
    assert first.record == tuple(row.split(","))
    assert isinstance(second, Row)


async def test_a_value_in_a_column_without_heading_is_refused() -> None:
    """Commas at the end of all lines do no harm, but a value there would be lost."""
    text = b"email,,\na@example.com,,\nb@example.com,x,\n"
    ((first, second),) = [rows async for rows in open_source(text).read(IMPORT)]
    assert isinstance(first, Row)
    assert isinstance(second, Rejection)
    assert "without a heading" in second.reason


async def test_reprs_show_no_addresses() -> None:
    """Rows and rejections can be logged."""
    assert "example.com" not in repr(await check({"email": EMAIL}))
    assert "surname" not in repr(await check({"email": "ann@surname"}))


async def test_blank_cells_are_left_out_and_blanks_around_values_are_taken_away() -> None:
    """A blank cell is no value, and the identity is the address in lower case."""
    (row,) = await read(b"email,first name,last name\n  Ann@Example.COM , ,Lee \n")
    assert isinstance(row, Row)
    assert row.identity == "ann@example.com"
    assert row.values == {"email": "Ann@Example.COM", "last_name": "Lee"}


async def test_bad_rows_are_rejected_and_good_rows_go_on() -> None:
    """A rejection names line and column and keeps the cells as they were read."""
    rows = await read(b"email,first name\nno-at-sign,Ann\nb@example.com,Bob\n")
    assert rows[0] == Rejection(
        2, "email", "there is no @ in the address; correct it", ("no-at-sign", "Ann")
    )
    assert isinstance(rows[1], Row)
