"""An iterable or async iterable of a program as a source."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Mapping
from contextlib import aclosing
from itertools import islice

from cc_async.errors import InputError
from cc_async.sources._source import Batch, Rejection, Row, Rules
from cc_async.sources._yield_to_loop import PeriodicYield
from cc_async.sources.readers._items import ItemChecker
from cc_async.sources.readers._values import A_MAPPING, can_be_read, kind_of

_MAX_UNREADABLE = 500
"""Items of an unreadable kind after which no other kind is waited for: one batch of most readings."""


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
        checker, pace, number = ItemChecker(rules, self._mapping, self.name), PeriodicYield(), 1
        batches = _readable(_batches(self._items, max_rows), self.name)
        async with aclosing(batches) as pulled:
            async for items in pulled:
                batch = checker.check(range(number, number + len(items)), items)
                number += len(items)
                self.header, self.columns = tuple(checker.header), checker.columns
                yield batch
                await pace.after(len(batch))


async def _readable(
    batches: AsyncGenerator[list[object], None], source: str
) -> AsyncGenerator[list[object], None]:
    """Yield *batches*; those before the first readable item are held back.

    Raises:
        InputError: All items, or the first 500, are of kinds that describe no contact.
    """
    held: list[list[object]] = []
    is_readable = False
    async with aclosing(batches):
        async for batch in batches:
            if is_readable:
                yield batch
                continue
            held.append(batch)
            is_readable = any(map(can_be_read, batch))
            if is_readable:
                for each in held:
                    yield each
            elif sum(map(len, held)) >= _MAX_UNREADABLE:
                break
    if held and not is_readable:
        raise InputError(
            f"none of the rows can be read; the first is {kind_of(held[0][0])}",
            f"Give each row as a mapping, such as dict(row) or dict(zip(names, row)): {A_MAPPING}.",
            source,
            1,
        )


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
