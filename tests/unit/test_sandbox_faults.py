"""Bad days of the sandbox: latency, wrong answers, cut connections, collisions."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import anyio
import orjson
import pytest

from cc_async.sandbox import ConnectionCut, HalfBody, Sandbox, SandboxSettings
from cc_async.wire import Reply
from tests.support.sandbox_calls import AUTH, Caller, make_caller

JSON = {**AUTH, "Content-Type": "application/json"}

pytestmark = pytest.mark.looptime


async def sign_up(caller: Caller, email: str = "a@example.com") -> Reply:
    """Sign somebody up as over a network."""
    body = orjson.dumps({"email_address": email, "list_memberships": [caller.list_id]})
    return await caller.sandbox.respond("POST", "/v3/contacts/sign_up_form", "", JSON, body)


@pytest.mark.parametrize(
    ("name", "status", "start"),
    [
        ("500", 500, b"[{"), ("500-html", 500, b"<HTML>"), ("500-empty", 500, b""),
        ("503", 503, b"{"), ("503-html", 503, b"<HTML>"), ("503-empty", 503, b""),
        ("401", 401, b'{"error_key":"unauthorized"'), ("403", 403, b"{"),
        ("429", 429, b'{"error_key":"throttled"'), ("rubbish", 200, b"<html>"),
        ("429-day", 429, b'{"error_key":"quota_exceeded"'), ("429-queue", 429, b"[{"),
    ],
)  # fmt: skip
async def test_an_answer_takes_the_place_of_acting(name: str, status: int, start: bytes) -> None:
    """The documented body of each kind comes back, and nothing is stored."""
    caller = make_caller()
    caller.sandbox.faults.add(name, times=1)
    reply = await sign_up(caller)
    assert (reply.status, reply.body[: len(start)]) == (status, start)
    assert caller.sandbox.contacts == ()
    assert (await sign_up(caller)).status == 201
    assert caller.sandbox.faults.triggered == {name: 1}


@pytest.mark.parametrize(
    ("name", "was_done"),
    [("cut-before", False), ("cut-after", True), ("hang", False), ("hang-after", True)],
)
async def test_a_connection_ends_before_or_after_acting(name: str, was_done: bool) -> None:
    """Without an answer nobody can tell which; the sandbox can."""
    caller = make_caller()
    caller.sandbox.faults.add(name)
    with pytest.raises(ConnectionCut) as cut:
        await sign_up(caller)
    assert cut.value.was_done is was_done
    assert len(caller.sandbox.contacts) == was_done
    assert caller.sandbox.received[-1].status == 0


async def test_a_hang_lasts_as_long_as_asked(looptime: Any) -> None:
    """An hour unless told otherwise; a client gives up before."""
    caller = make_caller()
    caller.sandbox.faults.add("hang", seconds=30)
    started = asyncio.get_running_loop().time()
    with pytest.raises(ConnectionCut):
        await sign_up(caller)
    assert asyncio.get_running_loop().time() - started == 30


async def test_half_a_body_comes_with_what_was_done() -> None:
    """The request acted; what goes out is the first half of its answer."""
    caller = make_caller()
    caller.sandbox.faults.add("half-body")
    with pytest.raises(HalfBody) as half:
        await sign_up(caller)
    assert half.value.reply.status == 201
    assert half.value.reply.body.startswith(half.value.sent)
    assert len(caller.sandbox.contacts) == 1


async def test_faults_hit_the_paths_and_methods_they_name() -> None:
    """Others pass."""
    caller = make_caller()
    caller.sandbox.faults.add("500", path="/contacts/*", method="POST")
    assert (await sign_up(caller)).status == 500
    assert (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status == 200
    caller.sandbox.faults.remove("500")
    assert (await sign_up(caller)).status == 201


async def test_a_fault_hits_as_often_as_asked() -> None:
    """The next three, and then no more; two faults bite one after the other."""
    caller = make_caller()
    caller.sandbox.faults.add("429", times=3)
    caller.sandbox.faults.add("500", times=1)
    statuses = [
        (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status for _ in range(5)
    ]
    assert statuses == [429, 429, 429, 500, 200]


async def test_a_share_of_requests_is_hit() -> None:
    """Three in ten, give or take."""
    caller = make_caller()
    caller.sandbox.faults.add("503-html", share=0.3)
    statuses = [
        (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status for _ in range(500)
    ]
    assert 100 < statuses.count(503) < 200
    caller.sandbox.faults.clear()
    assert list(caller.sandbox.faults) == []


@pytest.mark.parametrize(("name", "share"), [("501", 1), ("500", 1.5), ("500", -0.1)])
def test_a_fault_that_does_not_exist_is_refused(name: str, share: float) -> None:
    """A typing error is told at once."""
    with pytest.raises(ValueError, match=r"name|share"):
        make_caller().sandbox.faults.add(name, share=share)


async def test_answers_take_their_time(looptime: Any) -> None:
    """Latency and jitter from the settings, and more by a fault."""
    caller = make_caller(latency=0.2, latency_jitter=0.1)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await sign_up(caller)
    assert 0.2 <= loop.time() - started <= 0.3
    caller.sandbox.faults.add("latency", seconds=5)
    started = loop.time()
    await sign_up(caller)
    assert 5.2 <= loop.time() - started <= 5.3


async def test_two_writes_to_one_person_at_once_collide() -> None:
    """One is carried out, the other gets the 409 that passes; other people are not touched."""
    caller = make_caller(latency=0.1)
    statuses: dict[str, int] = {}

    async def send(key: str, email: str) -> None:
        reply = await sign_up(caller, email)
        statuses[key] = reply.status
        if reply.status == 409:
            assert b"simultaneous requests" in reply.body

    async with anyio.create_task_group() as group:
        group.start_soon(send, "first", "a@example.com")
        group.start_soon(send, "second", " A@Example.com")
        group.start_soon(send, "other", "b@example.com")
    assert statuses == {"first": 201, "second": 409, "other": 201}
    assert (await sign_up(caller)).status == 200
    assert caller.sandbox.received.most_in_flight == 3
    assert caller.sandbox.received.in_flight == 0


async def test_limits_count_when_a_request_arrives() -> None:
    """However long an answer takes, only four get in within a second."""
    caller = make_caller(latency=3, per_second=4)
    statuses: list[int] = []

    async def send(number: int) -> None:
        statuses.append((await sign_up(caller, f"p{number}@example.com")).status)

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
        reply = await sandbox.respond("POST", "/v3/activities/contacts_json_import", "", JSON, body)
        assert reply.status == 201
        sandbox.clock.advance(1)
        reply = await sandbox.respond("GET", "/v3/activities", "", AUTH)
        is_done = True
    gc.unfreeze()
    assert orjson.loads(reply.body)["activities"][0]["status"]["person_count"] == 39_999
    assert len(gaps) > 300
    longest = max(gaps)  # a collection of the whole test run's garbage may fall into one of them
    assert longest < 0.05 or longest < sum(gaps) / 3
