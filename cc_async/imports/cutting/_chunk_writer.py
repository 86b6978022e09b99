"""Writing the chunks of one body: its rows, cut where a request is full."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import attrs

from cc_async.imports._bodies import BODY_HEADER, body_path, encode_lines
from cc_async.imports._chunk import Chunk
from cc_async.imports.cutting._chunker import Chunker
from cc_async.stores import open_private_file
from cc_async.wire import BodyFrame, ImportFormat


@attrs.frozen
class ChunkFrame:
    """A chunk without its rows: its number, its own file name, and its request."""

    number: int
    file_name: str
    frame: BodyFrame


class ChunkWriter:
    """Writes rows into chunks, with their bodies in *folder*.

    Args:
        folder: The folder of the bodies.
        list_ids: The lists of the chunks.
        send_as: The format of the rows.
        is_shared: Whether some of the contacts are in other chunks, too.
        next_frame: Returns the frame of the next chunk.
    """

    def __init__(
        self,
        folder: Path,
        list_ids: tuple[str, ...],
        send_as: ImportFormat,
        *,
        is_shared: bool,
        next_frame: Callable[[], ChunkFrame],
    ) -> None:
        self._folder = folder
        self._list_ids = list_ids
        self._send_as: ImportFormat = send_as
        self._is_shared = is_shared
        self._next_frame = next_frame
        self._file: BinaryIO | None = None
        self.open()

    def open(self) -> None:
        """Begin the next chunk."""
        self._opened = self._next_frame()
        self._frame = self._opened.frame
        self._chunker = Chunker(self._frame.overhead, len(self._frame.separator))
        self._digest = hashlib.blake2b(digest_size=16)
        self._lines: array[int] = array("I")
        self._size = self._repeated = 0
        self._file = open_private_file(body_path(self._folder, self._opened.number))
        self._file.write(BODY_HEADER)
        self._write(self._frame.head)

    def take(
        self, lines: Sequence[int], rows: Sequence[bytes], *, are_repeated: bool = False
    ) -> list[Chunk]:
        """Put rows into chunks; return the chunks that are full.

        Rows that *are_repeated*, with an address alone, come after all others.
        """
        if self._chunker.feed_all(sum(map(len, rows)), len(rows)):
            self._append(lines, rows, are_repeated=are_repeated)
            return []
        done: list[Chunk] = []
        for line, row in zip(lines, rows, strict=True):
            if self._chunker.feed(len(row)):
                done.append(self.finish())
                self.open()
                self._chunker.feed(len(row))
            self._append([line], [row], are_repeated=are_repeated)
        return done

    def finish(self) -> Chunk:
        """End the chunk, and return it."""
        self._write(self._frame.tail)
        assert self._file is not None  # noqa: S101 - it is open
        self._file.write(encode_lines(self._lines))
        self.close()
        return Chunk(
            number=self._opened.number,
            send_as=self._send_as,
            url_path=self._frame.path,
            content_type=self._frame.content_type,
            list_ids=self._list_ids,
            file_name=self._opened.file_name,
            contacts=len(self._lines),
            size=self._size,
            first_line=min(self._lines),
            last_line=max(self._lines),
            digest=self._digest.hexdigest(),
            repeated=self._repeated,
            is_shared=self._is_shared,
        )

    def close(self) -> None:
        """Let go of the file that is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, lines: Sequence[int], rows: Sequence[bytes], *, are_repeated: bool) -> None:
        if rows:
            separator = self._frame.separator
            before = separator if self._lines else b""
            self._write(before + separator.join(rows))
            self._lines.extend(lines)
            self._repeated += len(rows) if are_repeated else 0

    def _write(self, data: bytes) -> None:
        assert self._file is not None  # noqa: S101 - it is open
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)
