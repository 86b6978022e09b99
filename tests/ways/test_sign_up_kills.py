"""Sign-ups of processes that are killed at every point, and resumed."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from cc_async import ConstantContact, Limits, Network
from cc_async.sandbox import Sandbox, SandboxServer
from tests.support.people import open_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 60
SIGN_UP = "/v3/contacts/sign_up_form"
AT_REAL_PACE = """
import asyncio, sys
from cc_async import ConstantContact, Network

async def main(url, path):
    async with (
        ConstantContact("sandbox-token", network=Network(base_url=url)) as cc,
        cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        print("ready", flush=True)
        async for _ in outcomes:
            pass

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Sandbox, SandboxServer]]:
    sandbox = open_sandbox(latency=0.002)
    async with sandbox.serve() as server:
        yield sandbox, server


async def run_and_die(server: SandboxServer, path: Path, point: int) -> tuple[int, str]:
    """Sign up in a process that dies at *point*; return its exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.dying_sign_up", server.url, str(path), str(point),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def written(cc: ConstantContact) -> int:
    """Return how many people have an outcome on disk that the next run goes on from.

    A job that has ended is over: the next run of the same file is a new job.
    """
    jobs = [job for job in await cc.bulk.jobs() if job.state == "open"]
    return sum([(await cc.bulk.sign_up_report(job.job_id)).created for job in jobs])


def attempts(sandbox: Sandbox) -> Counter[str]:
    return Counter(
        orjson.loads(entry.body)["email_address"]
        for entry in sandbox.received
        if entry.path == SIGN_UP
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    people = tmp_path / "people.csv"
    people.write_text("email\n" + "".join(f"p{n}@example.com\n" for n in range(PEOPLE)))
    return people


@pytest.mark.parametrize("part", range(4))
async def test_a_sign_up_killed_anywhere_arrives_whole(
    part: int, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed around every write and request, then run again: all people arrive, none twice.

    Killed after the job has ended, the next run is a new job and updates all of them.
    """
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "unharmed"))
    async with serving() as (_, server):
        code, output = await run_and_die(server, path, 0)
    assert code == 0
    points = int(output)
    assert points > 40
    for point in range(1 + part, points + 1, 4):
        monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / f"killed-at-{point}"))
        async with serving() as (sandbox, server):
            code, _ = await run_and_die(server, path, point)
            sent = attempts(sandbox).total()
            async with ConstantContact(
                "sandbox-token", network=Network(base_url=server.url), limits=Limits(per_second=200)
            ) as cc:
                known = await written(cc)
                async with cc.bulk.sign_up(
                    path, lists=["Newsletter"], consent="explicit"
                ) as outcomes:
                    taken = [outcome async for outcome in outcomes]
        if code != 0:  # replies come in another order each time, and writes with them
            assert code == -signal.SIGKILL
            assert len(taken) == PEOPLE - known, point
        assert sandbox.contact_count == PEOPLE, point
        assert outcomes.report.created + outcomes.report.updated == PEOPLE, point
        assert max(attempts(sandbox).values()) <= 2, point
        assert attempts(sandbox).total() == sent + len(taken), point


async def test_a_sign_up_killed_again_and_again_makes_three_attempts_at_most(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is killed, no address is attempted a fourth time, and all people arrive."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    async with serving() as (sandbox, server):
        for _ in range(6):
            await run_and_die(server, path, 14)  # while the first are in flight
        async with (
            ConstantContact(
                "sandbox-token", network=Network(base_url=server.url), limits=Limits(per_second=200)
            ) as cc,
            cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes,
        ):
            unknown = [outcome async for outcome in outcomes if outcome.status == "unknown"]
    report = outcomes.report
    assert max(attempts(sandbox).values()) <= 3
    assert report.failed == 0
    assert len(unknown) == report.unknown == PEOPLE - sandbox.contact_count
    assert report.created + report.updated + report.unknown == PEOPLE
    assert report.unknown <= 4


async def test_a_sign_up_at_the_real_pace_loses_none_in_three_kills(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 4 requests a second, killed within a second of three starts and then resumed: all arrive."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    sandbox = open_sandbox(latency=0.1)
    async with sandbox.serve() as server:
        for seconds in (0.6, 0.8, 1.0):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", AT_REAL_PACE, server.url, str(path),
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert process.stdout is not None
            await process.stdout.readline()  # the first person is about to be sent
            await asyncio.sleep(seconds)
            process.kill()
            await process.wait()
        killed_at = attempts(sandbox).total()
        async with (
            ConstantContact("sandbox-token", network=Network(base_url=server.url)) as cc,
            cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes,
        ):
            async for _ in outcomes:
                pass
    assert killed_at > 3
    assert sandbox.contact_count == PEOPLE
    assert max(attempts(sandbox).values()) <= 3
    report = outcomes.report
    assert (report.created + report.updated, report.unknown, report.failed) == (PEOPLE, 0, 0)
