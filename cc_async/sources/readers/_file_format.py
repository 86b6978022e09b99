"""The interface of a reader of one file format, and the parts that it yields."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

import attrs

Block = bytes | str
"""Some of a file as it comes: bytes, or text where a file object was opened as text."""


@attrs.frozen
class Records:
    """Some records of a table, and the line each starts on. The first of all is the heading."""

    lines: Sequence[int]
    records: Sequence[list[str]] = attrs.field(repr=False)


@attrs.frozen
class Items:
    """Some values, each a contact by itself, and the line each starts on."""

    lines: Sequence[int]
    values: Sequence[object] = attrs.field(repr=False)


Part = Records | Items


@attrs.frozen
class FileFormat:
    """A format of files; `FORMATS` lists all of them.

    Args:
        name: The word for it in `ReadingOptions.read_as`.
        recognizes:
            Whether a file is of this format, by its first block, and by its beginning as text.
            The text is long enough to hold more than blanks.
        read:
            Yields the contacts of blocks, some hundred at a time. It takes the blocks, the
            encoding, and the source's name. A faulty file is an `InputError` with the place and
            the remedy. Other tasks run after each part.
    """

    name: str
    recognizes: Callable[[Block, str], bool]
    read: Callable[[AsyncIterator[Block], str, str], AsyncGenerator[Part, None]]
