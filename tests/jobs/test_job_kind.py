"""Each kind of job finds, cancels and deletes its own jobs alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async.errors import JobBusyError, JobNotFoundError
from cc_async.jobs import JobEntry, JobKind, JobStore, Lease
from cc_async.stores import MemoryStore
from tests.support.accounts import app

pytestmark = pytest.mark.looptime


class Imports(JobKind):
    kind = "import"
    title = "import"


class SignUps(JobKind):
    kind = "sign_up"
    title = "sign-up"


@pytest.fixture
async def jobs(tmp_path: Path) -> JobStore:
    store = JobStore(MemoryStore(), app, tmp_path)
    for entry in (
        JobEntry("old", 1.0, "a.csv", 1),
        JobEntry("other", 2.0, "a.csv", 1, kind="sign_up"),
        JobEntry("new", 3.0, "a.csv", 1),
    ):
        await store.registry.claim(entry)
        await store.add(entry)
    return store


async def test_a_kind_sees_its_own_jobs(jobs: JobStore) -> None:
    """The newest comes first; a job of another kind is refused by its id."""
    imports, sign_ups = Imports(jobs), SignUps(jobs)
    assert [entry.job_id for entry in await imports.entries()] == ["new", "old"]
    assert await imports.newest_open() == "new"
    assert await sign_ups.newest_open() == "other"
    await sign_ups.require_begun("other")
    with pytest.raises(JobNotFoundError, match="job new is no sign-up"):
        await sign_ups.require_begun("new")


async def test_a_cancelled_job_is_not_the_newest_open_one(jobs: JobStore) -> None:
    """After all have been cancelled there is none."""
    imports = Imports(jobs)
    await imports.cancel("new")
    assert await imports.newest_open() == "old"
    await imports.cancel("old")
    with pytest.raises(JobNotFoundError, match="no unfinished import"):
        await imports.newest_open()


async def test_a_deleted_job_leaves_nothing(jobs: JobStore) -> None:
    """Neither its journal nor its place in the list remain."""
    await jobs.store.append("job:new", [b"{}"])
    await Imports(jobs).delete("new")
    assert await jobs.store.read("job:new") == []
    assert await jobs.registry.find("new") is None


async def test_a_job_that_was_stopped_while_it_was_prepared_is_told(jobs: JobStore) -> None:
    """While its process lives it is listed; later it is not, and an error says how to go on."""
    imports, lease = Imports(jobs), Lease(jobs.store, "prepared")
    await jobs.registry.claim(JobEntry("prepared", 4.0, "a.csv", 1))
    async with lease.held():
        assert [entry.job_id for entry in await imports.entries()] == ["prepared", "new", "old"]
        with pytest.raises(JobBusyError):
            await imports.require_begun("prepared")
    await lease.release()
    assert [entry.job_id for entry in await imports.entries()] == ["new", "old"]
    with pytest.raises(JobNotFoundError, match="nothing of it was sent") as caught:
        await imports.require_begun("prepared")
    assert caught.value.hint == "Start the same import again: it begins anew."
    await imports.cancel("prepared")


async def test_a_job_with_a_journal_is_open(jobs: JobStore) -> None:
    """Its process died between the journal and the list of jobs; it can be resumed."""
    imports = Imports(jobs)
    await jobs.registry.claim(JobEntry("prepared", 4.0, "a.csv", 1))
    await jobs.store.append("job:prepared", [b"{}"])
    assert await imports.newest_open() == "prepared"
    await imports.require_begun("prepared")


async def test_a_job_with_a_journal_goes_on_when_it_is_begun_again(jobs: JobStore) -> None:
    """Its process died before the list of jobs said that it is open; it is not begun anew."""
    imports = Imports(jobs)
    await jobs.registry.claim(JobEntry("prepared", 4.0, "a.csv", 1, key="same"))
    await jobs.store.append("job:prepared", [b"{}"])
    claimed = await imports._claim(JobEntry("again", 5.0, "a.csv", 1, key="same"))
    assert claimed.job_id == "prepared"
    found = await jobs.registry.find("prepared")
    assert found is not None
    assert found.state == "open"
    assert await jobs.registry.find("again") is None
    assert not await Lease(jobs.store, "prepared").is_held()
