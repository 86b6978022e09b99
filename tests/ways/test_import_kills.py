"""Processes that are really killed, at every point, and imports that go on all the same."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cc_async import ConstantContact, ImportOptions, ImportReport, Limits, Network
from cc_async.sandbox import Sandbox, SandboxServer
from tests.support import servers
from tests.support.people import open_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

LISTS, PEOPLE = 12, 5


def write_contacts(path: Path, lists: int = LISTS) -> Path:
    """Write people for some lists, which makes as many bodies."""
    rows = [
        f"p{number}.{person}@example.com,L{number}\n"
        for number in range(lists)
        for person in range(PEOPLE)
    ]
    path.write_text("email,lists\n" + "".join(rows))
    return path


@asynccontextmanager
async def serving(
    lists: int = LISTS, **settings: float
) -> AsyncIterator[tuple[Sandbox, SandboxServer]]:
    names = tuple(f"L{number}" for number in range(lists))
    fast = {"activity_seconds": 0.05, "kept_bytes": 0}
    sandbox = open_sandbox(lists=names, **{**fast, **settings})
    async with sandbox.serve() as server:
        yield sandbox, server


async def run_and_die(server: SandboxServer, path: Path, kind: str, point: int) -> tuple[int, str]:
    """Run the import in a process that dies at *point*; return its exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.dying", server.url, str(path), kind, str(point),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def run_again(
    server: SandboxServer, path: Path, kind: str, *, resend: bool = False
) -> ImportReport:
    """Run the same import again, as a user would after a crash."""
    async with ConstantContact(
        "sandbox-token",
        network=Network(base_url=server.url, timeout=0.3),
        limits=Limits(per_second=200),
        settle_seconds=0.3,
    ) as cc:
        if resend:
            job = await cc.bulk.resume(resend_uncertain=True)
            return await job
        return await cc.bulk.import_contacts(
            path,
            lists=["L0"],
            options=ImportOptions(send_as=kind),  # type: ignore[arg-type]
        )


async def points_of(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "unharmed"))
    async with serving() as (sandbox, server):
        code, output = await run_and_die(server, write_contacts(tmp_path / "in.csv"), kind, 0)
    assert code == 0
    assert len(sandbox.activities) == LISTS
    return int(output)


@pytest.mark.parametrize("half", [0, 1])
async def test_a_csv_import_killed_anywhere_arrives_whole_and_is_never_queued_twice(
    half: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before and after every write and request, then run again: all arrive exactly once."""
    points = await points_of("csv", tmp_path, monkeypatch)
    path = write_contacts(tmp_path / "in.csv")
    for point in range(1 + half, points + 1, 2):
        monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"killed-at-{point}"))
        async with serving() as (sandbox, server):
            code, _ = await run_and_die(server, path, "csv", point)
            report = await run_again(server, path, "csv")
        if code != 0:  # replies may come in another order, and a run may have fewer looks
            assert code == -signal.SIGKILL
        assert report.is_all_accepted, (point, report)
        assert sandbox.contact_count == LISTS * PEOPLE, point
        if code != 0:
            assert len(sandbox.activities) == LISTS, point


@pytest.mark.parametrize("half", [0, 1])
async def test_a_json_import_killed_anywhere_repeats_nothing_without_being_asked(
    half: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed anywhere, a JSON import repeats no chunk by itself; asked to, it completes."""
    points = await points_of("json", tmp_path, monkeypatch)
    path = write_contacts(tmp_path / "in.csv")
    for point in range(1 + half, points + 1, 2):
        monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"killed-at-{point}"))
        async with serving() as (sandbox, server):
            code, _ = await run_and_die(server, path, "json", point)
            report = await run_again(server, path, "json")
            if code != 0:
                assert len(sandbox.activities) <= LISTS, point
            if report.state == "uncertain":
                report = await run_again(server, path, "json", resend=True)
        assert report.is_all_accepted, (point, report)
        assert sandbox.contact_count == LISTS * PEOPLE, point


async def test_two_hundred_kills_at_random_lose_and_repeat_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A longer import is killed again and again, at any moment, and still arrives exactly once."""
    lists, kills, moments = 40, 0, random.Random(7)
    path = write_contacts(tmp_path / "in.csv", lists)
    while kills < 200:
        monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"home-{kills}"))
        async with serving(lists, latency=0.05, activity_seconds=1.0) as (sandbox, server):
            for _ in range(10):
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "tests.support.dying", server.url, str(path), "csv", "0",
                    stdout=asyncio.subprocess.DEVNULL,
                )  # fmt: skip
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), moments.uniform(0.35, 1.5))
                    break
                process.kill()
                await process.wait()
                kills += 1
            report = await run_again(server, path, "csv")
        assert report.is_all_accepted, report
        assert sandbox.contact_count == lists * PEOPLE
        assert len(sandbox.activities) % lists == 0


@pytest.mark.parametrize("kind", ["valkey", "postgres"])
async def test_another_machine_goes_on_with_an_import_on_a_shared_store(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at several points, an import goes on elsewhere, with nothing but the store in common."""
    path = write_contacts(tmp_path / "in.csv")
    with getattr(servers, kind)(tmp_path / "server") as url:
        monkeypatch.setenv("CC_ASYNC_STORE", url)
        for point in (10, 30, 60, 90):
            monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"here-{point}"))
            async with serving() as (sandbox, server):
                code, _ = await run_and_die(server, path, "csv", point)
                assert code == -signal.SIGKILL
                monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"elsewhere-{point}"))
                async with ConstantContact(
                    "sandbox-token",
                    network=Network(base_url=server.url, timeout=0.3),
                    limits=Limits(per_second=200),
                    settle_seconds=0.3,
                ) as cc:
                    report = await (await cc.bulk.resume())
            assert report.is_all_accepted, (point, report)
            assert sandbox.contact_count == LISTS * PEOPLE
            assert len(sandbox.activities) == LISTS
            assert not list(tmp_path.glob("elsewhere-*/bodies/*"))
