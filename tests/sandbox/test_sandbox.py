"""The sandbox answers with its latency, keeps the event loop free, and saves its account."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import time
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.sandbox_calls import (
    AUTH,
    JSON_HEADERS,
    ManualClock,
    make_caller,
    open_caller,
    sign_up_over_network,
)

pytestmark = pytest.mark.looptime


async def test_replies_take_their_latency(looptime: Any) -> None:
    """Settings add latency and jitter; a fault adds more."""
    caller = make_caller(latency=0.2, latency_jitter=0.1)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await sign_up_over_network(caller)
    assert 0.2 <= loop.time() - started <= 0.3
    caller.sandbox.faults.add("latency", seconds=5)
    started = loop.time()
    await sign_up_over_network(caller)
    assert 5.2 <= loop.time() - started <= 5.3


async def test_two_simultaneous_writes_to_one_contact_collide() -> None:
    """One is carried out, the other gets 409; other contacts are not affected."""
    caller = make_caller(latency=0.1)
    statuses: dict[str, int] = {}

    async def send(key: str, email: str) -> None:
        reply = await sign_up_over_network(caller, email)
        statuses[key] = reply.status
        if reply.status == 409:
            assert b"simultaneous requests" in reply.body

    async with anyio.create_task_group() as group:
        group.start_soon(send, "first", "a@example.com")
        group.start_soon(send, "second", " A@Example.com")
        group.start_soon(send, "other", "b@example.com")
    assert statuses == {"first": 201, "second": 409, "other": 201}
    assert (await sign_up_over_network(caller)).status == 200
    assert caller.sandbox.received.most_in_flight == 3
    assert caller.sandbox.received.in_flight == 0


async def test_limits_count_when_a_request_arrives() -> None:
    """Four requests pass within a second, even if their replies take longer."""
    caller = make_caller(latency=3, per_second=4)
    statuses: list[int] = []

    async def send(number: int) -> None:
        statuses.append((await sign_up_over_network(caller, f"p{number}@example.com")).status)

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(send, number)
    assert sorted(statuses) == [201] * 4 + [429] * 2


async def test_a_big_import_does_not_hold_the_loop() -> None:
    """40,000 rows that are all due at once leave the loop free in between.

    Measured in the time this process really computed, so that a busy machine does not count,
    and without the garbage collector's look at everything the test run itself holds.
    """
    sandbox = Sandbox(SandboxSettings(per_second=1_000))
    list_id = sandbox.contact_lists[0].list_id
    rows = [{"email": f"p{n}@example.com", "first_name": "P"} for n in range(39_999)]
    body = orjson.dumps({"import_data": rows, "list_ids": [list_id]})
    gaps: list[float] = []
    is_done = False

    async def watch() -> None:
        before = time.thread_time()
        while not is_done:
            await asyncio.sleep(0)
            now = time.thread_time()
            gaps.append(now - before)
            before = now

    gc.collect()
    gc.freeze()
    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        reply = await sandbox.respond(
            "POST", "/v3/activities/contacts_json_import", "", JSON_HEADERS, body
        )
        assert reply.status == 201
        sandbox.clock.advance(1)
        reply = await sandbox.respond("GET", "/v3/activities", "", AUTH)
        is_done = True
    gc.unfreeze()
    assert orjson.loads(reply.body)["activities"][0]["status"]["person_count"] == 39_999
    assert len(gaps) > 300
    longest = max(gaps)  # a collection of the whole test run's garbage may fall into one of them
    assert longest < 0.05 or longest < sum(gaps) / 3


@pytest.mark.looptime
async def test_a_serving_sandbox_saves_every_minute(tmp_path: Path) -> None:
    """A killed sandbox loses the changes of the last minute at most."""
    path, clock = tmp_path / "state.json", ManualClock()
    caller = open_caller(path, clock)
    async with caller.sandbox.serve():
        caller.sign_up("a@example.com")
        await asyncio.sleep(61)
        caller.sign_up("late@example.com")
        kept = orjson.loads(path.read_bytes())
    assert len(kept["contacts"]["rows"]) == 1
    caller.sandbox.close()
    assert len(orjson.loads(path.read_bytes())["contacts"]["rows"]) == 2


@pytest.mark.looptime
async def test_an_unchanged_account_is_not_written_again(tmp_path: Path) -> None:
    """The file keeps its time while nothing changes."""
    path, clock = tmp_path / "state.json", ManualClock()
    sandbox = open_caller(path, clock).sandbox
    before = path.stat()
    async with sandbox.serve():
        await asyncio.sleep(200)
    sandbox.close()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.looptime
async def test_a_full_disk_does_not_stop_a_serving_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It warns, leaves the old file whole, and saves a minute later."""
    path = tmp_path / "state.json"
    caller = open_caller(path, ManualClock())
    before = path.read_bytes()
    async with caller.sandbox.serve():
        caller.sign_up("a@example.com")
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _no_space)
            await asyncio.sleep(61)
        assert "No space left" in caplog.text
        assert path.read_bytes() == before
        assert sorted(one.name for one in tmp_path.iterdir()) == ["state.json", "state.json.lock"]
        await asyncio.sleep(61)
        assert path.read_bytes() != before
    caller.sandbox.close()


def _no_space(number: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
