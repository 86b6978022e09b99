"""The disk under the journal in trouble: a clear error, and nothing lost that was acknowledged."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from cc_async import ConstantContact, Limits, Network, RetryPolicy
from cc_async.errors import PermissionDeniedError, StoreCorruptError, StoreError, StoreLockedError
from cc_async.sandbox import Sandbox
from cc_async.stores import SqliteStore
from tests.support.people import open_sandbox

BODIES, PEOPLE = 12, 60
IMPORTS = "/activities/contacts_*_import"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = [f"p{number}@example.com,L{number % BODIES}\n" for number in range(PEOPLE)]
    path.write_text("email,lists\n" + "".join(rows))
    return path


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Sandbox, str]]:
    sandbox = open_sandbox(lists=tuple(f"L{n}" for n in range(BODIES)), activity_seconds=0.05)
    async with sandbox.serve() as server:
        yield sandbox, server.url


def client(url: str, store: SqliteStore | None = None) -> ConstantContact:
    return ConstantContact(
        "sandbox-token",
        network=Network(base_url=url, timeout=1.0),
        limits=Limits(per_second=200),
        stores=store,
        settle_seconds=0.3,
        retry_policy=RetryPolicy(patience=0.5),
    )


async def assert_goes_on(sandbox: Sandbox, url: str, people: Path) -> None:
    async with client(url) as cc:
        report = await cc.bulk.import_contacts(people, lists=["L0"])
    assert report.is_all_accepted, report
    assert sandbox.contact_count == PEOPLE
    assert len(sandbox.activities) == BODIES


async def test_a_locked_journal_is_told_and_the_import_goes_on_later(
    people: Path, tmp_path: Path
) -> None:
    """While another process holds the state file, the error says so; later nothing is missing."""
    async with serving() as (sandbox, url):
        store = SqliteStore(tmp_path / "home" / "cc-async.sqlite3", busy_timeout=0.2)
        async with client(url, store) as cc:
            job = await cc.bulk.submit_import(people, lists=["L0"])
            with closing(sqlite3.connect(tmp_path / "home" / "cc-async.sqlite3")) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreLockedError):
                    await job
                other.rollback()
        await store.aclose()
        await assert_goes_on(sandbox, url, people)


@pytest.mark.parametrize("room", [40_000, 60_000, 80_000])
async def test_a_full_disk_is_told_and_the_import_goes_on_later(people: Path, room: int) -> None:
    """When the state file cannot grow, the error names the remedy; later nothing is missing."""
    async with serving() as (sandbox, url):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.full_disk", url, str(people), str(room),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode in (0, 5)
        if process.returncode == 5:
            assert "CC_ASYNC_HOME" in output.decode() or "room" in output.decode()
            await assert_goes_on(sandbox, url, people)
        assert process.returncode == 5 or room > 40_000
        assert (sandbox.contact_count, len(sandbox.activities)) == (PEOPLE, BODIES)


@contextmanager
def folder_that_turns_read_only(home: Path) -> Iterator[Callable[[bool], None]]:
    """Let the state folder be read-only when told to: by its mount, or for who is not root."""
    home.mkdir(exist_ok=True)
    if os.geteuid() != 0:

        def set_mode(is_read_only: bool) -> None:
            for place in (home, *home.rglob("*")):
                mode = 0o500 if place.is_dir() else 0o400
                place.chmod(mode if is_read_only else mode | 0o200)

        try:
            yield set_mode
        finally:
            set_mode(False)
        return
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "cc-async-test", str(home)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")

    def remount(is_read_only: bool) -> None:
        option = "remount,ro" if is_read_only else "remount,rw"
        subprocess.run(["mount", "-o", option, str(home)], check=True)

    try:
        yield remount
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


@pytest.mark.slow
async def test_a_read_only_journal_is_told_and_the_import_goes_on_later(
    people: Path, tmp_path: Path
) -> None:
    """Read-only from the start nothing is sent; from the middle on, later nothing is missing."""
    home = tmp_path / "home"
    with folder_that_turns_read_only(home) as set_read_only:
        async with serving() as (sandbox, url):
            set_read_only(True)
            with pytest.raises(StoreError) as caught:
                async with client(url) as cc:
                    await cc.bulk.import_contacts(people, lists=["L0"])
            assert "CC_ASYNC_" in caught.value.hint
            assert len(sandbox.activities) == 0
            set_read_only(False)
            async with client(url) as cc:
                job = await cc.bulk.submit_import(people, lists=["L0"])
                async for progress in job:
                    if progress.chunks_submitted >= 4:
                        break
                await job.aclose()
            accepted = len(sandbox.activities)
            assert 4 <= accepted < BODIES
            set_read_only(True)
            with pytest.raises(StoreError) as caught:
                async with client(url) as cc:
                    await (await cc.bulk.resume())
            assert "CC_ASYNC_" in caught.value.hint
            assert len(sandbox.activities) == accepted
            set_read_only(False)
            await assert_goes_on(sandbox, url, people)


async def test_a_damaged_journal_is_told_and_not_guessed_at(people: Path, tmp_path: Path) -> None:
    """A state file with garbage in its last page is an error in words, and nothing is sent."""
    async with serving() as (sandbox, url):
        sandbox.faults.add("403", path=IMPORTS)
        async with client(url) as cc:
            with pytest.raises(PermissionDeniedError):
                await cc.bulk.import_contacts(people, lists=["L0"])
        state = tmp_path / "home" / "cc-async.sqlite3"
        with state.open("r+b") as file:
            file.seek(-4096, 2)
            file.write(b"\xa5" * 4096)
        sandbox.faults.clear()
        before = len([entry for entry in sandbox.received if entry.method == "POST"])
        async with client(url) as cc:
            with pytest.raises((StoreCorruptError, StoreError)) as caught:
                await (await cc.bulk.resume())
        assert "Traceback" not in str(caught.value)
        assert len([entry for entry in sandbox.received if entry.method == "POST"]) == before


async def test_a_body_that_is_gone_is_told_with_its_lines(people: Path, tmp_path: Path) -> None:
    """If a waiting body is deleted, the error names the lines of the source."""
    async with serving() as (sandbox, url):
        sandbox.faults.add("403", path=IMPORTS)
        async with client(url) as cc:
            with pytest.raises(PermissionDeniedError):
                await cc.bulk.import_contacts(people, lists=["L0"])
        for body in (tmp_path / "home" / "bodies").rglob("*.body"):
            body.write_bytes(b"?")
        sandbox.faults.clear()
        async with client(url) as cc:
            with pytest.raises(StoreCorruptError, match="lines 2 to"):
                await (await cc.bulk.resume())
        assert len(sandbox.activities) == 0


async def test_bodies_are_for_their_owner_alone_and_go_when_they_arrived(
    people: Path, tmp_path: Path
) -> None:
    """What waits to be sent is readable by its owner only, and nothing of it stays behind."""
    async with serving() as (_, url), client(url) as cc:
        job = await cc.bulk.submit_import(people, lists=["L0"])
        folder = tmp_path / "home" / "bodies" / job.id
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(folder.iterdir())) == BODIES
        assert (await job).is_all_accepted
        assert not folder.exists()
    state = (tmp_path / "home" / "cc-async.sqlite3").read_bytes()
    assert b"example.com" not in state
