"""The store in one SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from cc_async.errors import StoreCorruptError, StoredFormatError, StoreError, StoreLockedError
from cc_async.limits import Budget
from cc_async.stores import (
    SqliteStore,
    Store,
)
from cc_async.testing._check_store import CheckStore, MakeStore, count_calls, get, put

SAMPLES = Path(__file__).parents[1] / "samples" / "stores"


class TestSqliteStore(CheckStore):
    """One file, opened as often as a test asks for."""

    @pytest.fixture
    async def make_store(self, tmp_path: Path) -> AsyncIterator[MakeStore]:
        stores: list[Store] = []

        def make() -> Store:
            stores.append(SqliteStore(tmp_path / "state" / "store.sqlite3"))
            return stores[-1]

        yield make
        for store in stores:
            await store.aclose()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A file that holds the record key: {"n": 1}."""
    store = SqliteStore(tmp_path / "store.sqlite3")
    await store.update("key", put({"n": 1}))
    await store.aclose()
    return tmp_path / "store.sqlite3"


async def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    """The new folder is 0700, and every file in it is 0600."""
    store = SqliteStore(tmp_path / "deep" / "home" / "store.sqlite3")
    await store.update("key", put({"n": 1}))
    assert stat.S_IMODE((tmp_path / "deep" / "home").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "deep/home").iterdir()}
    assert modes == {0o600}
    await store.aclose()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """For a path that cannot be written the error names the settings that help."""
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "store.sqlite3")
    with pytest.raises(StoreError) as caught:
        await store.update("key", get)
    assert "CC_ASYNC_HOME" in caught.value.hint
    assert "CC_ASYNC_STORE" in caught.value.hint
    await store.aclose()


async def test_a_locked_file(path: Path) -> None:
    """A long write of another process is an error of its own."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = SqliteStore(path, busy_timeout=0.05)
    with pytest.raises(StoreLockedError):
        await store.update("key", get)
    other.execute("COMMIT")
    assert await store.update("key", get) == {"n": 1}
    other.close()
    await store.aclose()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file with other content is called damaged, and stays as it is."""
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"certainly no database" * 500)
    store = SqliteStore(path)
    with pytest.raises(StoreCorruptError, match="damaged"):
        await store.update("key", get)
    await store.aclose()
    assert path.read_bytes().startswith(b"certainly")


async def test_a_damaged_file_moved_away(tmp_path: Path) -> None:
    """After a damaged file is moved away, the same store makes a new one."""
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"certainly no database" * 500)
    store = SqliteStore(path)
    with pytest.raises(StoreCorruptError):
        await store.update("key", get)
    path.rename(tmp_path / "damaged")
    assert await store.update("key", count_calls) == 1
    await store.aclose()


async def test_a_cancelled_request_frees_its_place(tmp_path: Path) -> None:
    """A request that is cancelled at any time gives its place in the budget back."""
    store = SqliteStore(tmp_path / "store.sqlite3")
    budget = Budget(store, key="app", per_second=1)

    async def request() -> None:
        turn = await budget.acquire()
        try:
            await asyncio.sleep(60)
        finally:
            await budget.release(turn, "lost")

    for delay in (0.0, 0.0005, 0.002, 0.05):
        with anyio.move_on_after(delay):
            await request()
        task = asyncio.create_task(request())
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.wait([task])
    statistics = await budget.statistics()
    assert (statistics.in_flight, statistics.waiting) == (0, ())
    await store.aclose()


async def test_a_record_that_is_no_json(path: Path) -> None:
    """A record that is no JSON is called damaged; other records still work."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE records SET value = x'ff'")
    connection.commit()
    connection.close()
    store = SqliteStore(path)
    with pytest.raises(StoreCorruptError):
        await store.update("key", get)
    assert await store.update("other", count_calls) == 1
    await store.aclose()


async def test_an_unknown_layout_is_refused(path: Path) -> None:
    """A file with another layout is an error, and stays as it is."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    store = SqliteStore(path)
    for _ in range(2):
        with pytest.raises(StoredFormatError, match="has version 99"):
            await store.update("key", put({"n": 2}))
    await store.aclose()
    assert path.read_bytes() == before


async def test_a_file_of_layout_1_is_read(tmp_path: Path) -> None:
    """A file that was made with the tables of layout 1 still has its records and logs."""
    connection = sqlite3.connect(tmp_path / "store.sqlite3")
    connection.executescript((SAMPLES / "layout-1.sql").read_text())
    connection.close()
    store = SqliteStore(tmp_path / "store.sqlite3")
    assert await store.update("key", get) == {"n": 1}
    assert await store.read("log") == [b"a", b"b"]
    assert await store.append("log", [b"c"]) == 3
    await store.aclose()


async def test_a_full_disk(path: Path) -> None:
    """A full disk is an error of its own, and older records are still there."""
    store = SqliteStore(path)
    await store.update("key", get)
    assert store._connection is not None
    store._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreError, match="space"):
        await store.append("log", [b"x" * 1_000_000])
    assert await store.read("log") == []
    assert await store.update("key", get) == {"n": 1}
    await store.aclose()


async def test_a_forked_child_opens_the_file_anew(path: Path) -> None:
    """A forked child does not use the connection of its parent."""
    script = (
        "import asyncio, os, sys\n"
        "from cc_async.stores import SqliteStore\n"
        "count = lambda record, now: ({'n': record['n'] + 1}, record['n'] + 1)\n"
        "store = SqliteStore(sys.argv[1])\n"
        "print(asyncio.run(store.update('key', count)), flush=True)\n"
        "child = os.fork()\n"
        "print(asyncio.run(store.update('key', count)), flush=True)\n"
        "if child:\n"
        "    sys.exit(os.waitpid(child, 0)[1])\n"
        "asyncio.run(store.aclose())\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, path], capture_output=True, text=True
    )
    assert (done.returncode, sorted(done.stdout.split())) == (0, ["2", "3", "4"]), done.stderr


async def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    """After a kill every finished append and update is there."""
    script = (
        "import asyncio, os, sys\n"
        "from cc_async.stores import SqliteStore\n"
        "store = SqliteStore(sys.argv[1])\n"
        "asyncio.run(store.append('log', [b'a', b'b']))\n"
        "asyncio.run(store.update('key', lambda record, now: ({'n': 1}, None), durable=False))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "store.sqlite3"
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, path], check=False)
    store = SqliteStore(path)
    assert await store.read("log") == [b"a", b"b"]
    assert await store.update("key", get) == {"n": 1}
    await store.aclose()
