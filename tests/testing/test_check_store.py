"""The checks for stores find what a broken store does wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
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


class EmptyIsNothingStore(MemoryStore):
    """Deletes a record that is empty."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        def no_empty(record: Record | None, now: float) -> tuple[Record | None, T]:
            after, result = change(record, now)
            return after or None, result

        return await super().update(key, no_empty)


class MillisecondStore(MemoryStore):
    """Counts time in milliseconds."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: time.time() * 1000)


class OneLogStore(MemoryStore):
    """Keeps all logs in one."""

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        return await super().append("log", entries)


class AbandoningStore(MemoryStore):
    """Drops an update with its cancelled caller."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        await asyncio.sleep(0.01)
        return await super().update(key, change)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (ForgetfulStore, "test_updates_are_atomic"),
        (EmptyIsNothingStore, "test_an_empty_record_is_a_record"),
        (MillisecondStore, "test_the_clock_is_utc_and_goes_on"),
        (OneLogStore, "test_logs_grow_and_are_read_from_any_position"),
        (AbandoningStore, "test_cancelled_updates_run_to_their_end"),
    ],
)
async def test_a_broken_store_fails_its_check(kind: type[MemoryStore], check: str) -> None:
    """The name of the failing check says what the store does wrong; a sound store passes it."""
    store, sound = kind(), MemoryStore()
    with pytest.raises(AssertionError):
        await getattr(CheckStore(), check)(lambda: store)
    await getattr(CheckStore(), check)(lambda: sound)
