"""The first reading of a file or a list: it counts people before any is sent.

A source that cannot be read to its end is found here, and nothing of it is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import aclosing

import attrs

from cc_async.sign_ups._outcome_log import LineSet
from cc_async.sources import Row, Rules, Source


@attrs.define
class FirstPass:
    """The rows without an outcome from an earlier run.

    Attributes:
        people: How many are to be sent; `None` if the source cannot be read ahead.
        overtaken: Lines not to be sent, because a later row of the same address was signed up.
        suppressed: Lines of people in the caller's list.
    """

    people: int | None = None
    overtaken: set[int] = attrs.field(factory=set)
    suppressed: list[int] = attrs.field(factory=list)
    _waiting: dict[str, list[int]] = attrs.field(factory=dict)

    def add(self, row: Row, finished: LineSet, addresses: Collection[str]) -> None:
        """Count a row."""
        if row.line in finished:
            self.overtaken.update(self._waiting.pop(row.identity, ()))
            return
        if row.identity in addresses:
            self.suppressed.append(row.line)
            return
        self.people = (self.people or 0) + 1
        if row.line < finished.last:
            self._waiting.setdefault(row.identity, []).append(row.line)


async def make_first_pass(
    source: Source, rules: Rules, finished: LineSet, addresses: Collection[str]
) -> FirstPass:
    """Read *source* and count its people; one that cannot be read ahead is left alone.

    Args:
        source: The people.
        rules: The checks for their rows.
        finished: Lines with an outcome from an earlier run.
        addresses: The caller's list of people to suppress.

    Raises:
        InputError: The source cannot be read.
    """
    found = FirstPass()
    if not source.can_read_ahead:
        return found
    found.people = 0
    async with aclosing(source.read(rules)) as batches:
        async for batch in batches:
            for item in batch:
                if isinstance(item, Row):
                    found.add(item, finished, addresses)
    return found
