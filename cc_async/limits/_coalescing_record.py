"""One record of a store, with concurrent updates merged.

A store shared by processes takes a millisecond or more for an update, and the processes wait for
each other there. Updates that arrive while one is under way go together in the next. So the
busier the store is, the more goes into one update.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, TypeVar

from cc_async.errors import ConstantContactError
from cc_async.stores import Change, MemoryStore, Record, Store, defer_cancellation

T = TypeVar("T")


class _Call(NamedTuple):
    change: Change[Any]
    answer: asyncio.Future[Any]


class _Outcome(NamedTuple):
    answer: Any
    failure: Exception | None


class CoalescingRecord:
    """The record *key* of *store*."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._calls: list[_Call] = []
        self._worker: asyncio.Task[None] | None = None

    async def update(self, change: Change[T]) -> T:
        """Update the record as `Store.update` does, with its errors and cancellation.

        The update is not durable: a power cut may lose the last moments.
        """
        if type(self._store) is MemoryStore:  # it never waits
            return await self._store.update(self._key, change)
        loop = asyncio.get_running_loop()
        if self._worker is None or self._worker.get_loop() is not loop or self._worker.done():
            self._calls = []
            self._worker = loop.create_task(self._work())
        call = _Call(change, loop.create_future())
        self._calls.append(call)
        return await defer_cancellation(call.answer)

    async def _work(self) -> None:
        """Update until no call is left; a caller waits for each answer."""
        calls: list[_Call] = []
        try:
            while self._calls:
                calls, self._calls = self._calls, []
                await self._answer(calls)
        finally:
            self._worker = None
            for call in calls + self._calls:
                call.answer.cancel()

    async def _answer(self, calls: list[_Call]) -> None:
        def change(record: Record | None, now: float) -> tuple[Record | None, list[_Outcome]]:
            outcomes = []
            for call in calls:
                try:
                    record, answer = call.change(record, now)
                except ConstantContactError as error:
                    outcomes.append(_Outcome(None, error))
                else:
                    outcomes.append(_Outcome(answer, None))
            return record, outcomes

        try:
            outcomes = await self._store.update(self._key, change, durable=False)
        except Exception as error:  # noqa: BLE001 - each caller raises it
            outcomes = [_Outcome(None, error)] * len(calls)
        for call, (answer, failure) in zip(calls, outcomes, strict=True):
            if failure is None:
                call.answer.set_result(answer)
            else:
                call.answer.set_exception(failure)
