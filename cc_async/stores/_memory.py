"""A store that lives and dies with its process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ._store import Change, Record

T = TypeVar("T")

_OUT_OF_STEP = 60.0
_CHECK_EVERY = 0.1


def loop_clock() -> Callable[[], float]:
    """Return a clock of seconds since the epoch that moves with the running event loop.

    It is anchored to the wall clock at its first call, and moved by the loop's own time from
    then on: steps of the wall clock do not disturb it, and a test that moves the loop's time
    moves this clock. Only when the wall clock is more than a minute ahead (the machine slept,
    or a test set it) is the anchor set anew.
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
            if ahead > _OUT_OF_STEP:
                anchor += ahead
                now += ahead
            check_at = now + _CHECK_EVERY
        return now

    return clock


class MemoryStore:
    """A store for one process that forgets everything when the process ends.

    For tests, sandboxes and programs that run alone: nothing is written anywhere, and an update
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
        return self.apply(key, change)

    def apply(self, key: str, change: Change[T]) -> T:
        """Do what `update` does, without being awaited."""
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
        """Do nothing: what is kept stays until the object goes."""
