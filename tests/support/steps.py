"""A watchdog on the event loop: how much processor time each of its steps takes.

Processor time, so that a busy machine makes no step longer; shares of the whole rather than
milliseconds, so that neither does a slow one.
"""

from __future__ import annotations

import asyncio.events
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

__all__ = ["Steps", "watched_steps"]


@attrs.define
class Steps:
    """What was seen: *seconds* of each step, in order."""

    seconds: list[float] = attrs.field(factory=list)

    @property
    def longest_share(self) -> float:
        """Return which part of all the time the longest step took."""
        return max(self.seconds) / sum(self.seconds)


@contextmanager
def watched_steps() -> Iterator[Steps]:
    """Watch every step of the loops of this thread while the block runs.

    The garbage collector is kept out of it: when it comes depends on everything else.
    """
    steps, run = Steps(), asyncio.events.Handle._run

    def timed(handle: asyncio.events.Handle) -> None:
        started = time.thread_time()
        run(handle)
        steps.seconds.append(time.thread_time() - started)

    gc.collect()
    gc.disable()
    asyncio.events.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield steps
    finally:
        asyncio.events.Handle._run = run  # type: ignore[method-assign]
        gc.enable()
