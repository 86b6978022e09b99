"""Work that runs to its end even when the caller is cancelled."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from cc_async.stores import defer_cancellation

pytestmark = pytest.mark.looptime


async def work(done: list[str]) -> str:
    await asyncio.sleep(1)
    done.append("done")
    return "answer"


async def test_the_result_of_the_work_comes_back() -> None:
    """Without a cancellation it is a plain await."""
    assert await defer_cancellation(asyncio.ensure_future(work([]))) == "answer"


async def test_a_cancelled_task_waits_for_the_work() -> None:
    """However often the task is cancelled, the work ends first."""
    done: list[str] = []

    async def caller() -> None:
        await defer_cancellation(asyncio.ensure_future(work(done)))

    task = asyncio.create_task(caller())
    for _ in range(3):
        await asyncio.sleep(0.1)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["done"]


async def test_a_cancelled_scope_waits_for_the_work() -> None:
    """A timeout of anyio takes effect after the work has ended."""
    done: list[str] = []
    with anyio.move_on_after(0.1) as scope:
        await defer_cancellation(asyncio.ensure_future(work(done)))
    assert scope.cancelled_caught
    assert done == ["done"]


async def test_an_error_of_the_work_reaches_the_caller() -> None:
    """An exception of the work is raised as it is."""

    async def failing() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await defer_cancellation(asyncio.ensure_future(failing()))
