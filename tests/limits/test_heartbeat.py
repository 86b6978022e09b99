"""Heartbeats of a process with slow requests."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.stores import MemoryStore
from tests.support.budgets import Clock, SharedStore, loop_time, make_budget, send_one

pytestmark = pytest.mark.looptime


async def test_a_slow_request_keeps_its_slot() -> None:
    """A process that waits long for a reply does not count as killed, and keeps its slot."""
    store = MemoryStore(Clock())
    slow, other = (
        make_budget(SharedStore(store), per_second=1),
        make_budget(SharedStore(store), per_second=1),
    )
    upload = asyncio.create_task(send_one(slow, takes=20.0))
    await asyncio.sleep(0.1)
    await send_one(other)
    assert loop_time() == pytest.approx(20.0 + 1.005 + 0.1, abs=0.2)
    await upload


async def test_no_timer_runs_without_open_permits() -> None:
    """After the release of its last permit a budget leaves no task and no timer behind."""
    limited = make_budget(SharedStore(MemoryStore(Clock())))
    await asyncio.gather(*(send_one(limited, takes=5.0) for _ in range(3)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert asyncio.get_running_loop()._scheduled == [] or all(  # type: ignore[attr-defined]
        handle.cancelled()
        for handle in asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    )
