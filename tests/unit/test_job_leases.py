"""One process at a time drives a job, and old jobs are forgotten."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions, ImportReport, Job
from cc_async.errors import JobBusyError, JobCancelledError, JobNotFoundError, PermissionDeniedError
from cc_async.jobs import JobBook, JobEntry
from cc_async.jobs._lease import Lease
from cc_async.stores import MemoryStore
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

ELSEWHERE = "another-machine/1:1:aaaa"
ROWS = [{"email": f"p{number}@example.com"} for number in range(3)]


async def test_only_one_holds_a_lease() -> None:
    """While somebody elsewhere shows signs of life, nobody else gets the job."""
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
    """That a process of the same machine is gone can be seen, and nobody waits for it."""
    store = MemoryStore()
    mine = Lease(store, "job")
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    owner = mine._owner.replace(f":{os.getpid()}:", f":{process.pid}:")
    async with Lease(store, "job", owner).held():
        pass
    async with mine.held():
        pass


async def test_a_lease_that_nobody_in_this_process_has_any_more_is_free_at_once() -> None:
    """A job that was dropped, or a process that was restarted under the same number, is no bar."""
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
    await store.update(
        "job:job:lease", lambda _, now: ({"owner": restarted, "until": now + 9}, None)
    )
    async with Lease(store, "job").held():
        pass


async def test_a_released_lease_is_free_at_once() -> None:
    """Whoever stops working on a job lets others go on with it."""
    store = MemoryStore()
    lease = Lease(store, "job", ELSEWHERE)
    async with lease.held():
        pass
    await lease.release()
    async with Lease(store, "job").held():
        pass


async def test_a_job_that_is_driven_cannot_be_driven_by_another() -> None:
    """While one client works on a job, another one is told so, until the first lets go."""
    sandbox, store = open_sandbox(activity_seconds=100.0), MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        steps = aiter(job)
        for _ in range(3):
            await anext(steps)
        with pytest.raises(JobBusyError):
            await (await two.bulk.resume(job.id))
        await steps.aclose()  # type: ignore[attr-defined]
        await job.aclose()
        assert (await (await two.bulk.resume(job.id))).is_all_accepted
        assert (await job).is_all_accepted
    assert len(sandbox.activities) == 1


async def test_a_job_that_is_driven_is_cancelled_from_elsewhere() -> None:
    """Whoever drives it is told within seconds; nothing more of it is sent, by anybody."""
    sandbox, store = open_sandbox(activity_seconds=1_000.0), MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        driver = asyncio.ensure_future(_drive(job))
        await asyncio.sleep(20)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await two.bulk.cancel(job.id)
        assert loop.time() - started < 10
        with pytest.raises(JobCancelledError):
            await driver
        assert [entry.state for entry in await two.bulk.jobs()] == ["cancelled"]
        assert len(sandbox.activities) == 1


@pytest.mark.parametrize("seed", range(8))
async def test_two_who_both_believe_to_have_a_job_send_nothing_twice(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was away longer than its lease sees in the journal that others went on."""

    async def always(self: Lease, *, is_demand: bool = False) -> bool:
        return True

    bodies = 8
    rows = [
        {"email": f"p{number}@example.com", "lists": f"L{number % bodies}"} for number in range(40)
    ]
    names = tuple(f"L{number}" for number in range(bodies))
    sandbox = open_sandbox(lists=names, latency_jitter=0.5, seed=seed, activity_seconds=3.0)
    store = MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(rows, lists=["L0"])
        other = await two.bulk.resume(job.id)
        with monkeypatch.context() as patch:
            patch.setattr(Lease, "_try", always)
            first = asyncio.ensure_future(_drive(job))
            await asyncio.sleep(seed / 10)
            ended = await asyncio.gather(first, _drive(other), return_exceptions=True)
        assert any(isinstance(one, JobBusyError) for one in ended)
        report = await (await two.bulk.resume(job.id))
    assert report.is_all_accepted
    assert len(sandbox.activities) == bodies
    assert sandbox.contact_count == 40


