"""Addresses are read from a column of any table, or one a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async.errors import InputError
from cc_async.sources import read_addresses

EXPECTED = ["ann@example.com", "bob@example.com"]


async def read(path: Path) -> list[str]:
    return [address async for batch in read_addresses(path) for address in batch]


@pytest.mark.parametrize(
    "text",
    [
        "Ann@Example.com\nbob@example.com",
        "\n  ann@example.com  \r\n\r\nbob@example.com\r\n",
        '\ufeffEmail address,First name,Updated At\n"ANN@example.com",Ann,x\nbob@example.com,,\n,,\n',
        "Name;E-Mail;Remarks\nAnn;ann@example.com;,\nBob;bob@example.com\n",
        "Ann\tann@example.com\nBob\tbob@example.com\n",
        '["ann@example.com", "bob@example.com"]',
        '{"email": "ann@example.com", "x": 1}\n{"email_address": {"address": "bob@example.com"}}\n',
    ],
)
async def test_addresses_are_found_in_tables_lines_and_json(text: str, tmp_path: Path) -> None:
    """An export of the service, a file of one's own, with and without a heading."""
    path = tmp_path / "former.csv"
    path.write_bytes(text.encode())
    assert await read(path) == EXPECTED


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("Name,Town\nAnn,Ulm\n", 1),
        ("Email\nann@example.com\nann at example.com\n", 3),
        ("Email\nann@example.com; bob@example.com\n", 2),
        ('{"email": "ann@example.com"}\n{"name": "Bob"}\n', 2),
        ('["ann@example.com", 7]', 1),
        ('\n{"email": "ann@example.com", "email": "bob@example.com"}\n', 2),
    ],
)
async def test_a_cell_without_an_address_is_refused_with_its_line(
    text: str, line: int, tmp_path: Path
) -> None:
    """A person who was meant to be left out is never passed over without a word."""
    path = tmp_path / "former.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        await read(path)
    assert caught.value.line == line
    assert "@" not in str(caught.value)


async def test_another_encoding_is_refused(tmp_path: Path) -> None:
    """The file is UTF-8; another encoding is an error, not a guess."""
    path = tmp_path / "former.csv"
    path.write_bytes("Email,Name\nann@example.com,J\xf6rg\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        await read(path)
