"""The sandbox on a port, by aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import anyio
import attrs
from aiohttp import web

from cc_async.sandbox.http._faults import ConnectionCut, Fault, HalfBody
from cc_async.sandbox.http._incoming import AUTHORIZATION_PREFIX
from cc_async.wire import API_PREFIX, Reply

SLOW_PIECES = 10
"""Pieces of a slowly read request: enough for a client to see it stall. Our own choice."""

HALF_BODY_SECONDS = 0.05
"""Seconds between half a body and the cut, so that the half leaves this machine."""


class Responder(Protocol):
    """Answers requests: the sandbox, as the server sees it."""

    def pick_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request."""
        ...

    async def respond_with(
        self,
        fault: Fault | None,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> Reply:
        """Return the reply; raise `ConnectionCut` for none."""
        ...


@attrs.frozen
class SandboxServer:
    """A sandbox that listens on a port."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        """Address of the sandbox's own page."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def authorization_url(self) -> str:
        """Base address of the authorization server, for a client."""
        return self.origin + AUTHORIZATION_PREFIX

    @property
    def url(self) -> str:
        """Base address of the API, for a client."""
        return self.origin + API_PREFIX


@asynccontextmanager
async def serve(responder: Responder, host: str, port: int) -> AsyncIterator[SandboxServer]:
    """Listen while the block runs."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _handle(responder, request)

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0]
        yield SandboxServer(host, bound[1])
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


async def _handle(responder: Responder, request: web.BaseRequest) -> web.StreamResponse:
    raw_path, _, query = request.raw_path.partition("?")
    fault = responder.pick_fault(request.method, raw_path)
    body = await _read(request, fault)
    try:
        reply = await responder.respond_with(
            fault, request.method, raw_path, query, request.headers, body
        )
    except HalfBody as half:
        return await _send_half(request, half)
    except ConnectionCut:
        return _cut(request)
    return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)


async def _read(request: web.BaseRequest, fault: Fault | None) -> bytes:
    """Read the body, as slowly as the fault `slow-read` asks for."""
    if fault is None or fault.name != "slow-read":
        return await request.content.read()
    pieces = []
    size = max(1, (request.content_length or 0) // SLOW_PIECES)
    while piece := await request.content.read(size):
        pieces.append(piece)
        await anyio.sleep(fault.seconds / SLOW_PIECES)
    return b"".join(pieces)


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection; the response returned is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _send_half(request: web.BaseRequest, half: HalfBody) -> web.StreamResponse:
    """Announce a whole body, send its first half, and cut the connection."""
    reply: Reply = half.reply
    response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(half.sent)
    await anyio.sleep(HALF_BODY_SECONDS)
    _cut(request)
    return response
