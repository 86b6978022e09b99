"""Faults hit the requests they are for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cc_async.sandbox import ConnectionCut, HalfBody
from tests.support.sandbox_calls import (
    AUTH,
    make_caller,
    sign_up_over_network,
)

pytestmark = pytest.mark.looptime


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
async def test_a_reply_of_a_fault_replaces_the_operation(
    name: str, status: int, start: bytes
) -> None:
    """Each fault has its documented body, and nothing is stored."""
    caller = make_caller()
    caller.sandbox.faults.add(name, times=1)
    reply = await sign_up_over_network(caller)
    assert (reply.status, reply.body[: len(start)]) == (status, start)
    assert caller.sandbox.contacts == ()
    assert (await sign_up_over_network(caller)).status == 201
    assert caller.sandbox.faults.triggered == {name: 1}


@pytest.mark.parametrize(
    ("name", "was_done"),
    [("cut-before", False), ("cut-after", True), ("hang", False), ("hang-after", True)],
)
async def test_a_connection_ends_before_or_after_the_operation(name: str, was_done: bool) -> None:
    """The client cannot tell; the sandbox shows it in was_done."""
    caller = make_caller()
    caller.sandbox.faults.add(name)
    with pytest.raises(ConnectionCut) as cut:
        await sign_up_over_network(caller)
    assert cut.value.was_done is was_done
    assert len(caller.sandbox.contacts) == was_done
    assert caller.sandbox.received[-1].status == 0


async def test_a_hang_lasts_for_its_seconds(looptime: Any) -> None:
    """The default is an hour, longer than any client waits."""
    caller = make_caller()
    caller.sandbox.faults.add("hang", seconds=30)
    started = asyncio.get_running_loop().time()
    with pytest.raises(ConnectionCut):
        await sign_up_over_network(caller)
    assert asyncio.get_running_loop().time() - started == 30


async def test_half_a_body_comes_after_the_operation() -> None:
    """The request was carried out; the first half of its reply goes out."""
    caller = make_caller()
    caller.sandbox.faults.add("half-body")
    with pytest.raises(HalfBody) as half:
        await sign_up_over_network(caller)
    assert half.value.reply.status == 201
    assert half.value.reply.body.startswith(half.value.sent)
    assert len(caller.sandbox.contacts) == 1


async def test_faults_hit_the_paths_and_methods_they_name() -> None:
    """Other requests pass."""
    caller = make_caller()
    caller.sandbox.faults.add("500", path="/contacts/*", method="POST")
    assert (await sign_up_over_network(caller)).status == 500
    assert (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status == 200
    caller.sandbox.faults.remove("500")
    assert (await sign_up_over_network(caller)).status == 201


async def test_a_fault_hits_a_number_of_requests() -> None:
    """It hits the next three and no more; the second fault follows."""
    caller = make_caller()
    caller.sandbox.faults.add("429", times=3)
    caller.sandbox.faults.add("500", times=1)
    statuses = [
        (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status for _ in range(5)
    ]
    assert statuses == [429, 429, 429, 500, 200]


async def test_a_share_of_requests_is_hit() -> None:
    """A share of 0.3 hits about three requests in ten."""
    caller = make_caller()
    caller.sandbox.faults.add("503-html", share=0.3)
    statuses = [
        (await caller.sandbox.respond("GET", "/v3/contacts", "", AUTH)).status for _ in range(500)
    ]
    assert 100 < statuses.count(503) < 200
    caller.sandbox.faults.clear()
    assert list(caller.sandbox.faults) == []


@pytest.mark.parametrize(("name", "share"), [("501", 1), ("500", 1.5), ("500", -0.1)])
def test_an_invalid_fault_is_refused(name: str, share: float) -> None:
    """A misspelt name is an error at once."""
    with pytest.raises(ValueError, match=r"name|share"):
        make_caller().sandbox.faults.add(name, share=share)
