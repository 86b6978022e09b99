"""What every test has: aioresponses that knows the newest aiohttp, and an environment of its own."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from pathlib import Path
from unittest.mock import Mock

import aiohttp
import aioresponses.core
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a busy machine is no failure


@pytest.fixture(autouse=True)
def _aioresponses_knows_stream_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioresponses 0.7.9 does not pass the `stream_writer` that aiohttp 3.14 asks for."""
    if "stream_writer" in inspect.signature(aiohttp.ClientResponse).parameters:
        response = functools.partial(aiohttp.ClientResponse, stream_writer=Mock(output_size=0))
        monkeypatch.setattr(aioresponses.core, "ClientResponse", response)


def pytest_configure() -> None:
    """Say that no loop is current, or pytest-asyncio has one made and never closes it."""
    asyncio.set_event_loop(None)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings or the state folder of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("CC_ASYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
