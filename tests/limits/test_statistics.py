"""The statistics of a budget."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from cc_async.limits import Lane, Waiting
from cc_async.stores import MemoryStore
from tests.support.budgets import Clock, make_budget, send_one

pytestmark = pytest.mark.looptime


async def test_statistics_count_requests_and_waiters() -> None:
    """Statistics count the requests used, left and in flight, and waiters by lane and account."""
    store = MemoryStore(Clock())
    mine, theirs = make_budget(store, per_second=1), make_budget(store, per_second=1)
    permit = await mine.acquire()
    tasks = [
        asyncio.create_task(mine.acquire(Lane.BULK, "a")),
        asyncio.create_task(mine.acquire(Lane.BULK, "a")),
        asyncio.create_task(theirs.acquire(Lane.POLLING, "b")),
        asyncio.create_task(theirs.acquire(Lane.BULK, "c")),
    ]
    await asyncio.sleep(1.5)
    statistics = await mine.statistics()
    assert statistics.waiting == (
        Waiting(Lane.POLLING, "b", 1),
        Waiting(Lane.BULK, "a", 2),
        Waiting(Lane.BULK, "c", 1),
    )
    assert (statistics.used, statistics.left, statistics.in_flight) == (1, 9999, 1)
    assert statistics.resets_at == dt.datetime(2024, 10, 5, tzinfo=dt.UTC)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await mine.release(permit, "answered")


async def test_statistics_of_an_unused_budget() -> None:
    """A budget without a record has its whole day left, and no waiters."""
    statistics = await make_budget(per_day=100).statistics()
    assert (statistics.used, statistics.left, statistics.per_day) == (0, 100, 100)
    assert (statistics.waiting, statistics.in_flight, statistics.paused_for) == ((), 0, 0.0)


async def test_statistics_show_a_pause() -> None:
    """After a refusal for speed, statistics show the rest of the pause."""
    limited = make_budget()
    await send_one(limited, result="throttled")
    await asyncio.sleep(0.25)
    assert (await limited.statistics()).paused_for == pytest.approx(0.75, abs=0.01)
