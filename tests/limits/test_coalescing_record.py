"""Updates that go to the store together."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import pytest

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.limits import Budget
from cc_async.stores import Change, MemoryStore

pytestmark = pytest.mark.looptime

T = TypeVar("T")


class SlowStore(MemoryStore):
    """A store that counts its updates, takes its time for each, and fails when it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.updates = 0
        self.down = False

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        self.updates += 1
        await asyncio.sleep(0.1)
        if self.down:
            raise StoreError("out of reach")
        return await super().update(key, change)


async def test_replies_that_come_together_are_told_together() -> None:
    """While the store is busy with one reply, the others wait and are told of in one update."""
    store = SlowStore()
    budget = Budget(store, key="app", per_second=40)
    permits = [await budget.acquire() for _ in range(20)]
    store.updates = 0
    await asyncio.gather(*(budget.release(permit, "answered") for permit in permits))
    assert store.updates <= 2
    assert (await budget.statistics()).in_flight == 0


async def test_one_that_is_refused_leaves_the_others_alone() -> None:
    """Where one of several updates fails for a reason of its own, the others count."""
    store = SlowStore()
    budget = Budget(store, key="app", per_day=3)
    permits = [await budget.acquire() for _ in range(3)]
    first = asyncio.create_task(budget.release(permits[0], "answered"))
    await asyncio.sleep(0.01)
    asked = asyncio.create_task(budget.acquire())
    others = [asyncio.create_task(budget.release(permit, "answered")) for permit in permits[1:]]
    await asyncio.wait([first, asked, *others])
    assert isinstance(asked.exception(), DailyQuotaError)
    assert [task.exception() for task in (first, *others)] == [None, None, None]
    assert (await budget.statistics()).in_flight == 0


async def test_cancelled_while_others_are_told_of() -> None:
    """A permit is given back even by who is cancelled before the store has heard of it."""
    store = SlowStore()
    budget = Budget(store, key="app")
    permits = [await budget.acquire() for _ in range(2)]
    first = asyncio.create_task(budget.release(permits[0], "answered"))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(budget.release(permits[1], "answered"))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait([first, second])
    assert second.cancelled()
    assert (await budget.statistics()).in_flight == 0


async def test_a_store_that_fails_fails_everyone_who_asked() -> None:
    """What went together fails together, and everybody may ask again."""
    store = SlowStore()
    budget = Budget(store, key="app")
    store.down = True
    asked = [asyncio.create_task(budget.statistics()) for _ in range(3)]
    await asyncio.wait(asked)
    assert all(isinstance(task.exception(), StoreError) for task in asked)
    store.down = False
    assert (await budget.statistics()).used == 0
