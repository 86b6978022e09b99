"""Bodies of a process that was killed before it wrote a journal are deleted by the next one."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import orjson
import pytest

from cc_async import ConstantContact, ImportOptions, Limits, Network
from cc_async.errors import StoredFormatError
from cc_async.imports._bodies import FileBodies, StoreBodies, body_path, clean_up
from cc_async.imports._chunk import Chunk
from cc_async.imports._orphans import claim, delete_orphans, register, take_orphans, unregister
from cc_async.jobs import _processes
from cc_async.stores import MemoryStore
from tests.support.people import open_sandbox

SAMPLES = Path(__file__).parents[1] / "samples" / "imports"
REGISTERED = "bodies:unfinished"
ROWS = [{"email": "a@example.com"}]
KILLED = """
import asyncio, os, signal, sys
from cc_async import ConstantContact, Network

def rows():
    for number in range(5_000):
        yield {"email": f"p{number}@example.com"}
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with ConstantContact(
        "sandbox-token", network=Network(base_url=sys.argv[1]), stores=sys.argv[2]
    ) as cc:
        await cc.bulk.submit_import(rows(), lists=["Newsletter"])

asyncio.run(main())
"""


class Holder:
    pass


@pytest.mark.parametrize("store", ["sqlite:///{}/state.db", "memory:"])
async def test_rows_of_a_process_killed_while_it_read_are_deleted_by_the_next_import(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No journal refers to them."""
    home = tmp_path / "home"
    monkeypatch.setenv("CC_ASYNC_HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    url = store.format(tmp_path)
    async with open_sandbox().serve() as server:
        killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, server.url, url)
        assert await killed.wait() == -9
        assert list(tmp_path.rglob("*.rows"))
        async with ConstantContact(
            "sandbox-token",
            network=Network(base_url=server.url),
            limits=Limits(per_second=100),
            stores=url,
        ) as cc:
            job = await cc.bulk.submit_import(ROWS, lists=["Newsletter"])
            assert not list(tmp_path.rglob("*.rows"))
            assert (await job).is_all_accepted
            await job.aclose()


async def keep_the_claim(self: FileBodies) -> None:
    """Stand for a process that dies before it removes the claim."""


async def test_bodies_in_a_shared_store_are_deleted_without_a_journal(
    tmp_path: Path,
) -> None:
    """Those of a dead process; not those of a living one, or of a job with a journal."""
    store = MemoryStore()
    jobs = {name: StoreBodies(store, name) for name in ("living", "dead", "begun")}
    for bodies in jobs.values():
        for number in (1, 2):
            body_path(bodies.folder, number).write_bytes(b"email")
            await bodies.keep(Chunk(number, "csv", "", "", (), "", 1, 5, 2, 2, ""))
    await store.append("job:begun", [b"{}"])
    del bodies, jobs["dead"], jobs["begun"]
    gc.collect()
    await clean_up(store, tmp_path)
    left = [name for name in ("living", "dead", "begun") if await store.read(f"job:{name}:body:1")]
    assert left == ["living", "begun"]
    assert not await store.read("job:dead:body:2")
    await jobs["living"].hand_over()
    await clean_up(store, tmp_path)
    assert await store.read("job:living:body:2")


async def test_bodies_of_a_job_with_a_journal_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between writing the journal and handing its bodies over loses nothing."""
    home = tmp_path / "home"
    monkeypatch.setenv("CC_ASYNC_HOME", str(home))
    sandbox = open_sandbox(activity_seconds=0.1)
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token", network=Network(base_url=server.url), limits=Limits(per_second=100)
        ) as cc,
    ):
        with monkeypatch.context() as patch:
            patch.setattr(FileBodies, "hand_over", keep_the_claim)
            job = await cc.bulk.submit_import(ROWS, lists=["Newsletter"])
        job_id = job.id
        await job.aclose()
        del job
        gc.collect()
        other = await cc.bulk.submit_import(
            ROWS, lists=["Newsletter"], options=ImportOptions(send_as="json")
        )
        assert (await (await cc.bulk.resume(job_id))).is_all_accepted
        assert (await other).is_all_accepted
    assert not list(home.rglob("*.body"))


def test_only_folders_whose_owner_is_gone_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of the living, of other machines, without a claim, of another version, or behind a link."""

    living, gone = Holder(), Holder()
    elsewhere = tmp_path / "elsewhere"
    for name in ("a-living", "a-gone", "a-foreign", "a-bare", "a-newer", "b-gone", "elsewhere"):
        (tmp_path / name).mkdir()
    claim(tmp_path / "a-living", living)
    for folder in (tmp_path / "a-gone", tmp_path / "b-gone", elsewhere):
        claim(folder, gone)
    (tmp_path / "a-link").symlink_to(elsewhere)
    monkeypatch.setattr(_processes, "_machine", lambda: "another")
    claim(tmp_path / "a-foreign", gone)
    monkeypatch.undo()
    note = orjson.loads((tmp_path / "a-gone" / ".owner").read_bytes())
    (tmp_path / "a-newer" / ".owner").write_bytes(orjson.dumps({**note, "format": 2}))
    del gone
    delete_orphans(tmp_path, "a-*")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-bare", "a-foreign", "a-link", "a-living", "a-newer", "b-gone", "elsewhere",
    ]  # fmt: skip


async def test_registered_jobs_are_stored_as_in_the_sample() -> None:
    """Today's format is read: a job of another machine is an orphan after a day."""
    store, sample = MemoryStore(), orjson.loads((SAMPLES / "claims-1.json").read_bytes())
    await store.update(REGISTERED, lambda _, now: (sample, None))
    holder = Holder()
    await register(store, "fedcba9876543210", holder)
    record = await store.update(REGISTERED, lambda record, now: (record, record))
    assert record["jobs"]["fedcba9876543210"].keys() == sample["jobs"]["0123456789ab"].keys()
    assert await take_orphans(store) == ["0123456789ab"]
    assert await take_orphans(store) == []
    await unregister(store, "fedcba9876543210")
    assert await store.update(REGISTERED, lambda record, now: (record, record)) is None


@pytest.mark.parametrize("record", [{"format": 2, "jobs": {}}, {"0123456789ab": {"at": 0.0}}])
async def test_registered_jobs_of_another_version_are_refused(record: dict[str, object]) -> None:
    """One sentence says what to do; nothing is written."""
    store = MemoryStore()
    await store.update(REGISTERED, lambda _, now: (record, None))
    for call in (take_orphans(store), register(store, "job", Holder())):
        with pytest.raises(StoredFormatError, match="the list of imports that are being read"):
            await call
