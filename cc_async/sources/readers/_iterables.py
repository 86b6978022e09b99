"""An iterable or async iterable of a program as a source."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Mapping
from contextlib import aclosing
from itertools import islice

from cc_async.sources._source import Batch, Rejection, Row, Rules
from cc_async.sources._yield_to_loop import PeriodicYield
from cc_async.sources.readers._file_format import Items
from cc_async.sources.readers._items import ItemChecker, readable
from cc_async.sources.readers._values import A_MAPPING

_REMEDY = f"Give each row as a mapping, such as dict(row) or dict(zip(names, row)): {A_MAPPING}."


class IterableSource:
    """Contacts from a program. See `Source`.

    It is read once: an iterable need not yield the same items again.
    """

    is_rereadable = False

    def __init__(
        self,
        name: str,
        items: Iterable[object] | AsyncIterable[object],
        mapping: Mapping[str, str],
    ) -> None:
        self.name = name
        self.can_read_ahead: bool = isinstance(items, list | tuple)
        self.header: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self._items, self._mapping = items, mapping

    async def needs_custom_fields(self, rules: Rules) -> bool:
        """Return true: the keys of later items are unknown."""
        return True

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
        checker, pace = ItemChecker(rules, self._mapping, self.name), PeriodicYield()
        parts = readable(_parts(self._items, max_rows), self.name, _REMEDY)
        async with aclosing(parts) as pulled:
            async for part in pulled:
                batch = checker.check(part.lines, part.values)
                self.header, self.columns = tuple(checker.header), checker.columns
                yield batch
                await pace.after(len(batch))


async def _parts(
    items: Iterable[object] | AsyncIterable[object], size: int
) -> AsyncGenerator[Items, None]:
    number = 1
    async with aclosing(_batches(items, size)) as batches:
        async for batch in batches:
            yield Items(range(number, number + len(batch)), batch)
            number += len(batch)


async def _batches(
    items: Iterable[object] | AsyncIterable[object], size: int
) -> AsyncGenerator[list[object], None]:
    if isinstance(items, AsyncIterable):
        batch: list[object] = []
        async for item in items:
            batch.append(item)
            if len(batch) >= size:
                yield batch
                batch = []
        if batch:
            yield batch
        return
    iterator: Iterator[object] = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
