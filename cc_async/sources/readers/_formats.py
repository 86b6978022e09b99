"""The table of file formats. A new format is a module beside this one, and a line here."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Self

from cc_async.sources.readers._csv import CSV
from cc_async.sources.readers._file_format import Block, FileFormat
from cc_async.sources.readers._json import JSON
from cc_async.sources.readers._text import LONGEST_LINE

FORMATS = {each.name: each for each in (JSON, CSV)}
"""All formats by name, in the order of asking. CSV recognizes every text."""


async def find_format(
    blocks: AsyncIterator[Block], read_as: str, encoding: str
) -> tuple[FileFormat, AsyncIterator[Block]]:
    """Return the format of *blocks*, and the blocks from the first on.

    *read_as* is the name of a format, or `auto` to recognize it by how the file begins.
    """
    if read_as != "auto":
        return FORMATS[read_as], blocks
    decoder = codecs.getincrementaldecoder(encoding)("ignore")
    start: list[Block] = []
    text = ""
    async for block in blocks:
        start.append(block)
        text += block if isinstance(block, str) else decoder.decode(block)
        text = text.lstrip("\ufeff")
        if text.strip() or len(text) > LONGEST_LINE:
            break
    first = start[0] if start else b""
    found = next(each for each in FORMATS.values() if each.recognizes(first, text))
    return found, _Chained(start, blocks)


class _Chained:
    """Blocks, with those in front that were taken already."""

    def __init__(self, start: Iterable[Block], others: AsyncIterator[Block]) -> None:
        self._start, self._others = deque(start), others

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        return self._start.popleft() if self._start else await anext(self._others)
