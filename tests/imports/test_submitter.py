"""Chunks are sent and watched: none is queued twice, and none is lost without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio
import pytest

from cc_async import ConstantContact, ImportOptions, ImportReport, Job, Network
from cc_async.errors import (
    AuthError,
    ConnectionFailedError,
    DailyQuotaError,
    PermissionDeniedError,
)
from cc_async.sandbox import Sandbox
from cc_async.sandbox.activities import _import_operations
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

IMPORTS = "/activities/contacts_*_import"
LOST = ("cut-before", "cut-after", "half-body", "503-html", "500", "rubbish", "hang", "hang-after")
ROWS = [{"email": f"p{number}@example.com"} for number in range(40)]


async def run(sandbox: Sandbox, cc: ConstantContact, **more: object) -> ImportReport:
    async with cc:
        options = ImportOptions(**more)  # type: ignore[arg-type]
        return await cc.bulk.import_contacts(ROWS, lists=["Newsletter"], options=options)


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_csv_chunk_is_found_or_sent_again_and_never_queued_twice(fault: str) -> None:
    """However the answer to a CSV chunk is lost, all contacts arrive by exactly one activity."""
    sandbox = open_sandbox()
    sandbox.faults.add(fault, path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox))
    assert report.is_all_accepted, report
    assert sandbox.contact_count == 40
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_json_chunk_stays_uncertain(fault: str) -> None:
    """A JSON chunk cannot be looked up, so it is not sent again, and the report says so."""
    sandbox = open_sandbox()
    sandbox.faults.add(fault, path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox), send_as="json")
    assert report.state == "uncertain"
    assert [entry.activity_id for entry in report.activities] == [None]
    assert len(sandbox.activities) <= 1


async def test_where_file_names_are_not_returned_a_lost_chunk_stays_uncertain() -> None:
    """If the list cannot tell chunks apart, nothing is sent again."""
    sandbox = open_sandbox(source_file_name="missing")
    sandbox.faults.add("cut-after", path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox))
    assert report.state == "uncertain"
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda name: "account/" + name,
        lambda name: name[:20],
        lambda name: name.upper(),
        lambda name: "upload.csv",
        lambda name: "",
    ],
    ids=["prefix", "cut", "capitals", "other", "blank"],
)
async def test_a_file_name_that_the_service_changes_proves_no_absence(
    change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a name was seen as it was sent, any other activity may be the lost one."""
    monkeypatch.setattr(
        _import_operations, "_shown_name", lambda _, name: change(name) if name else name
    )
    sandbox = open_sandbox()
    sandbox.faults.add("cut-after", path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox))
    assert report.state == "uncertain"
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize("fault", ["cut-before", "cut-after"])
async def test_a_name_of_an_earlier_import_leaves_no_doubt(fault: str) -> None:
    """It shows that the service returns names, so a lost chunk is found, or sent again."""
    sandbox = open_sandbox()
    await run(sandbox, client_of(sandbox))
    sandbox.faults.add(fault, path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox))
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == 2


async def test_an_activity_that_shows_late_is_not_repeated() -> None:
    """A chunk that was accepted but shows in the list only later is found in the end."""
    sandbox = open_sandbox(list_delay=70.0)
    sandbox.faults.add("cut-after", path=IMPORTS, times=1)
    report = await run(sandbox, client_of(sandbox))
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == 1


async def test_a_full_queue_is_waited_out() -> None:
    """While the account has too many activities queued, the import waits, and then goes on."""
    sandbox = open_sandbox()
    sandbox.faults.add("429-queue", path=IMPORTS, times=30)
    report = await run(sandbox, client_of(sandbox))
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize("end", ["fail", "time_out", "cancel", "lose"])
async def test_an_activity_that_ends_badly_is_reported(end: str) -> None:
    """Failed, timed-out, cancelled and vanished activities make the import failed, in words."""
    sandbox = open_sandbox(activity_seconds=5.0)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["Newsletter"])
        async for progress in job:
            if progress.chunks_submitted and sandbox.activities:
                getattr(sandbox, end)(sandbox.activities[0].activity_id)
                break
        report = await job
        await job.aclose()
    assert report.state == "failed"
    assert report.activities[0].state in ("failed", "timed_out", "cancelled", "vanished")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("401", AuthError), ("403", PermissionDeniedError), ("429-day", DailyQuotaError)],
)
async def test_a_refusal_is_an_error_and_the_job_can_go_on(
    fault: str, kind: type[Exception]
) -> None:
    """A refused chunk was not queued: the error says why, and the job can be awaited again."""
    sandbox = open_sandbox()
    sandbox.faults.add(fault, path=IMPORTS, times=1)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["Newsletter"])
        with pytest.raises(kind):
            await job
        assert job.report.state == "running"
        assert len(sandbox.activities) == 0
        if fault != "429-day":
            assert (await job).is_all_accepted
        await job.aclose()


async def test_a_dead_network_loses_nothing() -> None:
    """Where no connection comes about, nothing is uncertain, and the job can be awaited later."""
    sandbox = open_sandbox()
    cc = client_of(sandbox)
    async with cc:
        job = await cc.bulk.submit_import(ROWS, lists=["Newsletter"])
        transport = cc._session.transport
        working = transport.send

        async def send(*args: object) -> object:
            raise ConnectionFailedError("no connection")

        transport.send = send  # type: ignore[method-assign, assignment]
        with pytest.raises(ConnectionFailedError):
            await job
        assert [entry.state for entry in job.report.activities] == ["planned"]
        transport.send = working  # type: ignore[method-assign]
        assert (await job).is_all_accepted
        await job.aclose()


@pytest.mark.parametrize("by", ["task", "scope"])
@pytest.mark.parametrize(("latency", "state"), [(3.0, "submitted"), (25.0, "uncertain")])
async def test_a_chunk_in_flight_has_ten_seconds_when_the_job_is_cancelled(
    by: str, latency: float, state: str
) -> None:
    """It arrives if it can; otherwise it is uncertain, and nothing else is begun."""
    sandbox = open_sandbox(latency=latency, lists=tuple("ABCDEFGH"), activity_seconds=30.0)
    rows = [{"email": f"{name}@example.com", "lists": name} for name in "ABCDEFGH"]
    async with client_of(sandbox, network=Network(timeout=100.0)) as cc:
        job = await cc.bulk.submit_import(rows, lists=["A"])
        started = anyio.current_time()
        if by == "scope":
            with anyio.move_on_after(1.0):
                await job
        else:
            task = asyncio.ensure_future(_awaited(job))
            await asyncio.sleep(1.0)
            task.cancel()
            await asyncio.wait([task])
        took = anyio.current_time() - started
        states = [entry.state.value for entry in job._chunks.values()]
        assert states == [state] * 4 + ["planned"] * 4
        assert took == pytest.approx(min(latency, 11.0), abs=0.2)
        assert (await (await cc.bulk.resume(job.id))).is_all_accepted
    assert len(sandbox.activities) == 8


async def _awaited(job: Job) -> ImportReport:
    return await job
