"""The rows of a bulk sign-up, a window at a time, with tries for their addresses taken before.

Where a source is at hand, tries are taken for a window of rows at once: one durable write for
all of them, and no more of them than a second's worth, since a process that dies has spent the
tries of its window.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from cc_async.sign_ups._outcome_log import Ledger
from cc_async.sources import Rejection, Row, Rules, Source

_AHEAD = 500
"""Rows that are read at a time from a source that is at hand."""

_LARGEST = 256
_SHORT, _LONG = 0.5, 2.0


def fit_window(size: int, seconds: float, *, smallest: int) -> int:
    """Return how many rows the next window holds, after one of *size* that took *seconds*."""
    if seconds < _SHORT:
        return min(_LARGEST, 2 * size)
    return max(smallest, size // 2) if seconds > _LONG else size


class SignUpRows:
    """Rows that have no outcome yet, in order, and those that were rejected; in windows.

    Args:
        source: Where they come from.
        rules: What they are checked against.
        ledger: Who has an outcome already, and whose tries were taken.
        smallest: How many rows a window holds at least.
    """

    def __init__(self, source: Source, rules: Rules, ledger: Ledger, *, smallest: int) -> None:
        self.is_exhausted = False
        self.granted: dict[int, str] = {}
        """Lines for which a try is taken, with whose it is."""
        self.is_at_hand = source.is_at_hand
        self._batches = source.read(rules, max_rows=_AHEAD if source.is_at_hand else 1)
        self._ledger = ledger
        self._smallest = self._size = smallest
        self._opened_at = 0.0
        self._read = deque[Row | Rejection]()

    def __aiter__(self) -> AsyncIterator[list[Row | Rejection]]:
        return self

    async def __anext__(self) -> list[Row | Rejection]:
        while not self._read:
            await self._read_on()
        if not self.is_at_hand:
            return [self._read.popleft()]
        now = asyncio.get_running_loop().time()
        self._size = fit_window(self._size, now - self._opened_at, smallest=self._smallest)
        self._opened_at = now
        window = [self._read.popleft() for _ in range(min(self._size, len(self._read)))]
        await self._take_tries(window)
        return window

    async def aclose(self) -> None:
        """Read no further, and give back the tries that were taken and not made."""
        for identity in self.granted.values():
            self._ledger.tries.give_back(identity)
        self.granted.clear()
        await self._batches.aclose()

    async def _read_on(self) -> None:
        try:
            items = await anext(self._batches)
        except StopAsyncIteration:
            self.is_exhausted = True
            raise
        settled = self._ledger.settled
        self._read.extend(item for item in items if item.line not in settled)

    async def _take_tries(self, window: Sequence[Row | Rejection]) -> None:
        """Take a try for each address in *window*; for one that comes twice, the first time."""
        lines = {row.identity: row.line for row in reversed(window) if isinstance(row, Row)}
        identities = list(lines)
        for identity, is_granted in zip(
            identities, await self._ledger.tries.take(identities), strict=True
        ):
            if is_granted:
                self.granted[lines[identity]] = identity
