"""Budgets in virtual time, and stores that are slow, shared or out of reach."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from cc_async.errors import StoreError
from cc_async.limits import Budget, Lane, Permit, PermitResult
from cc_async.stores import Change, MemoryStore

T = TypeVar("T")

MIDNIGHT = 20_000 * 86_400.0
NOON = MIDNIGHT + 43_200.0


class Clock:
    """A clock of a store that moves with the loop, from a given start."""

    def __init__(self, start: float = NOON) -> None:
        self.shift = start - asyncio.get_running_loop().time()

    def __call__(self) -> float:
        return self.shift + asyncio.get_running_loop().time()


def loop_time() -> float:
    """Return the running loop's time."""
    return asyncio.get_running_loop().time()


def make_budget(store: object = None, **settings: object) -> Budget:
    """Return a budget on *store*, or on a store of its own that begins at noon."""
    return Budget(store or MemoryStore(Clock()), key="app", **settings)  # type: ignore[arg-type]


async def send_one(
    budget: Budget,
    lane: Lane = Lane.INTERACTIVE,
    account: str = "",
    *,
    takes: float = 0.1,
    result: PermitResult = "answered",
) -> Permit:
    """Take a permit, wait for as long as a request *takes*, and release it."""
    permit = await budget.acquire(lane, account)
    await asyncio.sleep(takes)
    await budget.release(permit, result)
    return permit


class SharedStore:
    """A store that another process might share, kept in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        await asyncio.sleep(0.001)
        return await self._store.update(key, change)


class FailingStore(MemoryStore):
    """A store that is out of reach while *down*, or fails after the change while *fails_after*."""

    down = False
    fails_after = False

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        await asyncio.sleep(0.001)
        if self.down:
            raise StoreError("out of reach")
        answer = await super().update(key, change)
        if self.fails_after:
            raise StoreError("cut off")
        return answer


class SlowStore(MemoryStore):
    """A store that takes a tenth of a second, and carries every change through."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        try:
            return await super().update(key, change)
        finally:
            await asyncio.sleep(0.1)
