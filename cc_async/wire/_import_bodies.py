"""Contacts read back out of the body of an import that this package built.

Rows are taken out a few at a time: a body of 4 MB read at once would hold the event loop.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import orjson

from cc_async.models import PROPERTIES
from cc_async.wire._imports import ImportFormat

_FILE_HEAD = b"Content-Type: text/csv\r\n\r\n"
_BORDER = re.compile(rb'\},(?=\{"[a-z])')
"""The border between two contacts. It stands in no text: a quote inside a text is escaped, and no
letter follows the quote at its end."""

_NUMBERS = frozenset(row.column for row in PROPERTIES if row.value in ("month", "day"))
"""Columns with numbers, where a JSON import has no texts."""


def read_csv_rows(rows: Sequence[bytes], columns: Sequence[str]) -> list[dict[str, str | int]]:
    """Return rows that `csv_row` made as the values of contacts, without blank cells.

    Rows from before a column first appeared are short of cells.
    """
    return [
        {
            name: int(cell) if name in _NUMBERS else cell
            for name, cell in zip(columns, cells, strict=False)
            if cell
        }
        for cells in csv.reader([row.decode() for row in rows])
    ]


def read_import_rows(
    kind: ImportFormat, body: bytes, *, max_rows: int = 500
) -> Iterator[list[dict[str, str | int]]]:
    """Yield the contacts of *body*, in order, at most *max_rows* at a time, without blank cells."""
    return _csv_rows(body, max_rows) if kind == "csv" else _json_rows(body, max_rows)


def _csv_rows(body: bytes, max_rows: int) -> Iterator[list[dict[str, str | int]]]:
    file = io.BytesIO(body)
    file.seek(body.index(_FILE_HEAD) + len(_FILE_HEAD))
    end = body.rindex(b"\r\n--")
    heading = next(csv.reader([file.readline().decode().rstrip("\r\n")]))
    while lines := list(islice(_lines(file, end), max_rows)):
        yield [
            {name: cell for name, cell in zip(heading, cells, strict=True) if cell}
            for cells in csv.reader(lines)
        ]


def _lines(file: io.BytesIO, end: int) -> Iterator[str]:
    while file.tell() < end:
        yield file.readline().decode().rstrip("\r\n")


def _json_rows(body: bytes, max_rows: int) -> Iterator[list[dict[str, str | int]]]:
    start = body.index(b"[")
    end = body.rindex(b'],"list_ids":')
    borders = (found.start() + 1 for found in _BORDER.finditer(body, start, end))
    while True:
        stop = next(islice(borders, max_rows - 1, None), end)
        yield orjson.loads(b"[" + body[start + 1 : stop] + b"]")
        if stop == end:
            return
        start = stop
