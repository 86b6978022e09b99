"""One process at a time drives a job: others wait, take over, or cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions, ImportReport, Job
from cc_async.errors import JobBusyError, JobCancelledError, JobNotFoundError, PermissionDeniedError
from cc_async.jobs._lease import Lease
from cc_async.stores import MemoryStore
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.budgets import loop_time
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

ROWS = [{"email": f"p{number}@example.com"} for number in range(3)]


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
    """The driving process is told within seconds, and sends nothing more."""
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
async def test_two_processes_that_both_believe_to_hold_a_job_send_nothing_twice(
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


@pytest.mark.parametrize("slept", [45.0, 600.0, 5_000.0])
async def test_a_process_that_slept_before_its_bodies_left_sends_none(
    slept: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes with its permits while another process drives the job, or after that has ended."""
    bodies, sandbox, store = 4, open_sandbox(lists=("L0", "L1", "L2", "L3")), MemoryStore()
    rows = [{"email": f"p{number}@example.com", "lists": f"L{number}"} for number in range(bodies)]
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(rows, lists=["L0"])
        asleep, beat = job._session.budget, Lease._beat
        acquire = type(asleep).acquire

        async def acquire_late(self: Any, *args: Any) -> Any:
            await asyncio.sleep(slept if self is asleep else 0)
            return await acquire(self, *args)

        async def beat_unless_asleep(self: Lease) -> None:
            await (asyncio.sleep(1e6) if self is job._lease else beat(self))

        monkeypatch.setattr(type(asleep), "acquire", acquire_late)
        monkeypatch.setattr(Lease, "_beat", beat_unless_asleep)
        first = asyncio.ensure_future(_drive(job))
        await asyncio.sleep(40)
        report = await (await two.bulk.resume(job.id))
        with pytest.raises(JobBusyError):
            await first
        assert report.is_all_accepted
        assert (await (await two.bulk.resume(job.id))).is_all_accepted
    assert len(sandbox.activities) == bodies


async def test_a_process_that_slept_while_it_wrote_makes_nothing_be_sent_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its word that a chunk was refused comes while another process sends the chunk again."""
    sandbox, woken = open_sandbox(), asyncio.Event()

    class SleepyStore(MemoryStore):
        async def append(self, log: str, entries: Sequence[bytes]) -> int:
            if b"submit-refused" in entries[0]:
                await woken.wait()
            return await super().append(log, entries)

    class WakingTransport(SandboxTransport):
        async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
            if request.method == "POST":
                woken.set()
                await asyncio.sleep(1.0)
            return await super().send(request, headers)

    async def beat_never(self: Lease) -> None:
        await asyncio.sleep(1e6)

    store, waking = SleepyStore(), WakingTransport(sandbox)
    sandbox.faults.add("403", path="/activities/contacts_*_import", times=1)
    monkeypatch.setattr(Lease, "_beat", beat_never)
    async with (
        client_of(sandbox, stores=store) as one,
        client_of(sandbox, stores=store, transport=waking) as two,
    ):
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])
        first = asyncio.ensure_future(_drive(job))
        await asyncio.sleep(40)
        with suppress(JobBusyError):
            await (await two.bulk.resume(job.id))
        with pytest.raises((JobBusyError, PermissionDeniedError)):
            await first
        assert (await (await two.bulk.resume(job.id))).is_all_accepted
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize("slept", [45.0, 600.0])
async def test_a_process_that_slept_during_a_sign_up_sends_nobody_more(
    slept: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes with its permits while another process signs people up, or after that has ended."""
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(60)))
    sandbox, store, slept_from = open_sandbox(latency=0.1), MemoryStore(), 5.0
    arguments: dict[str, Any] = {"lists": ["Newsletter"], "consent": "explicit"}
    async with (
        client_of(sandbox, stores=store, per_second=4) as one,
        client_of(sandbox, stores=store, per_second=2) as two,
    ):
        asleep, acquire, beats = one.budget, type(one.budget).acquire, [asyncio.sleep, Lease._beat]

        async def acquire_late(self: Any, *args: Any) -> Any:
            if self is asleep and loop_time() > slept_from:
                await asyncio.sleep(max(0.0, slept_from + slept - loop_time()))
            return await acquire(self, *args)

        async def beat_unless_asleep(self: Lease) -> None:
            await (beats.pop(0)(1e6) if len(beats) > 1 else beats[0](self))

        monkeypatch.setattr(type(asleep), "acquire", acquire_late)
        monkeypatch.setattr(Lease, "_beat", beat_unless_asleep)

        async def drive() -> None:
            async with one.bulk.sign_up(path, **arguments) as outcomes:
                async for _ in outcomes:
                    pass

        first = asyncio.ensure_future(drive())
        await asyncio.sleep(40)
        async with two.bulk.sign_up(path, **arguments) as outcomes:
            async for _ in outcomes:
                pass
        with pytest.raises(JobBusyError):
            await first
    assert outcomes.report.created + outcomes.report.updated == 60
    sent = [entry for entry in sandbox.received if entry.path.endswith("/sign_up_form")]
    assert len(sent) == 60


async def test_a_sign_up_that_is_driven_is_cancelled_from_elsewhere(tmp_path: Path) -> None:
    """Requests in flight end and are written to the journal, and no other is sent."""
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


async def test_a_cancelled_job_ends_after_its_chunks_in_flight() -> None:
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
    """After an error, or when its task is cancelled, it can be resumed without waiting."""
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


@pytest.mark.parametrize("end", ["break", "error", "cancellation"])
async def test_an_iteration_that_is_left_between_two_steps_frees_its_job(end: str) -> None:
    """Another process goes on at once, and so does the same object later."""
    sandbox, store = open_sandbox(activity_seconds=100.0), MemoryStore()
    async with client_of(sandbox, stores=store) as one, client_of(sandbox, stores=store) as two:
        job = await one.bulk.submit_import(ROWS, lists=["Newsletter"])

        async def iterate() -> None:
            async for progress in job:
                if progress.chunks_submitted:
                    if end == "break":
                        break
                    if end == "error":
                        raise ValueError("of the caller")
                    await asyncio.sleep(1e9)

        task = asyncio.create_task(iterate())
        await asyncio.sleep(20.0)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.1)
        assert (await (await two.bulk.resume(job.id))).is_all_accepted
        assert (await job).is_all_accepted


async def test_a_cancelled_job_is_not_sent_by_an_object_that_outlives_it() -> None:
    """The object says that the job was cancelled, and sends nothing."""
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


async def test_the_same_import_of_the_same_file_is_resumed(tmp_path: Path) -> None:
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
