"""Rows on disk between reading and sending, so that memory stays flat however many there are.

While the input is read, every good row is encoded and appended to the file of its group: the
rows that may share a body, because they go to the same lists in the same format. When all is
read it is known which rows a later one supersedes, and which columns there are; then each
group is cut into bodies.

A CSV row written before a column first appeared is short of cells; it is filled up when cut.
"""

from __future__ import annotations

import hashlib
import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import attrs

from cc_async.bulk import Chunker
from cc_async.errors import InvalidRequestError
from cc_async.jobs._bodies import body_digest, body_path, disk_error
from cc_async.jobs._chunks import Chunk
from cc_async.sources import Row, Superseded
from cc_async.wire import (
    BodyFrame,
    ImportFormat,
    SmsPermission,
    csv_frame,
    csv_row,
    is_csv_column,
    json_frame,
    json_row,
)

__all__ = ["Spool"]

_SLICE = 500
"""Rows worked in one go; the event loop gets its turn in between."""


@attrs.define(eq=False)
class _Group:
    """Rows that may share bodies, in a file of lines: `<index> <line> <encoded row>`."""

    list_ids: tuple[str, ...]  # empty: those of the call
    format: ImportFormat
    path: Path
    file: BinaryIO
    columns: dict[str, None]
    rows: int = 0
    widths: list[tuple[int, int]] = attrs.field(factory=list)
    """From which row of the group on, lines have how many cells."""

    def add(self, index: int, row: Row) -> None:
        if self.format == "csv":
            if not row.values.keys() <= self.columns.keys() or not self.widths:
                self.columns.update(dict.fromkeys(row.values))
                self.widths.append((self.rows, len(self.columns)))
            encoded = csv_row(row.values, tuple(self.columns))
        else:
            encoded = json_row(row.values)
        self.file.write(b"%d %d %b\n" % (index, row.line, encoded))
        self.rows += 1

    def read(self, superseded: Superseded) -> Iterator[tuple[int, bytes]]:
        """Yield line number and encoded row of every row that counts."""
        starts = [start for start, _ in self.widths]
        with self.path.open("rb") as file:
            for number, text in enumerate(file):
                index, line, encoded = text.split(b" ", 2)
                if int(index) in superseded:
                    continue
                row = encoded[:-1]
                if self.format == "csv":
                    width = self.widths[bisect_right(starts, number) - 1][1]
                    row += b"," * (len(self.columns) - width)
                yield int(line), row


