"""A browser that comes back to this machine, played by an HTTP client."""

from __future__ import annotations

import asyncio
import logging
import socket
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from cc_async.auth import Application, SignInFlow
from cc_async.errors import AuthError, InvalidRequestError
from cc_async.stores import MemoryStore
from tests.support.ports import free_port
from tests.support.scripted import ScriptedTransport, reply

TOKENS = reply(
    200, {"access_token": "access-1", "expires_in": 60, "refresh_token": "refresh-1", "scope": "a"}
)


def make_flow() -> SignInFlow:
    transport = ScriptedTransport(TOKENS)
    return SignInFlow(Application("client-1"), MemoryStore(), transport=transport)


async def test_a_browser_signs_in(caplog: pytest.LogCaptureFixture) -> None:
    """The first address holds no secret, and a callback of another sign-in is refused."""
    redirect_uri = f"http://localhost:{free_port()}/callback"
    opened: asyncio.Queue[str] = asyncio.Queue()
    with caplog.at_level(logging.DEBUG):
        signing_in = asyncio.create_task(
            make_flow().with_browser(opened.put_nowait, redirect_uri=redirect_uri)
        )
        start = await opened.get()
        assert "?" not in start
        async with aiohttp.ClientSession() as browser:
            async with browser.get(start, allow_redirects=False) as reply:
                asked = parse_qs(urlsplit(reply.headers["Location"]).query)
                assert reply.headers["Referrer-Policy"] == "no-referrer"
            state = asked["state"][0]
            async with browser.get(f"{redirect_uri}?code=evil&state=other") as reply:
                assert reply.status == 400
            async with browser.get(f"{redirect_uri}/other?code=c&state={state}") as reply:
                assert reply.status == 404
            async with browser.get(f"{redirect_uri}?code=code-1&state={state}") as reply:
                assert reply.status == 200
                assert "Thank you" in await reply.text()
        status = await signing_in
    assert status.scopes == ("a",)
    for secret in (state, "code-1", "access-1", "refresh-1"):
        assert secret not in caplog.text


async def test_a_browser_that_stays_away_is_an_error() -> None:
    """After the timeout there is an error, and the port is free again."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/"
    for _ in range(2):
        with pytest.raises(AuthError, match="ran out"):
            await make_flow().with_browser(
                lambda address: None, redirect_uri=redirect_uri, timeout=0.05
            )


async def test_a_declined_sign_in_is_an_error() -> None:
    """A callback with a refusal ends the sign-in."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/"
    opened: asyncio.Queue[str] = asyncio.Queue()
    signing_in = asyncio.create_task(
        make_flow().with_browser(opened.put_nowait, redirect_uri=redirect_uri)
    )
    start = await opened.get()
    async with aiohttp.ClientSession() as browser:
        async with browser.get(start, allow_redirects=False) as reply:
            state = parse_qs(urlsplit(reply.headers["Location"]).query)["state"][0]
        async with browser.get(f"{redirect_uri}?error=access_denied&state={state}"):
            pass
    with pytest.raises(AuthError, match="declined"):
        await signing_in


@pytest.mark.parametrize(
    "redirect_uri",
    ["https://localhost:1/cb", "http://app.example.com:80/", "http://localhost/cb", "nonsense"],
)
async def test_only_addresses_of_this_machine_are_accepted(redirect_uri: str) -> None:
    """An address elsewhere or without a port is an error with a good example."""
    with pytest.raises(InvalidRequestError) as caught:
        await make_flow().with_browser(lambda address: None, redirect_uri=redirect_uri)
    assert "http://localhost:8754/callback" in caught.value.hint


async def test_a_port_in_use_is_named() -> None:
    """With another listener on the port, the error names the port and the option."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidRequestError, match=str(port)) as caught:
            await make_flow().with_browser(
                lambda address: None, redirect_uri=f"http://127.0.0.1:{port}/"
            )
    assert caught.value.option == "redirect_uri"
