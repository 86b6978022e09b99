"""The sandbox on a port, met by aiohttp's client."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest

from cc_async.sandbox import Sandbox, SandboxServer, SandboxSettings
from tests.support.sandbox_calls import AUTH


@pytest.fixture
async def sandbox() -> Sandbox:
    """A sandbox with its limits out of the way."""
    return Sandbox(SandboxSettings(per_second=1_000, activity_seconds=0.05))


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[SandboxServer]:
    """The sandbox on a free port."""
    async with sandbox.serve() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client of aiohttp."""
    async with aiohttp.ClientSession(headers=AUTH) as session:
        yield session


async def test_it_answers_on_loopback(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession
) -> None:
    """The server's address is a client's base address, and other machines cannot reach it."""
    assert server.url == f"http://127.0.0.1:{server.port}/v3"
    async with http.get(f"{server.url}/contact_lists") as reply:
        assert reply.status == 200
        assert reply.content_type == "application/json"
        assert (await reply.json())["lists"][0]["name"] == "Newsletter"
    async with http.delete(f"{server.url}/contact_lists/nothing") as reply:
        assert reply.status == 404


async def test_a_file_of_four_megabytes_arrives(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession
) -> None:
    """A multipart body of aiohttp is read, just below the limit."""
    rows = "email,first_name\r\n" + "".join(
        f"person-{n:05d}@example.com,{'x' * 50}\r\n" for n in range(39_000)
    )
    form = aiohttp.FormData()
    form.add_field("list_ids", sandbox.contact_lists[0].list_id)
    form.add_field("file", BytesIO(rows.encode()), filename="a.csv", content_type="text/csv")
    async with http.post(f"{server.url}/activities/contacts_file_import", data=form) as reply:
        assert reply.status == 201, await reply.text()
        activity = (await reply.json())["activity_id"]
    state = ""
    while state != "completed":
        async with http.get(f"{server.url}/activities/{activity}") as reply:
            payload = await reply.json()
            state = payload["state"]
    assert payload["status"]["person_count"] == 39_000
    assert sandbox.contact_count == 39_000


@pytest.mark.parametrize("name", ["cut-before", "cut-after"])
async def test_a_cut_ends_the_connection(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession, name: str
) -> None:
    """The client sees a broken connection and no reply."""
    sandbox.faults.add(name, times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.post(f"{server.url}/contact_lists", json={"name": "New"})
    assert len(sandbox.contact_lists) == 1 + (name == "cut-after")


async def test_half_a_body_breaks_off(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession
) -> None:
    """Status and headers arrive whole, the body does not."""
    sandbox.faults.add("half-body", times=1)
    async with http.get(f"{server.url}/contact_lists") as reply:
        assert reply.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await reply.read()


async def test_a_hang_ends_when_the_client_gives_up(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession
) -> None:
    """No reply comes, and the sandbox can still stop."""
    sandbox.faults.add("hang", times=1)
    with pytest.raises(TimeoutError):
        await http.get(f"{server.url}/contact_lists", timeout=aiohttp.ClientTimeout(total=0.2))


async def test_a_request_can_be_read_slowly(
    sandbox: Sandbox, server: SandboxServer, http: aiohttp.ClientSession
) -> None:
    """The body is read piece by piece over the fault's time."""
    sandbox.faults.add("slow-read", times=1, seconds=0.3)
    started = time.monotonic()
    async with http.post(f"{server.url}/contact_lists", json={"name": "x" * 200}) as reply:
        assert reply.status == 201
    assert time.monotonic() - started >= 0.25


async def test_a_taken_port_is_an_error(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    """The error is the system's own."""
    async with sandbox.serve() as first:
        with pytest.raises(OSError, match=r"in use|address"):
            async with sandbox.serve(port=first.port):
                pass
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(f"{first.url}/contacts")