class Spool:
    """Takes rows, and cuts them into bodies in *folder*.

    Args:
        job_id: Names the job; every file name on the wire holds it.
        folder: Where everything is written; for its owner alone.
        format: `auto` takes CSV, which needs half the requests, for every row that a CSV
            import can carry, and JSON for the others.
        sms_permission: Goes with rows that have numbers for text messages.

    *columns* are written even where no row has a value in them; set them before rows come.
    """

    def __init__(
        self,
        job_id: str,
        folder: Path,
        *,
        format: ImportFormat | str,  # noqa: A002 - the word of the public interface
        sms_permission: SmsPermission | None = None,
    ) -> None:
        self._job_id = job_id
        self._format = format
        self._sms_permission = sms_permission
        self.folder = folder
        self._groups: dict[tuple[tuple[str, ...], str], _Group] = {}
        self._rows = 0
        self.columns: Sequence[str] = ()

    def add(self, row: Row) -> None:
        """Take the next row.

        Raises:
            InvalidRequestError: CSV was asked for, and the row needs JSON.
            StoreError: The disk is full.
        """
        kind = self._format_of(row)
        group = self._groups.get((row.lists, kind)) or self._open(row.lists, kind)
        try:
            group.add(self._rows, row)
        except OSError as error:
            raise disk_error(error) from None
        self._rows += 1

    def cut(self, superseded: Superseded, list_ids: tuple[str, ...]) -> Iterator[list[Chunk]]:
        """Cut all rows but *superseded* ones into bodies, a slice of work at a time.

        Rows that name no lists of their own go to *list_ids*.
        """
        numbers = itertools.count(1)
        try:
            for group in self._groups.values():
                group.file.close()
                group.list_ids = group.list_ids or list_ids
                yield from _Cutter(self, group, numbers).run(superseded)
                group.path.unlink()
        except OSError as error:
            raise disk_error(error) from None

    def close(self) -> None:
        """Let go of the files that are open."""
        for group in self._groups.values():
            group.file.close()

    def frame(self, group: _Group, number: int) -> tuple[BodyFrame, str]:
        """Return the frame of body *number* and the file name that only it has."""
        if group.format == "json":
            return json_frame(group.list_ids, sms_permission=self._sms_permission), ""
        file_name = f"cc-async-{self._job_id}-{number:06d}.csv"
        frame = csv_frame(
            tuple(group.columns),
            group.list_ids,
            file_name=file_name,
            boundary=body_digest(file_name.encode()),
            sms_permission=self._sms_permission,
        )
        return frame, file_name

    def _format_of(self, row: Row) -> ImportFormat:
        if self._format == "json":
            return "json"
        beyond = next((column for column in row.values if not is_csv_column(column)), None)
        if beyond is None:
            return "csv"
        if self._format == "csv":
            raise InvalidRequestError(
                f"line {row.line}: a CSV import cannot carry the column {beyond!r}",
                "Leave the format to auto, or use json.",
            )
        return "json"

    def _open(self, list_ids: tuple[str, ...], kind: ImportFormat) -> _Group:
        path = self.folder / f"{len(self._groups)}.rows"
        columns = [column for column in self.columns if kind == "json" or is_csv_column(column)]
        group = _Group(list_ids, kind, path, path.open("wb"), dict.fromkeys(columns))
        self._groups[list_ids, kind] = group
        return group


class _Cutter:
    """Writes the bodies of one group."""

    def __init__(self, spool: Spool, group: _Group, numbers: Iterator[int]) -> None:
        self._spool = spool
        self._group = group
        self._numbers = numbers
        self._open()

    def run(self, superseded: Superseded) -> Iterator[list[Chunk]]:
        done: list[Chunk] = []
        for count, (line, row) in enumerate(self._group.read(superseded), 1):
            if self._chunker.feed(len(row)):
                done.append(self._finish())
                self._open()
                self._chunker.feed(len(row))
            self._take(line, row)
            if count % _SLICE == 0:
                self._flush()
                yield done
                done = []
        if self._contacts:
            done.append(self._finish())
        else:
            self._file.close()
            body_path(self._spool.folder, self._number).unlink()
        yield done

    def _open(self) -> None:
        self._number = next(self._numbers)
        self._frame, self._file_name = self._spool.frame(self._group, self._number)
        self._file = body_path(self._spool.folder, self._number).open("wb")
        self._digest = hashlib.blake2b(digest_size=16)
        self._chunker = Chunker(self._frame.overhead, len(self._frame.separator))
        self._contacts = self._size = self._first_line = self._last_line = 0
        self._rows: list[bytes] = []
        self._write(self._frame.head)

    def _take(self, line: int, row: bytes) -> None:
        self._rows.append(row)
        self._first_line = self._first_line or line
        self._last_line = line
        self._contacts += 1

    def _flush(self) -> None:
        """Write the rows that wait, with separators between them and those before."""
        if self._rows:
            is_first = self._contacts == len(self._rows)
            separator = self._frame.separator
            self._write((b"" if is_first else separator) + separator.join(self._rows))
            self._rows = []

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def _finish(self) -> Chunk:
        self._flush()
        self._write(self._frame.tail)
        self._file.close()
        return Chunk(
            number=self._number,
            format=self._group.format,
            url_path=self._frame.path,
            content_type=self._frame.content_type,
            list_ids=self._group.list_ids,
            file_name=self._file_name,
            contacts=self._contacts,
            size=self._size,
            first_line=self._first_line,
            last_line=self._last_line,
            digest=self._digest.hexdigest(),
        )
