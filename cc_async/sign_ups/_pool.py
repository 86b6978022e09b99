"""A bounded pool of workers over a shared source, with results handed over as they come.

Nothing is begun before somebody is free to work on it, and as many results as there are workers
may wait to be taken: when the reader stops taking, reading stops. Items with the same key are
worked one at a time, in the order they were read.
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
class Halt:
    """Whether to begin no more: because somebody *is_asked* to, or because of an *error*."""

    is_asked: bool = False
    error: ConstantContactError | None = None

    @property
    def is_on(self) -> bool:
        """Whether one of the two holds."""
        return self.is_asked or self.error is not None


@asynccontextmanager
async def open_pool(
    handfuls: AsyncIterator[Iterable[In]],
    work: Callable[[In], Awaitable[Out]],
    *,
    concurrency: int,
    key: Callable[[In], str | None],
    grace: float,
    halt: Halt | None = None,
) -> AsyncIterator[AsyncIterator[Out]]:
    """Open *concurrency* workers and yield their results in the order they come.

    Args:
        handfuls: What to work on, some items at a time; the next handful is asked for when
            there is nothing left to begin, and never two at once.
        work: Makes a result of an item. What it raises ends the pool: what is in flight
            finishes, its results are handed over, then the error is raised to the reader.
        concurrency: How many items may be in hand at once.
        key: Items of the same key never overlap; `None` for those that may.
        grace: Seconds that work in flight may take to finish when the reader leaves early.
        halt: Once it is on, nothing more is begun.

    Cancellation:
        No more is read; what is in flight gets *grace* seconds, then is abandoned.
    """
    pool = _Pool(handfuls, work, key, concurrency, halt or Halt())
    with single_error():
        async with anyio.create_task_group() as tasks:
            for _ in range(concurrency):
                tasks.start_soon(pool.run_worker)
            try:
                yield pool.results()
            finally:
                pool.halt.is_asked = True
                with anyio.move_on_after(grace, shield=True):
                    await pool.finish()
                tasks.cancel_scope.cancel()


@attrs.define(eq=False)
class _Pool(Generic[In, Out]):
    handfuls: AsyncIterator[Iterable[In]]
    work: Callable[[In], Awaitable[Out]]
    key: Callable[[In], str | None]
    workers: int
    halt: Halt
    _failure: BaseException | None = None
    _ahead: deque[In] = attrs.field(factory=deque)
    _reading: asyncio.Event | None = None
    _results: deque[Out] = attrs.field(factory=deque)
    _ready: asyncio.Event = attrs.field(factory=asyncio.Event)
    _slots: asyncio.Semaphore = attrs.field()
    _queues: dict[str, deque[asyncio.Event] | None] = attrs.field(factory=dict)

    @_slots.default
    def _make_slots(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(2 * self.workers)  # in hand, or waiting for the reader

    async def run_worker(self) -> None:
        try:
            while await self._work_one():
                pass
        except Exception as error:  # noqa: BLE001 - kept, and raised to the reader
            self._failure = self._failure or error
            self.halt.is_asked = True
        finally:
            self.workers -= 1
            self._ready.set()

    async def _work_one(self) -> bool:
        await self._slots.acquire()
        try:
            item = await self._next()
            if item is None:
                self._slots.release()
                return False
            name = self.key(item)
            turn = self._line_up(name)
            try:
                if turn is not None:
                    await turn.wait()
                result = await self.work(item)
            finally:
                self._step_aside(name)
        except BaseException:
            self._slots.release()
            raise
        self._results.append(result)
        self._ready.set()
        return True

    async def _next(self) -> In | None:
        """Return the next item, or `None` where no more is to be begun.

        While one worker waits for the source, others wait for that worker, and are all let go
        at once. A lock would be handed from one to the next, a turn of the loop each time. The
        worker who waited takes the first of what came, halted or not: a source that hands out one
        item at a time cannot take it back.
        """
        while not self.halt.is_on:
            if self._ahead:
                return self._ahead.popleft()
            if self._reading is not None:
                await self._reading.wait()
            elif await self._read_on():
                return self._ahead.popleft()
        return None

    async def _read_on(self) -> bool:
        """Read the next handful; return whether there is anything in it."""
        self._reading = asyncio.Event()
        try:
            handful = await anext(self.handfuls, None)
        finally:
            self._reading.set()
            self._reading = None
        if handful is None:
            self.halt.is_asked = True
            return False
        self._ahead.extend(handful)
        return bool(self._ahead)

    def _line_up(self, name: str | None) -> asyncio.Event | None:
        """Take a place among the items called *name*; wait for the event, if there is one."""
        if name is None:
            return None
        if name not in self._queues:
            self._queues[name] = None
            return None
        queue = self._queues[name]
        if queue is None:
            queue = self._queues[name] = deque()
        turn = asyncio.Event()
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
                self._slots.release()
                yield self._results.popleft()
            if not self.workers:
                break
            self._ready.clear()
            await self._ready.wait()
        if self._failure is not None:
            raise self._failure

    async def finish(self) -> None:
        """Wait until nothing is in flight any more; results that wait stay untaken."""
        while self.workers:
            self._slots.release()  # whoever waits for the reader is let go, to find the end
            self._ready.clear()
            await self._ready.wait()
