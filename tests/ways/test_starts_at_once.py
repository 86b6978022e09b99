"""The same import begun by several processes at once, or again after a kill: it is sent once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from cc_async import ConstantContact, Network
from cc_async.jobs import JobEntry
from cc_async.sandbox import SandboxServer
from tests.support import servers
from tests.ways.test_import_kills import LISTS, run_again, run_and_die, serving, write_contacts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("kind", "waits"),
    [("sqlite", (0.0, 1.0)), ("valkey", (0.2,)), ("postgres", (0.2,))],
)
async def test_two_processes_begin_the_same_import(
    kind: str, waits: tuple[float, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the two sends each body once, and the other ends with an error."""
    path = write_contacts(tmp_path / "in.csv")
    with ExitStack() as stack:
        if kind != "sqlite":
            url = stack.enter_context(getattr(servers, kind)(tmp_path / "server"))
            monkeypatch.setenv("CC_ASYNC_STORE", url)
        for number, later in enumerate(waits):
            home = tmp_path / f"home-{number}"
            homes = [home, home if kind == "sqlite" else home / "of-another-machine"]
            assert await begin_twice(path, later, homes, monkeypatch) == LISTS, later


async def begin_twice(
    path: Path, later: float, homes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> int:
    """Begin an import in two processes, each with a home; return how many activities there were."""

    async def start(wait: float, home: Path) -> int:
        await asyncio.sleep(wait)
        monkeypatch.setenv("CC_ASYNC_HOME", str(home))  # the process inherits it at once
        code, _ = await run_and_die(server, path, "csv", 0)
        return code

    async with serving(activity_seconds=later + 4.0) as (sandbox, server):
        codes = await asyncio.gather(start(0.0, homes[0]), start(later, homes[1]))
    assert sorted(codes) == [0, 1]
    return len(sandbox.activities)


async def test_a_job_killed_while_it_is_prepared_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after each request and the plan: one job at most is listed, one left at the end."""
    path, were_resumed = write_contacts(tmp_path / "in.csv"), 0
    for point in range(1, 8):
        monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"killed-at-{point}"))
        async with serving() as (sandbox, server):
            await run_and_die(server, path, "csv", point)
            killed = await jobs_of(server)
            report = await run_again(server, path, "csv")
            were_resumed += report.job_id in [entry.job_id for entry in killed]
            assert [entry.state for entry in killed] in ([], ["open"]), point
            assert [entry.state for entry in await jobs_of(server)] == ["ended"], point
        assert report.is_all_accepted
        assert len(sandbox.activities) == LISTS
    assert were_resumed


async def jobs_of(server: SandboxServer) -> tuple[JobEntry, ...]:
    async with ConstantContact("sandbox-token", network=Network(base_url=server.url)) as cc:
        return await cc.bulk.jobs()
