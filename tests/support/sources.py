"""Reading contacts in tests: rows, values, reasons and errors."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from cc_async.errors import InputError
from cc_async.models import ContactList, CustomField
from cc_async.sources import ReadingOptions, Rejection, Row, Rules, open_source

EMAIL = "ann@example.com"
FIELDS = (
    *(CustomField(f"id-{n}", f"Field {n}", f"field_{n}") for n in range(30)),
    CustomField("f-1", "Favourite Colour", "favourite_colour"),
)
LISTS = (ContactList("id-1", "News"), ContactList("id-2", "Events; and more"))
IMPORT = Rules(custom_fields=FIELDS, lists=LISTS)
SIGN_UP = Rules("sign_up", custom_fields=FIELDS, lists=LISTS)

NAMES = ("email", "first_name", "street")
"""Columns of invented rows."""

_plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
_with_breaks = st.lists(_plain | st.sampled_from(["\r", "\n", "\r\n", '"', ",", ";"]), max_size=4)
values = _with_breaks.map("".join)
"""Texts with line ends, quotes and delimiters."""


async def read(
    data: Any, rules: Rules = IMPORT, *, max_rows: int = 500, **options: Any
) -> list[Row | Rejection]:
    """Return all contacts in *data*."""
    source = open_source(data, **options)
    return [row async for rows in source.read(rules, max_rows=max_rows) for row in rows]


async def values_of(data: Any, rules: Rules = IMPORT) -> list[dict[str, str | int]]:
    """Return the values of the rows in *data*, without rejected ones."""
    return [row.values for row in await read(data, rules) if isinstance(row, Row)]


async def check(item: object, rules: Rules = IMPORT) -> Row | Rejection:
    """Return the row, or the rejection, of one item."""
    (row,) = await read([item], rules)
    return row


async def sent(rules: Rules = IMPORT, **values: Any) -> dict[str, str | int]:
    """Return the values that are sent for *values* besides the address."""
    row = await check({"email": EMAIL, **values}, rules)
    assert isinstance(row, Row), row
    return {name: value for name, value in row.values.items() if name != "email"}


async def refused(item: object, rules: Rules = IMPORT) -> tuple[str, str]:
    """Return the column and the reason of the rejection of *item*."""
    row = await check(item, rules)
    assert isinstance(row, Rejection), row
    assert "@" not in row.reason.replace("no @", "").replace("one @", "").replace("the @", "")
    return row.column, row.reason


async def error_of(
    data: Any, mapping: Mapping[str, str] | None = None, rules: Rules = IMPORT, **options: Any
) -> InputError:
    """Return the error that reading all of *data* ends in."""
    with pytest.raises(InputError) as caught:
        await read(data, rules, reading=ReadingOptions(mapping=mapping or {}), **options)
    return caught.value


class SlowFile(io.RawIOBase):
    """A file that hands out a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__()
        self._file, self._step = io.BytesIO(data), step

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, self._step))
