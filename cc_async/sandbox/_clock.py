"""Time as the sandbox sees it: somebody else's clock, and how far it was moved ahead."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Callable

EASTERN = 4 * 3_600


class Clock:
    """Seconds since 1970, from any source, that a test can move ahead.

    *ahead* is by how much.

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


def text_of(moment: float) -> str:
    """Return *moment* as replies show it: whole seconds of UTC, with `Z`."""
    return _text_of_second(int(moment))


@functools.lru_cache(maxsize=4096)
def _text_of_second(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def eastern_text_of(moment: float) -> str:
    """Return *moment* as tags show it, in the provider's own time zone."""
    return text_of(moment - EASTERN).replace("Z", "-04:00")


def eastern_time_of(moment: float) -> str:
    """Return *moment* as exported files show it."""
    return text_of(moment - EASTERN).replace("T", " ").replace("Z", " EDT")


def day_of(moment: float) -> str:
    """Return the date of *moment*, the form in which contacts show their deletion."""
    return text_of(moment)[:10]
