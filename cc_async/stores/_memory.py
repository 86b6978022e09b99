"""A store in memory, for one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ._store import Change, Record

T = TypeVar("T")

_MAX_LAG = 60.0
"""Seconds that the loop's clock may stay behind the wall clock.

Steps of a time server are smaller; a machine that slept was away for longer.
"""

_CHECK_EVERY = 0.1
"""Seconds between two comparisons with the wall clock; a budget asks thousands of times a second."""


def loop_clock() -> Callable[[], float]:
    """Return a clock of seconds since the epoch that moves with the running event loop.

    Its first call reads the wall clock; from then on the loop's own time moves it. Steps of the
    wall clock do not disturb it, and a test in virtual time moves it too. It follows the wall
    clock again when that is more than a minute ahead: the machine slept, or a test set it.
    """
    loop_time: Callable[[], float] | None = None
    anchor = check_at = 0.0

    def clock() -> float:
        nonlocal anchor, check_at, loop_time
        if loop_time is None:
            loop_time = asyncio.get_running_loop().time
            anchor = time.time() - loop_time()
        now = anchor + loop_time()
        if now > check_at:
            ahead = time.time() - now
            if ahead > _MAX_LAG:
                anchor += ahead
                now += ahead
            check_at = now + _CHECK_EVERY
        return now

    return clock


class MemoryStore:
    """A store for one process. All is gone when the process ends.

    For tests, sandboxes and programs that run alone: it writes nothing anywhere, and an update
    costs well below a microsecond on top of its change.

    Args:
        clock: Seconds since the epoch. By default `loop_clock`.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock if clock is not None else loop_clock()
        self._records: dict[str, Record] = {}
        self._logs: dict[str, list[bytes]] = {}

    def __repr__(self) -> str:
        return "MemoryStore()"

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        """See `Store.update`. Never suspends, so it cannot be cancelled half-way."""
        before = self._records.get(key)
        after, answer = change(before, self._clock())
        if after is not None:
            self._records[key] = after
        elif before is not None:
            del self._records[key]
        return answer

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        """See `Store.append`."""
        kept = self._logs.setdefault(log, [])
        kept.extend(entries)
        return len(kept)

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        """See `Store.read`."""
        return self._logs.get(log, [])[start:]

    async def drop(self, log: str) -> None:
        """See `Store.drop`."""
        self._logs.pop(log, None)

    async def aclose(self) -> None:
        """Do nothing: records and logs stay as long as the object."""
