"""Sign of life of a process with slow requests.

A process counts as killed after some seconds of silence, and its permits as lost. A slow request
says nothing while it is under way. So a timer runs as long as permits are open, and ends with
the last of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


class Heartbeat:
    """Calls *beat* when permits are open and nothing was said for *every* seconds."""

    def __init__(self, beat: Callable[[], Coroutine[None, None, None]], every: float) -> None:
        self._beat = beat
        self._every = every
        self._open = 0
        self._latest = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def permit_opened(self) -> None:
        """Note that a permit was granted."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # the first use, or a new one after asyncio.run() has ended
            self._loop, self._timer, self._open = loop, None, 0
        self._open += 1
        self._latest = loop.time()
        if self._timer is None:
            self._start_timer(loop)

    def permit_closed(self) -> None:
        """Note that a permit was released."""
        self._open = max(0, self._open - 1)
        self._latest = asyncio.get_running_loop().time()
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_at(self._latest + self._every, self._ring)

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._latest + self._every:
            self._task = loop.create_task(self._beat())
            self._latest = loop.time()
        self._start_timer(loop)
