"""Who is next: between the processes of a budget, and between the waiters of one process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from heapq import nlargest
from itertools import islice
from typing import Generic, Protocol, TypeAlias, TypeVar

from ._rules import Lane

Crowd: TypeAlias = list[tuple[int, str, int]]
"""How many wait, by lane and account."""

Ticket: TypeAlias = tuple[int, str, float, float, Crowd]
"""A process in the queue: lane, account, waiting since, comes back at; and its other waiters."""

Rank: TypeAlias = tuple[int, float, float, str]

_ACCOUNTS = 64
_CROWD = 20

V = TypeVar("V")


def rank(lane: int, account: str, since: float, process: str, served: Mapping[str, float]) -> Rank:
    """Return the sort key of a waiter: its lane, then accounts in turn, then who came first."""
    return (int(lane), served.get(account, 0.0), since, process)


def ahead(
    waiting: Mapping[str, Ticket], mine: Rank, served: Mapping[str, float], late: float
) -> tuple[int, float]:
    """Return how many processes go before *mine*, and in how many seconds one may be overdue.

    A process that meant to be back by *late* and is not has lost its place.
    """
    count, soonest = 0, float("inf")
    for process, (lane, account, since, back, _) in waiting.items():
        theirs = rank(lane, account, since, process, served)
        if process != mine[3] and back >= late and theirs < mine:
            count += 1
            soonest = min(soonest, back - late)
    return count, max(soonest, 0.01)


def without(entries: Mapping[str, V], name: str) -> dict[str, V]:
    """Return *entries* without the one called *name*, if there is one."""
    return {key: value for key, value in entries.items() if key != name}


def with_latest(served: Mapping[str, float], account: str, now: float) -> dict[str, float]:
    """Return *served* with *account* as the latest, and the oldest forgotten."""
    others = without(served, account)
    kept = dict(islice(others.items(), max(0, len(others) - _ACCOUNTS + 1), None))
    kept[account] = now
    return kept


class Waiter(Protocol):
    """What the queue asks of those in it; it notes itself when one is *gone*."""

    @property
    def lane(self) -> Lane: ...
    @property
    def account(self) -> str: ...

    gone: bool


W = TypeVar("W", bound=Waiter)


class Waiters(Generic[W]):
    """The waiters of one process: lanes in order, accounts in turn, and first come first served."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, dict[str, deque[W]]] = {lane: {} for lane in Lane}
        self._counts: dict[tuple[int, str], int] = {}
        self.count = 0

    def __iter__(self) -> Iterator[W]:
        for accounts in self._lanes.values():
            for queue in accounts.values():
                yield from (waiter for waiter in queue if not waiter.gone)

    def add(self, waiter: W, *, ahead: bool = False) -> None:
        """Put *waiter* behind all of its lane and account, or *ahead* of them."""
        queue = self._lanes[waiter.lane].setdefault(waiter.account, deque())
        if ahead:
            queue.appendleft(waiter)
        else:
            queue.append(waiter)
        self.count += 1
        place = (int(waiter.lane), waiter.account)
        self._counts[place] = self._counts.get(place, 0) + 1

    def crowd(self) -> Crowd:
        """Return how many wait, for the longest queues of all."""
        entries = ((lane, account, count) for (lane, account), count in self._counts.items())
        if len(self._counts) <= _CROWD:
            return list(entries)
        return nlargest(_CROWD, entries, key=lambda entry: entry[2])

    def first(self) -> W | None:
        """Return who is next, or None."""
        for accounts in self._lanes.values():
            while accounts:
                account, queue = next(iter(accounts.items()))
                while queue and queue[0].gone:
                    queue.popleft()
                if queue:
                    return queue[0]
                del accounts[account]
        return None

    def leave(self, waiter: W, *, served: bool) -> None:
        """Note that *waiter* is gone; where it was *served*, its account goes to the back."""
        waiter.gone = True
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
