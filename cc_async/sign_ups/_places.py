"""Places of contacts in their source: the key of an outcome, because contacts may share a line."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import attrs

from cc_async.sources import Rejection, Row, Rules, Source


@attrs.frozen
class PlacedContact:
    """A contact of a source, and its place among all contacts there, counted from 1.

    An array in one line of JSON has all of its contacts in line 1. Every reading of the same
    content gives a contact the same place.
    """

    place: int
    item: Row | Rejection


async def read_in_places(
    source: Source, rules: Rules, *, max_rows: int = 500
) -> AsyncGenerator[list[PlacedContact], None]:
    """Yield the contacts of *source* with their places; otherwise as `Source.read`."""
    place = 0
    async with aclosing(source.read(rules, max_rows=max_rows)) as batches:
        async for batch in batches:
            yield [PlacedContact(number, item) for number, item in enumerate(batch, place + 1)]
            place += len(batch)


class PlaceSet:
    """A set of places, a byte each: a set of integers takes thirty times as much."""

    def __init__(self) -> None:
        self._marks = bytearray()

    def __contains__(self, place: int) -> bool:
        return place < len(self._marks) and bool(self._marks[place])

    @property
    def last(self) -> int:
        """The highest place, 0 for an empty set."""
        return max(0, len(self._marks) - 1)

    def add(self, place: int) -> None:
        """Add a place."""
        if place >= len(self._marks):
            self._marks.extend(bytes(place + 1 - len(self._marks)))
        self._marks[place] = 1
