"""A small web server for a sign-in on this machine: it redirects the browser and takes its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
import attrs
from aiohttp import web

from cc_async.auth._authorization_code import PendingSignIn, is_answer_to
from cc_async.errors import InvalidRequestError

_HOSTS = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>cc-async</title>
<body style="font: 1.1em sans-serif; margin: 4em">
<p>{text}</p>
<script>history.replaceState(null, "", "/")</script>
"""  # the script removes the code from the browser's address bar and history


@attrs.frozen
class Loopback:
    """*start_url* redirects a browser to the sign-in, without a secret; *answer* is its callback."""

    start_url: str
    answer: asyncio.Future[str] = attrs.field(repr=False)


@asynccontextmanager
async def open_loopback(pending: PendingSignIn) -> AsyncIterator[Loopback]:
    """Listen at the sign-in's redirect address while the block runs.

    Raises:
        InvalidRequestError: The address is not this machine's, or its port is in use.
    """
    host, port, path = _parts(pending.redirect_uri)
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET" or request.path not in ("/", path):
            return web.Response(status=404)
        if request.path == "/" and "state" not in request.query:
            return web.Response(status=302, headers={**_HEADERS, "Location": str(pending.url)})
        is_ours = is_answer_to(pending, request.query_string)
        response = _page(is_ours)
        await response.prepare(request)
        await response.write_eof()
        if is_ours and not answer.done():
            answer.set_result(request.query_string)
        return response

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        shown = f"[{host}]" if ":" in host else host
        yield Loopback(f"http://{shown}:{port}/", answer)
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


async def _listen(runner: web.ServerRunner, host: str, port: int) -> None:
    """Listen on every loopback address of *host*; one success is enough."""
    listening = False
    trouble = ""
    for address in _HOSTS[host]:
        try:
            await web.TCPSite(runner, address, port).start()
            listening = True
        except OSError as error:
            trouble = error.strerror or type(error).__name__
    if not listening:
        raise InvalidRequestError(
            f"nothing can listen on port {port} of this machine ({trouble})",
            "Name another address, and register it for the application.",
            "redirect_uri",
        )


def _parts(redirect_uri: str) -> tuple[str, int, str]:
    parts = urlsplit(redirect_uri)
    if parts.scheme != "http" or parts.hostname not in _HOSTS or not parts.port:
        raise InvalidRequestError(
            f"{redirect_uri!r} is no address of this machine with a port",
            "Use one such as http://localhost:8754/callback, and register it for the application.",
            "redirect_uri",
        )
    return parts.hostname, parts.port, parts.path or "/"


def _page(is_ours: bool) -> web.Response:
    text = "Thank you. You can close this window and go back to where you came from."
    if not is_ours:
        text = "This answer belongs to another sign-in. Begin again."
    return web.Response(
        status=200 if is_ours else 400,
        text=_PAGE.format(text=text),
        content_type="text/html",
        headers=_HEADERS,
    )
