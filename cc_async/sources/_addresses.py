"""Addresses from a file: a column of a table, or one address a line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from cc_async.errors import InputError
from cc_async.sources._yield_to_loop import yield_to_loop
from cc_async.sources.columns._cell_checks import holds_address
from cc_async.sources.columns._headings import find_column
from cc_async.sources.readers._bytes import read_blocks, refuse_unreadable
from cc_async.sources.readers._csv import holds_something, read_records
from cc_async.sources.readers._json import looks_like_json, read_items
from cc_async.sources.readers._text import DEFAULT_ENCODING, UndecodableError, read_text

_Pieces = AsyncIterator[tuple[int, str]]


async def read_addresses(path: Path) -> AsyncGenerator[list[str], None]:
    """Yield the e-mail addresses in a UTF-8 file, in lower case, some hundred at a time.

    A CSV file needs a heading for the address, such as `Email address`; its other columns are
    passed over. Without a heading the first line must hold an address. JSON holds objects with
    a key for the address, or the addresses themselves. Blank cells are passed over.

    Raises:
        InputError: The file cannot be read, has no column for the address, or has something
            else in it.
    """
    name = str(path)
    refuse_unreadable(path, source=name)
    async with (
        aclosing(read_blocks(path, source=name)) as blocks,
        aclosing(read_text(blocks, DEFAULT_ENCODING, source=name)) as pieces,
    ):
        try:
            first = await anext(pieces)
            read = _read_json if looks_like_json(first[1]) else _read_csv
            async with aclosing(read(_chain(first, pieces), name)) as batches:
                async for batch in batches:
                    yield batch
                    await yield_to_loop()
        except UndecodableError as error:
            raise error.as_input_error(name) from None


async def _chain(first: tuple[int, str], others: _Pieces) -> _Pieces:
    yield first
    async for piece in others:
        yield piece


async def _read_csv(pieces: _Pieces, name: str) -> AsyncGenerator[list[str], None]:
    places: Sequence[int] | None = None
    async with aclosing(read_records(pieces, name)) as parts:
        async for part in parts:
            batch: list[str] = []
            for line, record in zip(part.lines, part.records, strict=True):
                if places is None and holds_something(record):
                    places, is_heading = _address_places(record, name, line)
                    if is_heading:
                        continue
                cells = [record[place] for place in places or () if place < len(record)]
                batch += [_address(cell, name, line) for cell in cells if cell.strip()]
            yield batch


def _address_places(record: Sequence[str], name: str, line: int) -> tuple[list[int], bool]:
    """Return which cells hold addresses by the first record, and whether that is a heading."""
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


async def _read_json(pieces: _Pieces, name: str) -> AsyncGenerator[list[str], None]:
    async with aclosing(read_items(pieces, name)) as parts:
        async for items in parts:
            yield [
                _address(cell, name, line) for line, item in items for cell in _cells(item) if cell
            ]


def _cells(item: object) -> list[object]:
    """Return what stands for the address in *item*: itself, or what has such a key."""
    if not isinstance(item, Mapping):
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
