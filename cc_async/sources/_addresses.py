"""Addresses from a file: a column of a table, or one address a line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from cc_async.errors import InputError
from cc_async.models import holds_address
from cc_async.sources._yield_to_loop import yield_to_loop
from cc_async.sources.columns import find_column
from cc_async.sources.readers import (
    DEFAULT_ENCODING,
    DoubledNames,
    Records,
    find_format,
    read_blocks,
    refuse_unreadable,
)


async def read_addresses(path: Path) -> AsyncGenerator[list[str], None]:
    """Yield the e-mail addresses in a UTF-8 file, in lower case, some hundred at a time.

    A CSV file needs a heading for the address, such as `Email address`; its other columns do not
    matter. Without a heading the first line must hold an address. JSON holds objects with a key
    for the address, or the addresses themselves. Blank cells are skipped.

    Raises:
        InputError: The file cannot be read, has no column for the address, or has something
            else in it.
    """
    name = str(path)
    refuse_unreadable(path, source=name)
    table = _Table(name)
    async with aclosing(read_blocks(path, source=name)) as blocks:
        file_format, all_blocks = await find_format(blocks, "auto", DEFAULT_ENCODING)
        async with aclosing(file_format.read(all_blocks, DEFAULT_ENCODING, name)) as parts:
            async for part in parts:
                if isinstance(part, Records):
                    yield table.addresses(part)
                else:
                    items = zip(part.lines, part.values, strict=True)
                    yield [
                        _address(cell, name, line)
                        for line, item in items
                        for cell in _cells(item)
                        if cell
                    ]
                await yield_to_loop()


class _Table:
    """The cells of a table that hold addresses."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._places: Sequence[int] | None = None

    def addresses(self, part: Records) -> list[str]:
        """Return the addresses in *part*."""
        lines, records = part.lines, part.records
        if self._places is None and records:
            self._places, is_heading = _address_places(records[0], self._name, lines[0])
            lines, records = lines[is_heading:], records[is_heading:]
        return [
            _address(record[place], self._name, line)
            for line, record in zip(lines, records, strict=True)
            for place in self._places or ()
            if place < len(record) and record[place].strip()
        ]


def _address_places(record: Sequence[str], name: str, line: int) -> tuple[list[int], bool]:
    """Return the places of addresses by the first record, and whether it is a heading."""
    with_address = [place for place, cell in enumerate(record) if holds_address(cell)]
    if with_address:
        return with_address, False
    named = [place for place, heading in enumerate(record) if find_column(heading) == "email"]
    if not named:
        raise InputError(
            "no heading names the e-mail address, and the first line holds none",
            "Call that column 'Email address', or write one address a line.",
            name,
            line,
        )
    return named, True


def _cells(item: object) -> list[object]:
    """Return the address in *item*: the values under such a key, or the item itself.

    An object with a name twice is no address: one of the two would be lost.
    """
    if not isinstance(item, Mapping) or isinstance(item, DoubledNames):
        return [item]
    found = [cell for key, cell in item.items() if find_column(key) == "email"]
    return [cell.get("address") if isinstance(cell, Mapping) else cell for cell in found] or [item]


def _address(cell: object, name: str, line: int) -> str:
    if not isinstance(cell, str) or not holds_address(cell):
        raise InputError(
            "there is something else where an e-mail address is expected",
            "Correct it or leave it out; one cell holds one address.",
            name,
            line,
        )
    return cell.strip().lower()
