"""A bounded pool of workers over a shared source, with results handed over as they come.

Nothing is read before it can be worked on, and a result that nobody has taken yet counts as
work in hand: when the reader stops taking, reading stops. Items with the same key are worked
one at a time, in the order they were read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio
import attrs

from cc_async.bulk._groups import single_error

__all__ = ["open_pool"]

In = TypeVar("In")
Out = TypeVar("Out")


@asynccontextmanager
async def open_pool(
    items: AsyncIterator[In],
    work: Callable[[In], Awaitable[Out]],
    *,
    concurrency: int,
    key: Callable[[In], str | None],
    grace: float,
) -> AsyncIterator[AsyncIterator[Out]]:
    """Open *concurrency* workers and yield their results in the order they come.

    Args:
        items: What to work on; never asked for two items at a time.
        work: Makes a result of an item. What it raises ends the pool: what is in flight
            finishes, its results are handed over, then the error is raised to the reader.
        concurrency: How many items may be in hand at once.
        key: Items of the same key never overlap; `None` for those that may.
        grace: Seconds that work in flight may take to finish when the reader leaves early.

    Cancellation:
        No more is read; what is in flight gets *grace* seconds, then is abandoned.
    """
    pool = _Pool(items, work, key, concurrency)
    with single_error():
        async with anyio.create_task_group() as tasks:
            for _ in range(concurrency):
                tasks.start_soon(pool.run_worker)
            try:
                yield pool.results()
            finally:
                pool.is_stopping = True
                with anyio.move_on_after(grace, shield=True):
                    await pool.finish()
                tasks.cancel_scope.cancel()


@attrs.define(eq=False)
class _Pool(Generic[In, Out]):
    items: AsyncIterator[In]
    work: Callable[[In], Awaitable[Out]]
    key: Callable[[In], str | None]
    workers: int
    is_stopping: bool = False
    _failure: BaseException | None = None
    _is_awaited: bool = False
    _is_promised: bool = False
    _results: deque[Out] = attrs.field(factory=deque)
    _ready: anyio.Event = attrs.field(factory=anyio.Event)
    _slots: anyio.Semaphore = attrs.field()
    _is_pulling: bool = False
    _pulled: anyio.Event | None = None
    _queues: dict[str, deque[anyio.Event] | None] = attrs.field(factory=dict)

    @_slots.default
    def _make_slots(self) -> anyio.Semaphore:
        return anyio.Semaphore(self.workers, fast_acquire=True)

    async def run_worker(self) -> None:
        try:
            while await self._work_one():
                pass
        except Exception as error:  # noqa: BLE001 - kept, and raised to the reader
            self._failure = self._failure or error
            self.is_stopping = True
        finally:
            self.workers -= 1
            self._ready.set()

    async def _work_one(self) -> bool:
        await self._slots.acquire()
        if (item := await self._pull()) is None:
            self.is_stopping = True
            self._slots.release()
            return False
        name = self.key(item)
        turn = self._line_up(name)
        try:
            if turn is not None:
                await turn.wait()
            result = await self.work(item)
        except BaseException:
            self._slots.release()
            raise
        finally:
            self._step_aside(name)
        self._hand_over(result)
        return True

    async def _pull(self) -> In | None:
        """Return the next item, or `None` at the end.

        While one worker waits for the source, others wait for that worker, and are all let go
        at once. A lock would be handed from one to the next, a turn of the loop each time.
        """
        while self._is_pulling:
            self._pulled = self._pulled or anyio.Event()
            await self._pulled.wait()
        if self.is_stopping:
            return None
        self._is_pulling = True
        try:
            return await anext(self.items, None)
        finally:
            self._is_pulling = False
            if self._pulled is not None:
                self._pulled.set()
                self._pulled = None

    def _hand_over(self, result: Out) -> None:
        """Put *result* down for the reader; one who stands waiting has as good as taken it."""
        self._results.append(result)
        if self._is_awaited:
            self._is_awaited, self._is_promised = False, True
            self._slots.release()
            self._ready.set()

    def _line_up(self, name: str | None) -> anyio.Event | None:
        """Take a place among the items called *name*; wait for the event, if there is one."""
        if name is None:
            return None
        if name not in self._queues:
            self._queues[name] = None
            return None
        queue = self._queues[name]
        if queue is None:
            queue = self._queues[name] = deque()
        turn = anyio.Event()
        queue.append(turn)
        return turn

    def _step_aside(self, name: str | None) -> None:
        if name is None:
            return
        if queue := self._queues[name]:
            queue.popleft().set()
        else:
            del self._queues[name]

    async def results(self) -> AsyncIterator[Out]:
        while True:
            while self._results:
                result = self._results.popleft()
                if self._is_promised:
                    self._is_promised = False
                else:
                    self._slots.release()
                yield result
            if not self.workers:
                break
            self._ready, self._is_awaited = anyio.Event(), True
            await self._ready.wait()
        if self._failure is not None:
            raise self._failure

    async def finish(self) -> None:
        """Wait until nothing is in flight any more; results that wait stay untaken."""
        while self.workers:
            self._slots.release()  # whoever waits for the reader is let go, to find the end
            self._ready = anyio.Event()
            await self._ready.wait()
