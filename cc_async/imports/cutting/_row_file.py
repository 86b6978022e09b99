"""Encoded rows on disk, in the order of the source.

A CSV row from before a column first appeared is short of cells; it is filled up when read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import orjson

from cc_async.imports.cutting._body_plan import NO_LOAD, Load
from cc_async.sources import Batch, MergedRows, Row
from cc_async.stores import open_private_file
from cc_async.wire import (
    ImportFormat,
    csv_row,
    csv_rows,
    is_csv_column,
    json_row,
    json_rows,
    read_csv_rows,
)

_TRUNCATED_BYTES = 1 << 22
"""Bytes of a file of rows that are given back at once: about a millisecond on ext4, measured."""

_MARKS = len('"":""')
"""Characters around a name and its value in JSON, beside the comma that a CSV has, too."""

MAX_NAMED = 1000
"""Lines of merged rows that are kept, as many as rejected rows."""


@attrs.frozen
class Block:
    """Some rows, encoded: their numbers, the lines on which they start, and their bytes."""

    numbers: Sequence[int]
    lines: Sequence[int]
    rows: Sequence[bytes]


def address_row(values: Mapping[str, str | int], send_as: ImportFormat) -> bytes:
    """Return a row with the address of a contact alone: it changes no other value."""
    alone = {"email": values["email"]}
    return json_row(alone) if send_as == "json" else csv_row(alone, ("email",))


class RowFile:
    """Rows of one format, in blocks: a line about the rows, then the rows.

    *columns* are written even where no row has a value in them. *merged_lines* are the lines of the
    first merged rows, once all rows have been read.
    """

    def __init__(self, path: Path, send_as: ImportFormat, columns: Sequence[str]) -> None:
        kept = [column for column in columns if send_as == "json" or is_csv_column(column)]
        self._columns: dict[str, None] = dict.fromkeys(kept)
        self._path = path
        self._file = open_private_file(path)
        self._was_read = False
        self.send_as: ImportFormat = send_as
        self.load: Load = NO_LOAD
        self.merged_lines: list[int] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of all rows so far."""
        return tuple(self._columns)

    @property
    def load_as_json(self) -> Load:
        """The load of all rows as JSON; for CSV it is a close estimate."""
        names = sum(len(column) + _MARKS for column in self._columns)
        more = self.load.contacts * names if self.send_as == "csv" else 0
        return self.load + Load(0, more)

    def add_rows(self, numbers: Sequence[int], rows: Sequence[Row]) -> None:
        """Append rows with these numbers."""
        if self.send_as == "json":
            encoded = b"\n".join([json_row(row.values) for row in rows])
        else:
            for row in rows:
                if not row.values.keys() <= self._columns.keys():
                    self._columns.update(dict.fromkeys(row.values))
            columns = self.columns
            encoded = b"\n".join([csv_row(row.values, columns) for row in rows])
        self._write(numbers, [row.line for row in rows], encoded)

    def add_batch(self, numbers: Sequence[int], batch: Batch) -> None:
        """Append the rows of a batch, given as columns."""
        if self.send_as == "json":
            self._write(numbers, batch.lines, json_rows(batch.cells))
            return
        self._columns.update(dict.fromkeys(batch.cells))
        cells = [batch.cells.get(column) for column in self._columns]
        blank = [""] * len(batch)
        rows = csv_rows([blank if column is None else column for column in cells])
        self._write(numbers, batch.lines, "\n".join(rows).encode())

    def read(self, merged: MergedRows) -> Iterator[Block]:
        """Yield the rows but *merged* ones, a block at a time."""
        self._file.flush()
        are_named, self._was_read = self._was_read, True
        with self._path.open("rb") as file:
            while about := file.readline():
                numbers, lines, width, size = orjson.loads(about)
                rows = file.read(size + 1)[:-1].split(b"\n")
                if merged.has_any(numbers[0], numbers[-1]):
                    kept = [place for place, number in enumerate(numbers) if number not in merged]
                    if not are_named and len(self.merged_lines) < MAX_NAMED:
                        left = set(kept)
                        self.merged_lines += [
                            line for place, line in enumerate(lines) if place not in left
                        ]
                    numbers = [numbers[place] for place in kept]
                    lines = [lines[place] for place in kept]
                    rows = [rows[place] for place in kept]
                if self.send_as == "csv" and width < len(self._columns):
                    short = b"," * (len(self._columns) - width)
                    rows = [row + short for row in rows]
                yield Block(numbers, lines, rows)

    def values(self, rows: Sequence[bytes]) -> list[dict[str, str | int]]:
        """Return the values of rows that were read."""
        if self.send_as == "csv":
            return read_csv_rows(rows, self.columns)
        return [orjson.loads(row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def delete(self) -> Iterator[None]:
        """Delete the file a part at a time: a large one, deleted at once, would hold the loop."""
        self._file.close()
        for size in range(self._path.stat().st_size, 0, -_TRUNCATED_BYTES):
            os.truncate(self._path, size)
            yield
        self._path.unlink()

    def _write(self, numbers: Sequence[int], lines: Sequence[int], rows: bytes) -> None:
        self.load += Load(len(lines), len(rows) + len(lines))
        about = [list(numbers), list(lines), len(self._columns), len(rows)]
        self._file.write(b"%b\n%b\n" % (orjson.dumps(about), rows))
