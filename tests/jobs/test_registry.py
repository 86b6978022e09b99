"""The list of jobs: what it keeps, for how long, and in which format."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from cc_async.errors import JobBusyError, StoredFormatError
from cc_async.jobs import JobEntry, JobRegistry
from cc_async.stores import MemoryStore
from tests.support.accounts import app

pytestmark = pytest.mark.looptime

SAMPLES = Path(__file__).parents[1] / "samples" / "jobs"


async def begin(registry: JobRegistry, entry: JobEntry) -> list[str]:
    assert (await registry.claim(entry)).job_id == entry.job_id
    return await registry.add(entry)


async def test_the_same_job_is_claimed_once_until_it_has_ended() -> None:
    """A second claim is told the first one; another key, kind or no key makes another job."""
    registry = JobRegistry(MemoryStore(), app)
    first, second = (JobEntry(name, 1.0, "a.csv", 1, key="k") for name in ("first", "second"))
    assert (await registry.claim(first)).state == "preparing"
    assert (await registry.claim(second)).job_id == "first"
    await registry.add(first)
    assert await registry.claim(second) == first
    for other in (
        JobEntry("a", 1.0, "a.csv", 1, key="other"),
        JobEntry("b", 1.0, "a.csv", 1, key="k", kind="sign_up"),
        JobEntry("c", 1.0, "a.csv", 1),
        JobEntry("d", 1.0, "a.csv", 1),
    ):
        assert (await registry.claim(other)).job_id == other.job_id
    await registry.finish("first", "ended")
    assert (await registry.claim(second)).job_id == "second"


async def test_a_claim_that_was_taken_over_begins_no_job() -> None:
    """A process that slept while it prepared a job is refused, and the other goes on."""
    registry = JobRegistry(MemoryStore(), app)
    slept, woken = (JobEntry(name, 1.0, "a.csv", 1, key="k") for name in ("slept", "woken"))
    await registry.claim(slept)
    assert (await registry.claim(woken, in_place_of="slept")).job_id == "woken"
    with pytest.raises(JobBusyError):
        await registry.add(slept)
    await registry.add(woken)
    assert await registry.read() == (woken,)


async def test_jobs_that_ended_are_pruned_after_thirty_days() -> None:
    """An ended job is pruned when a new one is added a month later; an open one stays."""
    store = MemoryStore()
    registry = JobRegistry(store, app)
    now = await store.update("clock", lambda record, now: (None, now))
    for job_id in ("ended", "open"):
        await begin(registry, JobEntry(job_id, now, "a.csv", 1))
    await registry.finish("ended", "ended")
    await asyncio.sleep(31 * 86_400)
    new = JobEntry("new", now + 31 * 86_400, "a.csv", 1)
    assert await begin(registry, new) == ["ended"]
    assert [entry.job_id for entry in await registry.read()] == ["new", "open"]


async def test_the_state_of_a_job_changes_and_the_job_can_be_forgotten() -> None:
    """Finished, reopened, forgotten; an unknown job changes nothing."""
    registry = JobRegistry(MemoryStore(), app)
    await registry.finish("none", "ended")
    assert await registry.read() == ()
    await begin(registry, JobEntry("a", 1.0, "a.csv", 1, kind="sign_up"))
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
