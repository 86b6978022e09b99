"""The queue between the processes of a budget, as the record keeps it: one ticket for each.

A ticket stands for the first waiter of its process. Functions here are pure and change nothing
in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TypeAlias, TypedDict, TypeVar

QueueLengths: TypeAlias = list[tuple[int, str, int]]
"""Waiters of a process: lane, account, number of them."""

Rank: TypeAlias = tuple[int, float, float, str]
"""Sort key of a waiter; the smallest goes first."""

_ACCOUNTS = 64
"""Accounts remembered with the time of their latest permit, so that accounts take turns.

Bounds the record: 64 accounts are some 3 kB. An account beyond them counts as never served, and
so goes first once more.
"""

_SOONEST = 0.01
"""Seconds before the next look at a process that is about to lose its place.

Keeps waiters from asking the store in a tight loop; a hundredth of the second to be shared.
"""

V = TypeVar("V")


class Ticket(TypedDict):
    """A process in the queue, as JSON. Times are seconds since the epoch."""

    lane: int
    account: str
    since: float
    back_at: float
    queue_lengths: QueueLengths


def rank(lane: int, account: str, since: float, process: str, served: Mapping[str, float]) -> Rank:
    """Return the sort key: by lane, then accounts in turn, then first come first served."""
    return (int(lane), served.get(account, 0.0), since, process)


def count_ahead(
    tickets: Mapping[str, Ticket], mine: Rank, served: Mapping[str, float], late: float
) -> tuple[int, float]:
    """Count the processes ahead of *mine*.

    A process that promised to be back before *late*, and is not, has lost its place.

    Returns:
        How many are ahead, and the seconds until one of them may lose its place.
    """
    count, soonest = 0, float("inf")
    for process, ticket in tickets.items():
        theirs = rank(ticket["lane"], ticket["account"], ticket["since"], process, served)
        if process != mine[3] and ticket["back_at"] >= late and theirs < mine:
            count += 1
            soonest = min(soonest, ticket["back_at"] - late)
    return count, max(soonest, _SOONEST)


def without(entries: Mapping[str, V], name: str) -> dict[str, V]:
    """Return *entries* without the one called *name*, if there is one."""
    return {key: value for key, value in entries.items() if key != name}


def with_latest(served: Mapping[str, float], account: str, now: float) -> dict[str, float]:
    """Return *served* with *account* as the latest; the oldest are forgotten."""
    others = without(served, account)
    kept = dict(islice(others.items(), max(0, len(others) - _ACCOUNTS + 1), None))
    kept[account] = now
    return kept
