"""Jobs of one application share a store and a list."""

from __future__ import annotations

import asyncio
from pathlib import Path

import attrs
import pytest

from cc_async.errors import JobNotFoundError
from cc_async.jobs import JobEntry, JobStore, journal_log
from cc_async.stores import MemoryStore
from tests.support.accounts import app

pytestmark = pytest.mark.looptime


async def test_the_journal_of_a_pruned_job_is_deleted(tmp_path: Path) -> None:
    """When a job is added, jobs that ended a month ago go with all that was written of them."""
    jobs = JobStore(MemoryStore(), app, tmp_path)
    await jobs.store.append(journal_log("old"), [b"{}"])
    old = await jobs.registry.claim(JobEntry("old", await jobs.clock.read(), "a.csv", 1))
    await jobs.add(attrs.evolve(old, state="open"))
    await jobs.registry.finish("old", "ended")
    await asyncio.sleep(31 * 86_400)
    await jobs.add(await jobs.registry.claim(JobEntry("new", await jobs.clock.read(), "a.csv", 1)))
    assert await jobs.store.read(journal_log("old")) == []
    assert [entry.job_id for entry in await jobs.registry.read()] == ["new"]


async def test_a_job_of_another_account_is_not_found(tmp_path: Path) -> None:
    """The error tells a job of another account from one that does not exist."""

    async def other() -> str:
        return "other"

    store = MemoryStore()
    jobs, others = JobStore(store, app, tmp_path), JobStore(store, other, tmp_path)
    await store.append(journal_log("one"), [b"{}"])
    one = await jobs.registry.claim(JobEntry("one", await jobs.clock.read(), "a.csv", 1))
    await jobs.add(attrs.evolve(one, state="open"))
    assert (await jobs.entry("one")).name == "a.csv"
    with pytest.raises(JobNotFoundError, match="does not belong to this account"):
        await others.entry("one")
    with pytest.raises(JobNotFoundError, match="there is no job two"):
        await others.entry("two")
    assert await others.registry.read() == ()
