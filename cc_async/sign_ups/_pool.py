"""A bounded pool of workers over one source, with results as they are ready.

An item is taken from the source only when a worker is free for it. At most twice as many items as
workers are in flight or finished and not yet read: when the reader stops reading, so does the
pool. Items with the same key are worked on one at a time, in the order of the source.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio
import attrs

from cc_async.errors import ConstantContactError
from cc_async.jobs import single_error

In = TypeVar("In")
Out = TypeVar("Out")


@attrs.define
class StopFlag:
    """Stop flag of a pool, set by a request or by the first fatal error."""

    is_requested: bool = False
    error: ConstantContactError | None = None

    @property
    def is_set(self) -> bool:
        """Whether no more work may start."""
        return self.is_requested or self.error is not None


@asynccontextmanager
async def open_pool(
    batches: AsyncIterator[Iterable[In]],
    work: Callable[[In], Awaitable[Out]],
    *,
    concurrency: int,
    key: Callable[[In], str | None],
    grace: float,
    stop: StopFlag | None = None,
) -> AsyncIterator[AsyncIterator[Out]]:
    """Open *concurrency* workers, and yield an iterator over their results.

    Args:
        batches: The items. The next batch is read when no item of the last one is left, and
            never two at once.
        work: Makes a result of an item. An error that it raises ends the pool: items in flight
            finish, their results are handed over, then the reader gets the error.
        concurrency: How many items may be in flight at once.
        key: Items with the same key never overlap; items with the key `None` may.
        grace: Seconds that items in flight may take to finish when the reader leaves early.
        stop: When it is set, no more work starts.

    Cancellation:
        Reading stops; items in flight get *grace* seconds, then they are cancelled.
    """
    pool = _Pool(batches, work, key, concurrency, stop or StopFlag())
    with single_error():
        async with anyio.create_task_group() as tasks:
            for _ in range(concurrency):
                tasks.start_soon(pool.run_worker)
            try:
                yield pool.results()
            finally:
                pool.stop.is_requested = True
                with anyio.move_on_after(grace, shield=True):
                    await pool.finish()
                tasks.cancel_scope.cancel()


@attrs.define(eq=False)
class _Pool(Generic[In, Out]):
    batches: AsyncIterator[Iterable[In]]
    work: Callable[[In], Awaitable[Out]]
    key: Callable[[In], str | None]
    workers: int
    stop: StopFlag
    _failure: BaseException | None = None
    _items: deque[In] = attrs.field(factory=deque)
    """Items that were read and not started."""
    _batch_read: asyncio.Event | None = None
    """Set when the batch has come that a worker is reading."""
    _results: deque[Out] = attrs.field(factory=deque)
    _changed: asyncio.Event = attrs.field(factory=asyncio.Event)
    """Set when there is a result, or a worker has ended."""
    _slots: asyncio.Semaphore = attrs.field()
    _queues: dict[str, deque[asyncio.Event]] = attrs.field(factory=dict)
    """For each key in flight, the items that wait behind it."""

    @_slots.default
    def _make_slots(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(2 * self.workers)  # items in flight, and results not yet read

    async def run_worker(self) -> None:
        try:
            while await self._work_once():
                pass
        except Exception as error:  # noqa: BLE001 - kept, and raised to the reader
            self._failure = self._failure or error
            self.stop.is_requested = True
        finally:
            self.workers -= 1
            self._changed.set()

    async def _work_once(self) -> bool:
        """Work on one item; return `False` if there is none."""
        await self._slots.acquire()
        try:
            item = await self._next()
            if item is None:
                self._slots.release()
                return False
            result = await self._work_in_order(item)
        except BaseException:
            self._slots.release()
            raise
        self._results.append(result)
        self._changed.set()
        return True

    async def _next(self) -> In | None:
        """Return the next item, or `None` if no more work may start.

        While one worker reads the next batch, the others wait for it, and all go on at once. The
        worker that read takes the first item even if the stop flag was set meanwhile: a source
        that gives one item at a time cannot take it back.
        """
        while not self.stop.is_set:
            if self._items:
                return self._items.popleft()
            if self._batch_read is not None:
                await self._batch_read.wait()
            elif await self._read_batch():
                return self._items.popleft()
        return None

    async def _read_batch(self) -> bool:
        """Read the next batch; return whether it has any items."""
        self._batch_read = asyncio.Event()
        try:
            batch = await anext(self.batches, None)
        finally:
            self._batch_read.set()
            self._batch_read = None
        if batch is None:
            self.stop.is_requested = True
            return False
        self._items.extend(batch)
        return bool(self._items)

    async def _work_in_order(self, item: In) -> Out:
        """Work on *item* when earlier items with its key are finished."""
        key = self.key(item)
        if key is None:
            return await self.work(item)
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
        else:
            is_next = asyncio.Event()
            queue.append(is_next)
            await is_next.wait()
        try:
            return await self.work(item)
        finally:
            if waiting := self._queues[key]:
                waiting.popleft().set()
            else:
                del self._queues[key]

    async def results(self) -> AsyncIterator[Out]:
        while True:
            while self._results:
                self._slots.release()
                yield self._results.popleft()
            if not self.workers:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._failure is not None:
            raise self._failure

    async def finish(self) -> None:
        """Wait until no item is in flight; results that were not read stay unread."""
        while self.workers:
            self._slots.release()  # for a worker that waits for the reader: it finds the flag set
            self._changed.clear()
            await self._changed.wait()
