"""The worker pool: bounded, ordered for each key, clean at every end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice

import pytest

from cc_async.sign_ups._pool import StopFlag, open_pool

pytestmark = pytest.mark.looptime


class Source:
    """Yields batches of *size* items, and counts the items."""

    def __init__(self, items: Iterable[str], size: int = 1) -> None:
        self._items = iter(items)
        self._size = size
        self.taken = 0

    def __aiter__(self) -> AsyncIterator[list[str]]:
        return self

    async def __anext__(self) -> list[str]:
        found = list(islice(self._items, self._size))
        if not found:
            raise StopAsyncIteration
        self.taken += len(found)
        return found


class Worker:
    """Takes a second for each item and remembers how they overlapped."""

    def __init__(self, seconds: Callable[[str], float] = lambda item: 1.0) -> None:
        self.seconds = seconds
        self.running: list[str] = []
        self.most = 0
        self.order: list[str] = []
        self.finished: list[str] = []

    async def __call__(self, item: str) -> str:
        assert not [other for other in self.running if first(other) == first(item)]
        self.order.append(item)
        self.running.append(item)
        self.most = max(self.most, len(self.running))
        try:
            await asyncio.sleep(self.seconds(item))
        finally:
            self.running.remove(item)
        self.finished.append(item)
        return item


def first(item: str) -> str:
    return item[0]


def pool(source: Source, worker: Callable[[str], Awaitable[str]], concurrency: int = 3) -> object:
    return open_pool(source, worker, concurrency=concurrency, key=first, grace=5.0)


async def test_every_item_has_a_result_and_concurrency_is_the_limit() -> None:
    """All twenty-six items have results, with at most three in flight."""
    source, worker = Source("abcdefghijklmnopqrstuvwxyz"), Worker()
    async with pool(source, worker) as results:  # type: ignore[attr-defined]
        found = [result async for result in results]
    assert sorted(found) == list("abcdefghijklmnopqrstuvwxyz")
    assert worker.most == 3
    assert asyncio.get_running_loop().time() == pytest.approx(9.0)


async def test_results_come_as_they_are_ready() -> None:
    """A slow item does not hold back the ones behind it."""
    worker = Worker(lambda item: 10.0 if item == "a" else 1.0)
    async with pool(Source("abcd"), worker) as results:  # type: ignore[attr-defined]
        assert [result async for result in results] == ["b", "c", "d", "a"]


async def test_items_of_one_key_are_worked_one_at_a_time_and_in_order() -> None:
    """Items that share a key never overlap and keep the order in which they were read."""
    worker = Worker(lambda item: 5.0 if item == "a0" else 0.5)
    items = ["a0", "b0", "a1", "c0", "a2", "b1", "a3"]
    async with pool(Source(items), worker) as results:  # type: ignore[attr-defined]
        found = [result async for result in results]
    assert [item for item in found if first(item) == "a"] == ["a0", "a1", "a2", "a3"]
    assert [item for item in worker.order if first(item) == "b"] == ["b0", "b1"]


async def test_a_busy_reader_holds_the_workers_up() -> None:
    """While the reader is busy, each worker finishes at most one more item, and no more is read."""
    source, worker = Source(str(number) for number in range(100)), Worker(lambda item: 0.0)
    async with open_pool(source, worker, concurrency=3, key=lambda _: None, grace=5.0) as results:
        await anext(results)
        await asyncio.sleep(1000)
        assert source.taken == 1 + 2 * 3
        await anext(results)
        await asyncio.sleep(1000)
        assert source.taken == 2 + 2 * 3


async def test_after_a_stop_nothing_more_of_a_batch_is_started() -> None:
    """Items of a batch that were not started when the stop flag was set are not started."""
    stop = StopFlag()

    async def work(item: str) -> str:
        stop.is_requested = stop.is_requested or item == "c"
        return item

    items = Source("abcdefgh", size=8)
    async with open_pool(items, work, concurrency=1, key=first, grace=5.0, stop=stop) as results:
        assert [result async for result in results] == ["a", "b", "c"]


async def test_an_item_that_comes_after_the_reader_left_is_worked_on() -> None:
    """The pool had asked the source for the item and cannot give it back, so it is not dropped."""

    class Slow(Source):
        async def __anext__(self) -> list[str]:
            await asyncio.sleep(1.0)
            return await super().__anext__()

    source, worker = Slow("abcdefgh"), Worker(lambda item: 0.5)
    async with pool(source, worker) as results:  # type: ignore[attr-defined]
        await anext(results)
    assert worker.finished == ["a", "b"]
    assert source.taken == 2


async def test_workers_that_waited_for_the_source_go_on_at_once() -> None:
    """When a slow source yields a batch, all waiting workers go on within two turns of the loop."""

    class Slow(Source):
        async def __anext__(self) -> list[str]:
            for _ in range(20 if self.taken == 0 else 0):
                await asyncio.sleep(0)
            return await super().__anext__()

    turns, started = 0, []

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def work(item: str) -> str:
        started.append(turns)
        return item

    counting = asyncio.create_task(count_turns())
    async with pool(Slow("abcdefgh"), work, concurrency=8) as results:  # type: ignore[attr-defined]
        assert [result async for result in results] == list("abcdefgh")
    counting.cancel()
    assert max(started) - min(started) <= 2


async def test_items_in_flight_finish_when_the_reader_leaves() -> None:
    """When the reader leaves early, nothing more is read, and items in flight finish."""
    source, worker = Source("abcdefgh"), Worker()
    async with pool(source, worker) as results:  # type: ignore[attr-defined]
        async for _ in results:
            break
    taken = source.taken
    assert taken <= 6
    assert sorted(worker.finished) == sorted("abcdefgh"[:taken])


async def test_items_that_take_longer_than_the_grace_are_cancelled() -> None:
    """The end waits for the grace at most, then cancels the work."""
    worker = Worker(lambda item: 0.0 if item == "a" else 1000.0)
    async with pool(Source("abc"), worker) as results:  # type: ignore[attr-defined]
        await anext(results)
    assert asyncio.get_running_loop().time() == pytest.approx(5.0)
    assert worker.running == []


async def test_an_error_of_the_reader_comes_out_as_it_is() -> None:
    """An error that the reader raises inside the pool is not wrapped in a group."""
    with pytest.raises(KeyError, match="mine"):
        async with pool(Source("abc"), Worker()) as results:  # type: ignore[attr-defined]
            async for _ in results:
                raise KeyError("mine")


async def test_an_error_of_the_work_ends_the_pool_after_items_in_flight() -> None:
    """An unexpected error of the work is raised to the reader, after the results that were ready."""

    async def work(item: str) -> str:
        await asyncio.sleep(1)
        if item == "b":
            raise LookupError(item)
        return item

    source, found = Source("abcdefgh"), []
    with pytest.raises(LookupError, match="b"):
        async with pool(source, work) as results:  # type: ignore[attr-defined]
            async for result in results:
                found.append(result)  # noqa: PERF401 - the point is what came before the error
    assert {"a", "c"} <= set(found)
    assert source.taken < 8


async def test_cancelling_the_reader_ends_cleanly() -> None:
    """A cancelled reader gets its cancellation, and nothing is left running."""
    worker = Worker(lambda item: 1000.0)

    async def read() -> None:
        async with pool(Source("abcdef"), worker) as results:  # type: ignore[attr-defined]
            async for _ in results:
                pass

    task = asyncio.create_task(read())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert worker.running == []
    assert len(asyncio.all_tasks()) == 1


async def test_an_empty_source_has_no_results() -> None:
    """An empty source ends the results at once."""
    async with pool(Source(""), Worker()) as results:  # type: ignore[attr-defined]
        assert [result async for result in results] == []
