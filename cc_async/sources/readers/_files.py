"""A source that is a file, standard input, a file object or bytes; CSV or JSON."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from itertools import compress, count
from typing import Self

from cc_async.errors import InputError
from cc_async.sources._formula_escaping import unescape_formula
from cc_async.sources._options import ReadingOptions
from cc_async.sources._source import Batch, Rejection, Row, Rules
from cc_async.sources._yield_to_loop import PeriodicYield
from cc_async.sources.columns._checker import Checker
from cc_async.sources.columns._headings import (
    NOTES,
    read_headings,
    refuse_doubles,
    refuse_idle_mapping,
    refuse_missing_email,
    refuse_missing_heading,
)
from cc_async.sources.readers._bytes import Block
from cc_async.sources.readers._csv import holds_something, read_records
from cc_async.sources.readers._items import ItemChecker
from cc_async.sources.readers._json import looks_like_json, read_items
from cc_async.sources.readers._text import EMPTY, UndecodableError, read_text

_Piece = tuple[int, str]
_PIECE_SECONDS = 0.002
_NOTHING = Batch((), (), {})
"""No contacts; yielded all the same, so that others get a turn after it."""


class FileSource:
    """Contacts from text. See `Source`."""

    def __init__(
        self,
        name: str,
        open_blocks: Callable[[], AsyncGenerator[Block, None]],
        *,
        is_rereadable: bool,
        reading: ReadingOptions,
        codec: str,
    ) -> None:
        self.name = name
        self.is_rereadable = self.is_at_hand = is_rereadable
        self.header: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self._delimiter = ","
        self._is_csv = False
        self._open_blocks, self._reading, self._codec = open_blocks, reading, codec

    async def read(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[list[Row | Rejection], None]:
        """Yield every contact, checked or set aside; see `Source.read`."""
        async with aclosing(self.read_batches(rules, max_rows=max_rows)) as batches:
            async for batch in batches:
                yield batch.contacts()

    async def read_batches(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[Batch, None]:
        """Yield every contact, in columns; see `Source.read_batches`."""
        pace = PeriodicYield(seconds=_PIECE_SECONDS)
        async with (
            aclosing(self._open_blocks()) as blocks,
            aclosing(read_text(blocks, self._codec, source=self.name)) as texts,
        ):
            try:
                pieces = await _Pieces.of(texts, pace)
                async with aclosing(self._read(pieces, rules, max_rows)) as read:
                    async for batch in read:
                        if batch.lines:
                            yield batch
                        await pace.after(len(batch))
            except UndecodableError as error:
                raise error.as_input_error(self.name, self._column_at(error.before)) from None

    async def needs_custom_fields(self, rules: Rules) -> bool:
        """Whether it cannot be read without knowing the account's custom fields.

        It can where a heading, which a CSV alone has, names columns of the API and no others.
        """
        if not self.is_rereadable:
            return True
        try:
            async with aclosing(self.read_batches(rules, max_rows=1)) as batches:
                await anext(batches, None)
        except InputError:
            return True
        return not self._is_csv

    def _read(self, texts: _Pieces, rules: Rules, max_rows: int) -> AsyncGenerator[Batch, None]:
        read_as = self._reading.read_as
        is_json = read_as == "json" or (read_as == "auto" and looks_like_json(texts.first[1]))
        return (self._read_json if is_json else self._read_csv)(texts, rules, max_rows)

    async def _read_csv(
        self, texts: _Pieces, rules: Rules, max_rows: int
    ) -> AsyncGenerator[Batch, None]:
        checker: Checker | None = None
        async with aclosing(read_records(texts, self.name)) as pieces:
            async for found in pieces:
                lines, records, self._delimiter = found.lines, found.records, found.delimiter
                if checker is None:
                    place = next(compress(count(), map(holds_something, records)), None)
                    if place is None:
                        yield _NOTHING
                        continue
                    checker = self._start(records[place], lines[place], rules)
                    lines, records = lines[place + 1 :], records[place + 1 :]
                for start in range(0, len(records), max_rows):
                    end = start + max_rows
                    yield _check(checker, lines[start:end], records[start:end])
                if not records:
                    yield _NOTHING
        if checker is None:
            raise InputError(*EMPTY, self.name)

    def _start(self, header: list[str], line: int, rules: Rules) -> Checker:
        if tuple(header[-len(NOTES) :]) == NOTES:
            header = list(map(unescape_formula, header))
        self.header, self._is_csv = tuple(header), True
        refuse_missing_heading(header, source=self.name, line=line)
        mapping = self._reading.mapping
        refuse_idle_mapping(header, mapping, source=self.name, line=line)
        headings = read_headings(header, rules, mapping, source=self.name, line=line)
        refuse_doubles(headings, source=self.name, line=line)
        refuse_missing_email(headings, source=self.name, line=line)
        checker = Checker(header, headings, rules)
        self.columns = checker.columns
        return checker

    async def _read_json(
        self, texts: _Pieces, rules: Rules, max_rows: int
    ) -> AsyncGenerator[Batch, None]:
        checker = ItemChecker(rules, self._reading.mapping, self.name)
        async with aclosing(read_items(texts, self.name)) as pieces:
            async for items in pieces:
                for start in range(0, len(items), max_rows):
                    lines, values = zip(*items[start : start + max_rows], strict=True)
                    batch = checker.check(lines, values)
                    self.header, self.columns = tuple(checker.header), checker.columns
                    yield batch

    def _column_at(self, before: str) -> str:
        """Return the heading of the cell in which *before* ends, where it can be told."""
        if '"' in before or not self.header:
            return ""
        place = before.count(self._delimiter)
        return self.header[place] if place < len(self.header) else ""


class _Pieces:
    """Pieces of text of which the first has been looked at already; others get a turn between.

    A piece may hold no contact at all, so it does not do to give way after contacts alone.
    """

    def __init__(self, first: _Piece, others: AsyncIterator[_Piece], pace: PeriodicYield) -> None:
        self.first, self._others, self._is_new = first, others, True
        self._pace = pace

    @classmethod
    async def of(cls, pieces: AsyncIterator[_Piece], pace: PeriodicYield) -> Self:
        """Look at the first of *pieces*; there always is one."""
        return cls(await anext(pieces), pieces, pace)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Piece:
        if self._is_new:
            self._is_new = False
            return self.first
        await self._pace.after(0)
        return await anext(self._others)


def _check(checker: Checker, lines: Sequence[int], records: Sequence[list[str]]) -> Batch:
    """Check *records* without those that hold nothing but blanks: they are not counted."""
    batch = checker.check(lines, records)
    if all(map(_is_said, batch.rejections.values())):
        return batch
    said = [place for place, record in enumerate(records) if holds_something(record)]
    if not said:
        return _NOTHING
    return checker.check([lines[place] for place in said], [records[place] for place in said])


def _is_said(rejection: Rejection) -> bool:
    return holds_something(rejection.record)
