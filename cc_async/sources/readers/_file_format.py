"""What a reader of one file format offers, and what it yields."""

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
    """Some values that are contacts by themselves, and the line each starts on."""

    lines: Sequence[int]
    values: Sequence[object] = attrs.field(repr=False)


Part = Records | Items


@attrs.frozen
class FileFormat:
    """A format of files; `FORMATS` lists all of them.

    Args:
        name: The word for it in `ReadingOptions.read_as`.
        recognizes:
            Whether a file is of this format. It gets the first block as it came, and the
            beginning as text; other text than blanks is in it.
        read:
            Yields the contacts of blocks in an encoding, some hundred at a time; the last
            argument is the source's name. Everything that is wrong with a file is an `InputError`
            that says where, and what to do. Other tasks run after each part.
    """

    name: str
    recognizes: Callable[[Block, str], bool]
    read: Callable[[AsyncIterator[Block], str, str], AsyncGenerator[Part, None]]
