"""The clock of a store tells the same time on all machines."""

from __future__ import annotations

import asyncio
import time

import pytest

from cc_async.jobs import StoreClock
from cc_async.stores import MemoryStore
from tests.support.people import NOON, loop_clock

pytestmark = pytest.mark.looptime


async def test_it_is_the_store_s_time_whatever_the_machine_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine whose clock is wrong by minutes has no part in it."""
    monkeypatch.setattr(time, "time", lambda: NOON + 300.0)
    clock = StoreClock(MemoryStore(loop_clock))
    assert await clock.read() == pytest.approx(NOON, abs=0.001)
    await asyncio.sleep(3.0)
    assert clock() == pytest.approx(NOON + 3.0, abs=0.001)


async def test_it_follows_the_store_and_never_goes_back() -> None:
    """A store whose clock is set ahead is followed within seconds; one that is set back is not."""
    steps = [0.0]
    clock = StoreClock(MemoryStore(lambda: loop_clock() + steps[-1]))
    times = [await clock.read()]
    for step in (300.0, -300.0):
        steps.append(step)
        await asyncio.sleep(6.0)
        times.append(await clock.read())
    assert [at - NOON for at in times] == pytest.approx([0.0, 306.0, 312.0], abs=0.001)