async def test_a_sign_up_that_is_driven_is_cancelled_from_elsewhere(tmp_path: Path) -> None:
    """What is in flight ends, what was done is written down, and nobody else is sent."""
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(400)))
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    settings: dict[str, Any] = {"stores": store, "per_second": 4}
    async with client_of(sandbox, **settings) as one, client_of(sandbox, stores=store) as two:

        async def drive() -> None:
            async with one.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes:
                async for _ in outcomes:
                    pass

        driver = asyncio.ensure_future(drive())
        await asyncio.sleep(20)
        (job,) = await two.bulk.jobs()
        await two.bulk.cancel(job.job_id)
        with pytest.raises(JobCancelledError):
            await driver
        signed_up = sandbox.contact_count
        assert 40 < signed_up < 120
        assert (await two.bulk.sign_up_report(job.job_id)).created == signed_up
        assert [entry.state for entry in await two.bulk.jobs()] == ["cancelled"]


async def test_a_cancelled_job_is_given_up_after_what_was_on_its_way_has_ended() -> None:
    """Bodies that are being sent when a job is deleted elsewhere arrive; nothing is written after."""
    names = tuple(f"L{number}" for number in range(8))
    sandbox, store = open_sandbox(lists=names, latency=9.0), MemoryStore()
    rows = [{"email": f"{name}@example.com", "lists": name} for name in names]
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(rows, lists=["L0"])
        driver = asyncio.ensure_future(_drive(job))
        await asyncio.sleep(1)
        await two.bulk.delete(job.id)
        assert len(sandbox.activities) == 4
        with pytest.raises(JobCancelledError):
            await driver
        assert [each.state for each in job.report.activities] == ["initialized"] * 4 + [
            "planned"
        ] * 4
        assert await two.bulk.jobs() == ()
        assert await store.read(f"job:{job.id}") == []


async def test_a_job_that_failed_or_was_left_is_free_at_once() -> None:
    """After an error, or when its task is cancelled, nobody has to wait to go on with it."""
    sandbox, store = open_sandbox(activity_seconds=100.0), MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        sandbox.faults.add("403", path="/activities/contacts_*_import", times=1)
        with pytest.raises(PermissionDeniedError):
            await job
        other = await two.bulk.resume(job.id)
        driver = asyncio.ensure_future(_drive(other))
        await asyncio.sleep(5)
        driver.cancel()
        await asyncio.wait([driver])
        assert (await job).is_all_accepted


async def test_a_job_that_was_cancelled_is_not_sent_by_whoever_still_has_it() -> None:
    """A job object that outlives its job says that it was cancelled, and sends nothing."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        await two.bulk.cancel(job.id)
        with pytest.raises(JobCancelledError):
            await job
        with pytest.raises(JobCancelledError):
            await (await two.bulk.resume(job.id))
    assert not sandbox.activities


async def _drive(job: Job) -> ImportReport:
    return await job


async def test_jobs_that_ended_are_forgotten_after_thirty_days() -> None:
    """An ended job goes from the book when a new one is added a month later; an open one stays."""
    store = MemoryStore()
    book = JobBook(store, "app")

    now = await store.update("clock", lambda record, now: (None, now))
    await book.add(JobEntry("ended", now, "a.csv", 1))
    await book.add(JobEntry("open", now, "a.csv", 1))
    await book.settle("ended", "ended")
    await asyncio.sleep(31 * 86_400)
    assert await book.add(JobEntry("new", now + 31 * 86_400, "a.csv", 1)) == ["ended"]
    assert [entry.job_id for entry in await book.read()] == ["new", "open"]


async def test_applications_do_not_see_each_others_jobs() -> None:
    """Two applications on one store each have their own jobs."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with (
        client_of(sandbox, stores=store, application="one") as one,
        client_of(sandbox, stores=store, application="two") as two,
    ):
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        assert [entry.job_id for entry in await one.bulk.jobs()] == [job.id]
        assert await two.bulk.jobs() == ()
        with pytest.raises(JobNotFoundError):
            await two.bulk.resume()


async def test_the_same_import_of_the_same_file_is_gone_on_with(tmp_path: Path) -> None:
    """Unfinished, it is the same job again; finished, it is a new one."""
    path = tmp_path / "people.csv"
    path.write_text("email\na@example.com\n")
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        first = await cc.bulk.submit_import(path, lists=["Newsletter"])
        other = await cc.bulk.submit_import(
            path, lists=["Newsletter"], options=ImportOptions(send_as="json")
        )
        again = await cc.bulk.submit_import(path, lists=["Newsletter"])
        assert again.id == first.id != other.id
        await again
        assert (await cc.bulk.submit_import(path, lists=["Newsletter"])).id != first.id
