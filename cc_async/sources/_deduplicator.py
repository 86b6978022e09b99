"""Finds several rows for one contact, in bounded memory; the last one counts.

Rows are divided into parts by the hash of their identity, so all rows of one contact share a part.
A part that has grown goes to a temporary file. In the end the parts are read one after the other,
and one bit remains for each row.

A part is a flat list: index, identity, index, identity. Pairs would be objects, and the garbage
collector looks through objects again and again.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import orjson

from cc_async.errors import StoreError
from cc_async.sources._yield_to_loop import PeriodicYield, yield_to_loop

_PARTS = 512
"""Parts of the rows. With 10 million rows a part has about 20,000, some 2 MB while it is read."""

_TRUNCATED_BYTES = 1 << 22
"""Bytes of the temporary file that are given back at once: about a millisecond on ext4, measured.
A file of a million rows, given back at once, held the loop for 16 ms."""

_ROWS_BETWEEN_YIELDS = 2_000
"""Rows that are looked through between two turns of the loop: about a millisecond, measured."""

OnMerged = Callable[[int, int], None]
"""Takes a row, and the row for the same contact that replaces it."""


class MergedRows:
    """The rows that a later row replaces: `index in merged`; `len` counts them."""

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
        """Whether a row from *first* to *last* may be among them; false means surely none."""
        return any(self._bits[first >> 3 : (last >> 3) + 1])

    def mark(self, index: int) -> None:
        """Note that a later row replaces the row *index*; call it once for each."""
        self._bits[index >> 3] |= 1 << (index & 7)
        self._count += 1


class Deduplicator:
    """Finds the rows that a later row for the same contact replaces.

    ::

        deduplicator = Deduplicator()
        for row in rows:
            deduplicator.add(row.identity)
        merged = deduplicator.merged()
        kept = [row for index, row in enumerate(rows) if index not in merged]

    At most 512 times *max_rows* identities wait in memory. The others are in a temporary file
    without a name. It is deleted after the answer, by `close`, or with the process.

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

    def merged(self) -> MergedRows:
        """Return the rows that later ones replace, and delete the temporary file."""
        found = MergedRows(self._rows)
        for part in range(_PARTS):
            for _ in self._mark(part, found, None):
                pass
        self.close()
        return found

    async def find_merged(self, on_merged: OnMerged | None = None) -> MergedRows:
        """Return the same as `merged`; other tasks run in between.

        *on_merged* is called with each such row and the next one for the same contact. The rows of
        one contact come in order.
        """
        found, pace = MergedRows(self._rows), PeriodicYield(_ROWS_BETWEEN_YIELDS)
        for part in range(_PARTS):
            for rows in self._mark(part, found, on_merged):
                await pace.after(rows)
        await self._empty()
        self.close()
        return found

    async def _empty(self) -> None:
        """Give the temporary file back piece by piece; all at once would hold the loop."""
        if self._file is None:
            return
        for size in range(self._file.seek(0, 2), 0, -_TRUNCATED_BYTES):
            self._file.truncate(size)
            await yield_to_loop()

    def close(self) -> None:
        """Delete the temporary file; needed only where the answer is no longer wanted."""
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
                f"addresses cannot be put aside while rows for the same contact are looked for: {error.strerror}",
                "Make room where temporary files go, or name another folder in TMPDIR.",
            ) from error
        self._places[part].extend((place, size))
        self._parts[part].clear()

    def _mark(self, part: int, found: MergedRows, on_merged: OnMerged | None) -> Iterator[int]:
        """Look through a part; yield the number of rows of each piece."""
        newest: dict[str, int] = {}
        for rows in self._rows_of(part):
            for index, identity in zip(rows[::2], rows[1::2], strict=True):
                before = newest.get(identity)
                if before is not None:
                    found.mark(before)
                    if on_merged is not None:
                        on_merged(before, index)
                newest[identity] = index
            yield len(rows) // 2

    def _rows_of(self, part: int) -> Iterator[list[Any]]:
        places = self._places[part]
        if self._file is not None:
            for place, size in zip(places[::2], places[1::2], strict=True):
                self._file.seek(place)
                yield orjson.loads(self._file.read(size))
        yield self._parts[part]
