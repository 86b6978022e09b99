"""Fixtures of all tests: a new environment for each, and aioresponses with the newest aiohttp."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import signal
from pathlib import Path
from unittest.mock import Mock

import aiohttp
import aioresponses.core
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a slow machine is no failure of a test


@pytest.fixture(autouse=True)
def _aioresponses_knows_stream_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pass the `stream_writer` that aiohttp 3.14 needs; aioresponses 0.7.9 does not."""
    if "stream_writer" in inspect.signature(aiohttp.ClientResponse).parameters:
        response = functools.partial(aiohttp.ClientResponse, stream_writer=Mock(output_size=0))
        monkeypatch.setattr(aioresponses.core, "ClientResponse", response)


def pytest_configure() -> None:
    """Set no current loop; otherwise pytest-asyncio makes one and never closes it.

    Let commands that tests start be interrupted: those of a suite that a script runs in the background
    would ignore ctrl-C as it does.
    """
    asyncio.set_event_loop(None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings and the state folder of the user from every test."""
    for name in [name for name in os.environ if name.startswith("CC_ASYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
