"""Stores that cancel their caller, or fail, at a chosen write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cc_async.errors import StoreError
from cc_async.stores import MemoryStore

__all__ = ["Cancelling", "Failing"]


class Cancelling(MemoryStore):
    """A store that cancels the task after its write with the number *at*.

    If *is_late*, the write ends well, and the task is cancelled where it waits next.
    """

    def __init__(self, at: int, *, is_late: bool = False) -> None:
        super().__init__()
        self.is_late = is_late
        self.at, self.writes = at, 0
        self.logs: set[str] = set()

    async def update(self, key: str, change: Callable[..., Any], *, durable: bool = True) -> Any:
        result = await super().update(key, change, durable=durable)
        await self._count()
        return result

    async def append(self, log: str, entries: Any) -> int:
        length = await super().append(log, entries)
        self.logs.add(log)
        await self._count()
        return length

    async def _count(self) -> None:
        self.writes += 1
        if self.writes == self.at:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            if not self.is_late:
                await asyncio.sleep(0)


class Failing(MemoryStore):
    """A store in which the write with the number *at*, and all after it, fail; with 0, none does."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at, self.writes = at, 0

    async def update(self, key: str, change: Callable[..., Any], *, durable: bool = True) -> Any:
        self._count()
        return await super().update(key, change, durable=durable)

    async def append(self, log: str, entries: Any) -> int:
        self._count()
        return await super().append(log, entries)

    async def drop(self, log: str) -> None:
        self._count()
        await super().drop(log)

    def _count(self) -> None:
        self.writes += 1
        if 0 < self.at <= self.writes:
            raise StoreError("the disk is full", "Make room.")
