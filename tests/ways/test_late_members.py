"""Lists may show a finished import late: contacts are called missing once that is certain."""

from __future__ import annotations

import anyio
import pytest

from cc_async import ImportOptions
from cc_async.errors import ConstantContactError
from cc_async.imports import ImportProgress
from cc_async.imports.verification import _list_members
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

ROWS = [{"email": f"p{number}@example.com"} for number in range(20)]


def reads(sandbox: Sandbox) -> int:
    """Return how often the list was read."""
    paths = [entry.path for entry in sandbox.received]
    return paths.count("/v3/contacts") + paths.count("/v3/activities/contact_exports")


@pytest.mark.parametrize("export_cost", [0, 8])
async def test_members_that_show_late_are_not_called_missing(
    export_cost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all were counted and none is there yet, the lists are read once more and all are."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", export_cost)
    sandbox = open_sandbox(member_delay=100.0)
    async with client_of(sandbox) as cc:
        started = anyio.current_time()
        report = await cc.bulk.import_contacts(
            ROWS, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
        took = anyio.current_time() - started
    assert (report.missing, report.not_changed, report.not_arrived) == (0, 0, ())
    assert report.is_all_accepted
    assert reads(sandbox) == 2
    assert 120 <= took < 140


async def test_a_contact_that_the_lists_do_not_show_in_the_end_is_missing() -> None:
    """The second reading is believed; there is no third."""
    sandbox = open_sandbox(member_delay=10_000.0)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            ROWS, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
    assert (report.missing, report.state) == (20, "completed")
    assert reads(sandbox) == 2


async def test_what_the_counts_explain_is_believed_at_once() -> None:
    """As many are absent as were not counted: they are missing, and are not waited for."""
    sandbox = open_sandbox(max_lines=16)
    async with client_of(sandbox) as cc:
        started = anyio.current_time()
        report = await cc.bulk.import_contacts(ROWS, lists=["Newsletter"])
        took = anyio.current_time() - started
    assert report.missing == 5
    assert reads(sandbox) == 1
    assert took < 20


async def test_the_time_to_settle_counts_from_the_end_of_the_activities() -> None:
    """Where that is long ago when the lists are first read, once is enough."""
    sandbox = open_sandbox(member_delay=10_000.0)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(
            ROWS, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
        async for progress in job:
            if progress.chunks_done:
                break
        await anyio.sleep(200)
        report = await job
        await job.aclose()
    assert report.missing == 20
    assert reads(sandbox) == 1


async def test_a_job_that_is_left_between_two_readings_is_verified_when_it_is_resumed() -> None:
    """Progress tells that it waits; stopped there, nothing is decided, and resuming decides."""
    sandbox = open_sandbox(member_delay=100.0)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(
            ROWS, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
        seen = ImportProgress(0, 0, 0, 0, 0, 0.0)
        async for seen in job:
            if seen.is_catching_up:
                break
        await job.aclose()
        assert (seen.is_verifying, job.report.missing) == (True, None)
        assert (await cc.bulk.jobs())[0].state == "open"
        report = await (await cc.bulk.resume())
        assert (report.missing, report.not_changed) == (0, 0)
        assert (await cc.bulk.jobs())[0].state == "ended"


async def test_a_wait_for_the_lists_can_be_cancelled() -> None:
    """Cancelled while it waits, the job is as it was, free for others, and ends when gone on with."""
    sandbox = open_sandbox(member_delay=100.0)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(
            ROWS, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
        with anyio.move_on_after(60):
            await job
        await job.aclose()
        assert job.report.missing is None
        sandbox.faults.add("503-html", path="/contacts", share=1.0)
        again = await cc.bulk.resume()
        with pytest.raises(ConstantContactError):
            await again
        await again.aclose()
        sandbox.faults.clear()
        report = await (await cc.bulk.resume())
    assert (report.missing, report.not_changed) == (0, 0)
