"""A lease lets one process drive a job, and another one when that has died."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from cc_async.errors import JobBusyError, JobCancelledError, StoredFormatError
from cc_async.jobs import _lease
from cc_async.jobs._lease import Lease
from cc_async.stores import MemoryStore

pytestmark = pytest.mark.looptime

ELSEWHERE = "another-machine/1:1:aaaa"
SAMPLES = Path(__file__).parents[1] / "samples" / "jobs"


def record_of(owner: str, until: float) -> dict[str, object]:
    return {"format": 1, "owner": owner, "until": until, "is_demanded": False}


async def test_only_one_holds_a_lease() -> None:
    """While its holder elsewhere sends heartbeats, no other process gets the job."""
    store = MemoryStore()
    async with Lease(store, "job", ELSEWHERE).held():
        with pytest.raises(JobBusyError):
            async with Lease(store, "job").held():
                raise AssertionError("never here")
        await asyncio.sleep(1000)
        with pytest.raises(JobBusyError):
            async with Lease(store, "job").held():
                raise AssertionError("never here")


async def test_a_lease_without_a_sign_of_life_is_free_after_half_a_minute() -> None:
    """A holder on another machine that falls silent loses its job, and not before."""
    store = MemoryStore()
    async with Lease(store, "job", ELSEWHERE).held():
        pass  # it is not released: the holder is gone
    await asyncio.sleep(20)
    with pytest.raises(JobBusyError):
        async with Lease(store, "job").held():
            raise AssertionError("never here")
    await asyncio.sleep(15)
    async with Lease(store, "job").held():
        pass


async def test_a_lease_of_a_dead_process_of_this_machine_is_free_at_once() -> None:
    """A dead process of the same machine can be seen, so its lease is not waited for."""
    store = MemoryStore()
    mine = Lease(store, "job")
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    owner = mine._owner.replace(f":{os.getpid()}:", f":{process.pid}:")
    async with Lease(store, "job", owner).held():
        pass
    async with mine.held():
        pass


async def test_a_lease_whose_object_is_gone_is_free_at_once() -> None:
    """An object that was dropped, and a process restarted under the same number, hold nothing."""
    store, kept = MemoryStore(), Lease(MemoryStore(), "another")
    dropped = Lease(store, "job")
    async with dropped.held():
        with pytest.raises(JobBusyError):
            async with Lease(store, "job").held():
                raise AssertionError("never here")
    del dropped
    gc.collect()
    async with Lease(store, "job").held():
        pass
    restarted = kept._owner[:-16] + "0123456789abcdef"
    await store.update("job:job:lease", lambda _, now: (record_of(restarted, now + 9), None))
    async with Lease(store, "job").held():
        pass


async def test_a_released_lease_is_free_at_once() -> None:
    """A process that stops working on a job lets others go on with it."""
    store = MemoryStore()
    lease = Lease(store, "job", ELSEWHERE)
    async with lease.held():
        pass
    await lease.release()
    async with Lease(store, "job").held():
        pass


async def test_a_demanded_lease_ends_the_work_of_its_holder() -> None:
    """The holder keeps the lease until it is told, at its next step; then it is free."""
    store = MemoryStore()
    driver, canceller = Lease(store, "job"), Lease(store, "job")
    async with driver.held():
        demand = asyncio.ensure_future(canceller.demand())
        await asyncio.sleep(1)
        with pytest.raises(JobCancelledError):
            async with driver.held():
                raise AssertionError("never here")
        assert not demand.done()
        await driver.release()
        await demand


async def test_a_lease_that_was_lost_is_not_kept() -> None:
    """Neither while another process holds it, nor after that has let go; nothing leaves under it."""
    store = MemoryStore()
    lost, other = Lease(store, "job", ELSEWHERE), Lease(store, "job", "another-machine/1:2:bbbb")
    async with lost.held():
        await lost.require()
    await asyncio.sleep(40)
    async with other.held():
        for check in (lost.keep, lost.require):
            with pytest.raises(JobBusyError):
                await check()
    await other.release()
    for check in (lost.keep, lost.require):
        with pytest.raises(JobBusyError):
            await check()


async def test_a_lease_that_was_kept_lately_costs_no_question() -> None:
    """The store is asked only after half of the lease's life, as when the process was stopped."""

    class Counting(MemoryStore):
        updates = 0

        async def update(self, *args: Any, **more: Any) -> Any:
            self.updates += 1
            return await super().update(*args, **more)

    store = Counting()
    lease = Lease(store, "job", ELSEWHERE)
    async with lease.held():
        pass
    for seconds, updates in ((14.0, 1), (2.0, 2), (14.0, 2)):
        await asyncio.sleep(seconds)
        await lease.require()
        assert store.updates == updates


async def test_a_change_of_the_record_asks_nothing_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store may run a change twice or elsewhere, so liveness is asked outside of it."""
    is_changing = False

    class Watching(MemoryStore):
        async def update(self, key: str, change: Callable[..., Any], **more: Any) -> Any:
            nonlocal is_changing
            is_changing = True
            try:
                return await super().update(key, change, **more)
            finally:
                is_changing = False

    asked = []

    def process_is_dead(owner: str) -> bool:
        asked.append(owner)
        assert not is_changing
        return False

    monkeypatch.setattr(_lease, "process_is_dead", process_is_dead)
    store = Watching()
    async with Lease(store, "job", ELSEWHERE).held():
        with pytest.raises(JobBusyError):
            async with Lease(store, "job").held():
                raise AssertionError("never here")
    assert asked == [ELSEWHERE]


async def test_a_lease_is_stored_as_in_the_sample() -> None:
    """Today's format is read: a lease that has ended is taken over."""
    store = MemoryStore()
    sample = orjson.loads((SAMPLES / "lease-1.json").read_bytes())
    await store.update("job:job:lease", lambda _, now: (sample, None))
    async with Lease(store, "job").held():
        record = await store.update("job:job:lease", lambda record, now: (record, record))
    assert record.keys() == sample.keys()


@pytest.mark.parametrize(
    ("name", "change"), [("lease-1.json", {"format": 2}), ("lease-unversioned.json", {})]
)
async def test_a_lease_of_another_version_is_refused(name: str, change: dict[str, object]) -> None:
    """One sentence says what to do; nothing is written."""
    store = MemoryStore()
    sample = {**orjson.loads((SAMPLES / name).read_bytes()), **change}
    await store.update("job:job:lease", lambda _, now: (sample, None))
    with pytest.raises(StoredFormatError, match="the lease of job job has") as caught:
        async with Lease(store, "job").held():
            raise AssertionError("never here")
    assert "Finish or cancel the job" in caught.value.hint
    assert await store.update("job:job:lease", lambda record, now: (record, record)) == sample
