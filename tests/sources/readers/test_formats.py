"""The table of file formats."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import get_args

import pytest

from cc_async.sources._options import ReadAs
from cc_async.sources.readers import _formats
from cc_async.sources.readers._file_format import Block, FileFormat, Items
from cc_async.sources.readers._formats import FORMATS, find_format
from tests.support.sources import values_of


async def blocks_of(*blocks: Block) -> AsyncIterator[Block]:
    """Yield blocks as a file does."""
    for block in blocks:
        yield block


def test_every_format_can_be_asked_for() -> None:
    """The words of `read_as` are the names of the formats; a new format needs its word there."""
    assert set(get_args(ReadAs)) == {"auto", *FORMATS}


@pytest.mark.parametrize(
    ("blocks", "encoding", "name"),
    [
        ((b"email\n",), "utf-8-sig", "csv"),
        ((b'{"email"',), "utf-8-sig", "json"),
        ((b"\xef\xbb", b"\xbf\n", b" \n\t[", b"..."), "utf-8-sig", "json"),
        (("\ufeff ", '{"email"'), "utf-8-sig", "json"),
        (('[{"email"'.encode("utf-16"),), "utf-16", "json"),
        ((b"\n" * 300_000, b"["), "utf-8-sig", "csv"),
        ((), "utf-8-sig", "csv"),
    ],
)
async def test_a_format_is_recognized_by_how_a_file_begins(
    blocks: tuple[Block, ...], encoding: str, name: str
) -> None:
    """Blanks in front are skipped up to a limit, and no block is lost."""
    file_format, all_blocks = await find_format(blocks_of(*blocks), "auto", encoding)
    assert file_format.name == name
    assert [block async for block in all_blocks] == list(blocks)


async def test_a_format_is_a_reader_and_a_line_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reader turns blocks into items or records; all else is there for every format."""

    async def read_lines(
        blocks: AsyncIterator[Block], encoding: str, source: str
    ) -> AsyncGenerator[Items, None]:
        async for block in blocks:
            assert isinstance(block, bytes)
            lines = block.decode(encoding).splitlines()[1:]
            yield Items(range(2, 2 + len(lines)), [{"email": line} for line in lines])

    lines = FileFormat("lines", lambda block, _: block[:4] == b"LIST", read_lines)
    monkeypatch.setattr(_formats, "FORMATS", {"lines": lines, **FORMATS})
    assert await values_of(b"LIST\na@example.com\nb@example.com\n") == [
        {"email": "a@example.com"},
        {"email": "b@example.com"},
    ]
