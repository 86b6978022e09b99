"""Imports of files are jobs: the same import is resumed, and another one is new."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions, ImportReport, ReadingOptions
from cc_async.errors import InputChangedError, JobBusyError, JobNotFoundError, StoreError
from cc_async.imports._bodies import _folder_of
from cc_async.stores import MemoryStore
from tests.support.interrupted import Cancelling, Failing
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("email\na@example.com\nb@example.com\n")
    return path


@pytest.mark.parametrize(
    "other",
    [
        {"lists": ["Offers"]},
        {"suppress": ["c@example.com"]},
        {"options": ImportOptions(send_as="json")},
        {"options": ImportOptions(protect=["deleted"])},
        {"options": ImportOptions(sms_permission="explicit")},
        {"options": ImportOptions(ReadingOptions(encoding="cp1252"))},
        {"options": ImportOptions(ReadingOptions(read_as="csv"))},
        {"options": ImportOptions(ReadingOptions(mapping={"email": "email"}))},
    ],
)
async def test_an_import_that_differs_is_another_job(other: dict[str, Any], path: Path) -> None:
    """Whatever changes the contacts that are sent, or how, makes another job."""
    async with client_of(open_sandbox(lists=("Newsletter", "Offers"))) as cc:
        first = await cc.bulk.submit_import(path, lists=["Newsletter"])
        again = await cc.bulk.submit_import(path, **{"lists": ["Newsletter"], **other})
        assert first.id != again.id


async def test_the_files_that_are_written_do_not_make_another_job(
    path: Path, tmp_path: Path
) -> None:
    """An import is resumed with the new place for contacts that did not arrive."""
    async with client_of(open_sandbox()) as cc:
        first = await cc.bulk.submit_import(path, lists=["Newsletter"])
        options = ImportOptions(missing=tmp_path / "missing.csv", verify=True)
        again = await cc.bulk.submit_import(path, lists=["Newsletter"], options=options)
    assert again.id == first.id
    assert again.missing_file == tmp_path / "missing.csv"


async def test_a_file_that_has_changed_is_not_resumed(path: Path) -> None:
    """The error names the unfinished job, so that it can be finished or cancelled."""
    async with client_of(open_sandbox()) as cc:
        job = await cc.bulk.submit_import(path, lists=["Newsletter"])
        path.write_text("email\na@example.com\n")
        with pytest.raises(InputChangedError) as caught:
            await cc.bulk.submit_import(path, lists=["Newsletter"])
        assert caught.value.job_id == job.id
        await cc.bulk.cancel(job.id)
        assert (await cc.bulk.submit_import(path, lists=["Newsletter"])).id != job.id


async def test_an_iterable_is_never_resumed_by_itself() -> None:
    """Only its job id leads back to it."""
    rows = [{"email": "a@example.com"}]
    async with client_of(open_sandbox()) as cc:
        first = await cc.bulk.submit_import(rows, lists=["Newsletter"])
        await first.aclose()
        assert (await cc.bulk.submit_import(rows, lists=["Newsletter"])).id != first.id
        assert (await (await cc.bulk.resume(first.id))).is_all_accepted


async def test_a_deleted_job_is_unknown_and_leaves_no_body(path: Path) -> None:
    """Its journal, its entry and its bodies are gone."""
    store = MemoryStore()
    async with client_of(open_sandbox(), stores=store) as cc:
        job = await cc.bulk.submit_import(path, lists=["Newsletter"])
        folder = job._bodies.folder
        assert list(folder.glob("*.body"))
        await cc.bulk.delete(job.id)
        assert not folder.exists()
        assert await cc.bulk.jobs() == ()
        for call in (cc.bulk.resume(job.id), cc.bulk.cancel(job.id), cc.bulk.delete(job.id)):
            with pytest.raises(JobNotFoundError):
                await call
    assert await store.read(f"job:{job.id}") == []


async def test_a_dry_run_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """Neither a job nor a file remains, and no list is made."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        dry_run = await cc.bulk.dry_run_import(
            path, lists=["New"], options=ImportOptions(create_lists=True)
        )
        assert await cc.bulk.jobs() == ()
    assert dry_run.report.contacts_sent == 2
    assert [each.name for each in sandbox.contact_lists] == ["Newsletter"]
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("later", [0.0, 0.01, 0.5, 2.0])
async def test_the_same_import_begun_twice_is_sent_once(path: Path, later: float) -> None:
    """One start goes on; the other is told which job is at work. The list is made once."""
    sandbox, store = open_sandbox(activity_seconds=30), MemoryStore()

    async def run(wait: float) -> ImportReport | JobBusyError:
        await asyncio.sleep(wait)
        async with client_of(sandbox, stores=store) as cc:
            try:
                return await cc.bulk.import_contacts(
                    path, lists=["New"], options=ImportOptions(create_lists=True)
                )
            except JobBusyError as error:
                return error

    results = await asyncio.gather(run(0.0), run(later))
    (report,) = [result for result in results if isinstance(result, ImportReport)]
    (busy,) = [result for result in results if isinstance(result, JobBusyError)]
    assert report.is_all_accepted
    assert len(sandbox.activities) == 1
    assert [each.name for each in sandbox.contact_lists] == ["Newsletter", "New"]
    async with client_of(sandbox, stores=store) as cc:
        (entry,) = await cc.bulk.jobs()
    assert later < 0.1 or busy.job_id == entry.job_id


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_import_cancelled_while_it_is_registered_is_whole_or_gone(
    path: Path, is_late: bool
) -> None:
    """At whatever write: no body is left without a job, and the same import arrives once."""
    cancelled = []
    for at in range(1, 13):
        sandbox, store = open_sandbox(), Cancelling(at, is_late=is_late)
        async with client_of(sandbox, stores=store) as cc:
            try:
                await asyncio.ensure_future(cc.bulk.submit_import(path, lists=["Newsletter"]))
            except asyncio.CancelledError:
                cancelled.append(at)
            store.at = 0
            jobs = await cc.bulk.jobs()
            assert len(list(_folder_of(store).rglob("*.body"))) == len(jobs), at
            for entry in jobs:
                await cc.bulk.resume(entry.job_id)
            assert (await cc.bulk.import_contacts(path, lists=["Newsletter"])).is_all_accepted, at
            assert len(await cc.bulk.jobs()) == 1, at
        assert len(sandbox.activities) == 1, at
    assert {7, 8, 9} <= set(cancelled), "of journal, list of jobs and lease"
    assert 12 not in cancelled, "there are more writes than this test knows"


