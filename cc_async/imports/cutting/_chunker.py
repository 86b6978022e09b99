"""Cutting rows into chunks: as few as possible, in order, exact to the byte."""

from __future__ import annotations

import attrs

from cc_async.wire import MAX_BYTES, MAX_CONTACTS


@attrs.define(eq=False, repr=False)
class Chunker:
    """Tells before which row a new chunk begins.

    Args:
        overhead: Bytes of a body beside its rows.
        separator: Bytes between two rows.
        max_bytes: The largest body, head and tail included.
        max_contacts: The most rows in one chunk.
    """

    overhead: int
    separator: int
    max_bytes: int = MAX_BYTES
    max_contacts: int = MAX_CONTACTS
    size: int = attrs.field(init=False)
    contacts: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.size = self.overhead

    def feed(self, row: int) -> bool:
        """Take a row of *row* bytes; return whether it begins a new chunk.

        Raises:
            ValueError: The row alone is larger than a body may be.
        """
        grown = self.size + row + (self.separator if self.contacts else 0)
        if grown <= self.max_bytes and self.contacts < self.max_contacts:
            self.size, self.contacts = grown, self.contacts + 1
            return False
        if self.overhead + row > self.max_bytes:
            raise ValueError(f"a row of {row} bytes fits into no chunk")
        self.size, self.contacts = self.overhead + row, 1
        return True

    def feed_all(self, size: int, rows: int) -> bool:
        """Take *rows* rows of *size* bytes together, if all fit; return whether they did."""
        separators = rows if self.contacts else max(0, rows - 1)
        grown = self.size + size + separators * self.separator
        fits = grown <= self.max_bytes and self.contacts + rows <= self.max_contacts
        if fits:
            self.size, self.contacts = grown, self.contacts + rows
        return fits
