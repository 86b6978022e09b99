"""Requests by aiohttp: over real sockets with their failures, and in the shape of each request."""

from __future__ import annotations

import asyncio
import resource
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import attrs
import orjson
import pytest
from aiohttp import web
from aioresponses import aioresponses
from yarl import URL

from cc_async import ConstantContact
from cc_async.errors import (
    ConnectionFailedError,
    InvalidRequestError,
    NotFoundError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)
from cc_async.models import SignUp
from cc_async.transport import AiohttpTransport
from cc_async.wire import Request
from tests.support.errors import told_by

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
GET = Request("GET", "/thing")
BASE = "https://api.cc.email/v3"


@asynccontextmanager
async def serving(handler: Handler, **settings: object) -> AsyncIterator[AiohttpTransport]:
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    transport = AiohttpTransport(f"http://127.0.0.1:{port}/v3", **settings)  # type: ignore[arg-type]
    try:
        yield transport
    finally:
        await transport.aclose()
        await runner.cleanup()


LIST_ID = "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"


async def hang(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError("never here")


async def cut(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"{")
    assert request.transport is not None
    request.transport.close()
    return response


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    body = await request.content.read()
    return web.Response(
        body=str(len(body)).encode(),
        headers={
            "X-Type": request.headers.get("Content-Type", ""),
            "X-Path": request.raw_path,
            "X-Amzn-RequestId": "r1",
        },
    )


async def redirect(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"})


async def test_a_large_body_is_sent_whole_and_without_a_warning() -> None:
    """Four megabytes are sent whole, with the content type of the request."""
    body = b"x" * 3_999_999
    async with serving(echo) as transport:
        request = Request("POST", "/import", "", body, "multipart/form-data; boundary=b")
        for _ in range(2):
            reply = await transport.send(request, {"Authorization": "Bearer t"})
            assert reply.body == b"3999999"
    assert reply.headers["x-type"] == "multipart/form-data; boundary=b"
    assert reply.headers["x-amzn-requestid"] == "r1"


async def test_an_encoded_query_is_not_encoded_again() -> None:
    """An encoded query is sent unchanged, page cursors and plus signs alike."""
    query = "cursor=bGltaXQ9Mg%3D%3D&email=jo%2Bnews%40example.com"
    async with serving(echo) as transport:
        reply = await transport.send(Request("GET", "/contacts", query), {})
    assert reply.headers["x-path"] == f"/v3/contacts?{query}"


async def test_no_answer_in_time_is_a_timeout() -> None:
    """A server that hangs is given up after the timeout, which is also a TimeoutError."""
    async with serving(hang, timeout=0.1) as transport:
        with pytest.raises(TransportTimeoutError) as caught:
            await transport.send(GET, {})
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize("handler", [cut, half])
async def test_a_connection_that_breaks_off_may_have_been_carried_out(handler: Handler) -> None:
    """A cut before or within the answer is a lost answer, and not a failed connection."""
    async with serving(handler) as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(Request("POST", "/thing", "", b"{}"), {})
    assert type(caught.value) is TransportError


async def test_a_connection_that_never_came_about_sent_nothing() -> None:
    """A port without a listener and an unknown name mean that no request was sent."""
    for address in ("http://127.0.0.1:9/v3", "https://no-such-host.invalid/v3"):
        transport = AiohttpTransport(address)
        with pytest.raises(ConnectionFailedError):
            await transport.send(GET, {})
        await transport.aclose()


async def test_a_redirect_is_not_followed() -> None:
    """A token is never sent to another address: a redirect is returned as the reply."""
    async with serving(redirect) as transport:
        assert (await transport.send(GET, {})).status == 302


async def test_a_proxy_and_certificates_are_passed_on() -> None:
    """A request goes through the given proxy, with the given certificates."""
    asked = []

    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        asked.append((request.host, request.path))
        return web.Response(body=b"{}")

    async with serving(proxy) as there:
        address = there._base.removesuffix("/v3")
        transport = AiohttpTransport(
            "http://api.example/v3",
            proxy=address,
            ssl_context=ssl.create_default_context(),
            allow_http=True,
        )
        assert (await transport.send(GET, {})).status == 200
        await transport.aclose()
    assert asked == [("api.example", "/v3/thing")]


def sent(server: aioresponses) -> tuple[str, URL, dict[str, object]]:
    ((method, url), (call, *_)) = next(iter(server.requests.items()))
    return method, url, call.kwargs


async def test_a_sign_up_is_sent_as_documented() -> None:
    """Method, address, headers and body of a sign-up are those of the API's page."""
    with aioresponses() as server:
        server.post(
            f"{BASE}/contacts/sign_up_form",
            status=201,
            payload={"contact_id": "c", "action": "created"},
        )
        async with ConstantContact("a-token", stores="memory:", account="a") as cc:
            result = await cc.contacts.sign_up(
                SignUp("a@example.com", [LIST_ID]), consent="explicit"
            )
        method, url, call = sent(server)
    assert result.action == "created"
    assert (method, str(url)) == ("POST", f"{BASE}/contacts/sign_up_form")
    assert dict(call["headers"]) == {  # type: ignore[call-overload]
        "User-Agent": "cc-async",
        "Accept": "application/json",
        "Authorization": "Bearer a-token",
        "Content-Type": "application/json",
    }
    assert orjson.loads(call["data"]) == {  # type: ignore[arg-type]
        "email_address": "a@example.com",
        "list_memberships": [LIST_ID],
    }
    assert call["allow_redirects"] is False


async def test_a_read_has_no_body_and_no_content_type() -> None:
    """A GET has an Accept header and no Content-Type."""
    with aioresponses() as server:
        server.get(f"{BASE}/activities/a1", status=404, payload=[])
        async with ConstantContact("a-token", stores="memory:") as cc:
            with pytest.raises(NotFoundError):
                await cc.activities.get("a1")
        _, _, call = sent(server)
    assert call["data"] is None
    assert "Content-Type" not in call["headers"]  # type: ignore[operator]


def test_a_base_url_without_a_scheme_is_refused() -> None:
    """A base URL without a scheme is an error at once, with an example of a good one."""
    with pytest.raises(InvalidRequestError) as caught:
        AiohttpTransport("api.cc.email/v3")
    assert "https://api.cc.email/v3" in caught.value.hint


class FileSink:
    """Counts the bytes of a file."""

    def __init__(self) -> None:
        self.received = 0

    def begin(self) -> None:
        self.received = 0

    def write(self, piece: bytes) -> None:
        self.received += len(piece)


def _inflated(megabytes: int) -> bytes:
    """Return so many megabytes of blanks, packed to a thousandth of them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    blanks = b" " * 1_000_000
    return b"".join(packer.compress(blanks) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize("sink", [None, FileSink()])
async def test_an_inflated_body_is_not_unpacked(sink: FileSink | None) -> None:
    """400 MB in 2 MB end in an error, and memory stays far below them."""
    body = _inflated(400)

    async def inflated(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with serving(inflated, max_file=50_000_000) as transport:
        with pytest.raises((UnexpectedResponseError, TransportError)):
            await transport.send(attrs.evolve(GET, sink=sink), {})
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) / 1024 < 150


async def test_a_reply_may_be_longer_where_it_is_allowed() -> None:
    """A longer reply is an error that names its bound, and the bound is a setting."""

    async def long(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b" " * 20_000_000)

    async with serving(long) as transport:
        with pytest.raises(UnexpectedResponseError, match="more than 10,485,760 bytes"):
            await transport.send(GET, {})
    async with serving(long, max_reply=30_000_000) as transport:
        assert len((await transport.send(GET, {})).body) == 20_000_000


async def test_a_file_that_drips_is_given_up() -> None:
    """A byte now and then keeps no download alive for ever."""

    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(400):
            await response.write(b"x")
            await asyncio.sleep(0.05)
        return response

    async with serving(drip, timeout=2.0) as transport:
        with pytest.raises(TransportTimeoutError, match="too slowly"):
            await transport.send(attrs.evolve(GET, sink=FileSink()), {})


async def test_a_file_that_falls_silent_is_given_up() -> None:
    """A download without a byte for as long as the timeout is an error, not a wait for ever."""
    is_over = asyncio.Event()

    async def fall_silent(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 1_000_000)
        await is_over.wait()
        return response

    async with serving(fall_silent, timeout=0.3) as transport:
        try:
            async with asyncio.timeout(5):
                with pytest.raises(TransportTimeoutError):
                    await transport.send(attrs.evolve(GET, sink=FileSink()), {})
        finally:
            is_over.set()


@pytest.mark.parametrize(
    "address",
    ["https://", "https://user:secret@api.example.com/v3", "https://[/v3", "https://a:b/v3",
     "ftp://api.example.com", "https://api.example.com/v3?x=1", "https://api.example.com:99999",
     "https://user:secret@api.example.com:port/v3", "https://user:secret/x@api.example.com/v3",
     "https://user:12#secret@api.example.com/v3", "ftp://user:secret@api.example.com",
     "user:secret@api.example.com/v3", "https://api.example.com:secret/v3"],
)  # fmt: skip
def test_what_is_no_base_url_is_refused_without_its_password(address: str) -> None:
    """No request is sent to an address of another kind, and no password is shown."""
    with pytest.raises(InvalidRequestError) as caught:
        AiohttpTransport(address)
    assert "secret" not in told_by(caught.value)


PROXIES = [
    "http://user:secret@proxy:port", "http://user:secret/x@proxy:80", "http://user:sec[ret@proxy",
    "user:secret@proxy:80", "socks5://user:secret@proxy", "http://", "http://user:12#secret@proxy",
]  # fmt: skip


@pytest.mark.parametrize("address", PROXIES)
@pytest.mark.parametrize("is_given", [True, False])
def test_what_is_no_proxy_is_refused_without_its_password(
    address: str, is_given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unreadable proxy is an error at once, given or from the environment."""
    if not is_given:
        monkeypatch.setenv("https_proxy", address)
        AiohttpTransport("https://api.example.com/v3")
    with pytest.raises(InvalidRequestError, match="proxy") as caught:
        AiohttpTransport(
            "https://api.example.com/v3",
            proxy=address if is_given else None,
            trust_env=not is_given,
        )
    told = told_by(caught.value)
    assert "secret" not in told
    assert "sec[ret" not in told


async def test_no_error_of_a_proxy_shows_its_password() -> None:
    """A proxy out of reach is a failed connection."""
    transport = AiohttpTransport("https://api.example.com/v3", proxy="http://me:secret@127.0.0.1:1")
    with pytest.raises(ConnectionFailedError) as caught:
        await transport.send(GET, {})
    assert "secret" not in told_by(caught.value)
    await transport.aclose()


@pytest.mark.parametrize(
    "address", ["http://api.cc.email/v3", "http://10.0.0.1", "http://[fe80::1]"]
)
def test_no_token_goes_unencrypted_to_another_machine_unless_asked_for(address: str) -> None:
    """`http://` is for this machine; other hosts need `allow_http`."""
    with pytest.raises(InvalidRequestError, match="not encrypted"):
        AiohttpTransport(address)
    AiohttpTransport(address, allow_http=True)
    for local in ("http://127.0.0.1:8000/v3", "http://localhost", "http://[::1]:80/v3"):
        AiohttpTransport(local)


@pytest.mark.parametrize("path", ["3/steal", "3", ".evil.example/x", "@evil.example/x", ":1/x"])
@pytest.mark.parametrize("base", ["http://127.0.0.1:80", "http://127.0.0.1:80/v3"])
async def test_no_path_leads_to_another_host_or_port(base: str, path: str) -> None:
    """A path without a slash would join the host or the port of a base URL without a path."""
    transport = AiohttpTransport(base)
    with pytest.raises(InvalidRequestError, match="another host"):
        await transport.send(Request("GET", path), {"Authorization": "Bearer t"})
    await transport.aclose()


@pytest.mark.parametrize("trust_env", [True, False])
async def test_the_proxy_of_the_environment_is_taken_where_it_is_trusted(
    trust_env: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `trust_env` requests go straight to the service, whatever the environment says."""

    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"by the proxy")

    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with serving(proxy) as there:
        monkeypatch.setenv("http_proxy", there._base.removesuffix("/v3"))
        async with serving(echo, trust_env=trust_env) as transport:
            reply = await transport.send(GET, {})
    assert (reply.body == b"by the proxy") is trust_env


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://API.CC.email/v3/", "https://api.cc.email/v3/thing"),
        ("https://bücher.example", "https://xn--bcher-kva.example/thing"),
        ("https://[FE80::1]:8443/v3", "https://[fe80::1]:8443/v3/thing"),
        (" https://api.cc.email/v3?", "https://api.cc.email/v3/thing"),
    ],
)
async def test_a_base_url_may_be_spelled_in_other_ways(base: str, url: str) -> None:
    """Capitals and letters beyond ASCII in a host lead where they lead in a browser."""
    with aioresponses() as server:
        server.get(url, payload={})
        transport = AiohttpTransport(base)
        assert (await transport.send(GET, {})).status == 200
        assert str(sent(server)[1]) == url
        await transport.aclose()
