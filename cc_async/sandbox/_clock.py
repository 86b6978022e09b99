"""The sandbox's clock, and moments written as replies and exported files show them."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Callable

EASTERN = 4 * 3_600
"""Seconds that the provider's own time zone lies behind UTC: observed in tags and exports."""


class Clock:
    """Seconds since 1970 from any source, and a way for tests to move them ahead.

    *ahead* is the distance to the source in seconds.

    Example:
        `sandbox.clock.advance(3600)` lets an hour pass.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self.ahead: float = 0.0

    def __call__(self) -> float:
        return self._source() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self.ahead += seconds


def utc_text(moment: float) -> str:
    """Return *moment* as replies show it: whole seconds of UTC, with `Z`."""
    return _text_of_second(int(moment))


@functools.lru_cache(maxsize=4096)
def _text_of_second(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_date(moment: float) -> str:
    """Return the date of *moment*, as contacts show their deletion."""
    return utc_text(moment)[:10]


def eastern_text(moment: float) -> str:
    """Return *moment* as tags show it, in the provider's own time zone."""
    return utc_text(moment - EASTERN).replace("Z", "-04:00")


def export_text(moment: float) -> str:
    """Return *moment* as exported files show it."""
    return utc_text(moment - EASTERN).replace("T", " ").replace("Z", " EDT")
