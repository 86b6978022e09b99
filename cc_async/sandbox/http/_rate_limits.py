"""Limits of requests: four a second and 10,000 until midnight UTC, for all callers together.

They belong to the API key, and the sandbox has one. No header tells the rest of the budget.
https://developer.constantcontact.com/api_guide/rate_limits.html
"""

from __future__ import annotations

from collections import deque

from cc_async.sandbox._settings import DAY, SandboxSettings
from cc_async.sandbox.http._error_replies import ErrorReply, quota_exceeded, too_many_requests


class Throttle:
    """Counts requests of a second and of a day, and refuses those beyond the settings."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._recent: deque[float] = deque()
        self.day: int = 0
        """The day of *used_today*, in days since 1970."""
        self.used_today: int = 0
        self.refused: int = 0

    def take(self, now: float) -> ErrorReply | None:
        """Count a request that arrives *now*; return the refusal of one too many."""
        refusal = self._check(now)
        if refusal is not None:
            self.refused += 1
        if refusal is None or self._settings.counts_refused:
            self.used_today += 1
            self._recent.append(now)
        return refusal

    def _check(self, now: float) -> ErrorReply | None:
        if self.day != now // DAY:
            self.day, self.used_today = int(now // DAY), 0
        if self.used_today >= self._settings.per_day:
            return quota_exceeded()
        opened = float(now // 1) if self._settings.window == "fixed" else now - 1
        while self._recent and not self._is_inside(self._recent[0], opened):
            self._recent.popleft()
        return too_many_requests() if len(self._recent) >= self._settings.per_second else None

    def _is_inside(self, moment: float, opened: float) -> bool:
        return moment >= opened if self._settings.window == "fixed" else moment > opened


class CallsPerSecond:
    """A limit of calls in any second, without a limit of the day."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._recent: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count a call, and say whether it is allowed."""
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self._per_second:
            return False
        self._recent.append(now)
        return True
