"""Running the command inside a test, and a sandbox for it in another thread."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from aiohttp import web
from anyio.from_thread import start_blocking_portal

from cc_async.cli import main
from cc_async.sandbox import Sandbox, SandboxSettings

PEOPLE = "Email Address,First Name\nann@example.com,Ann\nbob@example.com,Bob\n"
MIXED = PEOPLE + "nobody,Carl\nANN@example.com,Anna\n"


@attrs.frozen
class Ended:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


def call(*arguments: str) -> Ended:
    """Run the command in this process, as if from a terminal that nobody watches.

    It gets a thread of its own, since pytest keeps an event loop in the main one.
    """
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), ThreadPoolExecutor(1) as threads:
        error = threads.submit(main, arguments).exception()
    assert isinstance(error, SystemExit), error
    assert isinstance(error.code, int)
    return Ended(int(error.code), out.getvalue(), err.getvalue())


def written(folder: Path, text: str) -> str:
    """Write *text* to a file in *folder* and return its path."""
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


@contextmanager
def serving(settings: SandboxSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a sandbox that the command uses, with state in memory and no waiting."""
    sandbox = Sandbox(settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(sandbox.serve()) as server,
    ):
        point_to(server.url, monkeypatch)
        yield sandbox


@contextmanager
def answering(status: int, body: str, content_type: str) -> Iterator[str]:
    """Serve one and the same answer to everything; yields the address."""

    async def handle(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(status=status, text=body, content_type=content_type)

    @asynccontextmanager
    async def served() -> AsyncIterator[str]:
        runner = web.ServerRunner(web.Server(handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v3"
        await runner.cleanup()

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(served()) as url:
        yield url


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command use the service at *url*."""
    for name, value in {
        "BASE_URL": url,
        "ACCESS_TOKEN": "sandbox-token",
        "ACCOUNT": "sandbox",
        "STORE": "memory:",
        "PER_SECOND": "100",
        "SETTLE_SECONDS": "0.3",
    }.items():
        monkeypatch.setenv(f"CC_ASYNC_{name}", value)
