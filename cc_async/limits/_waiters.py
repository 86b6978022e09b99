"""The tasks of one process that wait for a permit, in their order."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Iterator
from heapq import nlargest

from cc_async.errors import DailyQuotaError

from ._permits import Lane
from ._tickets import QueueLengths

_LONGEST_QUEUES = 20
"""Queues of a process that its ticket lists, the longest ones.

They only serve `Budget.statistics`. Twenty lines are more than a person reads, and keep the
ticket below 1 kB.
"""


class Waiter:
    """One task in the queue. It drives itself once it is the first."""

    __slots__ = ("account", "arrived", "has_left", "lane", "parked")

    def __init__(self, lane: Lane, account: str) -> None:
        self.lane = lane
        self.account = account
        self.has_left = False
        self.arrived = asyncio.get_running_loop().time()
        self.parked: asyncio.Future[None] | None = None

    def park(self) -> asyncio.Future[None]:
        """Return a future that `wake` or `fail` ends."""
        self.parked = asyncio.get_running_loop().create_future()
        return self.parked

    def wake(self) -> None:
        """Let the task look again."""
        if self.parked is not None and not self.parked.done():
            self.parked.set_result(None)

    def fail(self, resets_at: dt.datetime) -> None:
        """Tell the task that the day is used up until *resets_at*."""
        if self.parked is not None and not self.parked.done():
            self.parked.set_exception(DailyQuotaError(resets_at))


class Waiters:
    """All waiters: lanes in order, accounts in turn, and first come first served."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, dict[str, deque[Waiter]]] = {lane: {} for lane in Lane}
        self._counts: dict[tuple[int, str], int] = {}
        self.count = 0

    def __iter__(self) -> Iterator[Waiter]:
        for accounts in self._lanes.values():
            for queue in accounts.values():
                yield from (waiter for waiter in queue if not waiter.has_left)

    def add(self, waiter: Waiter, *, ahead: bool = False) -> None:
        """Put *waiter* behind all of its lane and account, or *ahead* of them."""
        queue = self._lanes[waiter.lane].setdefault(waiter.account, deque())
        if ahead:
            queue.appendleft(waiter)
        else:
            queue.append(waiter)
        self.count += 1
        place = (int(waiter.lane), waiter.account)
        self._counts[place] = self._counts.get(place, 0) + 1

    def queue_lengths(self) -> QueueLengths:
        """Return the lengths of the longest queues."""
        entries = ((lane, account, count) for (lane, account), count in self._counts.items())
        if len(self._counts) <= _LONGEST_QUEUES:
            return list(entries)
        return nlargest(_LONGEST_QUEUES, entries, key=lambda entry: entry[2])

    def first(self) -> Waiter | None:
        """Return the next waiter, or None."""
        for accounts in self._lanes.values():
            while accounts:
                account, queue = next(iter(accounts.items()))
                while queue and queue[0].has_left:
                    queue.popleft()
                if queue:
                    return queue[0]
                del accounts[account]
        return None

    def leave(self, waiter: Waiter, *, served: bool) -> None:
        """Take *waiter* out; if it was *served*, its account goes behind the other accounts."""
        waiter.has_left = True
        self.count -= 1
        place = (int(waiter.lane), waiter.account)
        self._counts[place] -= 1
        if not self._counts[place]:
            del self._counts[place]
        accounts = self._lanes[waiter.lane]
        queue = accounts.get(waiter.account)
        if queue and queue[0] is waiter:
            queue.popleft()
        if served and len(accounts) > 1 and waiter.account in accounts:
            accounts[waiter.account] = accounts.pop(waiter.account)
