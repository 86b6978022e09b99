"""Rows on disk between reading and sending, so that memory stays flat however many there are.

While the input is read, every good row is encoded and appended to the file of its group: the
rows that may share a body, because they go to the same lists in the same format. When all is
read it is known which rows a later one supersedes, and which columns there are; then each
group is cut into bodies.

A CSV row written before a column first appeared is short of cells; it is filled up when cut.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import attrs

from cc_async.bulk import Chunker
from cc_async.errors import InvalidRequestError, StoreError
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
    """The folder of one job, readable by its owner alone.

    Args:
        job_id: Names the job; every file name on the wire holds it.
        format: `auto` takes CSV, which needs half the requests, for every row that a CSV
            import can carry, and JSON for the others.
        sms_permission: Goes with rows that have numbers for text messages.
        folder: Where to make the spool's own folder; the system's place by default.

    *columns* are written even where no row has a value in them; set them before rows come.
    """

    def __init__(
        self,
        job_id: str,
        *,
        format: ImportFormat | str,  # noqa: A002 - the word of the public interface
        sms_permission: SmsPermission | None = None,
        folder: Path | None = None,
    ) -> None:
        self._job_id = job_id
        self._format = format
        self._sms_permission = sms_permission
        self._folder = _make_folder(folder)
        self._delete = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
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
            raise _disk_error(error) from None
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
            raise _disk_error(error) from None

    def close(self) -> None:
        """Delete everything; happens by itself when nobody holds the spool any more."""
        for group in self._groups.values():
            group.file.close()
        self._delete()

    def frame(self, group: _Group, number: int) -> tuple[BodyFrame, str]:
        """Return the frame of body *number* and the file name that only it has."""
        if group.format == "json":
            return json_frame(group.list_ids, sms_permission=self._sms_permission), ""
        file_name = f"cc-async-{self._job_id}-{number:06d}.csv"
        frame = csv_frame(
            tuple(group.columns),
            group.list_ids,
            file_name=file_name,
            boundary=uuid4().hex,
            sms_permission=self._sms_permission,
        )
        return frame, file_name

    def body_path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.body"

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
        path = self._folder / f"{len(self._groups)}.rows"
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
            self._write(line, row)
            if count % _SLICE == 0:
                yield done
                done = []
        if self._contacts:
            done.append(self._finish())
        else:
            self._file.close()
            self._path.unlink()
        yield done

    def _open(self) -> None:
        self._number = next(self._numbers)
        self._frame, self._file_name = self._spool.frame(self._group, self._number)
        self._path = self._spool.body_path(self._number)
        self._file = self._path.open("wb")
        self._file.write(self._frame.head)
        self._chunker = Chunker(self._frame.overhead, len(self._frame.separator))
        self._contacts = self._first_line = self._last_line = 0

    def _write(self, line: int, row: bytes) -> None:
        if self._contacts:
            self._file.write(self._frame.separator)
        self._file.write(row)
        self._first_line = self._first_line or line
        self._last_line = line
        self._contacts += 1

    def _finish(self) -> Chunk:
        self._file.write(self._frame.tail)
        size = self._file.tell()
        self._file.close()
        return Chunk(
            number=self._number,
            format=self._group.format,
            url_path=self._frame.path,
            content_type=self._frame.content_type,
            list_ids=self._group.list_ids,
            file_name=self._file_name,
            contacts=self._contacts,
            size=size,
            first_line=self._first_line,
            last_line=self._last_line,
            path=self._path,
        )


def _make_folder(parent: Path | None) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="cc-async-", dir=parent))
    except OSError as error:
        raise _disk_error(error) from None


def _disk_error(error: OSError) -> StoreError:
    reason = error.strerror or type(error).__name__
    return StoreError(
        f"the import cannot be written down before it is sent: {reason}",
        "Make room on the disk, or point TMPDIR at a folder that can be written.",
    )
