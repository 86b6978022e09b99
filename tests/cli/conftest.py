"""A sandbox for tests of the command."""

from collections.abc import Iterator

import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import serving


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a sandbox with two lists; the command keeps its state in memory."""
    settings = SandboxSettings(
        per_second=100, activity_seconds=0.1, lists=("Newsletter", "Customers")
    )
    with serving(settings, monkeypatch) as served:
        yield served
