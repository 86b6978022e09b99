"""Updates of a record that are merged while its store is busy."""

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
    """A store that counts its updates, takes a tenth of a second for each, and fails while *down*."""

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


async def test_concurrent_releases_are_merged() -> None:
    """While the store is busy with one release, the others wait and go in one update."""
    store = SlowStore()
    budget = Budget(store, key="app", per_second=40)
    permits = [await budget.acquire() for _ in range(20)]
    store.updates = 0
    await asyncio.gather(*(budget.release(permit, "answered") for permit in permits))
    assert store.updates <= 2
    assert (await budget.statistics()).in_flight == 0


async def test_a_refused_change_leaves_the_others_alone() -> None:
    """If one of several merged changes raises an error, the others count."""
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


async def test_a_cancelled_release_is_carried_out() -> None:
    """A release that is cancelled before the store has heard of it counts all the same."""
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


async def test_a_failing_store_fails_all_merged_changes() -> None:
    """Changes that were merged fail together, and may be made again."""
    store = SlowStore()
    budget = Budget(store, key="app")
    store.down = True
    asked = [asyncio.create_task(budget.statistics()) for _ in range(3)]
    await asyncio.wait(asked)
    assert all(isinstance(task.exception(), StoreError) for task in asked)
    store.down = False
    assert (await budget.statistics()).used == 0
