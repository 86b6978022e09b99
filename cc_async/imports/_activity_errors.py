"""Lines of the source that the errors of an activity name.

No form is documented: https://developer.constantcontact.com/api_guide/activity_status.html. Version 2
of the API wrote "Line 2: Invalid birthday", where the heading of the file is line 1. Otherwise an
address tells the contact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from cc_async.errors import StoreCorruptError
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import Chunk
from cc_async.sources import yield_to_loop
from cc_async.wire import ImportFormat, read_import_rows

_ROW = re.compile(r"\b(?:line|row)\s{0,3}#?(\d{1,9})\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=@]+@[^\s<>\"'(),;:=@]+")
_ENDS = ".!?"
"""Characters that end a sentence, and no address."""

_ROWS_BETWEEN_YIELDS = 200
"""Contacts that are compared between two turns of the loop: about a millisecond."""


async def find_lines(errors: Sequence[str], chunk: Chunk, bodies: Bodies) -> tuple[int, ...]:
    """Return the line of the source that each of *errors* names, 0 for none.

    Where the body of the chunk is gone, no line is known.
    """
    if not errors:
        return ()
    try:
        lines = await bodies.read_lines(chunk)
        body = await bodies.read(chunk)
    except StoreCorruptError:
        return (0,) * len(errors)
    wanted, found = addresses_in(errors), dict[str, int]()
    numbers = iter(lines)
    if wanted:
        for rows in read_import_rows(chunk.send_as, body, max_rows=_ROWS_BETWEEN_YIELDS):
            for row, line in zip(rows, numbers, strict=False):
                address = str(row.get("email", "")).strip().lower()
                if address in wanted:
                    found[address] = line
            await yield_to_loop()
    return tuple(line_named(error, chunk.send_as, found, lines) for error in errors)


def addresses_in(errors: Iterable[str]) -> Collection[str]:
    """Return all addresses that *errors* name, in lower case."""
    return {address for error in errors for address in _addresses(error)}


def line_named(
    error: str, kind: ImportFormat, found: Mapping[str, int], lines: Sequence[int]
) -> int:
    """Return the line of the source that *error* names, 0 for none.

    *found* has the line of each address that was sent, *lines* the line of each contact of the body.
    """
    for address in _addresses(error):
        if address in found:
            return found[address]
    number = _ROW.search(error)
    place = int(number[1]) - 2 if number and kind == "csv" else -1
    return lines[place] if 0 <= place < len(lines) else 0


def _addresses(error: str) -> list[str]:
    return [address.rstrip(_ENDS).lower() for address in _ADDRESS.findall(error)]
