"""Rows on disk between reading and sending: memory stays flat, however many rows there are.

While the source is read, every good row is encoded and appended to the file of its group. Rows of
a group may share a chunk: they go to the same lists in the same format. When everything is read,
all columns are known, and the rows that a later one replaces; then each group is cut into chunks.

A CSV row from before a column first appeared is short of cells; it is filled up when cut.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import attrs
import orjson

from cc_async.errors import InvalidRequestError
from cc_async.imports._bodies import (
    BODY_HEADER,
    body_digest,
    body_path,
    disk_error,
    encode_lines,
)
from cc_async.imports._chunk import Chunk, make_file_name
from cc_async.imports._chunker import Chunker
from cc_async.imports._options import SendAs
from cc_async.sources import Batch, MergedRows, Row
from cc_async.stores import open_private_file
from cc_async.wire import (
    BodyFrame,
    ImportFormat,
    SmsPermission,
    csv_frame,
    csv_row,
    csv_rows,
    is_csv_column,
    json_frame,
    json_row,
    json_rows,
)

_TRUNCATED_BYTES = 1 << 22
"""Bytes of a file of rows that are given back at once: about a millisecond on ext4, measured."""


_NAMED = 1000
"""Lines of merged rows that are kept, as many as rejected rows."""


@attrs.define(eq=False, repr=False)
class _Group:
    """Rows that may share chunks, in a file of blocks: a line about the rows, then the rows."""

    list_ids: tuple[str, ...]  # empty for the lists of the call
    send_as: ImportFormat
    path: Path
    file: BinaryIO
    columns: dict[str, None]
    merged_lines: list[int] = attrs.field(factory=list)

    def add_rows(self, indexes: Sequence[int], rows: Sequence[Row]) -> None:
        if self.send_as == "json":
            encoded = b"\n".join([json_row(row.values) for row in rows])
        else:
            for row in rows:
                if not row.values.keys() <= self.columns.keys():
                    self.columns.update(dict.fromkeys(row.values))
            columns = tuple(self.columns)
            encoded = b"\n".join([csv_row(row.values, columns) for row in rows])
        self._write(indexes, [row.line for row in rows], encoded)

    def add_batch(self, indexes: Sequence[int], batch: Batch) -> None:
        if self.send_as == "json":
            self._write(indexes, batch.lines, json_rows(batch.cells))
            return
        self.columns.update(dict.fromkeys(batch.cells))
        cells = [batch.cells.get(column) for column in self.columns]
        blank = [""] * len(batch)
        rows = csv_rows([blank if column is None else column for column in cells])
        self._write(indexes, batch.lines, "\n".join(rows).encode())

    def _write(self, indexes: Sequence[int], lines: Sequence[int], rows: bytes) -> None:
        about = [list(indexes), list(lines), len(self.columns), len(rows)]
        self.file.write(b"%b\n%b\n" % (orjson.dumps(about), rows))

    def read(self, merged: MergedRows) -> Iterator[tuple[list[int], list[bytes]]]:
        """Yield line numbers and encoded rows without *merged* ones, a block at a time."""
        with self.path.open("rb") as file:
            while about := file.readline():
                indexes, lines, width, size = orjson.loads(about)
                rows = file.read(size + 1)[:-1].split(b"\n")
                if merged.has_any(indexes[0], indexes[-1]):
                    kept = [place for place, index in enumerate(indexes) if index not in merged]
                    if len(self.merged_lines) < _NAMED:
                        left = set(kept)
                        self.merged_lines += [
                            line for place, line in enumerate(lines) if place not in left
                        ]
                    lines = [lines[place] for place in kept]
                    rows = [rows[place] for place in kept]
                if self.send_as == "csv" and width < len(self.columns):
                    short = b"," * (len(self.columns) - width)
                    rows = [row + short for row in rows]
                yield lines, rows


class Spool:
    """Takes rows, and cuts them into chunks with their bodies in *folder*.

    Args:
        job_id: Names the job; the file name of every CSV chunk holds it.
        folder: The folder for everything that is written; for its owner alone.
        send_as: `auto` takes CSV, which needs half the requests, for every row that a CSV
            import can carry, and JSON for the others.
        sms_permission: Goes with rows that have numbers for text messages.

    *columns* are written even where no row has a value in them; set them before rows come.
    *merged_lines* are the lines of the first merged rows, once all is cut.
    """

    def __init__(
        self,
        job_id: str,
        folder: Path,
        *,
        send_as: SendAs,
        sms_permission: SmsPermission | None = None,
    ) -> None:
        self._job_id = job_id
        self._send_as = send_as
        self._sms_permission = sms_permission
        self.folder = folder
        self._groups: dict[tuple[tuple[str, ...], str], _Group] = {}
        self._rows = 0
        self.columns: Sequence[str] = ()
        self.merged_lines: list[int] = []

    def add_batch(self, batch: Batch) -> None:
        """Take a batch as columns, if `takes` allows it.

        Raises:
            StoreError: The disk is full.
        """
        kind: ImportFormat = "json" if self._send_as == "json" else "csv"
        group = self._groups.get(((), kind)) or self._open((), kind)
        self._add(partial(group.add_batch, self._next(len(batch)), batch))

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Take the next rows, for any lists and in any format.

        Raises:
            InvalidRequestError: CSV was asked for, and a row needs JSON.
            StoreError: The disk is full.
        """
        parts: dict[tuple[tuple[str, ...], ImportFormat], list[int]] = {}
        for place, row in enumerate(rows):
            parts.setdefault((row.lists, self._format_of(row)), []).append(place)
        indexes = self._next(len(rows))
        for key, places in parts.items():
            group = self._groups.get(key) or self._open(*key)
            part = [rows[place] for place in places]
            numbers = [indexes[place] for place in places]
            self._add(partial(group.add_rows, numbers, part))

    def takes(self, batch: Batch) -> bool:
        """Whether *batch* may share chunks as it is: all good, one set of lists, one format."""
        is_plain = len(batch) > 0 and batch.lists is None and not batch.rejections
        return is_plain and (self._send_as == "json" or all(map(is_csv_column, batch.cells)))

    def _next(self, rows: int) -> range:
        first, self._rows = self._rows, self._rows + rows
        return range(first, self._rows)

    def _add(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise disk_error(error) from None

    def cut(self, merged: MergedRows, list_ids: tuple[str, ...]) -> Iterator[list[Chunk]]:
        """Cut all rows but *merged* ones into chunks, a slice of work at a time.

        Rows that name no lists of their own go to *list_ids*.
        """
        numbers = itertools.count(1)
        try:
            for group in self._groups.values():
                group.file.close()
                group.list_ids = group.list_ids or list_ids
                yield from _Cutter(self, group, numbers).run(merged)
                yield from _delete(group.path)
                self.merged_lines = sorted(self.merged_lines + group.merged_lines)[:_NAMED]
        except OSError as error:
            raise disk_error(error) from None

    def close(self) -> None:
        """Let go of the files that are open."""
        for group in self._groups.values():
            group.file.close()

    def frame(self, group: _Group, number: int) -> tuple[BodyFrame, str]:
        """Return the frame of chunk *number*, and its own file name."""
        if group.send_as == "json":
            return json_frame(group.list_ids, sms_permission=self._sms_permission), ""
        file_name = make_file_name(self._job_id, number)
        frame = csv_frame(
            tuple(group.columns),
            group.list_ids,
            file_name=file_name,
            boundary=body_digest(file_name.encode()),
            sms_permission=self._sms_permission,
        )
        return frame, file_name

    def _format_of(self, row: Row) -> ImportFormat:
        if self._send_as == "json":
            return "json"
        beyond = next((column for column in row.values if not is_csv_column(column)), None)
        if beyond is None:
            return "csv"
        if self._send_as == "csv":
            raise InvalidRequestError(
                f"line {row.line}: a CSV import cannot carry the column {beyond!r}",
                "Send the contacts as JSON, or let the package choose.",
                "send_as",
            )
        return "json"

    def _open(self, list_ids: tuple[str, ...], kind: ImportFormat) -> _Group:
        path = self.folder / f"{len(self._groups)}.rows"
        columns = [column for column in self.columns if kind == "json" or is_csv_column(column)]
        group = _Group(list_ids, kind, path, open_private_file(path), dict.fromkeys(columns))
        self._groups[list_ids, kind] = group
        return group


def _delete(path: Path) -> Iterator[list[Chunk]]:
    """Delete a file a part at a time: a large one, deleted at once, would hold the loop."""
    for size in range(path.stat().st_size, 0, -_TRUNCATED_BYTES):
        os.truncate(path, size)
        yield []
    path.unlink()


class _Cutter:
    """Writes the chunks of one group."""

    def __init__(self, spool: Spool, group: _Group, numbers: Iterator[int]) -> None:
        self._spool = spool
        self._group = group
        self._numbers = numbers
        self._open()

    def run(self, merged: MergedRows) -> Iterator[list[Chunk]]:
        for lines, rows in self._group.read(merged):
            yield self._take_all(lines, rows)
        if self._lines:
            yield [self._finish()]
        else:
            self._file.close()
            body_path(self._spool.folder, self._number).unlink()

    def _take_all(self, lines: list[int], rows: list[bytes]) -> list[Chunk]:
        """Put rows into chunks; return the chunks that are full."""
        done: list[Chunk] = []
        if self._chunker.feed_all(sum(map(len, rows)), len(rows)):
            self._take(lines, rows)
            return done
        for line, row in zip(lines, rows, strict=True):
            if self._chunker.feed(len(row)):
                done.append(self._finish())
                self._open()
                self._chunker.feed(len(row))
            self._take([line], [row])
        return done

    def _open(self) -> None:
        self._number = next(self._numbers)
        self._frame, self._file_name = self._spool.frame(self._group, self._number)
        self._file = open_private_file(body_path(self._spool.folder, self._number))
        self._file.write(BODY_HEADER)
        self._digest = hashlib.blake2b(digest_size=16)
        self._chunker = Chunker(self._frame.overhead, len(self._frame.separator))
        self._size = 0
        self._lines: list[int] = []
        self._write(self._frame.head)

    def _take(self, lines: list[int], rows: list[bytes]) -> None:
        if rows:
            separator = self._frame.separator
            before = separator if self._lines else b""
            self._write(before + separator.join(rows))
            self._lines += lines

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def _finish(self) -> Chunk:
        self._write(self._frame.tail)
        self._file.write(encode_lines(self._lines))
        self._file.close()
        return Chunk(
            number=self._number,
            send_as=self._group.send_as,
            url_path=self._frame.path,
            content_type=self._frame.content_type,
            list_ids=self._group.list_ids,
            file_name=self._file_name,
            contacts=len(self._lines),
            size=self._size,
            first_line=self._lines[0],
            last_line=self._lines[-1],
            digest=self._digest.hexdigest(),
        )
