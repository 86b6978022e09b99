"""Fixtures for the tests of programs that use `cc_async`; pytest finds them by itself.

`cc_sandbox` is a local Constant Contact, `cc_client` a client of it without a socket, and
`cc_sandbox_url` the address of the same sandbox on a port. For sign-ins, `cc_sandbox_auth_url` is
the address of its authorization server, and `cc_sandbox_client_id` its application. By default the sandbox answers at
once, and its limits are too wide to be reached. A mark changes any of its settings::

    @pytest.mark.cc_sandbox(lists=["Newsletter", "Customers"], per_second=4)
    async def test_newcomers_are_signed_up(cc_sandbox, cc_client):
        ...

With the package `looptime` installed, `@pytest.mark.looptime` lets such a test run in virtual
time: waiting for limits and activities then takes no time at all.

This module stands outside the package and imports it only in fixtures. pytest loads plugins
before `pytest-cov` starts, so lines that run at import would otherwise count as never run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cc_async import ConstantContact
    from cc_async.sandbox import Sandbox, SandboxServer

__all__ = [
    "cc_client", "cc_sandbox", "cc_sandbox_auth_url", "cc_sandbox_client_id", "cc_sandbox_server",
    "cc_sandbox_url", "pytest_configure",
]  # fmt: skip

_DEFAULTS: dict[str, Any] = {"per_second": 10_000, "per_day": 1_000_000, "activity_seconds": 0.05}
"""Settings of the sandbox that keep tests fast: limits (requests in a second and in a day) that no
test reaches, and seconds that an activity takes, more than none so that waiting is tested.
"""


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark `cc_sandbox`."""
    config.addinivalue_line(
        "markers", "cc_sandbox(**settings): settings of the sandbox; see SandboxSettings."
    )


class _LoopClock:
    """Seconds since the epoch that advance with the running loop, in virtual time too."""

    def __init__(self) -> None:
        self._started = time.time()
        self._first_loop_time: float | None = None
        self._latest = self._started

    def __call__(self) -> float:
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            return self._latest
        if self._first_loop_time is None:
            self._first_loop_time = now
        self._latest = self._started + now - self._first_loop_time
        return self._latest


@pytest.fixture
def cc_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A local Constant Contact with one empty list, `Newsletter`."""
    from cc_async.sandbox import Sandbox, SandboxSettings

    settings = dict(_DEFAULTS)
    for mark in reversed(list(request.node.iter_markers("cc_sandbox"))):
        settings.update(mark.kwargs)
    return Sandbox(SandboxSettings(**settings), clock=_LoopClock())


@pytest.fixture
def cc_client(cc_sandbox: Sandbox) -> ConstantContact:
    """A client of `cc_sandbox`, without a socket; its limits are those of the sandbox."""
    from cc_async import ConstantContact, Limits
    from cc_async.testing import SandboxTransport

    settings = cc_sandbox.settings
    return ConstantContact(
        settings.token or "any-token",
        account="sandbox",
        transport=SandboxTransport(cc_sandbox),
        stores="memory:",
        limits=Limits(per_second=settings.per_second, per_day=settings.per_day),
    )


@pytest.fixture
def cc_sandbox_server(cc_sandbox: Sandbox) -> Iterator[SandboxServer]:
    """`cc_sandbox` on a port of this machine."""
    from anyio.from_thread import start_blocking_portal

    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(cc_sandbox.serve()) as server,
    ):
        yield server


@pytest.fixture
def cc_sandbox_url(cc_sandbox_server: SandboxServer) -> str:
    """The base URL of `cc_sandbox` on a port of this machine, for programs in any language."""
    return cc_sandbox_server.url


@pytest.fixture
def cc_sandbox_auth_url(cc_sandbox_server: SandboxServer) -> str:
    """The base URL of the authorization server of `cc_sandbox`, on the same port."""
    return cc_sandbox_server.authorization_url


@pytest.fixture
def cc_sandbox_client_id(cc_sandbox: Sandbox) -> str:
    """The client id of the application that `cc_sandbox` knows."""
    return cc_sandbox.settings.client_id
