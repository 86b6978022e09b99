"""Running the command inside a test, and a sandbox for it in another thread."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import attrs
import orjson
import pytest
from aiohttp import web
from anyio.from_thread import start_blocking_portal

from cc_async.cli import main
from cc_async.sandbox import Sandbox, SandboxSettings


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
    """Run the command in this process, as if from a terminal that nobody watches."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return Ended(int(code), out.getvalue(), err.getvalue())


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

    @contextmanager
    def started() -> Iterator[str]:
        with start_blocking_portal() as portal:
            runner = web.ServerRunner(web.Server(handle, access_log=None))
            portal.call(runner.setup)
            portal.call(web.TCPSite(runner, "127.0.0.1", 0).start)
            try:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}/v3"
            finally:
                portal.call(runner.cleanup)

    with started() as url:
        yield url


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command use the service at *url*."""
    for name, value in {
        "BASE_URL": url,
        "ACCESS_TOKEN": "sandbox-token",
        "STORE": "memory:",
        "PER_SECOND": "100",
        "SETTLE_SECONDS": "0.3",
    }.items():
        monkeypatch.setenv(f"CC_ASYNC_{name}", value)
