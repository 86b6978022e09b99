"""The service's guard against sign-up abuse.

An address with more than five sign-ups in 24 hours is blocked for 48 hours, and is then refused as
an invalid address.
https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

from cc_async.sandbox._settings import DAY, SandboxSettings
from cc_async.sandbox.storage._contact_records import address_key


class AttemptGuard:
    """Counts the attempts of each address, and blocks an address after too many."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self.recent: dict[str, tuple[float, ...]] = {}
        """Moments of the last 24 hours, by address."""
        self.blocked: dict[str, float] = {}
        """End of the block, by address."""

    def take(self, address: str, now: float) -> bool:
        """Count an attempt of *address*, and say whether it is allowed."""
        allowed = self._settings.attempts_per_day
        if allowed is None:
            return True
        key = address_key(address)
        if self.blocked.get(key, 0.0) > now:
            return False
        recent = (*(at for at in self.recent.get(key, ()) if at > now - DAY), now)
        if len(recent) > allowed:
            self.blocked[key] = now + self._settings.block_seconds
            self.recent.pop(key, None)
            return False
        self.recent[key] = recent
        return True
