"""The checks for stores find what a broken store does wrong."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import pytest

from cc_async.stores import Change, MemoryStore, Record
from cc_async.testing.checks import CheckStore

T = TypeVar("T")


class ForgetfulStore(MemoryStore):
    """Lets another update in between reading a record and writing it."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        def read(record: Record | None, now: float) -> tuple[Record | None, Any]:
            return record, (record, now)

        record, now = await super().update(key, read)
        await asyncio.sleep(0)
        after, result = change(record, now)
        await super().update(key, lambda _record, _now: (after, None))
        return result


async def test_lost_updates_are_found() -> None:
    """A store that loses one of two updates at the same time fails the check."""
    store = ForgetfulStore()
    with pytest.raises(AssertionError):
        await CheckStore().test_updates_are_atomic(lambda: store)


async def test_a_sound_store_passes() -> None:
    """The store in memory passes the same check."""
    store = MemoryStore()
    await CheckStore().test_updates_are_atomic(lambda: store)
