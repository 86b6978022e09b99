"""A source that is a file, standard input, a file object, or bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Self

from cc_async.errors import InputError, InvalidRequestError
from cc_async.sources._options import ReadingOptions
from cc_async.sources._source import Batch, Rejection, Row, Rules
from cc_async.sources._yield_to_loop import PeriodicYield
from cc_async.sources.columns import Checker, read_heading
from cc_async.sources.readers._bytes import Readable, is_regular_file, read_blocks
from cc_async.sources.readers._csv import holds_something
from cc_async.sources.readers._file_format import Block, Part, Records
from cc_async.sources.readers._formats import FORMATS, find_format
from cc_async.sources.readers._items import ItemChecker, readable
from cc_async.sources.readers._text import find_encoding

_SECONDS_BETWEEN_YIELDS = 0.002
"""Seconds of work between two turns of the loop, beside the number of rows: rows with many cells
take long. A web service beside an import then answers within some milliseconds, as measured by
`python -m benchmarks loop`."""

_REMEDY = 'Write each contact as an object, such as {"email": "ann@example.com"}.'


class FileSource:
    """Contacts from a file. See `Source`.

    Raises:
        InvalidRequestError: There is no such format or encoding.
    """

    def __init__(self, name: str, data: Path | bytes | Readable, reading: ReadingOptions) -> None:
        if reading.read_as not in ("auto", *FORMATS):
            raise InvalidRequestError(
                f"there is no format {reading.read_as!r}",
                f"Use 'auto' or one of: {', '.join(sorted(FORMATS))}.",
                "read_as",
            )
        self.name = name
        self.is_rereadable: bool = isinstance(data, Path) and is_regular_file(data)
        self.can_read_ahead: bool = self.is_rereadable
        self.header: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self._data, self._reading = data, reading
        self._encoding = find_encoding(reading.encoding)
        self.has_heading = False

    async def read(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[list[Row | Rejection], None]:
        """Yield every contact, checked; see `Source.read`."""
        async with aclosing(self.read_batches(rules, max_rows=max_rows)) as batches:
            async for batch in batches:
                yield batch.contacts()

    async def read_batches(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[Batch, None]:
        """Yield every contact, in columns; see `Source.read_batches`."""
        periodic = PeriodicYield(seconds=_SECONDS_BETWEEN_YIELDS)
        checks = _Checks(self, self._reading.mapping, rules, max_rows)
        async with aclosing(read_blocks(self._data, source=self.name)) as blocks:
            file_format, all_blocks = await find_format(
                blocks, self._reading.read_as, self._encoding
            )
            yielding = _YieldingBlocks(all_blocks, periodic)
            parts = file_format.read(yielding, self._encoding, self.name)
            async with aclosing(readable(parts, self.name, _REMEDY)) as pulled:
                async for part in pulled:
                    for batch in checks.batches(part):
                        if batch.lines:
                            yield batch
                        await periodic.after(len(batch))
                    await periodic.after(0)

    async def needs_custom_fields(self, rules: Rules) -> bool:
        """Whether the account's custom fields must be known before this is read.

        They need not where a heading names columns of the API and no others.
        """
        if not self.is_rereadable:
            return True
        try:
            async with aclosing(self.read_batches(rules, max_rows=1)) as batches:
                await anext(batches, None)
        except InputError:
            return True
        return not self.has_heading


class _Checks:
    """Checks the parts of a file in one pass over it."""

    def __init__(
        self, source: FileSource, mapping: Mapping[str, str], rules: Rules, max_rows: int
    ) -> None:
        self._source, self._mapping, self._rules = source, mapping, rules
        self._max_rows = max_rows
        self._checker: Checker | None = None
        self._items = ItemChecker(rules, mapping, source.name)

    def batches(self, part: Part) -> Iterator[Batch]:
        """Yield the contacts of *part*, checked or rejected."""
        if isinstance(part, Records):
            return self._of_records(part.lines, part.records)
        return self._of_items(part.lines, part.values)

    def _of_records(self, lines: Sequence[int], records: Sequence[list[str]]) -> Iterator[Batch]:
        if self._checker is None and records:
            self._checker = self._read_heading(records[0], lines[0])
            lines, records = lines[1:], records[1:]
        for start in range(0, len(records), self._max_rows):
            end = start + self._max_rows
            assert self._checker is not None  # noqa: S101 - there are records
            yield _check(self._checker, lines[start:end], records[start:end])

    def _read_heading(self, heading: Sequence[str], line: int) -> Checker:
        source = self._source
        header, headings = read_heading(
            heading, self._rules, self._mapping, source=source.name, line=line
        )
        checker = Checker(header, headings, self._rules)
        source.header, source.columns, source.has_heading = tuple(header), checker.columns, True
        return checker

    def _of_items(self, lines: Sequence[int], values: Sequence[object]) -> Iterator[Batch]:
        for start in range(0, len(values), self._max_rows):
            end = start + self._max_rows
            batch = self._items.check(lines[start:end], values[start:end])
            self._source.header = tuple(self._items.header)
            self._source.columns = self._items.columns
            yield batch


class _YieldingBlocks:
    """Blocks, with turns for other tasks in between: many blocks may hold no contact at all."""

    def __init__(self, blocks: AsyncIterator[Block], periodic: PeriodicYield) -> None:
        self._blocks, self._periodic = blocks, periodic

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        await self._periodic.after(0)
        return await anext(self._blocks)


def _check(checker: Checker, lines: Sequence[int], records: Sequence[list[str]]) -> Batch:
    """Check *records* without those that hold nothing but blanks: they are not counted."""
    batch = checker.check(lines, records)
    if all(holds_something(each.record) for each in batch.rejections.values()):
        return batch
    places = [place for place, record in enumerate(records) if holds_something(record)]
    if not places:
        return Batch((), (), {})
    return checker.check([lines[place] for place in places], [records[place] for place in places])
