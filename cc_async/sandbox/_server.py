"""The sandbox on a port, by aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import attrs
from aiohttp import web

from cc_async.sandbox._faults import ConnectionCut, Fault, HalfBody
from cc_async.sandbox._oauth import AUTHORIZATION_PREFIX
from cc_async.wire import API_PREFIX, Reply

if TYPE_CHECKING:
    from cc_async.sandbox._sandbox import Sandbox

SLOW_PIECES = 10
"""In how many pieces a slow reader takes a request in."""


@attrs.frozen
class SandboxServer:
    """A sandbox that listens."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        """Where the sandbox's own page is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def authorization_url(self) -> str:
        """What a client takes as the authorization server's base."""
        return self.origin + AUTHORIZATION_PREFIX

    @property
    def url(self) -> str:
        """What a client takes as the API's base."""
        return self.origin + API_PREFIX


@asynccontextmanager
async def serve(sandbox: Sandbox, host: str, port: int) -> AsyncIterator[SandboxServer]:
    """Listen while the block runs."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _handle(sandbox, request)

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


async def _handle(sandbox: Sandbox, request: web.BaseRequest) -> web.StreamResponse:
    raw_path, _, query = request.raw_path.partition("?")
    fault = sandbox.pick_fault(request.method, raw_path)
    body = await _read(request, fault)
    try:
        reply = await sandbox.respond_with(
            fault, request.method, raw_path, query, request.headers, body
        )
    except HalfBody as half:
        return await _send_half(request, half)
    except ConnectionCut:
        return _cut(request)
    return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)


async def _read(request: web.BaseRequest, fault: Fault | None) -> bytes:
    """Take the body in, as slowly as a fault asks for."""
    if fault is None or fault.name != "slow-read":
        return await request.content.read()
    pieces = []
    size = max(1, (request.content_length or 0) // SLOW_PIECES)
    while piece := await request.content.read(size):
        pieces.append(piece)
        await anyio.sleep(fault.seconds / SLOW_PIECES)
    return b"".join(pieces)


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the line; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _send_half(request: web.BaseRequest, half: HalfBody) -> web.StreamResponse:
    """Promise a whole body, send the first half, and cut."""
    reply: Reply = half.reply
    response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(half.sent)
    await anyio.sleep(0.05)  # let the half get out before the line goes
    _cut(request)
    return response
