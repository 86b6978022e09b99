"""Which rows are superseded by a later row for the same contact, in bounded memory.

Rows are divided by the hash of their identity, so that all rows of one contact share a part. A
part that has grown goes to a temporary file, and in the end the parts are looked through one at a
time. What is kept for every row is one bit.

A part is a flat list, index and identity by turns: pairs would be objects that the garbage
collector looks through again and again.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import IO, Any

import orjson

from cc_async.errors import StoreError
from cc_async.sources._pace import Pace, give_way

_PARTS = 512
_PIECE = 1 << 22
_MARKED = 2_000


class Superseded:
    """The rows that are superseded: `index in superseded`, and `len` says how many."""

    def __init__(self, rows: int) -> None:
        self._bits = bytearray(rows // 8 + 1)
        self._count = 0

    def __contains__(self, index: object) -> bool:
        if not isinstance(index, int):
            return False
        return self._bits[index >> 3] & 1 << (index & 7) != 0

    def __len__(self) -> int:
        return self._count

    def has_any(self, first: int, last: int) -> bool:
        """Whether any row from *first* to *last* may be superseded; false means surely none."""
        return any(self._bits[first >> 3 : (last >> 3) + 1])

    def mark(self, index: int) -> None:
        """Note that a later row supersedes the row *index*; once for each."""
        self._bits[index >> 3] |= 1 << (index & 7)
        self._count += 1


class LastWins:
    """Finds the rows that a later row for the same identity supersedes.

    ::

        last = LastWins()
        for row in rows:
            last.add(row.identity)
        superseded = last.superseded()
        kept = [row for index, row in enumerate(rows) if index not in superseded]

    At most 512 times *max_rows* identities wait in memory; the others are in a temporary file
    without a name, which is gone when `superseded` has answered, or with the process.

    Raises:
        StoreError: The temporary file cannot be written.
    """

    def __init__(self, *, max_rows: int = 128) -> None:
        self._max_length = 2 * max_rows
        self._rows = 0
        self._parts: list[list[int | str]] = [[] for _ in range(_PARTS)]
        self._places: list[array[int]] = [array("Q") for _ in range(_PARTS)]
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._rows

    def add(self, identity: str) -> None:
        """Take the next row, in order: 0, 1, 2 and so on."""
        number = hash(identity) % _PARTS
        part = self._parts[number]
        part += (self._rows, identity)
        self._rows += 1
        if len(part) >= self._max_length:
            self._spill(number)

    def add_all(self, identities: Iterable[str]) -> None:
        """Take the next rows, in order."""
        parts, max_length = self._parts, self._max_length
        for index, identity in enumerate(identities, self._rows):
            number = hash(identity) % _PARTS
            part = parts[number]
            part += (index, identity)
            self._rows = index + 1
            if len(part) >= max_length:
                self._spill(number)

    def superseded(self) -> Superseded:
        """Return which rows are superseded, and let go of the temporary file."""
        found = Superseded(self._rows)
        for part in range(_PARTS):
            for _ in self._mark(part, found):
                pass
        self.close()
        return found

    async def find_superseded(self) -> Superseded:
        """Return what `superseded` does, giving other tasks their turn in between."""
        found, pace = Superseded(self._rows), Pace(_MARKED)
        for part in range(_PARTS):
            for rows in self._mark(part, found):
                await pace.after(rows)
        await self._empty()
        self.close()
        return found

    async def _empty(self) -> None:
        """Give the temporary file back piece by piece; all at once would hold the loop."""
        if self._file is None:
            return
        for size in range(self._file.seek(0, 2), 0, -_PIECE):
            self._file.truncate(size)
            await give_way()

    def close(self) -> None:
        """Let go of the temporary file, where the answer is no longer wanted."""
        if self._file is not None:
            self._file.close()

    def _spill(self, part: int) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            place = self._file.seek(0, 2)
            size = self._file.write(orjson.dumps(self._parts[part]))
        except OSError as error:
            raise StoreError(
                f"addresses cannot be put aside while doubles are looked for: {error.strerror}",
                "Make room where temporary files go, or name another folder in TMPDIR.",
            ) from error
        self._places[part].extend((place, size))
        self._parts[part].clear()

    def _mark(self, part: int, found: Superseded) -> Iterator[int]:
        """Look through a part; yields how many rows were looked at, a piece at a time."""
        newest: dict[str, int] = {}
        for rows in self._rows_of(part):
            for index, identity in zip(rows[::2], rows[1::2], strict=True):
                before = newest.get(identity)
                if before is not None:
                    found.mark(before)
                newest[identity] = index
            yield len(rows) // 2

    def _rows_of(self, part: int) -> Iterator[list[Any]]:
        places = self._places[part]
        if self._file is not None:
            for place, size in zip(places[::2], places[1::2], strict=True):
                self._file.seek(place)
                yield orjson.loads(self._file.read(size))
        yield self._parts[part]
