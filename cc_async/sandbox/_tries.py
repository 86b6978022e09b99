"""The guard against sign-up abuse.

An address that tries to join or update more than five times in 24 hours is blocked for 48, and
is then reported as an invalid address.
"""

from __future__ import annotations

from typing import Any

from cc_async.sandbox._contact_book import matched
from cc_async.sandbox._settings import DAY, SandboxSettings


class Tries:
    """When each address tried, and which are blocked."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._tries: dict[str, tuple[float, ...]] = {}
        self._blocked: dict[str, float] = {}

    def admits(self, address: str, now: float) -> bool:
        """Count a try of *address*, and say whether it may go on."""
        allowed = self._settings.tries_per_day
        if allowed is None:
            return True
        key = matched(address)
        if self._blocked.get(key, 0.0) > now:
            return False
        recent = (*(at for at in self._tries.get(key, ()) if at > now - DAY), now)
        if len(recent) > allowed:
            self._blocked[key] = now + self._settings.block_seconds
            self._tries.pop(key)
            return False
        self._tries[key] = recent
        return True

    def to_json(self) -> dict[str, Any]:
        return {"tries": self._tries, "blocked": self._blocked}

    def from_json(self, said: dict[str, Any]) -> None:
        self._tries = {key: tuple(moments) for key, moments in said["tries"].items()}
        self._blocked = said["blocked"]
