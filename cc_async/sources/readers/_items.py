"""Contacts from JSON and from programs: their columns become known as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from cc_async.errors import InputError
from cc_async.models import CUSTOM_FIELD
from cc_async.sources._source import Batch, Rejection, Rules
from cc_async.sources.columns import (
    CellError,
    Checker,
    Heading,
    read_headings,
    refuse_doubles,
)
from cc_async.sources.readers._file_format import Items, Part, Records
from cc_async.sources.readers._values import (
    ItemError,
    Mappings,
    can_be_read,
    is_blank,
    kind_of,
    shown,
    text_of,
)

_MAX_UNREADABLE = 500
"""Items of an unreadable kind after which no other kind is waited for: one batch of most readings."""

_AnyPart = TypeVar("_AnyPart", bound=Part)


async def readable(
    parts: AsyncGenerator[_AnyPart, None], source: str, remedy: str
) -> AsyncGenerator[_AnyPart, None]:
    """Yield *parts*; those before the first readable item are held back.

    Raises:
        InputError: All items, or the first 500, are of kinds that describe no contact.
    """
    held: list[_AnyPart] = []
    is_readable = False
    async with aclosing(parts):
        async for part in parts:
            if is_readable or not part.lines:
                yield part
                continue
            held.append(part)
            is_readable = isinstance(part, Records) or any(map(can_be_read, part.values))
            if is_readable:
                for each in held:
                    yield each
                held.clear()
            elif sum(len(each.lines) for each in held) >= _MAX_UNREADABLE:
                break
    for each in held:
        if isinstance(each, Items):
            raise InputError(
                f"none of the rows can be read; the first is {kind_of(each.values[0])}",
                remedy,
                source,
                each.lines[0],
            )


class ItemChecker:
    """Checks items under the keys seen so far.

    *header* holds those keys in order of first appearance. A key is refused like a heading,
    with the number of its item in place of a line.
    """

    def __init__(self, rules: Rules, mapping: Mapping[str, str], source: str) -> None:
        self.header: list[str] = []
        self._rules, self._mapping, self._source = rules, mapping, source
        self._mappings = Mappings(rules)
        self._known: set[str] = set()
        self._headings: tuple[Heading, ...] = ()
        self._column_of: dict[str, str] = {}
        self._cells_of: Callable[[Any], Any] | None = None
        self._checker = Checker((), (), rules)
        self._booleans = {
            CUSTOM_FIELD + field.name for field in rules.custom_fields if field.type == "boolean"
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The API's names of the columns so far."""
        return self._checker.columns

    def check(self, numbers: Sequence[int], items: Sequence[object]) -> Batch:
        """Return *items* as contacts; each has its number in *numbers*."""
        if (alike := self._records_at_once(items)) is not None:
            return self._checker.check(numbers, alike)
        read = [self._read(number, item) for number, item in zip(numbers, items, strict=True)]
        blank = [""] * len(self.header)
        records: list[Sequence[str]] = []
        refused: dict[int, Rejection] = {}
        for place, mapping in enumerate(read):
            if isinstance(mapping, Rejection):
                refused[place] = mapping
                records.append(blank)
                continue
            try:
                records.append(self._record(mapping))
            except ItemError as error:
                refused[place] = self._rejection(numbers[place], mapping, error)
                records.append(blank)
        return self._checker.check(numbers, records, refused)

    def _records_at_once(self, items: Sequence[object]) -> list[Sequence[str]] | None:
        """Return the records of *items* where all hold text under the very keys seen so far."""
        if self._cells_of is None or set(map(type, items)) != {dict}:
            return None
        if set(map(len, items)) != {len(self.header)}:  # type: ignore[arg-type] # just proved
            return None
        try:
            records = list(map(self._cells_of, items))
        except KeyError:
            return None
        return records if set(map(type, chain.from_iterable(records))) == {str} else None

    def _read(self, number: int, item: object) -> Mapping[str, object] | Rejection:
        try:
            mapping = self._mappings.of(item)
        except ItemError as error:
            found = item if isinstance(item, Mapping) else {}
            return self._rejection(number, found, error)
        if not self._known.issuperset(mapping):
            self._learn(mapping, number)
        return mapping

    def _learn(self, mapping: Mapping[str, object], number: int) -> None:
        known = len(self.header)
        self.header += [key for key in mapping if key not in self._known]
        self._known.update(mapping)
        self._headings += read_headings(
            self.header,
            self._rules,
            self._mapping,
            source=self._source,
            line=number,
            first=known,
        )
        refuse_doubles(self._headings, source=self._source, line=number)
        self._column_of = {heading.text: heading.column for heading in self._headings}
        self._cells_of = itemgetter(*self.header) if len(self.header) > 1 else None
        self._checker = Checker(self.header, self._headings, self._rules)

    def _record(self, mapping: Mapping[str, object]) -> list[str]:
        cells = list(map(mapping.get, self.header))
        if set(map(type, cells)) == {str}:
            return cells  # type: ignore[return-value] # just proved
        return list(self._texts(cells))

    def _texts(self, cells: Iterable[object]) -> Iterator[str]:
        for key, cell in zip(self.header, cells, strict=True):
            if cell is None or key not in self._column_of:
                yield ""
                continue
            try:
                yield text_of(cell, self._column_of[key], self._booleans)
            except CellError as error:
                raise ItemError(key, str(error)) from None

    def _rejection(self, number: int, mapping: Mapping[Any, object], error: ItemError) -> Rejection:
        cells = [mapping.get(key) for key in self.header]
        record = tuple("" if is_blank(cell) else shown(cell) for cell in cells)
        return Rejection(number, error.column, error.reason, record)
