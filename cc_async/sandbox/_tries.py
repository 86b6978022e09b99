"""The guard against sign-up abuse.

An address that tries to join or update more than five times in 24 hours is blocked for 48, and
is then reported as an invalid address.
"""

from __future__ import annotations

from cc_async.sandbox._contact_book import matched
from cc_async.sandbox._settings import DAY, SandboxSettings


class Tries:
    """When each address tried, and which are blocked."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self.recent: dict[str, tuple[float, ...]] = {}
        """Moments of the last 24 hours, by address."""
        self.blocked: dict[str, float] = {}
        """Until when each address is blocked."""

    def admits(self, address: str, now: float) -> bool:
        """Count a try of *address*, and say whether it may go on."""
        allowed = self._settings.tries_per_day
        if allowed is None:
            return True
        key = matched(address)
        if self.blocked.get(key, 0.0) > now:
            return False
        recent = (*(at for at in self.recent.get(key, ()) if at > now - DAY), now)
        if len(recent) > allowed:
            self.blocked[key] = now + self._settings.block_seconds
            self.recent.pop(key)
            return False
        self.recent[key] = recent
        return True
