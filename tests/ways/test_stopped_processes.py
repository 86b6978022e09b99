"""A process that is really stopped for longer than its lease, and woken, sends nothing more."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cc_async import ConstantContact, Limits, Network
from cc_async.sandbox import Sandbox, SandboxServer
from tests.ways.test_import_kills import LISTS, PEOPLE, run_again, serving, write_contacts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SENDING = {"import": "/activities/contacts_file_import", "sign_up": "/contacts/sign_up_form"}


@pytest.mark.parametrize("kind", SENDING)
async def test_a_process_that_was_stopped_beyond_its_lease_sends_nothing_more(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one takes its job over and ends it; the first wakes, and ends with an error."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    path = write_contacts(tmp_path / "in.csv")
    async with serving() as (sandbox, server):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.short_lease", server.url, str(path), kind,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        while sent(sandbox, kind) < 2:  # noqa: ASYNC110 - the sandbox tells nothing by itself
            await asyncio.sleep(0.01)
        await stop_between_writes(process.pid, tmp_path / "home" / "cc-async.sqlite3")
        await asyncio.sleep(2.5)
        await (run_again(server, path, "csv") if kind == "import" else sign_up_again(server, path))
        before = sent(sandbox, kind)
        os.kill(process.pid, signal.SIGCONT)
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"JobBusyError" in errors
    assert sent(sandbox, kind) == before
    assert sandbox.contact_count == LISTS * PEOPLE
    assert len(sandbox.activities) == (LISTS if kind == "import" else 0)


async def stop_between_writes(pid: int, state: Path) -> None:
    """Stop a process while it does not lock the file of its store, which would lock others out."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        try:
            with closing(sqlite3.connect(state, timeout=0.0, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.005)
        else:
            return


def sent(sandbox: Sandbox, kind: str) -> int:
    return sum(entry.path.endswith(SENDING[kind]) for entry in sandbox.received)


async def sign_up_again(server: SandboxServer, path: Path) -> None:
    async with (
        ConstantContact(
            "sandbox-token", network=Network(base_url=server.url), limits=Limits(per_second=200)
        ) as cc,
        cc.bulk.sign_up(path, lists=["L0"], consent="explicit") as outcomes,
    ):
        async for _ in outcomes:
            pass
