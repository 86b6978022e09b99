"""A budget through a bad day: slow and failing stores, cancelled tasks, a killed process."""

from __future__ import annotations

import asyncio
import contextlib
import random
from itertools import pairwise
from typing import TypeVar

import pytest

from benchmarks.pacing import Service, Windows
from cc_async.errors import StoreError
from cc_async.limits import Budget, Lane, PermitResult
from cc_async.stores import Change, MemoryStore, defer_cancellation

T = TypeVar("T")

LONG = 60.0
LANES = [Lane.BULK, Lane.BULK, Lane.BULK, Lane.POLLING, Lane.INTERACTIVE]


class FlakyStore:
    """A shared store that is slow, and now and then fails before or after the change."""

    def __init__(self, store: MemoryStore, chance: random.Random) -> None:
        self.store = store
        self.chance = chance
        self.is_dead = False

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        return await defer_cancellation(
            asyncio.get_running_loop().create_task(self._update(key, change))
        )

    async def _update(self, key: str, change: Change[T]) -> T:
        await asyncio.sleep(self.chance.uniform(0.0005, 0.01))
        if self.is_dead or self.chance.random() < 0.01:
            raise StoreError("before")
        answer = await self.store.update(key, change)
        await asyncio.sleep(self.chance.uniform(0.0, 0.005))
        if self.chance.random() < 0.01:
            raise StoreError("after")
        return answer


@pytest.mark.slow
@pytest.mark.looptime
@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize("seed", range(3))
async def test_a_bad_day_is_survived(seed: int, kind: Windows) -> None:
    """No request is refused, no task hangs, no permit stays open, and most of the limit is used."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    service = Service(kind, 4, chance.random())
    memory = MemoryStore()
    stores = [FlakyStore(memory, chance) for _ in range(3)]
    budgets = [Budget(store, key="app") for store in stores]  # type: ignore[arg-type]
    arrivals: list[float] = []

    async def work(budget: Budget) -> None:
        while loop.time() < LONG:
            try:
                permit = await budget.acquire(chance.choice(LANES), chance.choice("ab"))
            except StoreError:
                await asyncio.sleep(0.05)
                continue
            result: PermitResult = "lost"
            try:
                await asyncio.sleep(chance.uniform(0.025, 0.15))
                arrivals.append(loop.time())
                taken = service.take(loop.time())
                await asyncio.sleep(chance.uniform(0.025, 0.15))
                result = "answered" if taken else "throttled"
            finally:
                await budget.release(permit, result)

    async def restless(budget: Budget) -> None:
        while loop.time() < LONG:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(work(budget), chance.uniform(0.1, 8.0))

    tasks = [asyncio.create_task(work(each)) for each in budgets for _ in range(5)]
    tasks += [asyncio.create_task(restless(each)) for each in budgets]
    await asyncio.sleep(LONG / 3)
    stores[0].is_dead = True
    _, hung = await asyncio.wait(tasks, timeout=LONG)
    assert not hung
    assert [task.exception() for task in tasks] == [None] * len(tasks)
    assert service.refused == 0
    assert len(arrivals) / LONG / 4 > 0.8
    assert max(later - earlier for earlier, later in pairwise(arrivals)) < 4.0
    await asyncio.sleep(5.0)
    last = Budget(memory, key="app")
    await last.release(await last.acquire(), "answered")
    statistics = await last.statistics()
    assert (statistics.in_flight, statistics.waiting) == (0, ())
