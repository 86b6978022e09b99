"""The list of jobs: what it keeps, for how long, and in which format."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from cc_async.errors import StoredFormatError
from cc_async.jobs import JobEntry, JobRegistry
from cc_async.stores import MemoryStore
from tests.support.accounts import app

pytestmark = pytest.mark.looptime

SAMPLES = Path(__file__).parents[1] / "samples" / "jobs"


async def test_jobs_that_ended_are_pruned_after_thirty_days() -> None:
    """An ended job is pruned when a new one is added a month later; an open one stays."""
    store = MemoryStore()
    registry = JobRegistry(store, app)
    now = await store.update("clock", lambda record, now: (None, now))
    await registry.add(JobEntry("ended", now, "a.csv", 1))
    await registry.add(JobEntry("open", now, "a.csv", 1))
    await registry.finish("ended", "ended")
    await asyncio.sleep(31 * 86_400)
    assert await registry.add(JobEntry("new", now + 31 * 86_400, "a.csv", 1)) == ["ended"]
    assert [entry.job_id for entry in await registry.read()] == ["new", "open"]


async def test_the_state_of_a_job_changes_and_the_job_can_be_forgotten() -> None:
    """Finished, reopened, forgotten; an unknown job changes nothing."""
    registry = JobRegistry(MemoryStore(), app)
    await registry.finish("none", "ended")
    assert await registry.read() == ()
    await registry.add(JobEntry("a", 1.0, "a.csv", 1, kind="sign_up"))
    await registry.finish("a", "cancelled")
    found = await registry.find("a")
    assert found is not None
    assert (found.state, found.kind) == ("cancelled", "sign_up")
    await registry.reopen("a")
    assert [entry.state for entry in await registry.read()] == ["open"]
    await registry.forget("a")
    assert await registry.find("a") is None


async def test_the_list_is_stored_as_in_the_sample() -> None:
    """Today's format is read; a new job adds to it and changes nothing else."""
    store, sample = MemoryStore(), orjson.loads((SAMPLES / "registry-1.json").read_bytes())
    await store.update("jobs:app", lambda _, now: (sample, None))
    registry = JobRegistry(store, app)
    first, second = await registry.read()
    assert first == JobEntry(
        "5f2d0c9a7b31", 1790000060.5, "staff.csv", 12, "open", "k2", "d2", "sign_up"
    )
    assert (second.job_id, second.kind, second.state) == ("0123456789ab", "import", "ended")
    await registry.add(second)
    assert await store.update("jobs:app", lambda record, now: (record, record)) == sample


@pytest.mark.parametrize(
    ("name", "change"), [("registry-1.json", {"format": 2}), ("registry-unversioned.json", {})]
)
async def test_a_list_of_another_version_is_refused(name: str, change: dict[str, object]) -> None:
    """One sentence says what to do; nothing is written."""
    store, sample = MemoryStore(), {**orjson.loads((SAMPLES / name).read_bytes()), **change}
    await store.update("jobs:app", lambda _, now: (sample, None))
    registry = JobRegistry(store, app)
    for call in (registry.read(), registry.add(JobEntry("a", 1.0, "a.csv", 1))):
        with pytest.raises(StoredFormatError, match="the list of jobs has") as caught:
            await call
        assert "use another store" in caught.value.hint
    assert await store.update("jobs:app", lambda record, now: (record, record)) == sample
