"""Fixtures for the tests of programs that use this package; pytest finds them by itself.

`cc_sandbox` is a local Constant Contact, `cc_client` a client on it without a socket, and
`cc_sandbox_url` the address of the same sandbox on a port. By default the sandbox answers at
once and has no limits in the way; a mark changes any of its settings::

    @pytest.mark.cc_sandbox(lists=["Newsletter", "Customers"], per_second=4)
    async def test_newcomers_are_signed_up(cc_sandbox, cc_client):
        ...

With the package `looptime` installed, `@pytest.mark.looptime` lets such a test run in virtual
time: waiting for limits and activities then takes no time at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from cc_async.client import ConstantContact, Limits
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.testing._transport import SandboxTransport

__all__ = ["cc_client", "cc_sandbox", "cc_sandbox_url", "pytest_configure"]

_EASY: dict[str, Any] = {"per_second": 10_000, "per_day": 1_000_000, "activity_seconds": 0.05}


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", "cc_sandbox(**settings): settings of the sandbox; see SandboxSettings."
    )


class _LoopClock:
    """Seconds since the epoch that move with the running loop, so also in virtual time."""

    def __init__(self) -> None:
        self._started = time.time()
        self._anchor: float | None = None
        self._latest = self._started

    def __call__(self) -> float:
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            return self._latest
        if self._anchor is None:
            self._anchor = now
        self._latest = self._started + now - self._anchor
        return self._latest


def _settings(request: pytest.FixtureRequest) -> SandboxSettings:
    asked: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("cc_sandbox"))):
        asked.update(mark.kwargs)
    return SandboxSettings(**{**_EASY, **asked})


@pytest.fixture
def cc_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A local Constant Contact with one list, `Newsletter`, and nobody in it."""
    return Sandbox(_settings(request), clock=_LoopClock())


@pytest.fixture
def cc_client(cc_sandbox: Sandbox) -> ConstantContact:
    """A client on `cc_sandbox`, without a socket and with limits as wide as the sandbox's."""
    return ConstantContact(
        cc_sandbox.settings.token or "any-token",
        transport=SandboxTransport(cc_sandbox),
        stores="memory:",
        limits=Limits(
            per_second=cc_sandbox.settings.per_second, per_day=cc_sandbox.settings.per_day
        ),
    )


@pytest.fixture
def cc_sandbox_url(request: pytest.FixtureRequest, cc_sandbox: Sandbox) -> Iterator[str]:
    """The base URL of `cc_sandbox` on a port of this machine, for programs of any kind."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(cc_sandbox.serve()) as server,
    ):
        yield server.url
