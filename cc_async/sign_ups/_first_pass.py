"""The first reading of a file or a list: it counts people before any is sent.

A source that cannot be read to its end is found here, and nothing of it is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import aclosing

import attrs

from cc_async.lookups import IN_YOUR_LIST
from cc_async.sign_ups._outcome_log import WrittenOutcome
from cc_async.sign_ups._places import PlaceSet, read_in_places
from cc_async.sources import Row, Rules, Source


@attrs.define
class FirstPass:
    """The rows without an outcome from an earlier run.

    Attributes:
        people: How many are to be sent; `None` if the source cannot be read ahead.
        overtaken: Places not to be sent, because a later row of the same address was signed up.
        suppressed: People in the caller's list.
    """

    people: int | None = None
    overtaken: set[int] = attrs.field(factory=set)
    suppressed: list[WrittenOutcome] = attrs.field(factory=list)
    _waiting: dict[str, list[int]] = attrs.field(factory=dict)

    def add(self, row: Row, place: int, finished: PlaceSet, addresses: Collection[str]) -> None:
        """Count the row at *place*."""
        if place in finished:
            self.overtaken.update(self._waiting.pop(row.identity, ()))
            return
        if row.identity in addresses:
            written = WrittenOutcome(place, row.line, "suppressed", reason=IN_YOUR_LIST)
            self.suppressed.append(written)
            return
        self.people = (self.people or 0) + 1
        if place < finished.last:
            self._waiting.setdefault(row.identity, []).append(place)


async def make_first_pass(
    source: Source, rules: Rules, finished: PlaceSet, addresses: Collection[str]
) -> FirstPass:
    """Read *source* and count its people; one that cannot be read ahead is left alone.

    Args:
        source: The people.
        rules: The checks for their rows.
        finished: Places with an outcome from an earlier run.
        addresses: The caller's list of people to suppress.

    Raises:
        InputError: The source cannot be read.
    """
    found = FirstPass()
    if not source.can_read_ahead:
        return found
    found.people = 0
    async with aclosing(read_in_places(source, rules)) as batches:
        async for batch in batches:
            for contact in batch:
                if isinstance(contact.item, Row):
                    found.add(contact.item, contact.place, finished, addresses)
    return found