async def test_an_import_whose_store_fails_while_it_is_registered_is_whole_or_gone(
    path: Path,
) -> None:
    """At whatever write: when the store is back, the same import arrives, and one job is listed."""
    at, has_failed = 0, True
    while has_failed:
        at, has_failed = at + 1, False
        sandbox, store = open_sandbox(), Failing(at)
        async with client_of(sandbox, stores=store) as cc:
            try:
                await cc.bulk.submit_import(path, lists=["Newsletter"])
            except StoreError:
                has_failed = True
            store.at = 0
            await asyncio.sleep(31)  # until the lease has ended
            assert (await cc.bulk.import_contacts(path, lists=["Newsletter"])).is_all_accepted, at
            assert len(await cc.bulk.jobs()) == 1, at
        assert len(sandbox.activities) == 1, at
    assert at > 5


async def test_a_job_that_is_being_prepared_can_be_cancelled(path: Path) -> None:
    """Its process takes it back whole, and no list shows it."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        reading = asyncio.Event()

        async def rows() -> Any:
            yield {"email": "a@example.com"}
            reading.set()
            await asyncio.sleep(60)

        task = asyncio.ensure_future(cc.bulk.submit_import(rows(), lists=["Newsletter"]))
        await reading.wait()
        (entry,) = await cc.bulk.jobs()
        assert entry.state == "preparing"
        await cc.bulk.cancel(entry.job_id)
        with suppress(JobNotFoundError):
            await cc.bulk.delete(entry.job_id)
        with pytest.raises(Exception, match="was cancelled"):
            await task
        assert await cc.bulk.jobs() == ()
    assert sandbox.activities == ()


async def test_a_job_whose_process_died_while_it_was_prepared_begins_anew(path: Path) -> None:
    """It is not listed, an error says that nothing of it was sent, and the same call sends it."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        job = await cc.bulk.submit_import(path, lists=["Newsletter"])
        (entry,) = await cc.bulk.jobs()
        await cc.bulk.delete(job.id)
        registry = cc.bulk._jobs.registry
        assert (await registry.claim(entry)).state == "preparing"
        assert await cc.bulk.jobs() == ()
        with pytest.raises(JobNotFoundError, match="nothing of it was sent"):
            await cc.bulk.resume(entry.job_id)
        assert (await cc.bulk.import_contacts(path, lists=["Newsletter"])).is_all_accepted
        assert [each.state for each in await cc.bulk.jobs()] == ["ended"]
    assert len(sandbox.activities) == 1
